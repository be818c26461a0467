mod watch;

use ::local::Cloud;
use jiff::Timestamp;

use self::watch::Watch;
use super::{deploy, local, logs};
use crate::aws::Aws;
use crate::package::Artifacts;
use crate::session::{BuildArgs, Connection, Exit, Failure, KeepArgs, LeaseArgs, Session};
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

/// Seconds for which dev waits for the lease: longer than a killed holder's lasts.
const LEASE: u64 = 600;

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    // dev is the local cloud, whatever else it is told.
    let session = &session.locally();
    let mut stack = session.stack()?;
    let mut watch = Watch::new(session, &stack)?;
    let cloud = local::start(args.port, session, Some(&stack)).await?;
    // Whoever else is at work on this cloud, or was until it was killed, keeps dev from nothing for long.
    let lease = LeaseArgs { wait: Some(LEASE) };
    let deploy = deploy::Args { plan: None, keep: KeepArgs::default(), lease, build: args.build.clone() };
    // The last deploy that went through: it serves on while a later one fails.
    let mut serving: Option<Aws> = None;
    let mut since = Timestamp::now();
    while !session.interrupt.requested() {
        match redeploy(&deploy, session, &stack, &cloud).await {
            Ok(aws) => {
                if serving.is_none() {
                    deploy::tell_links(&stack, &aws, session);
                    greet(&stack, &aws, session);
                }
                serving = Some(aws);
            }
            Err(Failure::Interrupted) => break,
            Err(failure) => session.ui.fail(&failure),
        }
        session.ui.talk("watching the handlers and the stack file; Ctrl-C ends");
        tokio::select! {
            () = session.interrupt.wait() => break,
            changed = changed(&mut watch, session) => stack = changed,
            () = follow(&stack, serving.as_ref(), session, since) => {}
        }
        since = Timestamp::now();
        watch.follow(session, &stack);
    }
    session.ui.talk("stopping");
    cloud.stop().await;
    Ok(Exit::Done)
}

async fn redeploy(args: &deploy::Args, session: &Session, stack: &Stack, cloud: &Cloud) -> Result<Aws, Failure> {
    let Connection { aws, .. } = Connection::to_cloud(session, stack, cloud).await?;
    deploy::deploy(args, "dev", session, stack, &aws).await?;
    // What was uploaded is not needed any more, and is most of what this process holds.
    aws.artifacts.put(Artifacts::default());
    Ok(aws)
}

/// Waits for a change, and for a stack file that is right; what is wrong with it is told.
async fn changed(watch: &mut Watch, session: &Session) -> Stack {
    loop {
        let file = watch.changed().await;
        session.ui.talk(format_args!("changed: {file}"));
        match session.stack() {
            Ok(stack) => return stack,
            Err(failure) => session.ui.fail(&failure),
        }
    }
}

/// Says what can be tried now.
fn greet(stack: &Stack, aws: &Aws, session: &Session) {
    if let Some(edge) = aws.directory.edge() {
        session.ui.talk(format_args!("open: {}", edge.url));
    }
    let Some(id) = aws.directory.api(&aws.scope.api()) else { return };
    let open = stack
        .api
        .iter()
        .flat_map(|api| &api.routes)
        .find(|(key, route)| key.method == "GET" && route.guard.is_none() && !key.path.contains('{'));
    if let Some((key, _)) = open {
        session.ui.talk(format_args!("try: curl -i {}{}", aws.scope.base_url(&id), key.path));
    }
}

/// Shows the functions' logs from `since` on, until it is dropped.
async fn follow(stack: &Stack, aws: Option<&Aws>, session: &Session, since: Timestamp) {
    if let Some(aws) = aws {
        let names: Vec<String> = stack.functions.keys().cloned().collect();
        let mut follower = logs::Follower::new(&names, since, aws);
        if let Err(error) = follower.read(&session.ui, aws, true).await {
            session.ui.error(&error, error.hint.as_deref());
        }
    }
    // Without a log to follow, it is the watch that ends the wait.
    std::future::pending::<()>().await;
}
