//! The counts of tags: how many live memos have each, changed in the memo's own transaction.

use std::collections::BTreeSet;

use service::store::{StoreError, Table, Write};

/// The most distinct tags of a user.
pub(crate) const MOST: u64 = 1_000;

/// The writes that bring the counts from one set of tags to another, on the condition that they are as read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) writes: Vec<Write>,
    /// Tags that the user did not have before.
    pub(crate) fresh: u64,
    /// Tags that the user has no more.
    pub(crate) gone: u64,
}

/// The writes for a memo in the partition `pk` whose tags change from `before` to `after`.
pub(crate) async fn change(table: &Table, pk: &str, before: &[String], after: &[String]) -> Result<Counts, StoreError> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let mut counts = Counts::default();
    for tag in after.difference(&before) {
        let sk = key(tag);
        counts.writes.push(match count(table, pk, &sk).await? {
            None => {
                counts.fresh += 1;
                set(pk, &sk, 1).when("attribute_not_exists(pk)")
            }
            Some(count) => set(pk, &sk, count + 1).when("memo_count = :old").value(":old", count),
        });
    }
    for tag in before.difference(&after) {
        let sk = key(tag);
        counts.writes.push(match count(table, pk, &sk).await? {
            // There is nothing to take from a count that is not there.
            None => Write::check(pk, &sk).when("attribute_not_exists(pk)"),
            Some(count @ ..=1) => {
                counts.gone += 1;
                Write::delete(pk, &sk).when("memo_count = :old").value(":old", count)
            }
            Some(count) => set(pk, &sk, count - 1).when("memo_count = :old").value(":old", count),
        });
    }
    Ok(counts)
}

async fn count(table: &Table, pk: &str, sk: &str) -> Result<Option<u64>, StoreError> {
    Ok(table.get(pk, sk).await?.map(|item| item.number("memo_count")).transpose()?)
}

fn set(pk: &str, sk: &str, count: u64) -> Write {
    Write::update(pk, sk, "memo_count = :count").value(":count", count)
}

fn key(tag: &str) -> String {
    format!("TAG#{tag}")
}
