//! `POST /v1/memos`, `GET`, `PATCH`, `PUT`, `DELETE /v1/memos/{id}`, `POST /v1/memos/{id}/restore`.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::http::Call;
use super::person::{Person, place};
use super::site::{Site, shared};

/// An id that no memo has unless a test makes it: each user has their own.
const NEW: &str = "/v1/memos/01HF7YAT00CCCCCCCCCCCCCCCC";

/// Each of the endpoints of one memo, with a good body.
fn each(person: &Person<'_>, place: &str) -> [Call; 5] {
    let body = json!({ "title": "t" });
    [
        person.call(&format!("GET {place}")),
        person.call(&format!("PATCH {place}")).patch(&body),
        person.call(&format!("PUT {place}")).json(&body),
        person.call(&format!("DELETE {place}")),
        person.call(&format!("POST {place}/restore")),
    ]
}

/// Writes a number of the user into the table, as if so many memos or tags had been made.
async fn set_number(site: &Site, person: &Person<'_>, name: &str, value: u64) {
    let aws = site.aws().await;
    let text = |text: String| AttributeValue::S(text);
    let update = aws.dynamodb.update_item().table_name(aws.scope.table("memos"));
    let update = update.key("pk", text(format!("U#{}", person.claims()["sub"].as_str().unwrap())));
    let update = update.key("sk", text("META".to_owned())).update_expression("SET #name = :value");
    let update = update.expression_attribute_names("#name", name);
    update.expression_attribute_values(":value", AttributeValue::N(value.to_string())).send().await.unwrap();
}

#[tokio::test]
async fn a_new_memo_is_given_with_its_place_and_version() {
    let site = shared();
    let person = Person::new(&site).await;
    let body = json!({ "title": "Ü", "content": "c", "tags": [" e\u{301} ", "B"], "pinned": true, "archived": true });
    let answer = person.tell("POST /v1/memos", &body).await.expect(201);
    let memo = answer.json();
    assert_eq!((answer.header("ETag"), answer.header("Cache-Control")), ("\"v1\"", "no-store"));
    assert_eq!(answer.header("Location"), format!("{}{}", site.base, place(&memo)));
    let expected = json!({
        "id": memo["id"], "title": "Ü", "content": "c", "tags": ["é", "B"], "pinned": true, "archived": true,
        "created_at": memo["created_at"], "updated_at": memo["created_at"], "version": 1,
    });
    assert_eq!(memo, expected);
    assert!(memo["created_at"].as_str().unwrap().ends_with('Z'));
    let seen = person.ask(&format!("GET {}", place(&memo))).await.expect(200);
    assert_eq!((seen.json(), seen.header("ETag")), (expected, "\"v1\""));
    assert_eq!(seen.header("Cache-Control"), "private, no-cache");
}

#[tokio::test]
async fn what_a_memo_may_not_be_is_422_all_at_once() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    let invalid = json!({
        "title": "", "content": 1, "tags": ["a", ""], "pinned": "yes", "archived": 0, "created_at": "x", "id": "x",
        "updated_at": "x", "version": 1,
    });
    let pointers = [
        "#/title",
        "#/content",
        "#/tags",
        "#/pinned",
        "#/archived",
        "#/created_at",
        "#/id",
        "#/updated_at",
        "#/version",
    ];
    for line in ["POST /v1/memos".to_owned(), format!("PUT {place}"), format!("PATCH {place}")] {
        assert_eq!(person.tell(&line, &invalid).await.pointers(), pointers, "{line}");
    }
    assert_eq!(person.tell("POST /v1/memos", &json!({})).await.pointers(), ["#/title"]);
}

