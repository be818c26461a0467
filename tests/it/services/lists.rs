//! `GET /v1/memos` and `GET /v1/tags`: pages, filters, cursors.

use serde_json::{Value, json};

use super::http::Answer;
use super::person::{Person, place};
use super::site::{Site, shared};

/// A person with twelve memos, in the order in which they were made: every second pinned, every third tagged, every
/// fourth archived.
async fn twelve(site: &Site) -> (Person<'_>, Vec<Value>) {
    let (person, mut made) = (Person::new(site).await, Vec::new());
    for n in 0..12 {
        let tags = if n % 3 == 0 { json!(["third", format!("t{n:02}")]) } else { json!([]) };
        let memo = json!({ "title": format!("N{n}"), "content": "Straße", "tags": tags, "pinned": n % 2 == 0, "archived": n % 4 == 0 });
        made.push(person.memo(&memo).await);
    }
    (person, made)
}

/// The path of the page behind `answer`, as its `Link` names it.
fn next(site: &Site, answer: &Answer) -> Option<String> {
    let link = answer.header("Link");
    let (url, relation) = link.strip_prefix('<')?.split_once('>')?;
    assert_eq!(relation, "; rel=\"next\"");
    let path = url.strip_prefix(&site.base).unwrap_or_else(|| panic!("{link} is not absolute"));
    let cursor = answer.json()["next_cursor"].as_str().unwrap().to_owned();
    assert!(path.ends_with(&format!("cursor={cursor}")), "{path} {cursor}");
    Some(path.to_owned())
}

/// The members `member` of the list at `path`, page by page to its end.
async fn pages(site: &Site, person: &Person<'_>, path: &str, member: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut path) = (Vec::new(), path.to_owned());
    loop {
        let answer = person.ask(&format!("GET {path}")).await.expect(200);
        assert_eq!(answer.header("Cache-Control"), "no-store");
        let body = answer.json();
        pages.push(body[member].as_array().unwrap().clone());
        let Some(next) = next(site, &answer) else {
            assert_eq!(body.get("next_cursor"), None);
            return pages;
        };
        assert!(pages.len() < 100, "the list has no end");
        path = next;
    }
}

#[tokio::test]
async fn a_list_shows_each_memo_once_as_it_is_in_the_order_that_was_asked_for() {
    let site = shared();
    let (person, made) = twelve(&site).await;
    let live: Vec<Value> = made.iter().filter(|memo| memo["archived"] == false).cloned().collect();
    for size in ["1", "4", "100"] {
        let ascending = pages(&site, &person, &format!("/v1/memos?order=created_asc&page_size={size}"), "memos").await;
        assert!(ascending.iter().all(|page| page.len() <= size.parse().unwrap()));
        assert_eq!(ascending.concat(), live);
        let mut descending = pages(&site, &person, &format!("/v1/memos?page_size={size}"), "memos").await.concat();
        descending.reverse();
        assert_eq!(descending, live);
    }
}

#[tokio::test]
async fn filters_show_what_they_name() {
    let site = shared();
    let (person, _) = twelve(&site).await;
    for (query, shown) in [
        ("tag=third", &["N9", "N6", "N3"][..]),
        ("tag=Third", &[]),
        ("tag=thi", &[]),
        ("pinned=true", &["N10", "N6", "N2"]),
        ("pinned=false", &["N11", "N9", "N7", "N5", "N3", "N1"]),
        ("archived=true", &["N8", "N4", "N0"]),
        ("archived=true&pinned=false", &[]),
        ("q=n1", &["N11", "N10", "N1"]),
        ("q=STRASSE&tag=third&pinned=true", &["N6"]),
        ("q=nowhere", &[]),
        ("q=", &["N11", "N10", "N9", "N7", "N6", "N5", "N3", "N2", "N1"]),
    ] {
        let shows = pages(&site, &person, &format!("/v1/memos?page_size=2&{query}"), "memos").await.concat();
        let titles: Vec<&str> = shows.iter().map(|memo| memo["title"].as_str().unwrap()).collect();
        assert_eq!(titles, shown, "{query}");
    }
}

