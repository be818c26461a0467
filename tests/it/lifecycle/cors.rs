//! What pages of other origins are told.

use super::place::{Place, api, stack};

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

#[tokio::test]
async fn a_fixed_origin_is_told_to_handlers_with_the_release_and_taken_back() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut fixed = stack();
    api(&mut fixed).cors.as_mut().unwrap().origins = vec!["https://example.com".to_owned()];
    let told = "~ release/dev variables.cors_origin".to_owned();
    assert!(place.changes(&fixed).await.contains(&told));
    place.deploy(&fixed, 5).await;
    assert!(!place.changes(&fixed).await.contains(&told));
    assert!(place.changes(&stack()).await.contains(&told));
}
