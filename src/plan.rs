//! What has to be done to make the cloud match: one pure function from what is wanted and what is live to a graph of
//! steps. It knows no AWS, only [`Item`]s.
//!
//! Steps come in three phases. *Prepare* puts everything new beside what serves. *Release* moves callers to it. *Clean
//! up* takes away what nothing needs any more. A failure before the release has changed nothing that a caller can see.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::drift::Drift;

mod order;

use order::Order;

/// A resource's identity: its kind and its physical name. Shown as `table/memo-prod-memos`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    pub kind: &'static str,
    pub name: String,
}

impl Id {
    pub fn new(kind: &'static str, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something that a plan can be about. Live and wanted items are of one type, so a difference is an inequality.
pub trait Item: Clone + PartialEq {
    fn id(&self) -> Id;
    /// The items that must exist before this one.
    fn needs(&self) -> Vec<Id>;
    /// The items that may only go after it.
    fn holds(&self) -> Vec<Id> {
        self.needs()
    }
    /// All fields, for showing differences.
    fn fields(&self) -> Value;
    /// What is told of it beside its fields, in their shape: what others have put there, which no plan is about.
    fn beside(&self) -> Value {
        Value::Null
    }
    /// The fields that cannot be changed in place.
    fn fixed(&self) -> &'static [&'static str];
    /// Whether deleting it loses data.
    fn holds_data(&self) -> bool;
    /// Whether creating or updating it is what callers see: such a step waits for all that is prepared.
    fn releases(&self) -> bool;
    /// What to hold while both the old and the new release may serve: `self`, with what `live` has and still needs.
    /// What it has beyond `self` is taken away in the clean-up.
    #[must_use]
    fn meanwhile(&self, live: &Self) -> Self;
    /// Why the live `self` cannot become `wanted`, or cannot be deleted when that is `None`, and the way out.
    fn refuses(&self, wanted: Option<&Self>) -> Option<String> {
        let _ = wanted;
        None
    }
}

/// When a step runs: before, at, or after the moment that callers see the new release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Prepare,
    Release,
    CleanUp,
}

/// A step's identity: an item may have one step to prepare and one to clean up.
pub type Key = (Id, Phase);

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action<T> {
    Keep { item: T, why: Why },
    Create { new: T },
    Update { old: T, new: T, changes: Vec<Change> },
    Replace { old: T, new: T, changes: Vec<Change>, forced_by: Vec<String> },
    Delete { old: T },
}

impl<T> Action<T> {
    /// The fields that it changes of what is there.
    pub fn changes(&self) -> &[Change] {
        match self {
            Self::Update { changes, .. } | Self::Replace { changes, .. } => changes,
            Self::Keep { .. } | Self::Create { .. } | Self::Delete { .. } => &[],
        }
    }
}

/// Why an item stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is as wanted.
    Unchanged,
    /// Nothing wants it, but a kept release does.
    KeptRelease,
    /// Nothing wants it, but it holds data, and `--delete-data` was not given.
    HoldsData,
    /// Nothing wants it, but something that stays needs it.
    Needed,
}

/// One field that differs, by its path: `environment.TABLE_MEMOS`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub field: String,
    /// `null` when absent.
    pub from: Value,
    pub to: Value,
}

/// One node of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<T> {
    pub action: Action<T>,
    /// The steps that must be done before.
    pub after: BTreeSet<Key>,
}

impl<T> Step<T> {
    /// Whether there is something to do.
    pub fn works(&self) -> bool {
        !matches!(self.action, Action::Keep { .. })
    }
}

/// What the caller allows, and what must stay though nothing wants it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// `--delete-data`: what holds data may be deleted.
    pub delete_data: bool,
    /// `--allow-downtime`: what serves may be replaced under its callers.
    pub allow_downtime: bool,
    /// What kept releases name.
    pub retained: BTreeSet<Id>,
}

/// Why a plan cannot be applied as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{id} would be replaced, because {} cannot be changed in place, and its callers would fail meanwhile", fields.join(", "))]
    Downtime { id: Id, fields: Vec<String> },
    #[error("{id} would be replaced, because {} cannot be changed in place, and its data would be lost", fields.join(", "))]
    DataLoss { id: Id, fields: Vec<String> },
    #[error("{id} {why}")]
    Impossible { id: Id, why: String },
}

/// The graph of steps, and what stands against walking it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<T> {
    pub steps: BTreeMap<Key, Step<T>>,
    pub refusals: Vec<Refusal>,
    /// What of it undoes changes from outside: see [`Plan::drifted`].
    pub drift: Drift,
    /// Whether what is wanted was made of what is live, so that it says nothing of what stays as it is.
    pub partial: bool,
}

