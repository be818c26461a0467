//! A connection to a cloud: AWS, a local cloud that runs already, or one that is started for this command.

use local::{Cloud, Options, StartError};

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
    /// Connects to AWS, or with `--local` to the local cloud; any error shows before a build begins.
    pub async fn open(session: &Session, stack: &Stack) -> Result<Self, Failure> {
        if !session.global.local {
            let Session { global, .. } = session;
            let target = Target::Aws { region: global.region.clone(), profile: global.profile.clone() };
            return Self::to(session, stack, &target, None).await;
        }
        let region = session.local_region(Some(stack));
        let options = Options { dir: session.state(), region: region.clone(), port: None, ephemeral: true };
        let (endpoint, base_url, cloud) = match Cloud::start(options).await {
            Ok(cloud) => (cloud.endpoint().to_owned(), cloud.base_url().to_owned(), Some(cloud)),
            Err(StartError::Running { endpoint }) => (endpoint.clone(), endpoint, None),
            Err(error) => return Err(error.into()),
        };
        Self::to(session, stack, &Target::Local { endpoint, base_url, region, clock: Clock::PROMPT }, cloud).await
    }

    /// Connects to a local cloud that somebody else keeps.
    pub async fn to_cloud(session: &Session, stack: &Stack, cloud: &Cloud) -> Result<Self, Failure> {
        let target = Target::Local {
            endpoint: cloud.endpoint().to_owned(),
            base_url: cloud.base_url().to_owned(),
            region: cloud.region().to_owned(),
            clock: Clock::PROMPT,
        };
        Self::to(session, stack, &target, None).await
    }

    async fn to(session: &Session, stack: &Stack, target: &Target, cloud: Option<Cloud>) -> Result<Self, Failure> {
        let mut aws = session.interrupt.unless(Box::pin(Aws::connect(target, stack))).await??;
        aws.author.revision = crate::history::revision(&stack.root);
        let scope = &aws.scope;
        session.ui.detail(format_args!(
            "{}/{} in {}, account {}, as {}",
            scope.stack, scope.stage, scope.region, scope.account, aws.author.by
        ));
        Ok(Self { aws, cloud })
    }

    /// Ends the connection, and with it the local cloud that was started for it.
    pub async fn close(self) {
        if let Some(cloud) = self.cloud {
            cloud.stop().await;
        }
    }
}

impl Session {
    /// Where the local cloud keeps its state.
    pub fn state(&self) -> std::path::PathBuf {
        self.global.state.clone().unwrap_or_else(|| self.root().join(".memoctl").join("local"))
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
