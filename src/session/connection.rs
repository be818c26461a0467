//! A connection to a cloud: AWS, a local cloud that runs already, or one that is started for this command.

use local::{Cloud, Options, Realism, StartError};

use super::{Failure, Session};
use crate::aws::{Aws, Clock, Target};
use crate::stack::Stack;

/// A cloud, and whose it is for how long.
pub struct Connection {
    pub aws: Aws,
    /// The local cloud that lives as long as this command.
    cloud: Option<Cloud>,
}

impl Connection {
    /// Connects to AWS, or with `--local` to the local cloud; any error shows at once.
    pub async fn open(session: &Session, stack: &Stack) -> Result<Self, Failure> {
        let connection = Self::ahead(session, stack).await?;
        session.interrupt.unless(connection.aws.author()).await??;
        Ok(connection)
    }

    /// As [`Self::open`], for a verb whose first act is to read what is live, which tells what is wrong with the
    /// connection: STS may be asked meanwhile.
    pub async fn ahead(session: &Session, stack: &Stack) -> Result<Self, Failure> {
        if !session.global.local {
            session.refuse_rehearsal("AWS is as it is")?;
            let Session { global, .. } = session;
            let target = Target::Aws { region: global.region.clone(), profile: global.profile.clone() };
            return Self::to(session, stack, &target, None).await;
        }
        let region = session.local_region(Some(stack));
        let options = Options { ephemeral: true, ..session.cloud_options(region.clone()) };
        match Cloud::start(options).await {
            Ok(cloud) => {
                let target = target(&cloud);
                Self::to(session, stack, &target, Some(cloud)).await
            }
            Err(StartError::Running { endpoint, base_url, realism, speed }) => {
                session.refuse_rehearsal(&format!("the local cloud at {endpoint} runs already"))?;
                let (clock, account) = (clock(realism, speed), Some(local::ACCOUNT.to_owned()));
                Self::to(session, stack, &Target::Local { endpoint, base_url, region, account, clock }, None).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Connects to a local cloud that somebody else keeps.
    pub async fn to_cloud(session: &Session, stack: &Stack, cloud: &Cloud) -> Result<Self, Failure> {
        Self::to(session, stack, &target(cloud), None).await
    }

    async fn to(session: &Session, stack: &Stack, target: &Target, cloud: Option<Cloud>) -> Result<Self, Failure> {
        let aws = session.interrupt.unless(Box::pin(Aws::connect(target, stack))).await??;
        aws.put_revision(crate::history::revision(&stack.root));
        if session.ui.verbose {
            let (scope, by) = (&aws.scope, aws.author().await?.by);
            let (stack, stage, region, account) = (&scope.stack, &scope.stage, &scope.region, &scope.account);
            session.ui.detail(format_args!("{stack}/{stage} in {region}, account {account}, as {by}"));
        }
        Ok(Self { aws, cloud })
    }

    /// Ends the connection, and with it the local cloud that was started for it.
    pub async fn close(self) {
        if let Some(cloud) = self.cloud {
            cloud.stop().await;
        }
    }
}

/// A local cloud of this process.
fn target(cloud: &Cloud) -> Target {
    Target::Local {
        endpoint: cloud.endpoint().to_owned(),
        base_url: cloud.base_url().to_owned(),
        region: cloud.region().to_owned(),
        account: Some(local::ACCOUNT.to_owned()),
        clock: clock(cloud.realism(), cloud.speed()),
    }
}

/// How the time of a local cloud passes.
fn clock(realism: Realism, speed: f64) -> Clock {
    let waits = match realism {
        Realism::Aws => true,
        Realism::Off => false,
    };
    Clock { speed, waits }
}

impl Session {
    /// Where the local cloud keeps its state.
    pub fn state(&self) -> std::path::PathBuf {
        self.global.state.clone().unwrap_or_else(|| self.root().join(".memoctl").join("local"))
    }

    /// How to start a local cloud, by the flags.
    pub fn cloud_options(&self, region: String) -> Options {
        let mut options = Options::new(self.state(), region);
        options.realism = self.global.realism.unwrap_or_default();
        options.speed = self.global.speed.unwrap_or(options.speed);
        options.faults = self.global.faults.clone().unwrap_or_default();
        options
    }

    /// Refuses the flags of a rehearsal where no local cloud is started; `why` says what there is instead.
    fn refuse_rehearsal(&self, why: &str) -> Result<(), Failure> {
        let given = [
            ("--realism", self.global.realism.is_some()),
            ("--speed", self.global.speed.is_some()),
            ("--faults", self.global.faults.is_some()),
        ];
        let Some((flag, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
        let hint = "it goes with `memoctl local`, with `memoctl dev`, and with --local where no local cloud runs";
        Err(Failure::Usage { error: format!("{flag} has no effect here: {why}"), hint: hint.to_owned() })
    }

    /// The region that the local cloud is, by the order that the SDK has too.
    pub fn local_region(&self, stack: Option<&Stack>) -> String {
        let environment = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        self.global
            .region
            .clone()
            .or_else(|| stack.and_then(|stack| stack.region.clone()))
            .or_else(|| environment("AWS_REGION"))
            .or_else(|| environment("AWS_DEFAULT_REGION"))
            .unwrap_or_else(|| "us-east-1".to_owned())
    }
}
