//! What pages of other origins are told.

use super::place::{Place, stack};

#[tokio::test]
async fn a_preflight_of_another_media_type_is_refused_and_no_fault_of_the_server() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let plain = place.ask(&aws, "OPTIONS /a", "Content-Type: text/plain\r\nContent-Length: 0\r\n").await;
    assert!(plain.starts_with("HTTP/1.1 415 "), "{plain}");
    let usual = place.ask(&aws, "OPTIONS /a", "").await;
    assert!(usual.starts_with("HTTP/1.1 204 "), "{usual}");
}
