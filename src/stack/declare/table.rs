//! `[tables.NAME]`

use std::collections::{BTreeMap, BTreeSet};

use super::pattern;
use crate::stack::form::{Choice, Either, Fields, Flag, Form, Integer, List, Map, Mapped, Record, Set, Text};
use crate::stack::{Capacity, Index, Key, KeyType, Projection, StreamView, Table};

pub(super) fn table(f: &mut Fields<'_>) -> Table {
    Table {
        partition_key: f.required(
            ("partition_key", "the attribute `\"pk\"` (a string), or `{ name = \"pk\", type = \"S\" }`"),
            &key(),
        ),
        sort_key: f.optional(("sort_key", "as `partition_key`"), &key()),
        indexes: f.or(
            ("indexes", "global secondary indexes, by name; at most 20"),
            &Map { names: &pattern::INDEX, of: Record(index) },
            BTreeMap::new(),
        ),
        ttl: f.optional(
            ("ttl", "the attribute that holds an item's expiry, in seconds since 1970"),
            &Text(&pattern::ATTRIBUTE),
        ),
        stream: f.optional(
            ("stream", "what its stream holds of a changed item; no stream when absent"),
            &Choice(&[StreamView::KeysOnly, StreamView::NewImage, StreamView::OldImage, StreamView::NewAndOldImages]),
        ),
        point_in_time_recovery: f.or(
            ("point_in_time_recovery", "continuous backups of the last 35 days"),
            &Flag,
            false,
        ),
        deletion_protection: f.or(("deletion_protection", "whether AWS refuses to delete it"), &Flag, false),
        capacity: f.or(
            ("capacity", "`\"on-demand\"`, or `{ read = 5, write = 5 }` units a second"),
            &Either(Choice(&[Capacity::OnDemand]), Record(provisioned)),
            Capacity::OnDemand,
        ),
    }
}

fn index(f: &mut Fields<'_>) -> Index {
    let included = Set(List { of: Text(&pattern::ATTRIBUTE), least: 1, most: 20 });
    Index {
        partition_key: f.required(("partition_key", "as a table's"), &key()),
        sort_key: f.optional(("sort_key", "as a table's"), &key()),
        projection: f.or(
            ("projection", "`\"all\"`, `\"keys-only\"`, or an array of up to 20 attributes"),
            &Either(
                Choice(&[Projection::All, Projection::KeysOnly]),
                Mapped(included, Projection::Include as fn(BTreeSet<String>) -> Projection),
            ),
            Projection::All,
        ),
    }
}

fn key() -> impl Form<Value = Key> {
    Either(Mapped(Text(&pattern::ATTRIBUTE), |name| Key { name, kind: KeyType::S }), Record(typed_key))
}

fn typed_key(f: &mut Fields<'_>) -> Key {
    Key {
        name: f.required(("name", "the attribute's name"), &Text(&pattern::ATTRIBUTE)),
        kind: f.or(
            ("type", "`S` (string), `N` (number) or `B` (binary)"),
            &Choice(&[KeyType::S, KeyType::N, KeyType::B]),
            KeyType::S,
        ),
    }
}

fn provisioned(f: &mut Fields<'_>) -> Capacity {
    Capacity::Provisioned {
        read: f.required(("read", "units of reading a second, 1 to 40000"), &Integer::of(1..=40_000)),
        write: f.required(("write", "units of writing a second, 1 to 40000"), &Integer::of(1..=40_000)),
    }
}