#[tokio::test]
async fn a_page_has_twenty_unless_told_and_never_over_a_hundred() {
    let site = shared();
    let person = Person::new(&site).await;
    for n in 0..101 {
        person.memo(&json!({ "title": format!("{n}") })).await;
    }
    for (query, shown) in [
        ("", 20),
        ("?page_size=0", 20),
        ("?page_size=21", 21),
        ("?page_size=100", 100),
        ("?page_size=101", 100),
        ("?page_size=99999999999999999999", 100),
    ] {
        let page = person.ask(&format!("GET /v1/memos{query}")).await.expect(200).json();
        assert_eq!(page["memos"].as_array().unwrap().len(), shown, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_means_nothing_is_400() {
    let site = shared();
    let person = Person::new(&site).await;
    let long = format!("q={}", "a".repeat(201));
    for query in [
        "page_size=-1",
        "page_size=",
        "page_size=x",
        "page_size=1.0",
        "page_size=%2B1",
        "pinned=1",
        "archived=yes",
        "order=title",
        "cursor=",
        "cursor=x",
        "pinned=true&pinned=true",
        "q=a&q=a",
        &long,
    ] {
        let refused = person.ask(&format!("GET /v1/memos?{query}")).await;
        assert_eq!(refused.fault(), (400, "invalid-query".to_owned()), "{query}");
    }
    person.ask(&format!("GET /v1/memos?q={}", "%C3%BC".repeat(200))).await.expect(200);
    for query in ["page_size=-1", "cursor=x", "tag=a", "q=a", "page_size=1&page_size=1"] {
        let refused = person.ask(&format!("GET /v1/tags?{query}")).await;
        assert_eq!(refused.fault(), (400, "invalid-query".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_user_and_filter_and_not_to_be_changed() {
    let site = shared();
    let ((person, _), other) = (twelve(&site).await, Person::new(&site).await);
    let page = person.ask("GET /v1/memos?page_size=1&pinned=true").await.expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let good = format!("GET /v1/memos?page_size=1&pinned=true&cursor={cursor}");
    person.ask(&good).await.expect(200);
    // The size of a page is no part of what the list shows.
    person.ask(&good.replace("page_size=1", "page_size=9")).await.expect(200);
    let other_end = if cursor.ends_with('A') { "B" } else { "A" };
    for refused in [
        person.ask(&good.replace("pinned=true", "pinned=false")).await,
        person.ask(&good.replace("&pinned=true", "")).await,
        person.ask(&format!("{good}&order=created_asc")).await,
        person.ask(&format!("{good}&tag=third")).await,
        person.ask(&format!("{good}=")).await,
        person.ask(&format!("{}{other_end}", &good[..good.len() - 1])).await,
        person.ask(&format!("GET /v1/tags?cursor={cursor}")).await,
        other.ask(&good).await,
    ] {
        assert_eq!(refused.fault(), (400, "invalid-query".to_owned()));
    }
}

#[tokio::test]
async fn tags_are_told_with_how_many_live_memos_have_them() {
    let site = shared();
    let (person, made) = twelve(&site).await;
    let tags = |size: &str| {
        let path = format!("/v1/tags?page_size={size}");
        let (site, person) = (&site, &person);
        async move { pages(site, person, &path, "tags").await }
    };
    let expected = [("t00", 1), ("t03", 1), ("t06", 1), ("t09", 1), ("third", 4)];
    let expected: Vec<_> = expected.map(|(tag, count)| json!({ "tag": tag, "count": count })).into();
    assert_eq!(tags("100").await, std::slice::from_ref(&expected));
    let two = tags("2").await;
    assert_eq!((two.len(), two.concat()), (3, expected));
    person.ask(&format!("DELETE {}", place(&made[0]))).await.expect(204);
    person.tell(&format!("PATCH {}", place(&made[3])), &json!({ "tags": ["new"] })).await.expect(200);
    let expected = [("new", 1), ("t06", 1), ("t09", 1), ("third", 2)];
    assert_eq!(tags("100").await.concat(), expected.map(|(tag, count)| json!({ "tag": tag, "count": count })));
    person.ask(&format!("POST {}/restore", place(&made[0]))).await.expect(200);
    assert_eq!(tags("100").await.concat()[4], json!({ "tag": "third", "count": 3 }));
}

#[tokio::test]
async fn a_user_sees_their_own_memos_and_tags_alone() {
    let site = shared();
    let ((_, _), other) = (twelve(&site).await, Person::new(&site).await);
    for (path, member) in
        [("/v1/memos", "memos"), ("/v1/memos?archived=true", "memos"), ("/v1/memos?q=n", "memos"), ("/v1/tags", "tags")]
    {
        assert_eq!(pages(&site, &other, path, member).await, [Vec::<Value>::new()], "{path}");
    }
}
