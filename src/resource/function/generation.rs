//! How a function starts afresh when keys that it is bound to are dropped: it is told how often that was, so its content is
//! another one then, and its next version knows nothing of the keys that the one before has read.

use std::collections::BTreeMap;

use super::Function;
use crate::resource::Resources;
use crate::resource::signing_key::SigningKey;
use crate::scope::KEYS_GENERATION;

impl Function {
    /// The function, told of what was dropped of the signing keys among `live`.
    #[must_use]
    pub fn afresh(&self, live: &Resources) -> Self {
        let mut afresh = self.clone();
        tell(&mut afresh.content.environment, live);
        afresh.versions.insert(afresh.digest());
        afresh
    }
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
