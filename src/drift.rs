//! Drift: what is live otherwise than the last run left it, and so was changed outside of memoctl. A run that ends leaves
//! digests of what it leaves, field by field, beside its lease; the next plan compares what is live with them. So a
//! change by hand is told apart from a change of stack.toml. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::apply::{Outcome, Status};
use crate::digest::Digest;
use crate::plan::{Action, Id, Item, Key, Plan, Why};

/// What made the digests: another version may read the same thing into other fields.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Hex digits of a field's digest: enough to see a change, too few to tell a value by.
const DIGITS: usize = 8;

/// What a run left: by resource, a short digest of each field. It holds no values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The version of memoctl that tells it.
    memoctl: String,
    /// By `kind/name`; `None` where a step failed, so that nobody knows what it left.
    resources: BTreeMap<String, Option<Tree>>,
}

/// A value, with digests in place of what it holds. What is null or absent is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Tree {
    Digest(String),
    Fields(BTreeMap<String, Tree>),
}

/// What is known of the run before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Last {
    /// There was none, or it does not tell what it left: an older version of memoctl.
    Untold,
    Left(Left),
    /// It has not ended: whose it is, since when, and what it is to do.
    Unfinished(String),
}

/// What of the live resources is otherwise than the last run left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    resources: BTreeMap<Id, Drifted>,
    /// The last run, where it has not ended: its leavings are no drift, and cannot be told from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<String>,
}

/// How a resource is otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drifted {
    /// It was left, and is not there any more.
    Gone,
    /// It is there, and was not left.
    Made,
    /// The fields that are otherwise, by their paths.
    Fields(BTreeSet<String>),
}

impl Left {
    /// What is left by a run that found what `before` tells of and walked `plan` as far as `outcome`: what is done, or was
    /// as it is wanted, has its new value, what failed is unknown, and all else is what was left before, or where nobody
    /// tells that, what was live. Of a partial plan only the fields that it changes have new values.
    pub fn after<T: Item, E>(before: Option<Self>, plan: &Plan<T>, outcome: &Outcome<E>) -> Self {
        let mut resources = before.filter(Self::is_ours).map_or_else(
            || plan.live().into_iter().map(|(id, item)| (id.to_string(), tree(item))).collect(),
            |before| before.resources,
        );
        // The keys sort by phase, so that the second half of an update goes over the first.
        for (key, step) in &plan.steps {
            settle(&mut resources, (key, &step.action), outcome.statuses.get(key), plan.partial);
        }
        Self { memoctl: VERSION.to_owned(), resources }
    }

    /// What is left once `taken` was taken in, when `live` is what there is: that, and what came with it.
    #[must_use]
    pub fn with<'a, T: Item + 'a>(mut self, taken: &Id, live: impl IntoIterator<Item = (&'a Id, &'a T)>) -> Self {
        for (id, item) in live {
            let name = id.to_string();
            if id == taken || !self.resources.contains_key(&name) {
                self.resources.insert(name, tree(item));
            }
        }
        self
    }

    /// The same, but of `ids` nobody knows what is left.
    #[must_use]
    pub fn unsure<'a>(mut self, ids: impl IntoIterator<Item = &'a Id>) -> Self {
        self.resources.extend(ids.into_iter().map(|id| (id.to_string(), None)));
        self
    }

    fn is_ours(&self) -> bool {
        self.memoctl == VERSION
    }
}

/// What a step that ended so leaves of its resource.
fn settle<T: Item, E>(
    resources: &mut BTreeMap<String, Option<Tree>>,
    ((id, _), action): (&Key, &Action<T>),
    status: Option<&Status<E>>,
    partial: bool,
) {
    let name = id.to_string();
    match (action, status) {
        (Action::Keep { item, why: Why::Unchanged }, _) if !partial => {
            resources.insert(name, tree(item));
        }
        (Action::Keep { item, .. }, _) => {
            let known = resources.entry(name).or_default();
            if known.is_none() {
                *known = tree(item);
            }
        }
        (Action::Update { old, new, .. }, Some(Status::Done(_))) => {
            let known = resources.entry(name).or_default();
            *known = match known.take() {
                Some(left) if partial => Tree::changed(Some(left), tree(old), updated(old, new)),
                Some(_) | None => updated(old, new),
            };
        }
        (Action::Create { new } | Action::Replace { new, .. }, Some(Status::Done(_))) => {
            resources.insert(name, tree(new));
        }
        (Action::Delete { .. }, Some(Status::Done(_))) => {
            resources.remove(&name);
        }
        // A create may have begun before it was skipped.
        (_, Some(Status::Failed(_))) | (Action::Create { .. }, Some(Status::Skipped(_))) => {
            resources.insert(name, None);
        }
        (_, Some(Status::Skipped(_)) | None) => {}
    }
}

