//! The authorizer's process: start, and the main loop.

use authorizer::{Authorizer, Event};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    service::log::start();
    let authorizer = &Authorizer::from_environment()?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        authorizer.handle(event.payload, Timestamp::now()).await
    }))
    .await
}
