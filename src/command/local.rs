use local::{Cloud, Options};
use serde_json::json;

use crate::session::{Exit, Failure, Session};
use crate::stack::Stack;

/// Run the local cloud alone, until Ctrl-C
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The port to listen on and to remember; 0 takes a free one [default: the remembered one, at first 4567]
    #[arg(long, env = "MEMOCTL_PORT", hide_env_values = true)]
    port: Option<u16>,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    // The local cloud serves any client: a stack file only tells its region.
    let stack = if session.global.stack.exists() { Some(session.stack()?) } else { None };
    let cloud = start(args.port, session, stack.as_ref()).await?;
    if session.ui.is_json() {
        session.ui.event(&json!({ "endpoint": cloud.endpoint(), "region": cloud.region() }));
    } else {
        session.ui.data(format_args!("endpoint = {}", cloud.endpoint()));
        session.ui.talk(format_args!(
            "region {}; any AWS client can talk to it:\n  export AWS_ENDPOINT_URL={} AWS_REGION={} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
            cloud.region(), cloud.endpoint(), cloud.region(),
        ));
    }
    session.interrupt.wait().await;
    cloud.stop().await;
    Ok(Exit::Done)
}

/// Starts the local cloud on its port.
pub(super) async fn start(port: Option<u16>, session: &Session, stack: Option<&Stack>) -> Result<Cloud, Failure> {
    let region = session.local_region(stack);
    Ok(Cloud::start(Options { port, ..session.cloud_options(region) }).await?)
}
