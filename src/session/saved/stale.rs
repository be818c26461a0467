//! How a plan made now differs from a saved one.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Fields, Saved};

/// Something that a saved plan relied on, and that is otherwise now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "changed", rename_all = "kebab-case")]
pub enum Stale {
    /// The stack file says something else.
    Stack,
    /// What builds the handlers: `builder` or `profile`.
    Build { setting: &'static str, from: String, to: String },
    /// A function's handler was built to other bytes, added or taken away.
    Artifact { function: String },
    /// A file of the page has another content, was added or taken away.
    File { name: String },
    /// A resource that was not live is.
    Appeared { id: String },
    /// A resource that was live is not.
    Gone { id: String },
    /// A resource has other contents, in these fields.
    Changed { id: String, fields: Vec<String> },
    /// The same was seen and is wanted, but another step comes of it: what kept releases need has changed.
    Step { id: String },
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack => f.write_str("the stack file says something else"),
            Self::Build { setting, from, to } => {
                write!(f, "the handlers are built with the {setting} {to}, and were with {from}")
            }
            Self::Artifact { function } => write!(f, "the handler of function `{function}` is built to other bytes"),
            Self::File { name } => write!(f, "the page's file `{name}` is another one"),
            Self::Appeared { id } => write!(f, "{id} is there, and was not"),
            Self::Gone { id } => write!(f, "{id} is gone"),
            Self::Changed { id, fields } => write!(f, "{id} has changed: {}", fields.join(", ")),
            Self::Step { id } => write!(f, "{id} takes another step than planned"),
        }
    }
}

impl Saved {
    /// What of this plan no longer holds, now that the same question gives `now`. Empty: it can be applied.
    pub fn stale(&self, now: &Self) -> Vec<Stale> {
        let mut stale = self.wants_otherwise(now);
        for id in union(self.seen.keys(), now.seen.keys()) {
            match (self.seen.get(id), now.seen.get(id)) {
                (Some(then), Some(now)) if then != now => {
                    stale.push(Stale::Changed { id: id.clone(), fields: changed(then, now) });
                }
                (Some(_), None) => stale.push(Stale::Gone { id: id.clone() }),
                (None, Some(_)) => stale.push(Stale::Appeared { id: id.clone() }),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        // All else is a consequence of what is listed by now.
        if stale.is_empty() && self.steps != now.steps {
            let only_in = |these: &[Value], those: &[Value]| -> Vec<String> {
                let id = |step: &Value| step["id"].as_str().unwrap_or_default().to_owned();
                these.iter().filter(|step| !those.contains(step)).map(id).collect()
            };
            let ids: BTreeSet<String> =
                [only_in(&self.steps, &now.steps), only_in(&now.steps, &self.steps)].into_iter().flatten().collect();
            stale.extend(ids.into_iter().map(|id| Stale::Step { id }));
        }
        stale
    }

    fn wants_otherwise(&self, now: &Self) -> Vec<Stale> {
        let (then, now) = (&self.wanted, &now.wanted);
        let mut stale = Vec::new();
        if then.stack != now.stack {
            stale.push(Stale::Stack);
        }
        for (setting, from, to) in [("builder", &then.builder, &now.builder), ("profile", &then.profile, &now.profile)]
        {
            if from != to {
                stale.push(Stale::Build { setting, from: from.clone(), to: to.clone() });
            }
        }
        let functions = union(then.artifacts.keys(), now.artifacts.keys());
        let other = functions.into_iter().filter(|name| then.artifacts.get(*name) != now.artifacts.get(*name));
        stale.extend(other.map(|name| Stale::Artifact { function: name.clone() }));
        let files = union(then.page.keys(), now.page.keys());
        let other = files.into_iter().filter(|name| then.page.get(*name) != now.page.get(*name));
        stale.extend(other.map(|name| Stale::File { name: name.clone() }));
        stale
    }
}

/// The fields that differ, come or go.
fn changed(then: &Fields, now: &Fields) -> Vec<String> {
    union(then.keys(), now.keys()).into_iter().filter(|field| then.get(*field) != now.get(*field)).cloned().collect()
}

fn union<'a>(then: impl Iterator<Item = &'a String>, now: impl Iterator<Item = &'a String>) -> BTreeSet<&'a String> {
    then.chain(now).collect()
}
