//! The life of each kind of resource: one function over kinds and clouds.

mod key_orders;
mod log_group;
mod role;
mod signing_key;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use memoctl::aws::{Aws, Class, Error};
use memoctl::history::Kept;
use memoctl::package::Artifacts;
use memoctl::plan::changes;
use memoctl::resource::{Blueprint, Found, Kind};
use memoctl::stack::Stack;

use crate::cloud::empty_stack;

/// A kind with what its tests need.
trait Sample: Kind + Debug {
    /// The fields that somebody may change by hand.
    const DRIFTS: &'static [&'static str];

    /// Puts what makes one resource of the kind into `stack`.
    fn first(stack: &mut Stack);

    /// Changes in `stack` what can be changed in place.
    fn second(stack: &mut Stack);

    /// Makes a thing of the same name that is somebody else's.
    async fn make_foreign(&self, aws: &Aws);

    /// Changes `field` as somebody would by hand.
    async fn drift(&self, field: &str, aws: &Aws);
}

/// The resource before and after a change of `stack.toml`.
fn versions<K: Sample>(aws: &Aws) -> (K, K) {
    let mut stack = empty_stack();
    K::first(&mut stack);
    let first = desired::<K>(&stack, aws);
    K::second(&mut stack);
    (first, desired::<K>(&stack, aws))
}

fn desired<K: Sample>(stack: &Stack, aws: &Aws) -> K {
    let blueprint = Blueprint {
        stack,
        scope: &aws.scope,
        artifacts: &Artifacts::default(),
        live: &BTreeMap::new(),
        kept: &Kept::Releases(Vec::new()),
    };
    K::desired(&blueprint).remove(0)
}

/// What is found when `wanted` is asked for by name.
async fn named<K: Sample>(wanted: &K, aws: &Aws) -> Vec<Found<K>> {
    K::list(&BTreeSet::from([wanted.name().to_owned()]), aws).await.unwrap()
}

/// What is found when no name is known.
async fn unnamed<K: Sample>(aws: &Aws) -> Vec<Found<K>> {
    K::list(&BTreeSet::new(), aws).await.unwrap()
}

/// Makes it, all of it.
async fn create<K: Kind>(item: &K, aws: &Aws) -> Result<(), Error> {
    item.begin(aws).await?;
    item.create(aws).await?;
    item.finish(None, aws).await
}

/// Deletes it, once it is confirmed to be ours.
async fn delete<K: Kind>(item: &K, aws: &Aws) -> Result<(), Error> {
    match item.confirm(aws).await? {
        Some(confirmed) => K::delete(confirmed, aws).await,
        None => Ok(()),
    }
}

/// What was created, changed, or deleted is read back as just that.
async fn lives<K: Sample>(aws: &Aws) {
    let (first, second) = versions::<K>(aws);
    assert_eq!(named(&first, aws).await, []);

    create(&first, aws).await.unwrap();
    assert_eq!(named(&first, aws).await, [Found::Ours(first.clone())]);
    assert_eq!(unnamed(aws).await, [Found::Ours(first.clone())]);

    second.update(&first, aws).await.unwrap();
    assert_eq!(named(&first, aws).await, [Found::Ours(second.clone())]);

    first.update(&second, aws).await.unwrap();
    assert_eq!(named(&first, aws).await, [Found::Ours(first.clone())]);

    delete(&first, aws).await.unwrap();
    assert_eq!(named(&first, aws).await, []);
    assert_eq!(unnamed::<K>(aws).await, []);
    delete(&first, aws).await.unwrap();
}

/// A create whose first answer got lost finds its own work and brings it to what is wanted.
async fn adopts<K: Sample>(aws: &Aws) {
    let (first, second) = versions::<K>(aws);
    create(&first, aws).await.unwrap();
    create(&second, aws).await.unwrap();
    assert_eq!(named(&first, aws).await, [Found::Ours(second)]);
}

/// What is changed by hand shows as the field that it is, and an update mends it.
async fn mends<K: Sample>(aws: &Aws, without: &[&str]) {
    let (first, _) = versions::<K>(aws);
    create(&first, aws).await.unwrap();
    for field in K::DRIFTS.iter().filter(|field| !without.contains(field)) {
        first.drift(field, aws).await;
        let found = named(&first, aws).await;
        let [Found::Ours(live)] = found.as_slice() else { panic!("{field}: {found:?}") };
        let fields = |item: &K| serde_json::to_value(item).unwrap();
        let changed: Vec<String> = changes(&fields(live), &fields(&first)).into_iter().map(|it| it.field).collect();
        assert_eq!(changed, [*field]);
        first.update(live, aws).await.unwrap();
        assert_eq!(named(&first, aws).await, [Found::Ours(first.clone())], "{field}");
    }
}

