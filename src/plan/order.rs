//! The order of a plan's steps.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Id, Item, Key, Phase};

/// Who waits for whom.
pub(super) struct Order {
    /// The phases of the steps that do something, by item.
    steps: BTreeMap<Id, BTreeSet<Phase>>,
    /// For each item, what it is to need.
    needs: BTreeMap<Id, BTreeSet<Id>>,
    /// For each item, the items whose live side holds it.
    dependents: BTreeMap<Id, BTreeSet<Id>>,
    /// The items that callers see. Nothing needs them.
    releasing: BTreeSet<Id>,
}

impl Order {
    pub(super) fn of<T: Item>(actions: &BTreeMap<Key, Action<T>>) -> Self {
        let mut order = Self {
            steps: BTreeMap::new(),
            needs: BTreeMap::new(),
            dependents: BTreeMap::new(),
            releasing: BTreeSet::new(),
        };
        for ((id, phase), action) in actions {
            let (old, new) = match action {
                Action::Keep { item, .. } => (Some(item), Some(item)),
                Action::Create { new } => (None, Some(new)),
                Action::Update { old, new, .. } | Action::Replace { old, new, .. } => (Some(old), Some(new)),
                Action::Delete { old } => (Some(old), None),
            };
            if !matches!(action, Action::Keep { .. }) {
                order.steps.entry(id.clone()).or_default().insert(*phase);
            }
            if old.or(new).is_some_and(Item::releases) {
                order.releasing.insert(id.clone());
            }
            order.needs.entry(id.clone()).or_default().extend(new.map(Item::needs).unwrap_or_default());
            for need in old.map(Item::holds).unwrap_or_default() {
                order.dependents.entry(need).or_default().insert(id.clone());
            }
        }
        order
    }

    /// The steps that must be done before that of `key`.
    pub(super) fn before<T: Item>(&self, key: &Key, action: &Action<T>) -> BTreeSet<Key> {
        let (id, phase) = key;
        let mut before = BTreeSet::new();
        match action {
            Action::Keep { .. } => return before,
            Action::Create { .. } | Action::Update { .. } | Action::Replace { .. } => {
                let needs = reach(&self.needs, id);
                let earlier = needs.iter().flat_map(|need| self.phases(need));
                before.extend(earlier.filter(|(_, earlier)| earlier <= phase && *earlier != Phase::CleanUp));
            }
            Action::Delete { .. } => {}
        }
        // What is taken away goes in the other direction: after all that relied on it.
        if *phase == Phase::CleanUp {
            before.extend(reach(&self.dependents, id).iter().flat_map(|dependent| self.phases(dependent)));
            // What a release could be moved back to may rely on anything, so that goes first.
            if !self.releasing.contains(id) {
                before.extend(self.releasing.iter().flat_map(|releasing| self.phases(releasing)));
            }
        }
        // A release waits for all that is prepared, a clean-up for both: what goes is what was relied on until then.
        let all = self.steps.iter().flat_map(|(id, phases)| phases.iter().map(move |phase| (id.clone(), *phase)));
        match phase {
            Phase::Prepare => {}
            Phase::Release => before.extend(all.filter(|(_, other)| *other == Phase::Prepare)),
            Phase::CleanUp => {
                before.extend(all.filter(|(_, other)| *other != Phase::CleanUp));
            }
        }
        before.remove(key);
        before
    }

    fn phases(&self, id: &Id) -> impl Iterator<Item = Key> {
        self.steps.get(id).into_iter().flatten().map(|phase| (id.clone(), *phase))
    }
}

/// All that can be reached from `start` along `edges`, over any number of them; `start` itself is not among it.
fn reach(edges: &BTreeMap<Id, BTreeSet<Id>>, start: &Id) -> BTreeSet<Id> {
    let mut reached = BTreeSet::new();
    let mut queue = vec![start];
    while let Some(id) = queue.pop() {
        for next in edges.get(id).into_iter().flatten() {
            if next != start && reached.insert(next.clone()) {
                queue.push(next);
            }
        }
    }
    reached
}
