//! The counts of tags: how many live memos have each, changed in the memo's own transaction.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde::Serialize;
use service::store::{Malformed, Range, StoreError, Table, Write};

const PREFIX: &str = "TAG#";
/// The most distinct tags of a user.
pub(crate) const MOST: u64 = 1_000;

/// The writes that bring the counts from one set of tags to another, on the condition that each tag that comes is still
/// new or known, and each that goes still has other memos or none.
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
    for (sk, count) in read(table, pk, after.difference(&before).copied()).await? {
        counts.come(pk, &sk, count);
    }
    for (sk, count) in read(table, pk, before.difference(&after).copied()).await? {
        counts.go(pk, &sk, count);
    }
    Ok(counts)
}

impl Counts {
    /// One more memo has the tag, beside `count`.
    fn come(&mut self, pk: &str, sk: &str, count: u64) {
        let write = if count == 0 {
            self.fresh += 1;
            Write::update(pk, sk, "memo_count = :one").when("attribute_not_exists(pk)")
        } else {
            Write::update(pk, sk, "memo_count = memo_count + :one").when("attribute_exists(pk)")
        };
        self.writes.push(write.value(":one", 1));
    }

    /// One of `count` memos has the tag no more.
    fn go(&mut self, pk: &str, sk: &str, count: u64) {
        let write = match count {
            // There is nothing to take from a count that is not there.
            0 => Write::check(pk, sk).when("attribute_not_exists(pk)"),
            1 => {
                self.gone += 1;
                Write::delete(pk, sk).when("memo_count = :one").value(":one", 1)
            }
            _ => Write::update(pk, sk, "memo_count = memo_count - :one").when("memo_count > :one").value(":one", 1),
        };
        self.writes.push(write);
    }
}

/// A tag with how many live memos have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tag {
    pub(crate) tag: String,
    pub(crate) count: u64,
}

/// At most `limit` tags of the partition `pk` behind the tag `after`, in the order of their bytes, and whether there may
/// be more.
pub(crate) async fn page(
    table: &Table,
    pk: &str,
    after: Option<&str>,
    limit: u16,
) -> Result<(Vec<Tag>, bool), StoreError> {
    let after = after.map(|tag| format!("{PREFIX}{tag}"));
    let page = table.query(&Range { pk, prefix: PREFIX, after: after.as_deref(), descending: false, limit }).await?;
    let tags = page.items.iter().map(|item| {
        let tag = item.text("sk")?.strip_prefix(PREFIX).ok_or_else(|| Malformed::new("sk", "tag's key"))?;
        Ok(Tag { tag: tag.to_owned(), count: item.number("memo_count")? })
    });
    Ok((tags.collect::<Result<_, Malformed>>()?, page.last.is_some()))
}

/// The sort key and the count of each of `tags`, read at the same time; 0 for a tag that no memo has.
async fn read(table: &Table, pk: &str, tags: impl Iterator<Item = &String>) -> Result<Vec<(String, u64)>, StoreError> {
    try_join_all(tags.map(|tag| format!("{PREFIX}{tag}")).map(async |sk| {
        let item = table.get(pk, &sk).await?;
        let count = item.map(|item| item.number("memo_count")).transpose()?.unwrap_or_default();
        Ok((sk, count))
    }))
    .await
}
