//! Owner tags, and the mark of an API.

use super::{Scope, Tags};

const STACK: &str = "memoctl:stack";
const STAGE: &str = "memoctl:stage";
const ID: &str = "memoctl:id";

impl Scope {
    /// The owner tags of a resource: `kind` as its module names it, `name` as in `stack.toml`.
    pub fn tags(&self, kind: &str, name: &str) -> Tags {
        [(STACK, self.stack.clone()), (STAGE, self.stage.clone()), (ID, format!("{kind}/{name}"))]
            .map(|(key, value)| (key.to_owned(), value))
            .into()
    }

    /// The tags that are memoctl's own: others are the business of whoever put them there.
    pub fn own_tags(tags: Tags) -> Tags {
        tags.into_iter().filter(|(key, _)| key.starts_with("memoctl:")).collect()
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
