//! How a function starts afresh when keys that it is bound to are dropped: it is told how often that was, so its content is
//! another one then, and its next version knows nothing of the keys that the one before has read.

use std::collections::BTreeMap;

use super::{Content, Function, KIND};
use crate::digest::Digest;
use crate::plan::Id;
use crate::resource::signing_key::SigningKey;
use crate::resource::{Resource, Resources};
use crate::scope::KEYS_GENERATION;

/// What the published versions of a function are but for what they are told of dropped keys, by what they are. It is no
/// part of what is compared: of a wanted function nothing is published yet.
#[derive(Clone, Debug, Default)]
pub struct Stems(pub(super) BTreeMap<Digest, Digest>);

impl PartialEq for Stems {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Function {
    /// The function, told of what was dropped of the signing keys among `live`; `None` where that is nothing.
    pub fn afresh(&self, live: &Resources) -> Option<Self> {
        let mut afresh = self.clone();
        tell(&mut afresh.content.environment, live);
        afresh.content.environment.contains_key(KEYS_GENERATION).then(|| {
            afresh.versions.insert(afresh.digest());
            afresh
        })
    }

    /// Whether the published version `digest` of the function `name` is what that is now in `live`, but for what it is
    /// told of dropped keys.
    pub fn serves_now(name: &str, digest: &Digest, live: &Resources) -> bool {
        match live.get(&Id::new(KIND, name)) {
            Some(Resource::Function(live)) => live.stems.0.get(digest) == Some(&stem(&live.content)),
            Some(_) | None => false,
        }
    }
}

/// What `content` is but for what it is told of dropped keys.
pub(super) fn stem(content: &Content) -> Digest {
    let mut stem = content.clone();
    stem.environment.remove(KEYS_GENERATION);
    Digest::of(&stem)
}

/// Puts into `environment` how often keys of the sets that it names were dropped, as `live` has it; nothing where none
/// ever were.
pub(super) fn tell(environment: &mut BTreeMap<String, String>, live: &Resources) {
    environment.remove(KEYS_GENERATION);
    let bound = environment.values().filter_map(|path| SigningKey::find(path, live));
    let dropped = bound.filter(|key| key.generation > 0).map(|key| {
        let name = key.name.rsplit('/').next().unwrap_or_default();
        format!("{name}={}", key.generation)
    });
    let dropped: Vec<String> = dropped.collect();
    if !dropped.is_empty() {
        environment.insert(KEYS_GENERATION.to_owned(), dropped.join(","));
    }
}
