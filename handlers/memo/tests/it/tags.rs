//! The counts of tags after any sequence of writes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use tokio::runtime::Runtime;

use super::call::{Call, delete, get, patch, post, put, put_new, restore};
use super::world::{World, body};

#[tokio::test]
async fn each_write_changes_the_counts_with_the_memo() {
    let world = World::new().await;
    let first = super::world::id(&world.memo(json!({ "tags": ["a", "b"] })).await);
    let second = super::world::id(&world.memo(json!({ "tags": ["a"] })).await);
    assert_eq!(world.tag_counts().await, counts(&[("a", 2), ("b", 1)]));
    world.send(&patch(&first, &json!({ "tags": ["c", "a"] }))).await;
    assert_eq!(world.tag_counts().await, counts(&[("a", 2), ("c", 1)]));
    world.send(&put(&first, &json!({ "title": "t" }))).await;
    assert_eq!(world.tag_counts().await, counts(&[("a", 1)]));
    world.send(&delete(&second)).await;
    assert_eq!((world.tag_counts().await, world.numbers().await), (counts(&[]), (1, 0)));
}

#[tokio::test]
async fn a_refused_write_leaves_the_counts_alone() {
    let world = World::new().await;
    let id = super::world::id(&world.memo(json!({ "tags": ["a"] })).await);
    for call in [patch(&id, &json!({ "tags": ["b"] })), delete(&id)] {
        assert_eq!(world.status(&call.header("If-Match", "\"v9\"")).await, 412);
    }
    assert_eq!(world.status(&put_new(&id, &json!({ "title": "t", "tags": ["b"] }))).await, 412);
    assert_eq!((world.tag_counts().await, world.numbers().await), (counts(&[("a", 1)]), (1, 1)));
}

fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(tag, count)| ((*tag).to_owned(), *count)).collect()
}

/// A write to one of few memos, with some of few tags.
#[derive(Clone, Debug)]
enum Step {
    Post(Vec<String>),
    PutNew(usize, Vec<String>),
    Put(usize, Vec<String>),
    Patch(usize, Vec<String>),
    PatchTitle(usize),
    Delete(usize),
    Restore(usize),
}

const IDS: [&str; 3] = ["01HF7YAT00000000000000000A", "01HF7YAT00000000000000000B", "01HF7YAT00000000000000000C"];

fn step() -> impl Strategy<Value = Step> {
    let tags = || prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4);
    let tags = || tags().prop_map(|tags| tags.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let memo = || 0..IDS.len();
    prop_oneof![
        1 => tags().prop_map(Step::Post),
        3 => (memo(), tags()).prop_map(|(memo, tags)| Step::PutNew(memo, tags)),
        3 => (memo(), tags()).prop_map(|(memo, tags)| Step::Put(memo, tags)),
        3 => (memo(), tags()).prop_map(|(memo, tags)| Step::Patch(memo, tags)),
        1 => memo().prop_map(Step::PatchTitle),
        2 => memo().prop_map(Step::Delete),
        2 => memo().prop_map(Step::Restore),
    ]
}

/// What should be: the tags of each memo, and of each that is deleted.
#[derive(Debug, Default)]
struct Model {
    posted: Vec<Vec<String>>,
    named: BTreeMap<usize, Vec<String>>,
    deleted: BTreeMap<usize, Vec<String>>,
}

impl Model {
    /// Takes `step`, and gives its request and the status that it should get.
    fn take(&mut self, step: Step) -> (Call, u16) {
        let write = |tags: &[String]| json!({ "title": "t", "tags": tags });
        let mut rewrite = |memo: usize, tags: Vec<String>| match self.named.get_mut(&memo) {
            Some(old) => {
                *old = tags;
                200
            }
            None => 404,
        };
        match step {
            Step::Post(tags) => {
                let call = post(&write(&tags));
                self.posted.push(tags);
                (call, 201)
            }
            Step::PutNew(memo, tags) => {
                let call = put_new(IDS[memo], &write(&tags));
                if self.named.contains_key(&memo) || self.deleted.contains_key(&memo) {
                    return (call, 412);
                }
                self.named.insert(memo, tags);
                (call, 201)
            }
            Step::Put(memo, tags) => (put(IDS[memo], &write(&tags)), rewrite(memo, tags)),
            Step::Patch(memo, tags) => (patch(IDS[memo], &json!({ "tags": tags })), rewrite(memo, tags)),
            Step::PatchTitle(memo) => {
                let status = if self.named.contains_key(&memo) { 200 } else { 404 };
                (patch(IDS[memo], &json!({ "title": "u" })), status)
            }
            Step::Delete(memo) => {
                let old = self.named.remove(&memo);
                let status = if old.is_some() { 204 } else { 404 };
                self.deleted.extend(old.map(|tags| (memo, tags)));
                (delete(IDS[memo]), status)
            }
            Step::Restore(memo) => {
                let old = self.deleted.remove(&memo);
                let status = match (&old, self.named.contains_key(&memo)) {
                    (Some(_), _) => 200,
                    (None, true) => 409,
                    (None, false) => 404,
                };
                self.named.extend(old.map(|tags| (memo, tags)));
                (restore(IDS[memo]), status)
            }
        }
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for tag in self.posted.iter().chain(self.named.values()).flatten() {
            *counts.entry(tag.clone()).or_default() += 1;
        }
        counts
    }
}

/// Takes `steps` one after the other, and compares with the model after each.
async fn compare(steps: Vec<Step>) {
    let (world, mut model) = (World::new().await, Model::default());
    for step in steps {
        let (call, status) = model.take(step);
        assert_eq!(world.status(&call).await, status, "{call:?}");
        if model.posted.is_empty() && model.named.is_empty() && model.deleted.is_empty() {
            continue;
        }
        let counts = model.counts();
        let memos = u64::try_from(model.posted.len() + model.named.len()).unwrap();
        assert_eq!(world.numbers().await, (memos, u64::try_from(counts.len()).unwrap()), "after {call:?}");
        assert_eq!(world.tag_counts().await, counts, "after {call:?}");
    }
    for (memo, tags) in &model.named {
        assert_eq!(body(&world.send(&get(IDS[*memo])).await)["tags"], json!(tags));
    }
}

#[test]
fn after_any_sequence_of_writes_the_counts_are_those_of_the_memos() {
    let runtime = Runtime::new().unwrap();
    // No file of past failures: the seed is in the failure's message.
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let steps = prop::collection::vec(step(), 1..25);
    TestRunner::new(config)
        .run(&steps, |steps| {
            runtime.block_on(compare(steps));
            Ok(())
        })
        .unwrap();
}
