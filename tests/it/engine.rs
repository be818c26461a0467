//! Properties of the engine, on random worlds of items that are no AWS at all: what is planned and walked is the same
//! code that deploys.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use memoctl::apply::{Because, Outcome, Status, Work, apply};
use memoctl::plan::{Action, Id, Item, Key, Phase, Plan, Rules, Step, Why};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Kinds in the order in which they may need each other: each needs only those before it.
const KINDS: [&str; 5] = ["role", "table", "function", "api", "release"];
const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug, PartialEq)]
struct Thing {
    id: Id,
    needs: BTreeSet<Id>,
    value: u8,
    /// Cannot be changed in place.
    fixed: u8,
    /// What both releases may need: united while both may serve.
    grants: BTreeSet<u8>,
}

impl Item for Thing {
    fn id(&self) -> Id {
        self.id.clone()
    }

    fn needs(&self) -> Vec<Id> {
        self.needs.iter().cloned().collect()
    }

    fn fields(&self) -> Value {
        json!({ "needs": self.needs, "value": self.value, "fixed": self.fixed, "grants": self.grants })
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["fixed"]
    }

    fn holds_data(&self) -> bool {
        self.id.kind == "table"
    }

    fn releases(&self) -> bool {
        self.id.kind == "release"
    }

    fn meanwhile(&self, live: &Self) -> Self {
        Self { grants: self.grants.union(&live.grants).copied().collect(), ..self.clone() }
    }
}

type World = BTreeMap<Id, Thing>;

/// Worlds in which each thing's needs exist.
fn world() -> impl Strategy<Value = World> {
    let ids: Vec<Id> = KINDS.iter().flat_map(|kind| NAMES.map(|name| Id::new(kind, name))).collect();
    let thing = (any::<bool>(), any::<u16>(), 0..3u8, 0..8u8, proptest::collection::btree_set(0..4u8, 0..3));
    proptest::collection::vec(thing, ids.len()).prop_map(move |things| {
        let mut world = World::new();
        for (id, (exists, needs, value, fixed, grants)) in ids.iter().zip(things) {
            let kind = |id: &Id| KINDS.iter().position(|kind| *kind == id.kind);
            let below =
                ids.iter().enumerate().filter(|(_, other)| kind(other) < kind(id) && world.contains_key(*other));
            let needs = below.filter(|(bit, _)| needs & (1 << bit) != 0).map(|(_, id)| id.clone()).collect();
            if exists {
                // Rarely other than zero, or most plans would be replaces.
                let fixed = fixed.saturating_sub(6);
                world.insert(id.clone(), Thing { id: id.clone(), needs, value, fixed, grants });
            }
        }
        world
    })
}

fn anything_goes() -> Rules {
    Rules { delete_data: true, allow_downtime: true, retained: BTreeSet::new() }
}

/// What may go wrong in a walk, and how its steps interleave.
#[derive(Clone, Debug, Default)]
struct Weather {
    /// Of each eight steps, those that fail; the upper half of them after they took effect.
    fails: BTreeSet<u8>,
    /// After how many started steps the walk is told to stop.
    stop: Option<usize>,
    /// Seeds how long each step takes.
    pace: u64,
}

fn weather() -> impl Strategy<Value = Weather> {
    let fails = proptest::collection::btree_set(0..24u8, 0..3);
    (fails, proptest::option::weighted(0.3, 0..20usize), any::<u64>()).prop_map(|(fails, stop, pace)| Weather {
        fails,
        stop,
        pace,
    })
}

fn calm(pace: u64) -> Weather {
    Weather { pace, ..Weather::default() }
}

/// Does steps by closures.
struct Walker<A, F> {
    act: A,
    finish: F,
}

impl<A, F> Work<Thing> for Walker<A, F>
where
    A: AsyncFn(&Key, &Step<Thing>) -> Result<(), String>,
    F: AsyncFn(&Key) -> Result<(), String>,
{
    type Error = String;

    async fn begin(&self, _: &Key, _: &Step<Thing>) -> Result<(), String> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn act(&self, key: &Key, step: &Step<Thing>) -> Result<(), String> {
        (self.act)(key, step).await
    }

    async fn finish(&self, key: &Key, _: &Step<Thing>) -> Result<(), String> {
        (self.finish)(key).await
    }
}

