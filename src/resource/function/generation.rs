//! How a function starts afresh when keys that it is bound to are dropped: it is told how often that was, so its content is
//! another one then, and its next version knows nothing of the keys that the one before has read.

use std::collections::BTreeMap;

use super::{Content, Function, KIND, Variable};
use crate::digest::Digest;
use crate::plan::Id;
use crate::resource::signing_key::SigningKey;
use crate::resource::{Resource, Resources};
use crate::scope::KEYS_GENERATION;

/// What a function is but for what it, and those that it invokes, are told of dropped keys. It is no part of what is
/// compared: of a wanted function nothing is published yet.
#[derive(Clone, Debug, Default)]
pub struct Stems {
    /// Of `$LATEST`.
    pub(super) now: Option<Digest>,
    /// Of the published versions, by what they are.
    pub(super) versions: BTreeMap<Digest, Digest>,
}

impl PartialEq for Stems {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Function {
    /// The function, told of what was dropped of the signing keys among `live`, and to invoke those that start afresh
    /// themselves: `fresh` has by their names what they are to be. `None` where that is nothing.
    pub fn afresh(&self, live: &Resources, fresh: &BTreeMap<&str, Digest>) -> Option<Self> {
        let mut afresh = self.clone();
        let environment = &mut afresh.content.environment;
        tell(environment, live);
        let mut is_afresh = environment.contains_key(KEYS_GENERATION);
        for variable in environment.values_mut() {
            if let Variable::Version { function, digest } = variable
                && let Some(other) = fresh.get(function.as_str())
                && Self::serves_now(function, digest, live)
            {
                *digest = other.clone();
                is_afresh = true;
            }
        }
        is_afresh.then(|| {
            afresh.versions.insert(afresh.digest());
            afresh
        })
    }

    /// Whether the published version `digest` of the function `name` is what that is now, but for what it is told of
    /// dropped keys.
    pub fn serves_now(name: &str, digest: &Digest, live: &Resources) -> bool {
        match live.get(&Id::new(KIND, name)) {
            Some(Resource::Function(live)) => {
                live.stems.now.is_some() && live.stems.versions.get(digest) == live.stems.now.as_ref()
            }
            Some(_) | None => false,
        }
    }
}

/// What `content` is but for what it is told of dropped keys; `other` gives the same of the versions that it names.
pub(super) fn stem(content: Content, other: impl FnMut(&str, u64) -> Option<Digest>) -> Digest {
    let mut stem = content.resolved(other);
    stem.environment.remove(KEYS_GENERATION);
    Digest::of(&stem)
}

/// Puts into `environment` how often keys of the sets that it names were dropped, as `live` has it; nothing where none
/// ever were.
pub(super) fn tell(environment: &mut BTreeMap<String, Variable>, live: &Resources) {
    environment.remove(KEYS_GENERATION);
    let bound = environment.values().filter_map(|variable| match variable {
        Variable::Text(path) => SigningKey::find(path, live),
        Variable::Version { .. } => None,
    });
    let dropped = bound.filter(|key| key.generation > 0).map(|key| {
        let name = key.name.rsplit('/').next().unwrap_or_default();
        format!("{name}={}", key.generation)
    });
    let dropped: Vec<String> = dropped.collect();
    if !dropped.is_empty() {
        environment.insert(KEYS_GENERATION.to_owned(), Variable::Text(dropped.join(",")));
    }
}
