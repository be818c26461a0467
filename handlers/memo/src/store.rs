//! The transactions on memos: each changes the memo, the counts of its tags and the user's numbers together, or not.

use service::Problem;
use service::store::{Held, Outcome, Page, Range, StoreError, Table, Write};

use crate::caller::Caller;
use crate::memo::Memo;
use crate::{numbers, tags};

/// How long a deleted memo can be restored, in seconds.
pub(crate) const KEPT: u64 = 30 * 24 * 60 * 60;
/// How often a write is tried that loses to others' changes of the same tags.
const ATTEMPTS: usize = 8;

/// The place of [`Change::Create`]'s `beside` among the change's writes.
const BESIDE: usize = 2;

/// The memos of all users.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) table: Table,
}

/// Which memos of a list to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Only memos behind this id, in the order of reading.
    pub(crate) after: Option<String>,
    /// Newest first.
    pub(crate) descending: bool,
    /// At most so many; a page may end before, at 1 MB read.
    pub(crate) limit: u16,
}

/// What a write does to a user's memos.
#[derive(Clone, Debug)]
pub(crate) enum Change<'a> {
    /// A new memo at `now`, seconds since the Unix epoch, with what else has to be stored with it, the [`BESIDE`]th of
    /// its writes.
    Create {
        new: &'a Memo,
        now: u64,
        beside: Option<Write>,
    },
    Rewrite {
        old: &'a Memo,
        new: &'a Memo,
    },
    /// At `now`, seconds since the Unix epoch.
    Delete {
        old: &'a Memo,
        now: u64,
    },
    /// The deleted memo `old` lives again as `new`, at `now`, seconds since the Unix epoch.
    Restore {
        old: &'a Memo,
        new: &'a Memo,
        now: u64,
    },
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Yes,
    /// The memo is not as it was read, or a new one's id is taken.
    Stale,
    /// What was to be stored beside the memo is there already.
    Beside,
    /// Nothing is known to be in the way: other requests wrote the same items through all attempts.
    Contended,
}

impl Store {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// The live memo `id` of `caller`; 404 when there is none.
    pub(crate) async fn memo(&self, caller: &Caller, id: &str) -> Result<Memo, Problem> {
        self.find(caller, id).await?.ok_or_else(Problem::not_found)
    }

    /// The live memo `id` of `caller`, if there is one.
    pub(crate) async fn find(&self, caller: &Caller, id: &str) -> Result<Option<Memo>, StoreError> {
        let item = self.table.get(&caller.partition(), &live(id)).await?;
        Ok(item.map(|item| Memo::from_item(&item)).transpose()?)
    }

    /// The deleted memo `id` of `caller`, if there is one that can be restored at `now`.
    pub(crate) async fn deleted(&self, caller: &Caller, id: &str, now: u64) -> Result<Option<Memo>, StoreError> {
        let Some(item) = self.table.get(&caller.partition(), &deleted(id)).await? else { return Ok(None) };
        // The store deletes late.
        if item.number("expires_at")? <= now { Ok(None) } else { Ok(Some(Memo::from_item(&item)?)) }
    }

    /// The live memos of `caller` in `window`: one Query.
    pub(crate) async fn page(&self, caller: &Caller, window: &Window) -> Result<Page, StoreError> {
        let (pk, after) = (caller.partition(), window.after.as_deref().map(live));
        let Window { descending, limit, .. } = *window;
        self.table.query(&Range { pk: &pk, prefix: "M#", after: after.as_deref(), descending, limit }).await
    }

    /// Carries out `change` for `caller`; 403 when a quota is reached or the account is going.
    pub(crate) async fn change(&self, caller: &Caller, change: &Change<'_>) -> Result<Changed, Problem> {
        let pk = caller.partition();
        let (before, after): (&[String], &[String]) = match change {
            Change::Create { new, .. } | Change::Restore { new, .. } => (&[], &new.text.tags),
            Change::Rewrite { old, new } => (&old.text.tags, &new.text.tags),
            Change::Delete { old, .. } => (&old.text.tags, &[]),
        };
        for _ in 0..ATTEMPTS {
            let tags = tags::change(&self.table, &pk, before, after).await?;
            let mut writes = change.writes(&pk);
            let own = writes.len();
            writes.push(numbers::change(&pk, change, &tags));
            writes.extend(tags.writes);
            let held = match self.table.transact(writes).await {
                Ok(Outcome::Written) => return Ok(Changed::Yes),
                Ok(Outcome::Refused(held)) => held,
                Err(StoreError::Conflict { .. }) => return Ok(Changed::Contended),
                Err(error) => return Err(error.into()),
            };
            let refused = |held: &Held| matches!(held, Held::No(_));
            match held.iter().position(refused) {
                Some(BESIDE) if BESIDE < own => return Ok(Changed::Beside),
                Some(index) if index < own => return Ok(Changed::Stale),
                // What counts of tags that are not as read would need of the quota says nothing.
                Some(index) if index == own && !held[own + 1..].iter().any(refused) => {
                    return Err(numbers::refusal(&held[own]));
                }
                Some(_) | None => {}
            }
            // Counts of tags were not as read: they are read again.
        }
        Ok(Changed::Contended)
    }
}

impl Change<'_> {
    /// The writes that concern the memo itself, its own first.
    fn writes(&self, pk: &str) -> Vec<Write> {
        match self {
            Self::Create { new, now, beside } => {
                let memo = Write::put(new.item(pk, &live(&new.id))).when("attribute_not_exists(pk)");
                // An id that a deleted memo has would leave that one nowhere to be restored to.
                let deleted = Write::check(pk, &deleted(&new.id))
                    .when("attribute_not_exists(pk) OR expires_at <= :now")
                    .value(":now", *now);
                [memo, deleted].into_iter().chain(beside.clone()).collect()
            }
            Self::Rewrite { old, new } => vec![as_read(Write::put(new.item(pk, &live(&new.id))), old)],
            Self::Delete { old, now } => {
                let kept = old.item(pk, &deleted(&old.id)).set("expires_at", now + KEPT);
                vec![as_read(Write::delete(pk, &live(&old.id)), old), Write::put(kept)]
            }
            Self::Restore { old, new, now } => {
                let kept = Write::delete(pk, &deleted(&old.id)).name("#version", "version");
                let kept = kept.when("#version = :version AND expires_at > :now").value(":now", *now);
                let memo = Write::put(new.item(pk, &live(&new.id))).when("attribute_not_exists(pk)");
                vec![memo, kept.value(":version", old.version)]
            }
        }
    }
}

/// `write`, on the condition that the memo is still `old`.
fn as_read(write: Write, old: &Memo) -> Write {
    write.when("#version = :version").name("#version", "version").value(":version", old.version)
}

fn live(id: &str) -> String {
    format!("M#{id}")
}

fn deleted(id: &str) -> String {
    format!("D#{id}")
}