#[tokio::test]
async fn a_limit_is_inclusive() {
    let site = shared();
    let person = Person::new(&site).await;
    let title = |length: usize| json!({ "title": "ü".repeat(length) });
    let content = |length: usize| json!({ "title": "t", "content": "c".repeat(length) });
    let tags = |count: usize| json!({ "title": "t", "tags": (0..count).map(|n| n.to_string()).collect::<Vec<_>>() });
    let tag = |length: usize| json!({ "title": "t", "tags": ["ü".repeat(length)] });
    for (at, over) in
        [(title(200), title(201)), (content(65_536), content(65_537)), (tags(20), tags(21)), (tag(50), tag(51))]
    {
        person.tell("POST /v1/memos", &at).await.expect(201);
        person.tell("POST /v1/memos", &over).await.expect(422);
    }
    let twice = json!({ "title": "t", "tags": ["\u{e9}", "e\u{301}"] });
    assert_eq!(person.tell("POST /v1/memos", &twice).await.pointers(), ["#/tags"]);
    person.tell("POST /v1/memos", &json!({ "title": "t", "tags": ["a", "A"] })).await.expect(201);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_brings_the_default() {
    let site = shared();
    let person = Person::new(&site).await;
    let old = person.memo(&json!({ "title": "t", "content": "c", "tags": ["a"], "pinned": true })).await;
    let patch = json!({ "content": null, "archived": true });
    let answer = site.send(&person.call(&format!("PATCH {}", place(&old))).patch(&patch)).await.expect(200);
    let mut expected = old.clone();
    expected["content"] = json!("");
    expected["archived"] = json!(true);
    expected["version"] = json!(2);
    let mut new = answer.json();
    assert!(new["updated_at"].as_str() >= old["updated_at"].as_str());
    new["updated_at"] = old["updated_at"].clone();
    assert_eq!((new, answer.header("ETag")), (expected, "\"v2\""));
    assert_eq!(person.tell(&format!("PATCH {}", place(&old)), &json!({ "title": null })).await.pointers(), ["#/title"]);
}

#[tokio::test]
async fn a_put_replaces_what_is_there_whole_and_makes_nothing() {
    let site = shared();
    let person = Person::new(&site).await;
    let old = person.memo(&json!({ "title": "t", "content": "c", "tags": ["a"], "pinned": true })).await;
    let new = person.tell(&format!("PUT {}", place(&old)), &json!({ "title": "u" })).await.expect(200).json();
    assert_eq!((&new["title"], &new["content"], &new["tags"]), (&json!("u"), &json!(""), &json!([])));
    assert_eq!((&new["pinned"], &new["version"], &new["created_at"]), (&json!(false), &json!(2), &old["created_at"]));
    person.tell(&format!("PUT {NEW}"), &json!({ "title": "u" })).await.expect(404);
}

#[tokio::test]
async fn a_put_that_demands_none_makes_a_memo_under_the_clients_id() {
    let site = shared();
    let person = Person::new(&site).await;
    // An id of today, which nobody has: that of another memo but for its end.
    let other = place(&person.memo(&json!({ "title": "t" })).await);
    let new = &format!("{}{}", &other[..other.len() - 4], if other.ends_with("0000") { "0001" } else { "0000" });
    let put =
        |path: &str| person.call(&format!("PUT {path}")).json(&json!({ "title": "t" })).header("If-None-Match", "*");
    let made = site.send(&put(new)).await.expect(201);
    assert_eq!((made.header("Location"), made.header("ETag")), (&*format!("{}{new}", site.base), "\"v1\""));
    let taken = site.send(&put(new)).await;
    assert_eq!((taken.fault(), taken.header("ETag")), ((412, "precondition-failed".to_owned()), "\"v1\""));
    for path in ["/v1/memos/x", &new.to_lowercase(), "/v1/memos/81HF7YAT00CCCCCCCCCCCCCCCC"] {
        site.send(&put(path)).await.expect(404);
    }
}

#[tokio::test]
async fn a_deleted_memo_is_gone_until_it_is_restored_in_its_next_version() {
    let site = shared();
    let person = Person::new(&site).await;
    let old = person.memo(&json!({ "title": "t", "tags": ["a"] })).await;
    let path = place(&old);
    assert_eq!(person.ask(&format!("DELETE {path}")).await.expect(204).body, "");
    for call in &each(&person, &path)[..4] {
        assert_eq!(site.send(call).await.fault(), (404, "not-found".to_owned()));
    }
    // Its id is not free meanwhile.
    let put = person.call(&format!("PUT {path}")).json(&json!({ "title": "u" })).header("If-None-Match", "*");
    site.send(&put).await.expect(412);
    let restored = person.ask(&format!("POST {path}/restore")).await.expect(200);
    assert_eq!((&restored.json()["title"], restored.header("ETag")), (&json!("t"), "\"v2\""));
    let again = person.ask(&format!("POST {path}/restore")).await;
    assert_eq!((again.fault(), again.header("ETag")), ((409, "not-deleted".to_owned()), "\"v2\""));
    person.ask(&format!("POST {NEW}/restore")).await.expect(404);
}

#[tokio::test]
async fn another_users_memo_an_unknown_one_and_no_id_are_one_404_before_412() {
    let site = shared();
    let (person, other) = (Person::new(&site).await, Person::new(&site).await);
    let foreign = other.place().await;
    let mut answers = Vec::new();
    for path in
        [&foreign, NEW, "/v1/memos/x", "/v1/memos/%00", "/v1/memos/..", "/v1/memos/%2E%2E%2F", &NEW.to_lowercase()]
    {
        for call in each(&person, path) {
            for call in [call.clone(), call.header("If-Match", "\"v9\"")] {
                let answer = site.send(&call).await;
                assert_eq!(answer.fault(), (404, "not-found".to_owned()), "{call:?}");
                answers.push(answer.lasting());
            }
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(other.ask(&format!("GET {foreign}")).await.expect(200).json()["version"], 1);
}

#[tokio::test]
async fn two_users_have_a_memo_each_under_one_id() {
    let site = shared();
    for title in ["mine", "theirs"] {
        let person = Person::new(&site).await;
        let put = person.call(&format!("PUT {NEW}")).json(&json!({ "title": title })).header("If-None-Match", "*");
        site.send(&put).await.expect(201);
        assert_eq!(person.ask(&format!("GET {NEW}")).await.json()["title"], title);
    }
}

#[tokio::test]
async fn a_full_account_takes_no_memo_back_and_none_in() {
    let site = shared();
    let person = Person::new(&site).await;
    let deleted = person.place().await;
    person.ask(&format!("DELETE {deleted}")).await.expect(204);
    set_number(&site, &person, "memo_count", 10_000).await;
    let title = json!({ "title": "t" });
    for call in [
        person.call("POST /v1/memos").json(&title),
        person.call(&format!("PUT {NEW}")).json(&title).header("If-None-Match", "*"),
        person.call(&format!("POST {deleted}/restore")),
    ] {
        assert_eq!(site.send(&call).await.fault(), (403, "quota-exceeded".to_owned()), "{call:?}");
    }
    set_number(&site, &person, "memo_count", 9_999).await;
    person.tell("POST /v1/memos", &title).await.expect(201);
}

#[tokio::test]
async fn an_account_with_a_thousand_tags_takes_no_other_tag() {
    let site = shared();
    let person = Person::new(&site).await;
    let old = person.memo(&json!({ "title": "t", "tags": ["a"] })).await;
    set_number(&site, &person, "tag_count", 1_000).await;
    let tagged = |tags: Value| json!({ "title": "t", "tags": tags });
    let refused = person.tell("POST /v1/memos", &tagged(json!(["b"]))).await;
    assert_eq!(refused.fault(), (403, "quota-exceeded".to_owned()));
    person.tell("POST /v1/memos", &tagged(json!(["a"]))).await.expect(201);
    person.tell(&format!("PATCH {}", place(&old)), &json!({ "tags": ["a", "b"] })).await.expect(403);
}

#[tokio::test]
async fn a_key_repeats_its_answer_and_takes_no_other_body() {
    let site = shared();
    let (person, other) = (Person::new(&site).await, Person::new(&site).await);
    let post = |person: &Person<'_>, title: &str| {
        person.call("POST /v1/memos").json(&json!({ "title": title })).header("Idempotency-Key", "k")
    };
    let first = site.send(&post(&person, "t")).await.expect(201);
    let again = site.send(&post(&person, "t")).await.expect(201);
    assert_eq!((&again.body, again.header("Idempotency-Replayed")), (&first.body, "true"));
    assert_eq!(first.header("Idempotency-Replayed"), "");
    for header in ["ETag", "Location", "Content-Type"] {
        assert_eq!(again.header(header), first.header(header));
    }
    assert_eq!(site.send(&post(&person, "u")).await.fault(), (422, "idempotency-key-reused".to_owned()));
    assert_ne!(site.send(&post(&other, "t")).await.expect(201).body, first.body);
    assert_eq!(person.ask("GET /v1/memos").await.json()["memos"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_is_empty_long_or_repeated_is_400_and_a_refused_body_uses_none() {
    let site = shared();
    let person = Person::new(&site).await;
    let post = person.call("POST /v1/memos").json(&json!({ "title": "t" }));
    for key in ["", "a b", &"k".repeat(256)] {
        let refused = site.send(&post.clone().header("Idempotency-Key", key)).await;
        assert_eq!(refused.fault(), (400, "invalid-idempotency-key".to_owned()), "{key:?}");
    }
    let twice = post.clone().header("Idempotency-Key", "k").header("idempotency-key", "k");
    assert_eq!(site.send(&twice).await.fault(), (400, "repeated-header".to_owned()));
    let with_key = post.header("Idempotency-Key", &"k".repeat(255));
    site.send(&with_key.clone().json(&json!({ "title": "" }))).await.expect(422);
    site.send(&with_key).await.expect(201);
}
