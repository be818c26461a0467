//! Owner tags, and the mark of an API.

use std::collections::{BTreeMap, btree_map};
use std::ops::{Deref, DerefMut};

use serde::{Serialize, Serializer};

use super::Scope;

const STACK: &str = "memoctl:stack";
const STAGE: &str = "memoctl:stage";
const ID: &str = "memoctl:id";

/// What the keys of memoctl's own tags start with.
const OURS: &str = "memoctl:";

/// What the keys of AWS's own tags start with.
const AWS: &str = "aws:";

/// A resource's tags: it is a map of memoctl's own, `memoctl:stack`, `memoctl:stage` and `memoctl:id` first of all. Those
/// of others are the business of whoever put them there: they are no part of what is compared or written.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    own: BTreeMap<String, String>,
    others: BTreeMap<String, String>,
}

impl Tags {
    /// No tags at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tags that others have put there; AWS's own are not among them.
    pub fn others(&self) -> &BTreeMap<String, String> {
        &self.others
    }
}

impl PartialEq for Tags {
    fn eq(&self, other: &Self) -> bool {
        self.own == other.own
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.own.serialize(serializer)
    }
}

impl Deref for Tags {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.own
    }
}

impl DerefMut for Tags {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.own
    }
}

impl IntoIterator for Tags {
    type Item = (String, String);
    type IntoIter = btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.own.into_iter()
    }
}

impl FromIterator<(String, String)> for Tags {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(tags: I) -> Self {
        let known = tags.into_iter().filter(|(key, _)| !key.starts_with(AWS));
        let (own, others) = known.partition(|(key, _)| key.starts_with(OURS));
        Self { own, others }
    }
}

impl Scope {
    /// The owner tags of a resource: `kind` as its module names it, `name` as in `stack.toml`.
    pub fn tags(&self, kind: &str, name: &str) -> Tags {
        [(STACK, self.stack.clone()), (STAGE, self.stage.clone()), (ID, format!("{kind}/{name}"))]
            .map(|(key, value)| (key.to_owned(), value))
            .into_iter()
            .collect()
    }

    /// Whether what carries `tags` belongs to this stack and stage.
    pub fn owns(&self, tags: &Tags) -> bool {
        tags.get(STACK) == Some(&self.stack) && tags.get(STAGE) == Some(&self.stage)
    }

    /// The stack and stage that what carries `tags` belongs to: `memo/prod`.
    pub fn owner(tags: &Tags) -> Option<String> {
        Some(format!("{}/{}", tags.get(STACK)?, tags.get(STAGE)?))
    }

    /// The name in `stack.toml` of what carries `tags`, if it is ours and of this kind.
    pub fn logical_name<'a>(&self, kind: &str, tags: &'a Tags) -> Option<&'a str> {
        self.owns(tags).then(|| tags.get(ID)?.strip_prefix(kind)?.strip_prefix('/'))?
    }

    /// The mark in an API's description, which stays when its tags are lost: `memoctl:<stack>/<stage>/<id>`.
    pub fn mark(&self, kind: &str, name: &str) -> String {
        format!("memoctl:{}/{}/{kind}/{name}", self.stack, self.stage)
    }
}

/// A description with `mark` behind it: `Memos [memoctl:memo/prod/api/api]`.
pub fn marked(description: &str, mark: &str) -> String {
    if description.is_empty() { mark.to_owned() } else { format!("{description} [{mark}]") }
}

/// The description that [`marked`] was given; `None` where `text` does not carry `mark`.
pub fn unmarked<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    if text == mark { Some("") } else { text.strip_suffix(']')?.strip_suffix(mark)?.strip_suffix(" [") }
}
