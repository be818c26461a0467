//! The user's numbers, `META`: how many live memos and distinct tags, and whether the account is going.

use service::Problem;
use service::store::{Held, Write};

use crate::store::Change;
use crate::tags;

/// The most live memos of a user.
const MEMOS: u64 = 10_000;

/// What `change` makes of the numbers of the partition `pk`, on the condition that there is room for it and no
/// tombstone.
pub(crate) fn change(pk: &str, change: &Change<'_>, tags: &tags::Counts) -> Write {
    let mut conditions = vec!["attribute_not_exists(tombstone)"];
    let mut values = vec![(":zero", 0)];
    let memos = match change {
        Change::Create { .. } | Change::Restore { .. } => {
            conditions.push("(attribute_not_exists(memo_count) OR memo_count < :memos)");
            values.extend([(":memos", MEMOS), (":one", 1)]);
            "if_not_exists(memo_count, :zero) + :one"
        }
        Change::Rewrite { .. } => "if_not_exists(memo_count, :zero)",
        Change::Delete { .. } => {
            values.push((":one", 1));
            "memo_count - :one"
        }
    };
    let sign = if tags.fresh > tags.gone {
        conditions.push("(attribute_not_exists(tag_count) OR tag_count <= :room)");
        values.push((":room", tags::MOST.saturating_sub(tags.fresh - tags.gone)));
        '+'
    } else {
        '-'
    };
    values.push((":by", tags.fresh.abs_diff(tags.gone)));
    let set = format!("memo_count = {memos}, tag_count = if_not_exists(tag_count, :zero) {sign} :by");
    let write = Write::update(pk, "META", &set).when(&conditions.join(" AND "));
    values.into_iter().fold(write, |write, (name, value)| write.value(name, value))
}

/// Why the numbers, as they stand, refused a change.
pub(crate) fn refusal(numbers: &Held) -> Problem {
    if matches!(numbers, Held::No(Some(item)) if item.has("tombstone")) {
        return Problem::new(403, "account-deleted", "The account is being deleted.");
    }
    let detail = format!("An account holds at most {MEMOS} memos and {} distinct tags.", tags::MOST);
    Problem::new(403, "quota-exceeded", detail)
}
