//! The authorizer's process: start, and the main loop.

use authorizer::{Authorizer, Event};
use jiff::Timestamp;
use service::{Deadline, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    service::log::start();
    let authorizer = &Authorizer::from_environment()?;
    service::serve(async |event: Event, deadline: Deadline| {
        let answer = authorizer.handle(event, Timestamp::now(), deadline).await;
        answer.map_err(|refusal| refusal.to_string())
    })
    .await
}