impl<T: Item> Plan<T> {
    /// What turns `live` into `wanted`.
    pub fn between(wanted: &BTreeMap<Id, T>, live: &BTreeMap<Id, T>, rules: &Rules) -> Self {
        let staying = staying(wanted, live, rules);
        let mut actions: BTreeMap<Key, Action<T>> = BTreeMap::new();
        let mut refusals = Vec::new();
        for (id, new) in wanted {
            let phase = if new.releases() { Phase::Release } else { Phase::Prepare };
            match live.get(id) {
                None => {
                    actions.insert((id.clone(), phase), Action::Create { new: new.clone() });
                }
                Some(old) => actions.extend(difference(id, phase, old, new)),
            }
        }
        for (id, old) in live.iter().filter(|(id, _)| !wanted.contains_key(id)) {
            let (phase, action) = match staying.get(id) {
                Some(&why) => (Phase::Prepare, Action::Keep { item: old.clone(), why }),
                None => (Phase::CleanUp, Action::Delete { old: old.clone() }),
            };
            actions.insert((id.clone(), phase), action);
        }
        for ((id, _), action) in &actions {
            let refused = match action {
                Action::Update { old, new, .. } => old.refuses(Some(new)),
                Action::Delete { old } => old.refuses(None),
                Action::Keep { .. } | Action::Create { .. } | Action::Replace { .. } => None,
            };
            refusals.extend(refused.map(|why| Refusal::Impossible { id: id.clone(), why }));
            let Action::Replace { old, forced_by, .. } = action else { continue };
            if old.holds_data() && !rules.delete_data {
                refusals.push(Refusal::DataLoss { id: id.clone(), fields: forced_by.clone() });
            } else if !rules.allow_downtime {
                refusals.push(Refusal::Downtime { id: id.clone(), fields: forced_by.clone() });
            }
        }
        let order = Order::of(&actions);
        let steps = actions
            .iter()
            .map(|(key, action)| (key.clone(), Step { action: action.clone(), after: order.before(key, action) }))
            .collect();
        Self { steps, refusals, drift: Drift::default(), partial: false }
    }

    /// The steps that do something, in the order of their keys.
    pub fn work(&self) -> impl Iterator<Item = (&Key, &Step<T>)> {
        self.steps.iter().filter(|(_, step)| step.works())
    }

    /// What is live, as it was when the plan was made.
    pub fn live(&self) -> BTreeMap<&Id, &T> {
        let mut live = BTreeMap::new();
        for ((id, _), step) in &self.steps {
            let old = match &step.action {
                Action::Keep { item, .. } => item,
                Action::Update { old, .. } | Action::Replace { old, .. } | Action::Delete { old } => old,
                Action::Create { .. } => continue,
            };
            // The second half of an update begins where the first one ended.
            live.entry(id).or_insert(old);
        }
        live
    }

    /// Whether nothing stands against walking it; else what does.
    pub fn accepted(&self) -> Result<(), Vec<Refusal>> {
        if self.refusals.is_empty() { Ok(()) } else { Err(self.refusals.clone()) }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.work().next().is_none()
    }
}

/// What stays though nothing wants it, each with its reason, and what those need in turn.
fn staying<T: Item>(wanted: &BTreeMap<Id, T>, live: &BTreeMap<Id, T>, rules: &Rules) -> BTreeMap<Id, Why> {
    let mut staying = BTreeMap::new();
    let mut queue: Vec<(Id, Why)> = Vec::new();
    for (id, item) in live.iter().filter(|(id, _)| !wanted.contains_key(id)) {
        if rules.retained.contains(id) {
            queue.push((id.clone(), Why::KeptRelease));
        } else if item.holds_data() && !rules.delete_data {
            queue.push((id.clone(), Why::HoldsData));
        }
    }
    while let Some((id, why)) = queue.pop() {
        let Some(item) = live.get(&id) else { continue };
        if wanted.contains_key(&id) || staying.contains_key(&id) {
            continue;
        }
        staying.insert(id, why);
        queue.extend(item.needs().into_iter().map(|need| (need, Why::Needed)));
    }
    staying
}

/// The one or two steps that turn `old` into `new`.
fn difference<T: Item>(id: &Id, phase: Phase, old: &T, new: &T) -> Vec<(Key, Action<T>)> {
    if old == new {
        return vec![((id.clone(), phase), Action::Keep { item: old.clone(), why: Why::Unchanged })];
    }
    let changes = changes(&old.fields(), &new.fields());
    let forced_by: Vec<String> = changes
        .iter()
        .map(|change| &change.field)
        .filter(|field| new.fixed().iter().any(|fixed| field.split('.').next() == Some(fixed)))
        .cloned()
        .collect();
    if !forced_by.is_empty() {
        let action = Action::Replace { old: old.clone(), new: new.clone(), changes, forced_by };
        return vec![((id.clone(), phase), action)];
    }
    let between = new.meanwhile(old);
    let halves = [(phase, old, &between), (Phase::CleanUp, &between, new)];
    halves
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(phase, old, new)| {
            let changes = self::changes(&old.fields(), &new.fields());
            ((id.clone(), phase), Action::Update { old: old.clone(), new: new.clone(), changes })
        })
        .collect()
}

/// The fields in which two values differ: objects are entered, everything else is compared whole.
pub fn changes(from: &Value, to: &Value) -> Vec<Change> {
    fn walk(path: &str, from: &Value, to: &Value, found: &mut Vec<Change>) {
        if from == to {
            return;
        }
        if let (Value::Object(old), Value::Object(new)) = (from, to) {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(&inner, old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null), found);
            }
        } else {
            found.push(Change { field: path.to_owned(), from: from.clone(), to: to.clone() });
        }
    }
    let mut found = Vec::new();
    walk("", from, to, &mut found);
    found
}
