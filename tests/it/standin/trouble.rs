//! Services that do not answer, or not well.

use tokio::net::TcpListener;

use super::{Joined, joined, only};

/// An answer of the gateway's own for a service that has none.
#[track_caller]
fn is_own(answer: &super::Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.all("content-type"), ["application/problem+json"]);
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(problem["code"], "internal");
}

#[tokio::test]
async fn a_service_that_takes_longer_than_the_routes_time_out_is_504() {
    let joined = Joined::with(|stack| only(stack).timeout = 400).await;
    is_own(&joined.get("/legacy/never").await, 504);
    assert_eq!(joined.server.last().target, "/never");
}

#[tokio::test]
async fn a_service_that_takes_no_connection_is_504() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let joined = Joined::with(|stack| joined(stack).url = format!("http://127.0.0.1:{port}/{{proxy}}")).await;
    is_own(&joined.get("/legacy/a").await, 504);
}

#[tokio::test]
async fn a_service_that_breaks_the_connection_is_504() {
    let joined = Joined::new().await;
    is_own(&joined.get("/legacy/cut").await, 504);
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_500() {
    let joined = Joined::with(|stack| joined(stack).url = "http://nowhere.invalid/{proxy}".to_owned()).await;
    is_own(&joined.get("/legacy/a").await, 500);
}