impl Drift {
    /// What of `live` is otherwise than `last` tells; of `wanted`, what is not there any more.
    pub fn of<'a, T: Item + 'a>(
        live: impl IntoIterator<Item = (&'a Id, &'a T)>,
        wanted: impl IntoIterator<Item = &'a Id>,
        last: &Last,
    ) -> Self {
        let left = match last {
            Last::Left(left) if left.is_ours() => left,
            Last::Left(_) | Last::Untold => return Self::default(),
            Last::Unfinished(run) => return Self { unfinished: Some(run.clone()), ..Self::default() },
        };
        let live: BTreeMap<&Id, &T> = live.into_iter().collect();
        let mut resources: BTreeMap<Id, Drifted> = BTreeMap::new();
        for (id, item) in &live {
            let drifted = match left.resources.get(&id.to_string()) {
                None => Some(Drifted::Made),
                Some(None) => None,
                Some(Some(left)) => {
                    let mut fields = BTreeSet::new();
                    compare("", Some(left), tree(*item).as_ref(), &mut fields);
                    (!fields.is_empty()).then_some(Drifted::Fields(fields))
                }
            };
            resources.extend(drifted.map(|drifted| ((*id).clone(), drifted)));
        }
        let was_left = |id: &&Id| matches!(left.resources.get(&id.to_string()), Some(Some(_)));
        let gone = wanted.into_iter().filter(|id| !live.contains_key(id)).filter(was_left);
        resources.extend(gone.map(|id| (id.clone(), Drifted::Gone)));
        Self { resources, unfinished: None }
    }

    /// How the resource is otherwise, if it is.
    pub fn resource(&self, id: &Id) -> Option<&Drifted> {
        self.resources.get(id)
    }

    /// Whether the field of a resource, or a part of it, is otherwise.
    pub fn field(&self, id: &Id, field: &str) -> bool {
        match self.resource(id) {
            Some(Drifted::Fields(fields)) => fields.iter().any(|other| overlap(field, other)),
            Some(Drifted::Gone | Drifted::Made) | None => false,
        }
    }
}

impl<T: Item> Plan<T> {
    /// The plan, with what of it undoes changes that were made outside of memoctl.
    #[must_use]
    pub fn drifted(self, last: &Last) -> Self {
        let drift = Drift::of(self.live(), self.steps.keys().map(|(id, _)| id), last);
        Self { drift, ..self }
    }

    /// The same of a plan whose wanted side was made of what is live: what it does not change, it leaves unsaid.
    #[must_use]
    pub fn of_live(self) -> Self {
        Self { partial: true, ..self }
    }
}

impl fmt::Display for Drifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("drift: deleted outside of memoctl"),
            Self::Made => f.write_str("drift: made outside of memoctl"),
            Self::Fields(fields) => {
                let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                write!(f, "drift: {} changed outside of memoctl", fields.join(", "))
            }
        }
    }
}

/// Whether one of two fields, by their paths, is the other one or a part of it.
pub fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(one, other) || within(other, one)
}

fn tree(item: &impl Item) -> Option<Tree> {
    updated(item, item)
}

/// What an update of `old` to `new` leaves: what others have put there stays.
fn updated<T: Item>(old: &T, new: &T) -> Option<Tree> {
    Tree::beside(Tree::of(&new.fields()), Tree::of(&old.beside()))
}

impl Tree {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Object(members) => {
                let members = members.iter().filter_map(|(name, value)| Some((name.clone(), Self::of(value)?)));
                Some(Self::Fields(members.collect()))
            }
            other => Some(Self::Digest(Digest::of(other).as_str().chars().take(DIGITS).collect())),
        }
    }

    /// `fields`, with `others` of the same shape among them.
    fn beside(fields: Option<Self>, others: Option<Self>) -> Option<Self> {
        match (fields, others) {
            (Some(Self::Fields(mut fields)), Some(Self::Fields(others))) => {
                for (name, other) in others {
                    let both = Self::beside(fields.remove(&name), Some(other));
                    fields.extend(both.map(|both| (name, both)));
                }
                Some(Self::Fields(fields))
            }
            (fields, others) => fields.or(others),
        }
    }

    /// What was `left`, with what differs between `old` and `new` as it is in `new`.
    fn changed(left: Option<Self>, old: Option<Self>, new: Option<Self>) -> Option<Self> {
        match (left, old, new) {
            (left, old, new) if old == new => left,
            (Some(Self::Fields(mut left)), Some(Self::Fields(mut old)), Some(Self::Fields(mut new))) => {
                let names: BTreeSet<String> =
                    [&left, &old, &new].into_iter().flat_map(BTreeMap::keys).cloned().collect();
                let fields = names.into_iter().filter_map(|name| {
                    let changed = Self::changed(left.remove(&name), old.remove(&name), new.remove(&name));
                    Some((name, changed?))
                });
                Some(Self::Fields(fields.collect()))
            }
            (_, _, new) => new,
        }
    }
}

/// The paths in which two values differ, as [`crate::plan::changes`] gives them.
fn compare(path: &str, left: Option<&Tree>, live: Option<&Tree>, found: &mut BTreeSet<String>) {
    if left == live {
        return;
    }
    let (Some(Tree::Fields(left)), Some(Tree::Fields(live))) = (left, live) else {
        found.insert(path.to_owned());
        return;
    };
    let names: BTreeSet<&String> = left.keys().chain(live.keys()).collect();
    for name in names {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(&inner, left.get(name), live.get(name), found);
    }
}

#[cfg(test)]
mod tests;
