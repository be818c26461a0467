//! A batch of changes of a zone's records: all of them, or none.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>

use std::collections::BTreeMap;

use serde::Deserialize;

use super::name::is_within;
use super::record::{Place, RecordSet};
use super::zones::Zone;
use crate::call::Error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Change {
    action: Action,
    resource_record_set: RecordSet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Action {
    Create,
    Delete,
    Upsert,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Delete => "DELETE",
            Self::Upsert => "UPSERT",
        }
    }
}

/// The records of `zone`, whose id is `id`, after `changes`.
pub(super) fn apply(zone: &Zone, id: &str, changes: Vec<Change>) -> Result<Vec<RecordSet>, Error> {
    let mut records: BTreeMap<Place, RecordSet> = zone.records.iter().map(|set| (set.place(), set.clone())).collect();
    let mut problems = Vec::new();
    // What was done to each set so far: it may be deleted, and then created anew.
    let mut done: BTreeMap<Place, Action> = BTreeMap::new();
    for Change { action, resource_record_set: set } in changes {
        let set = set.checked(action.name())?;
        let place = set.place();
        let (name, kind) = (&set.name, &set.r#type);
        if let Some(before) = done.insert(place.clone(), action)
            && (before, action) != (Action::Delete, Action::Create)
        {
            problems.push(format!(
                "The request contains an invalid set of changes for a resource record set '{kind} {name}'"
            ));
            continue;
        }
        let problem = match (action, records.get(&place)) {
            (Action::Create, Some(_)) => Some(format!(
                "Tried to create resource record set [name='{name}', type='{kind}'] but it already exists"
            )),
            (Action::Delete, None) => {
                Some(format!("Tried to delete resource record set [name='{name}', type='{kind}'] but it was not found"))
            }
            (Action::Delete, Some(current)) if !is_same(current, &set) => Some(format!(
                "Tried to delete resource record set [name='{name}', type='{kind}'] but the values provided do not match the current values"
            )),
            (Action::Delete, Some(_)) if *name == zone.name && kind == "SOA" => {
                Some("A HostedZone must contain exactly one SOA record.".to_owned())
            }
            (Action::Delete, Some(_)) if *name == zone.name && kind == "NS" => {
                Some("A HostedZone must contain at least one NS record for the zone itself.".to_owned())
            }
            (Action::Delete, Some(_)) => None,
            (Action::Create, None) | (Action::Upsert, _) => {
                wrong(zone, &set, &records).or(set.target_problem(id, |place| records.contains_key(place))?)
            }
        };
        match (problem, action) {
            (Some(problem), _) => problems.push(problem),
            (None, Action::Delete) => drop(records.remove(&place)),
            (None, Action::Create | Action::Upsert) => drop(records.insert(place, set)),
        }
    }
    if problems.is_empty() {
        return Ok(records.into_values().collect());
    }
    Err(Error::new(400, "InvalidChangeBatch", format!("[{}]", problems.join(", "))))
}

/// What is wrong with a set that is to be put into the zone.
fn wrong(zone: &Zone, set: &RecordSet, records: &BTreeMap<Place, RecordSet>) -> Option<String> {
    let (name, kind) = (&set.name, &set.r#type);
    if !is_within(name, &zone.name) {
        return Some(format!("RRSet with DNS name {name} is not permitted in zone {}", zone.name));
    }
    if kind == "CNAME" && *name == zone.name {
        return Some(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
            zone.name
        ));
    }
    if kind == "SOA" && *name != zone.name {
        return Some(format!("RRSet of type SOA with DNS name {name} is not permitted in zone {}", zone.name));
    }
    let conflicts = records
        .values()
        .any(|other| other.name == *name && other.r#type != *kind && (other.r#type == "CNAME" || kind == "CNAME"));
    if conflicts {
        return Some(format!(
            "RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records with the same DNS name in zone {}",
            zone.name
        ));
    }
    set.problem()
}

/// Whether a set is the one to be deleted: whatever the order of its values.
fn is_same(current: &RecordSet, given: &RecordSet) -> bool {
    let sorted = |set: &RecordSet| {
        let mut set = set.clone();
        set.resource_records.sort();
        set
    };
    sorted(current) == sorted(given)
}