/// What carries no tags of ours is told, and neither taken over nor deleted.
async fn spares_others<K: Sample>(aws: &Aws) {
    let (first, _) = versions::<K>(aws);
    first.make_foreign(aws).await;
    let foreign = [Found::Foreign(first.name().to_owned())];
    assert_eq!(named(&first, aws).await, foreign);
    assert_eq!(unnamed::<K>(aws).await, []);
    assert_eq!(create(&first, aws).await.unwrap_err().class, Class::Foreign);
    assert_eq!(delete(&first, aws).await.unwrap_err().class, Class::Foreign);
    assert_eq!(named(&first, aws).await, foreign);
}

/// What is somebody else's is read when it is asked for as such, and is ours once it is tagged.
async fn takes_in<K: Sample>(aws: &Aws) {
    let (first, _) = versions::<K>(aws);
    assert_eq!(K::look(first.name(), aws).await.unwrap(), None);
    first.make_foreign(aws).await;
    let theirs = K::look(first.name(), aws).await.unwrap().unwrap();
    first.tag(aws).await.unwrap();
    let found = named(&first, aws).await;
    let [Found::Ours(ours)] = found.as_slice() else { panic!("{found:?}") };
    let fields = |item: &K| serde_json::to_value(item).unwrap();
    let changed = changes(&fields(&theirs), &fields(ours));
    // A signing key's tags tell its algorithm too.
    let by_tag = |field: &str| field.starts_with("tags.") || field == "algorithm";
    assert!(!changed.is_empty() && changed.iter().all(|it| by_tag(&it.field)), "{changed:?}");
}

/// The tests of a kind: on the local cloud one a claim, on moto all in a row, without the drifts that it cannot show.
macro_rules! life {
    ($Kind:ty, moto shows no drift of $faults:expr) => {
        use crate::cloud::TestCloud;

        #[tokio::test]
        async fn what_was_created_changed_or_deleted_is_read_back_as_just_that() {
            super::lives::<$Kind>(&TestCloud::local().await.aws).await;
        }

        #[tokio::test]
        async fn a_repeated_create_finds_its_own_work() {
            super::adopts::<$Kind>(&TestCloud::local().await.aws).await;
        }

        #[tokio::test]
        async fn what_is_changed_by_hand_shows_as_its_field_and_is_mended() {
            super::mends::<$Kind>(&TestCloud::local().await.aws, &[]).await;
        }

        #[tokio::test]
        async fn what_is_somebody_elses_is_told_and_spared() {
            super::spares_others::<$Kind>(&TestCloud::local().await.aws).await;
        }

        #[tokio::test]
        async fn what_is_somebody_elses_is_taken_in_by_its_tags_alone() {
            super::takes_in::<$Kind>(&TestCloud::local().await.aws).await;
        }

        #[tokio::test]
        async fn the_same_holds_on_moto() {
            let Some(mut cloud) = TestCloud::moto().await else { return };
            super::lives::<$Kind>(&cloud.aws).await;
            // A stage of its own for each, since moto takes a second to start.
            cloud.aws.scope.stage = "again".to_owned();
            super::adopts::<$Kind>(&cloud.aws).await;
            cloud.aws.scope.stage = "by-hand".to_owned();
            super::mends::<$Kind>(&cloud.aws, $faults).await;
            cloud.aws.scope.stage = "others".to_owned();
            super::spares_others::<$Kind>(&cloud.aws).await;
            cloud.aws.scope.stage = "taken-in".to_owned();
            super::takes_in::<$Kind>(&cloud.aws).await;
        }
    };
}
use life;

/// The function that kinds beside a function are made for.
fn function() -> memoctl::stack::Function {
    memoctl::stack::Function {
        package: "memo".to_owned(),
        description: String::new(),
        memory: 128,
        timeout: 10,
        architecture: memoctl::stack::Architecture::X86_64,
        ephemeral_storage: 512,
        reserved_concurrency: None,
        tracing: false,
        log_retention: 30,
        environment: BTreeMap::new(),
        tables: BTreeMap::new(),
        signing_keys: BTreeMap::new(),
        functions: BTreeMap::new(),
        services: BTreeSet::new(),
        gc: None,
    }
}
