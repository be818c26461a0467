//! The JWT service's process: start, and the main loop.

use auth::Auth;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::Error> {
    service::log::start();
    let auth = Auth::from_environment()?;
    service::run(async |request| auth.handle(request).await, async |task| auth.task(&task).await).await
}
