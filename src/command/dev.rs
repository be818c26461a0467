mod watch;

use jiff::Timestamp;

use super::{deploy, local, logs};
use crate::aws::Aws;
use crate::session::{BuildArgs, Connection, Exit, Failure, KeepArgs, Session};
use crate::stack::Stack;

/// Serve the stack from the local cloud, and redeploy it on each change
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port to listen on and to remember; 0 takes a free one [default: the remembered one, at first 4567]
    #[arg(long, env = "MEMOCTL_PORT", hide_env_values = true)]
    port: Option<u16>,
    #[command(flatten)]
    build: BuildArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    // dev is the local cloud, whatever else it is told.
    let session = &session.locally();
    let mut stack = session.stack()?;
    let mut watch = watch::Watch::new(session, &stack)?;
    let cloud = local::start(args.port, session, Some(&stack)).await?;
    let deploy = deploy::Args { keep: KeepArgs::default(), build: args.build.clone() };
    let mut greeted = false;
    loop {
        let deployed = async {
            let mut connection = Connection::to_cloud(session, &stack, &cloud).await?;
            let exit = deploy::deploy(&deploy, "dev", session, &stack, &mut connection.aws).await?;
            // What was uploaded is not needed any more, and is most of what this process holds.
            connection.aws.artifacts.clear();
            Ok::<_, Failure>((connection.aws, exit))
        };
        let aws = match deployed.await {
            Ok((aws, _)) => Some(aws),
            Err(Failure::Interrupted) => break,
            Err(failure) => {
                session.ui.fail(&failure);
                None
            }
        };
        if let Some(aws) = &aws
            && !greeted
        {
            greet(&stack, aws, session);
            greeted = true;
        }
        session.ui.talk("watching the handlers and the stack file; Ctrl-C ends");
        tokio::select! {
            () = session.interrupt.wait() => break,
            changed = watch.changed() => session.ui.talk(format_args!("changed: {changed}")),
            () = follow(&stack, aws.as_ref(), session) => {}
        }
        match session.stack() {
            Ok(changed) => {
                stack = changed;
                watch.follow(session, &stack);
            }
            Err(failure) => session.ui.fail(&failure),
        }
    }
    session.ui.talk("stopping");
    cloud.stop().await;
    Ok(Exit::Done)
}

/// Says what can be tried now.
fn greet(stack: &Stack, aws: &Aws, session: &Session) {
    let Some(id) = aws.directory.api(&aws.scope.api()) else { return };
    let open = stack
        .api
        .iter()
        .flat_map(|api| &api.routes)
        .find(|(key, route)| key.method == "GET" && route.authorizer.is_none() && !key.path.contains('{'));
    if let Some((key, _)) = open {
        session.ui.talk(format_args!("try: curl -i {}{}", aws.scope.base_url(&id), key.path));
    }
}

/// Shows the functions' logs until it is dropped.
async fn follow(stack: &Stack, aws: Option<&Aws>, session: &Session) {
    if let Some(aws) = aws {
        let names: Vec<String> = stack.functions.keys().cloned().collect();
        let mut follower = logs::Follower::new(&names, Timestamp::now(), aws);
        if let Err(error) = follower.read(&session.ui, aws, true).await {
            session.ui.error(&error, error.hint.as_deref());
        }
    }
    // Without a log to follow, it is the watch that ends the wait.
    std::future::pending::<()>().await;
}
