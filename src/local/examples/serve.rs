//! A local cloud alone, for tests in other languages: prints one line of JSON when it answers, and runs until killed.
//!
//! `serve --port 0 --state DIR [--region REGION] [--realism aws] [--speed N] [--faults SPEC]`

#![expect(clippy::print_stdout, reason = "the line on stdout is what the tests read")]

use std::error::Error;

use local::{Cloud, Options};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options::new("local-state", "us-east-1");
    let mut arguments = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        match name.as_str() {
            "--port" => options.port = Some(value.parse()?),
            "--state" => options.dir = value.into(),
            "--region" => options.region = value,
            "--realism" => options.realism = value.parse()?,
            "--speed" => options.speed = value.parse()?,
            "--faults" => options.faults = value.parse()?,
            other => return Err(format!("{other}: no such option").into()),
        }
    }
    let cloud = Cloud::start(options).await?;
    println!(r#"{{"endpoint":"{}","region":"{}"}}"#, cloud.endpoint(), cloud.region());
    std::future::pending().await
}
