//! If-Match and If-None-Match of memos (RFC 9110 section 13).

use serde_json::json;

use super::http::Call;
use super::person::Person;
use super::site::shared;

/// Each of the writes of a live memo.
fn writes(person: &Person<'_>, place: &str) -> [Call; 3] {
    let body = json!({ "title": "t" });
    [
        person.call(&format!("PATCH {place}")).patch(&body),
        person.call(&format!("PUT {place}")).json(&body),
        person.call(&format!("DELETE {place}")),
    ]
}

#[tokio::test]
async fn a_write_of_another_version_is_412_with_the_current_tag() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    for write in writes(&person, &place) {
        for tags in ["\"v2\"", "W/\"v1\"", "v1", "\"v2\", W/\"v1\"", ""] {
            let refused = site.send(&write.clone().header("If-Match", tags)).await;
            assert_eq!(refused.fault(), (412, "precondition-failed".to_owned()), "{tags}");
            assert_eq!(refused.header("ETag"), "\"v1\"");
        }
    }
}

#[tokio::test]
async fn a_star_a_list_and_two_lines_name_the_version_too() {
    let site = shared();
    let person = Person::new(&site).await;
    for lines in [&["*"][..], &["\"v1\""], &["\"v7\", \"v1\""], &["\"v7\"", "\"v1\""], &["\"a,b\"", "W/\"x\", \"v1\""]]
    {
        for number in 0..3 {
            let write = writes(&person, &person.place().await)[number].clone();
            let write = lines.iter().fold(write, |write, line| write.header("If-Match", line));
            let answer = site.send(&write).await;
            assert!(answer.status < 300, "{write:?} {answer:?}");
        }
    }
}

#[tokio::test]
async fn who_has_a_memo_is_told_so() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    let read = person.call(&format!("GET {place}"));
    for tags in ["\"v1\"", "W/\"v1\"", "\"v7\", \"v1\"", "*"] {
        let answer = site.send(&read.clone().header("If-None-Match", tags)).await.expect(304);
        assert_eq!((answer.header("ETag"), answer.header("Cache-Control")), ("\"v1\"", "private, no-cache"));
        assert_eq!(answer.body, "");
    }
    site.send(&read.clone().header("If-None-Match", "\"v2\"")).await.expect(200);
    person.tell(&format!("PATCH {place}"), &json!({ "title": "u" })).await.expect(200);
    assert_eq!(site.send(&read.header("If-None-Match", "\"v1\"")).await.expect(200).header("ETag"), "\"v2\"");
}

#[tokio::test]
async fn a_put_is_refused_where_it_demands_that_a_version_is_not_there() {
    let site = shared();
    let person = Person::new(&site).await;
    let put = person.call(&format!("PUT {}", person.place().await)).json(&json!({ "title": "u" }));
    site.send(&put.clone().header("If-None-Match", "\"v1\"")).await.expect(412);
    site.send(&put.clone().header("If-None-Match", "*").header("If-Match", "\"v1\"")).await.expect(412);
    site.send(&put.header("If-None-Match", "\"v7\"")).await.expect(200);
}

#[tokio::test]
async fn a_restore_minds_the_version_that_was_deleted() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    person.ask(&format!("DELETE {place}")).await.expect(204);
    let restore = person.call(&format!("POST {place}/restore"));
    let refused = site.send(&restore.clone().header("If-Match", "\"v7\"")).await;
    assert_eq!((refused.fault(), refused.header("ETag")), ((412, "precondition-failed".to_owned()), "\"v1\""));
    site.send(&restore.header("If-Match", "\"v1\"")).await.expect(200);
}
