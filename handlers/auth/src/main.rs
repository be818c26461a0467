//! The JWT service's process: start, and the main loop.

use auth::{Auth, MEMO};
use service::event::Event;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::Error> {
    service::log::start();
    let auth = Auth::from_environment()?;
    let perform = async |task, event: Event| auth.task(&task, event.function(MEMO)).await;
    service::run(async |request| auth.handle(request).await, perform).await
}
