//! Lists that are read to their end: each memo once.

use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;
use testing::Reads;

use super::call::{Call, delete, list, patch, post, tags};
use super::world::{World, body, id};

/// Whether a list shows the memo of this number.
type Shows = fn(usize) -> bool;

/// Sixty memos, newest first, with what they are found by: every second pinned, every third tagged, every fifth
/// archived.
async fn sixty() -> (World, Vec<(usize, String)>) {
    let (mut world, mut made) = (World::new().await, Vec::new());
    for number in 0..60 {
        let tags = if number % 3 == 0 { json!(["third"]) } else { json!([]) };
        let memo = json!({ "title": format!("n{number}"), "tags": tags, "pinned": number % 2 == 0, "archived": number % 5 == 0 });
        made.push((number, id(&world.memo(memo).await)));
        world = world.later(1);
    }
    made.reverse();
    (world, made)
}

#[tokio::test]
async fn every_memo_is_seen_once_whatever_the_filter_order_and_page_size() {
    let (world, made) = sixty().await;
    let filters: [(&[(&str, &str)], Shows); 6] = [
        (&[], |n| n % 5 != 0),
        (&[("archived", "true")], |n| n % 5 == 0),
        (&[("pinned", "true")], |n| n % 5 != 0 && n % 2 == 0),
        (&[("pinned", "false"), ("tag", "third")], |n| n % 5 != 0 && n % 2 == 1 && n % 3 == 0),
        (&[("q", "N1")], |n| n % 5 != 0 && n.to_string().starts_with('1')),
        (&[("q", "nothing")], |_| false),
    ];
    for (filter, shows) in filters {
        let mut expected: Vec<_> = made.iter().filter(|(n, _)| shows(*n)).map(|(_, id)| id.clone()).collect();
        for order in ["created_desc", "created_asc"] {
            for page_size in ["1", "7", "100"] {
                let query = [filter, &[("order", order), ("page_size", page_size)]].concat();
                let pages = world.pages(&query).await;
                assert!(pages.iter().all(|page| page.len() <= page_size.parse().unwrap()));
                assert_eq!(pages.concat(), expected, "{query:?}");
            }
            expected.reverse();
        }
    }
}

#[tokio::test]
async fn memos_that_stay_are_seen_once_while_others_come_and_go() {
    let (world, made) = sixty().await;
    let first = body(&world.send(&list(&[("page_size", "7")])).await);
    let seen: Vec<_> = first["memos"].as_array().unwrap().iter().map(id).collect();
    // What has been read goes or changes, and what is new stands before it.
    world.send(&delete(seen.last().unwrap())).await;
    world.send(&patch(&seen[0], &json!({ "title": "changed" }))).await;
    world.id().await;
    let rest = world.pages(&[("page_size", "7"), ("cursor", first["next_cursor"].as_str().unwrap())]).await;
    let shown: Vec<_> = made.iter().filter(|(n, _)| n % 5 != 0).map(|(_, id)| id.clone()).collect();
    assert_eq!([seen, rest.concat()].concat(), shown);
}

#[tokio::test]
async fn a_page_ends_at_one_megabyte_read_and_the_list_goes_on() {
    let world = World::new().await;
    for _ in 0..40 {
        world.memo(json!({ "content": "c".repeat(64 * 1024) })).await;
    }
    let pages = world.pages(&[("page_size", "100")]).await;
    assert_eq!(pages.concat().len(), 40);
    assert!(pages.len() > 2, "{} pages", pages.len());
}

/// How many memos the measured user has, and how many users there are.
const MEMOS: usize = 10_000;
const USERS: usize = 1_000;

/// Prints what each page takes of 10,000 memos of one user among 1,000: `scripts/bench pages`.
#[tokio::test]
#[ignore = "a measurement: scripts/bench pages"]
async fn a_page_of_ten_thousand_memos_is_bounded_work() {
    let reads = Reads::default();
    let world = World::counted(&reads).await;
    let memo = |number: usize| json!({ "title": format!("n{number}"), "tags": [format!("t{:03}", number % 1_000)] });
    let own = (0..MEMOS).map(|number| post(&memo(number)));
    let others = (1..USERS).map(|user| post(&memo(user)).by(&format!("01HF7YAT00{user:016}")));
    for calls in own.chain(others).collect::<Vec<_>>().chunks(20) {
        for reply in join_all(calls.iter().map(|call| world.send(call))).await {
            assert_eq!(reply.status_code, 201, "{}", reply.body);
        }
    }
    for (what, query) in [
        ("list", &[][..]),
        ("oldest first", &[("order", "created_asc")]),
        ("search, one has it", &[("q", "n5000")]),
        ("search, none has it", &[("q", "nowhere")]),
        ("tag, ten have it", &[("tag", "t500")]),
        ("archived, none is", &[("archived", "true")]),
    ] {
        let list = list(&[query, &[("page_size", "100")]].concat());
        measure((&world, &reads), what, "memos", &list).await;
    }
    measure((&world, &reads), "tags", "tags", &tags(&[("page_size", "100")])).await;
}

/// Reads the list that begins with `first` to its end, and prints what its pages took.
#[expect(clippy::print_stdout, reason = "a measurement is what it prints")]
async fn measure((world, reads): (&World, &Reads), what: &str, member: &str, first: &Call) {
    let (mut shown, mut items, mut times, mut next) = (0, Vec::new(), Vec::new(), first.clone());
    loop {
        reads.take();
        let start = Instant::now();
        let reply = world.send(&next).await;
        times.push(start.elapsed());
        items.push(reads.take());
        let page = body(&reply);
        shown += page[member].as_array().unwrap().len();
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = first.clone().query("cursor", cursor);
    }
    times.sort_unstable();
    let (pages, most) = (items.len(), items.iter().max().unwrap());
    let (median, longest) = (times[pages / 2], times[pages - 1]);
    println!(
        "{what}: {shown} in {pages} pages, at most {most} items read a page, {median:.1?} a page, {longest:.1?} at most"
    );
}
