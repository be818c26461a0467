//! Tables: DynamoDB's rules for keys, indexes and expiry.

use std::collections::BTreeMap;

use super::Finding;
use crate::stack::{Key, KeyType, Projection, Stack, Table};

/// Global secondary indexes of a table, and attributes that all of them project by name (DynamoDB quotas).
const INDEXES: usize = 20;
const PROJECTED: usize = 100;

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, table) in &stack.tables {
        let keys = keys_of(name, table);
        findings.extend(sort_by_the_partition_key(name, table));
        findings.extend(types_that_differ(&keys));
        findings.extend(expiry(name, table, &keys));
        findings.extend(too_many(name, table));
    }
    findings
}

/// A key, and the path that declares it.
type Declared<'a> = (&'a Key, Vec<&'a str>);

fn keys_of<'a>(name: &'a str, table: &'a Table) -> Vec<Declared<'a>> {
    let mut keys = vec![(&table.partition_key, vec!["tables", name, "partition_key"])];
    keys.extend(table.sort_key.iter().map(|key| (key, vec!["tables", name, "sort_key"])));
    for (index, declared) in &table.indexes {
        let path = vec!["tables", name, "indexes", index];
        keys.push((&declared.partition_key, [path.as_slice(), &["partition_key"]].concat()));
        keys.extend(declared.sort_key.iter().map(|key| (key, [path.as_slice(), &["sort_key"]].concat())));
    }
    keys
}

fn sort_by_the_partition_key(name: &str, table: &Table) -> Vec<Finding> {
    let of_table = (&table.partition_key, table.sort_key.as_ref(), vec!["tables", name]);
    let of_indexes = table.indexes.iter().map(|(index, declared)| {
        (&declared.partition_key, declared.sort_key.as_ref(), vec!["tables", name, "indexes", index])
    });
    [of_table]
        .into_iter()
        .chain(of_indexes)
        .filter(|(partition, sort, _)| sort.is_some_and(|sort| sort.name == partition.name))
        .map(|(partition, _, path)| {
            Finding::of_value(
                &[path.as_slice(), &["sort_key"]].concat(),
                format!("`{}` is the partition key already", partition.name),
                "sort by another attribute, or by none",
            )
            .needs(&[path.as_slice(), &["partition_key"]].concat())
        })
        .collect()
}

fn types_that_differ(keys: &[Declared<'_>]) -> Vec<Finding> {
    let mut first: BTreeMap<&str, &Declared<'_>> = BTreeMap::new();
    let mut findings = Vec::new();
    for declared @ (key, path) in keys {
        let (other, place) = *first.entry(&key.name).or_insert(declared);
        if other.kind != key.kind {
            let message = format!(
                "the attribute `{}` is of type {:?} here, and of type {:?} there",
                key.name, key.kind, other.kind
            );
            let help = "an attribute has one type in a table and all its indexes";
            findings.push(Finding::of_value(path, message, help).beside(place, "there"));
        }
    }
    findings
}

/// DynamoDB expires only what is a number; a key of another type never is.
fn expiry(name: &str, table: &Table, keys: &[Declared<'_>]) -> Option<Finding> {
    let ttl = table.ttl.as_ref()?;
    let (_, path) = keys.iter().find(|(key, _)| key.name == *ttl && key.kind != KeyType::N)?;
    let message = format!("`{ttl}` is a key that is no number, so nothing would ever expire");
    let help = "name an attribute that holds seconds since 1970, or give the key the type \"N\"";
    Some(Finding::of_value(&["tables", name, "ttl"], message, help).beside(path, "the key"))
}

fn too_many(name: &str, table: &Table) -> Vec<Finding> {
    let path = ["tables", name, "indexes"];
    let projected: usize = table
        .indexes
        .values()
        .map(|index| match &index.projection {
            Projection::All | Projection::KeysOnly => 0,
            Projection::Include(attributes) => attributes.len(),
        })
        .sum();
    [
        (table.indexes.len(), INDEXES, "global secondary indexes", "query another attribute by an index that is there"),
        (
            projected,
            PROJECTED,
            "projected attributes in all indexes together",
            "project \"all\" instead of naming so many",
        ),
    ]
    .into_iter()
    .filter(|(count, limit, ..)| count > limit)
    .map(|(count, limit, what, help)| {
        Finding::of_key(&path, format!("{count} {what}, and DynamoDB takes {limit}"), help)
    })
    .collect()
}