/// Walks `plan` over `world`, and checks at each step's start and end what must hold at any moment.
fn walk(plan: &Plan<Thing>, world: &mut World, weather: &Weather) -> Outcome<String> {
    let before = world.clone();
    let cloud = RefCell::new(std::mem::take(world));
    let started = Cell::new(0usize);
    let open: RefCell<BTreeSet<Key>> = RefCell::new(plan.work().map(|(key, _)| key.clone()).collect());
    let finishing: RefCell<BTreeSet<Key>> = RefCell::default();
    let act = async |key: &Key, step: &Step<Thing>| {
        let nth = started.replace(started.get() + 1);
        if key.1 == Phase::CleanUp {
            let shows =
                |(id, phase): &&Key| *phase == Phase::Release || id.kind == "release" && key.0.kind != "release";
            let early = open.borrow().iter().find(shows).cloned();
            assert_eq!(early, None, "{key:?} cleans up before the release");
        }
        let awaited = |other: &&Key| match key.1 {
            Phase::Prepare => false,
            Phase::Release => other.1 == Phase::Prepare,
            Phase::CleanUp => other.1 != Phase::CleanUp,
        };
        let unfinished = finishing.borrow().iter().find(awaited).cloned();
        assert_eq!(unfinished.filter(|_| weather.fails.is_empty()), None, "{key:?} is early");
        if key.1 == Phase::Release {
            united(plan, &before, &cloud.borrow());
        }
        let turn = weather.pace.rotate_left(u32::try_from(nth % 64).unwrap()) % 5;
        for _ in 0..turn {
            tokio::task::yield_now().await;
        }
        let lot = u8::try_from(nth % 24).unwrap();
        let fails = weather.fails.contains(&lot);
        if !fails || lot >= 12 {
            effect(key, step, &mut cloud.borrow_mut());
        }
        open.borrow_mut().remove(key);
        finishing.borrow_mut().insert(key.clone());
        if fails { Err(format!("{} failed", key.0)) } else { Ok(()) }
    };
    let finish = async |key: &Key| {
        for _ in 0..weather.pace.rotate_right(7) % 3 {
            tokio::task::yield_now().await;
        }
        finishing.borrow_mut().remove(key);
        Ok(())
    };
    let stop = || weather.stop.is_some_and(|limit| started.get() >= limit).then_some(Because::Interrupted);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = runtime.block_on(apply(plan, &Walker { act, finish }, stop, |_| {}));
    *world = cloud.into_inner();
    outcome
}

/// While a release runs, what was there before still has its grants, and all that is wanted has its own already.
fn united(plan: &Plan<Thing>, before: &World, cloud: &World) {
    let replaced = |id: &Id| {
        let step = plan.steps.get(&(id.clone(), Phase::Prepare));
        step.is_some_and(|step| matches!(step.action, Action::Replace { .. }))
    };
    for (id, old) in before.iter().filter(|(id, old)| !old.releases() && !replaced(id)) {
        assert!(cloud[id].grants.is_superset(&old.grants), "{id} lost a grant before the release");
    }
    for (_, step) in plan.steps.iter().filter(|((id, _), _)| id.kind != "release") {
        if let Action::Create { new } | Action::Update { new, .. } = &step.action {
            assert!(cloud[&new.id].grants.is_superset(&new.grants), "{} lacks a grant at the release", new.id);
        }
    }
}

fn effect(key: &Key, step: &Step<Thing>, cloud: &mut World) {
    let needs_exist = |thing: &Thing, cloud: &World| {
        let missing: Vec<_> = thing.needs.iter().filter(|need| !cloud.contains_key(need)).collect();
        assert!(missing.is_empty(), "{key:?} runs before its needs {missing:?}");
    };
    match &step.action {
        Action::Keep { .. } => panic!("{key:?} is kept, and yet it runs"),
        Action::Create { new } => {
            needs_exist(new, cloud);
            assert_eq!(cloud.insert(new.id.clone(), new.clone()), None, "{key:?} existed");
        }
        Action::Update { old, new, .. } | Action::Replace { old, new, .. } => {
            needs_exist(new, cloud);
            assert_eq!(cloud.insert(new.id.clone(), new.clone()).as_ref(), Some(old), "{key:?} was another");
        }
        Action::Delete { old } => {
            let dependent = cloud.values().find(|thing| thing.needs.contains(&old.id));
            assert_eq!(dependent, None, "{key:?} is deleted before what needs it");
            assert_eq!(cloud.remove(&old.id).as_ref(), Some(old), "{key:?} was another");
        }
    }
}

