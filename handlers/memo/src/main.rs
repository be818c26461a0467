//! The memo service's process: start, and the main loop.

use memo::Memos;
use service::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    service::log::start();
    let memos = &Memos::from_environment()?;
    service::run(async |request| memos.handle(request).await, async |task, _| memos.task(&task).await).await
}
