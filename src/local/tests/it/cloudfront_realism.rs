//! CloudFront as slow as AWS's.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use local::Realism;

use crate::cloudfront_client::{CACHING_DISABLED, CACHING_OPTIMIZED, api, behavior, config, element};
use crate::lambda_client::{Answer, World};

/// Five minutes are three seconds.
const SPEED: f64 = 100.0;

async fn world() -> World {
    World::with(tempfile::tempdir().expect("a directory"), |options| {
        options.realism = Realism::Aws;
        options.speed = SPEED;
    })
    .await
}

async fn call(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/xml")]).collect();
    let path = format!("/2020-05-31/{path}");
    world.send("cloudfront", method, &path, &headers, body.to_owned().into()).await
}

fn text_of(answer: &Answer, name: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let text = answer.text();
    let text = text.rsplit_once(&start).and_then(|(_, rest)| rest.split_once(&end)).map(|(text, _)| text.to_owned());
    text.unwrap_or_else(|| panic!("no {name}"))
}

/// What a viewer gets.
async fn view(world: &World, host: &str) -> String {
    let address = world.cloud.endpoint().strip_prefix("http://").expect("an endpoint");
    let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::spawn(connection);
    let request = http::Request::builder().uri("/").header("host", host).body(Empty::<bytes::Bytes>::new());
    let answer = sender.send_request(request.expect("a request")).await.expect("an answer");
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&body).into_owned()
}

/// Waits until the distribution is deployed; how long that took, by the clock of the cloud.
async fn deployed(world: &World, id: &str) -> Duration {
    let start = Instant::now();
    while text_of(&call(world, "GET", &format!("distribution/{id}"), &[], "").await, "Status") != "Deployed" {
        assert!(start.elapsed() < Duration::from_mins(1), "it is never deployed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed().mul_f64(SPEED)
}

#[tokio::test]
async fn a_distribution_is_in_progress_for_minutes_and_serves_what_it_was_until_then() {
    let world = world().await;
    let origin = [api("nothere", "test", "")];
    let wanted = |policy: &str| config("slow", &origin, &behavior("", "api", policy, ""), &[]);
    let made = call(&world, "POST", "distribution", &[], &wanted(CACHING_DISABLED)).await;
    assert_eq!((made.status.as_u16(), text_of(&made, "Status")), (201, "InProgress".to_owned()));
    let (id, host) = (text_of(&made, "Id"), text_of(&made, "DomainName"));
    let view = async || view(&world, &host).await;
    assert!(view().await.contains("ERROR"), "nothing is served yet");
    let took = deployed(&world, &id).await;
    assert!(took >= Duration::from_mins(4), "{took:?}");
    assert!(view().await.contains("Forbidden"));

    let etag = made.headers["etag"].to_str().unwrap().to_owned();
    let off = wanted(CACHING_OPTIMIZED).replace(&element("Enabled", "true"), &element("Enabled", "false"));
    let path = format!("distribution/{id}/config");
    let changed = call(&world, "PUT", &path, &[("if-match", &etag)], &off).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert!(view().await.contains("Forbidden"), "it is served until the change has arrived");
    let etag = changed.headers["etag"].to_str().unwrap().to_owned();
    let delete = async || call(&world, "DELETE", &format!("distribution/{id}"), &[("if-match", &etag)], "").await;
    assert_eq!(text_of(&delete().await, "Code"), "DistributionNotDisabled");
    deployed(&world, &id).await;
    assert!(view().await.contains("ERROR"));
    assert_eq!(delete().await.status, 204);
}

#[tokio::test]
async fn an_invalidation_is_in_progress_for_some_seconds() {
    let world = world().await;
    let wanted = config("slow", &[api("nothere", "test", "")], &behavior("", "api", CACHING_DISABLED, ""), &[]);
    let made = call(&world, "POST", "distribution", &[], &wanted).await;
    let id = text_of(&made, "Id");
    let batch = element(
        "InvalidationBatch",
        &(element("Paths", &(element("Quantity", "1") + &element("Items", &element("Path", "/*"))))
            + &element("CallerReference", "1")),
    );
    let invalidation = call(&world, "POST", &format!("distribution/{id}/invalidation"), &[], &batch).await;
    assert_eq!(text_of(&invalidation, "Status"), "InProgress");
    let path = format!("distribution/{id}/invalidation/{}", text_of(&invalidation, "Id"));
    let start = Instant::now();
    while text_of(&call(&world, "GET", &path, &[], "").await, "Status") != "Completed" {
        assert!(start.elapsed() < Duration::from_secs(20), "it never ends");
    }
}

#[tokio::test]
async fn a_change_of_a_zone_is_pending_for_a_minute_and_calls_are_throttled_at_five_a_second() {
    let world = World::with(tempfile::tempdir().expect("a directory"), |options| {
        options.realism = Realism::Aws;
        options.speed = 20.0;
    })
    .await;
    let send = async |method: &str, path: &str, body: &str| {
        world.send("route53", method, &format!("/2013-04-01/{path}"), &[], body.to_owned().into()).await
    };
    let input = element("Name", "a.example") + &element("CallerReference", "1");
    let made = send("POST", "hostedzone", &element("CreateHostedZoneRequest", &input)).await;
    assert_eq!((made.status.as_u16(), text_of(&made, "Status")), (201, "PENDING".to_owned()), "{}", made.text());
    let change = made.text();
    let change =
        change.split_once("/change/").and_then(|(_, rest)| rest.split_once('<')).expect("a change").0.to_owned();
    let start = Instant::now();
    let mut throttled = 0;
    loop {
        let answer = send("GET", &format!("change/{change}"), "").await;
        if answer.status == 400 {
            assert_eq!(text_of(&answer, "Code"), "Throttling");
            throttled += 1;
        } else if text_of(&answer, "Status") == "INSYNC" {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it is never in sync");
    }
    let took = start.elapsed().mul_f64(20.0);
    assert!(took >= Duration::from_secs(55) && throttled > 0, "{took:?}, {throttled} throttled");
}