/// All that `key` waits for, directly or not.
fn upstream(plan: &Plan<Thing>, key: &Key) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    let mut queue = vec![key.clone()];
    while let Some(key) = queue.pop() {
        for before in &plan.steps[&key].after {
            if found.insert(before.clone()) {
                queue.push(before.clone());
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn applying_a_then_b_leaves_exactly_b(a in world(), b in world(), pace: u64) {
        let mut cloud = World::new();
        for wanted in [&a, &b] {
            let plan = Plan::between(wanted, &cloud, &anything_goes());
            prop_assert!(walk(&plan, &mut cloud, &calm(pace)).succeeded());
            prop_assert_eq!(&cloud, wanted);
            prop_assert!(Plan::between(wanted, &cloud, &anything_goes()).is_empty());
        }
    }

    #[test]
    fn destroying_leaves_nothing(a in world(), pace: u64) {
        let mut cloud = a.clone();
        let plan = Plan::between(&World::new(), &cloud, &anything_goes());
        prop_assert!(walk(&plan, &mut cloud, &calm(pace)).succeeded());
        prop_assert_eq!(cloud, World::new());
    }

    #[test]
    fn a_plan_with_nothing_to_change_has_no_work(a in world()) {
        let plan = Plan::between(&a, &a, &Rules::default());
        prop_assert!(plan.is_empty());
        prop_assert_eq!(plan.steps.len(), a.len());
    }

    #[test]
    fn every_step_has_a_status_whatever_fails_or_interrupts(a in world(), b in world(), weather in weather()) {
        let mut cloud = a.clone();
        let plan = Plan::between(&b, &cloud, &anything_goes());
        let outcome = walk(&plan, &mut cloud, &weather);
        let work: Vec<&Key> = plan.work().map(|(key, _)| key).collect();
        prop_assert_eq!(outcome.statuses.keys().collect::<Vec<_>>(), work);
    }

    #[test]
    fn a_failed_step_skips_those_that_wait_for_it_and_only_those(a in world(), b in world(), weather in weather()) {
        let weather = Weather { stop: None, ..weather };
        let mut cloud = a.clone();
        let plan = Plan::between(&b, &cloud, &anything_goes());
        let outcome = walk(&plan, &mut cloud, &weather);
        let failed = |key: &Key| matches!(outcome.statuses[key], Status::Failed(_));
        for (key, status) in &outcome.statuses {
            let behind = upstream(&plan, key).into_iter().any(|before| failed(&before));
            match status {
                Status::Done(_) | Status::Failed(_) => prop_assert!(!behind, "{:?} ran behind a failure", key),
                Status::Skipped(Because::Failed(root)) => {
                    prop_assert!(failed(root) && upstream(&plan, key).contains(root));
                }
                Status::Skipped(Because::Interrupted | Because::LeaseLost) => {
                    prop_assert!(false, "nobody stopped {:?}", key);
                }
            }
        }
    }

    #[test]
    fn the_next_deploy_converges_after_any_failure_or_interruption(
        a in world(), b in world(), weather in weather()
    ) {
        let mut cloud = a.clone();
        walk(&Plan::between(&b, &cloud, &anything_goes()), &mut cloud, &weather);
        let rest = Plan::between(&b, &cloud, &anything_goes());
        prop_assert!(walk(&rest, &mut cloud, &calm(weather.pace)).succeeded());
        prop_assert_eq!(cloud, b);
    }

    #[test]
    fn what_failed_before_the_release_has_released_nothing(a in world(), b in world(), weather in weather()) {
        let mut cloud = a.clone();
        let plan = Plan::between(&b, &cloud, &anything_goes());
        let outcome = walk(&plan, &mut cloud, &weather);
        let prepared = outcome.statuses.iter().filter(|((_, phase), _)| *phase == Phase::Prepare);
        if prepared.into_iter().any(|(_, status)| !matches!(status, Status::Done(_))) {
            let releases = |world: &World| -> Vec<Thing> {
                world.values().filter(|thing| thing.releases() && b.contains_key(&thing.id)).cloned().collect()
            };
            prop_assert_eq!(releases(&cloud), releases(&a));
        }
    }

    #[test]
    fn what_stays_is_not_touched_and_keeps_what_it_needs(
        a in world(), b in world(), retained in proptest::collection::btree_set(0..15usize, 0..4), pace: u64
    ) {
        let ids: Vec<Id> = KINDS.iter().flat_map(|kind| NAMES.map(|name| Id::new(kind, name))).collect();
        let retained = retained.into_iter().map(|nth| ids[nth].clone()).collect();
        let rules = Rules { delete_data: false, allow_downtime: true, retained };
        let mut cloud = a.clone();
        let plan = Plan::between(&b, &cloud, &rules);
        prop_assume!(plan.refusals.is_empty());
        prop_assert!(walk(&plan, &mut cloud, &calm(pace)).succeeded());
        for (id, thing) in &a {
            let stays = plan.steps.values().any(|step| matches!(
                &step.action, Action::Keep { item, why } if item.id == *id && *why != Why::Unchanged
            ));
            let held = thing.holds_data() || rules.retained.contains(id);
            prop_assert!(b.contains_key(id) || stays || !held, "{} went, though it had to stay", id);
            if stays {
                prop_assert_eq!(cloud.get(id), Some(thing));
                prop_assert!(thing.needs.iter().all(|need| cloud.contains_key(need)));
            } else {
                prop_assert_eq!(cloud.get(id), b.get(id));
            }
        }
    }

    #[test]
    fn data_is_never_lost_without_being_asked(a in world(), b in world(), pace: u64) {
        let mut cloud = a.clone();
        let plan = Plan::between(&b, &cloud, &Rules { allow_downtime: true, ..Rules::default() });
        if plan.refusals.is_empty() {
            walk(&plan, &mut cloud, &calm(pace));
            for (id, thing) in a.iter().filter(|(_, thing)| thing.holds_data()) {
                prop_assert_eq!(cloud.get(id).map(|now| now.fixed), Some(thing.fixed));
            }
        }
    }
}
