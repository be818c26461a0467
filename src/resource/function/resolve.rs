//! From functions as they were read to functions that compare: a version that another one names by its number becomes what
//! that number stands for. Whatever a version's number is, its digest tells all that it is and calls.

use std::collections::{BTreeMap, BTreeSet};

use super::content::Content;
use super::generation::stem;
use super::{Function, Stems};
use crate::aws::Directory;
use crate::digest::Digest;
use crate::resource::Found;

/// A function as it was read.
#[derive(Debug)]
pub(super) struct Raw {
    /// Its `$LATEST`; what versions it has is told by the other field.
    pub(super) function: Function,
    /// The published versions by their numbers.
    pub(super) versions: BTreeMap<u64, Content>,
}

/// Resolves what was read, and puts the versions into the directory.
pub(super) fn resolve(read: Vec<Found<Raw>>, directory: &Directory) -> Vec<Found<Function>> {
    let mut versions = Versions::of(&read);
    let mut functions: Vec<Found<Function>> = Vec::new();
    for found in read {
        functions.push(match found {
            Found::Foreign(name) => Found::Foreign(name),
            Found::Ours(Raw { function, versions: numbers }) => {
                let digest = |number: u64| Some((number, versions.digest(&function.name, number)?));
                let known: BTreeMap<u64, Digest> = numbers.into_keys().filter_map(digest).collect();
                directory.put_versions(&function.name, known.clone());
                let stems = Stems {
                    now: Some(stem(function.content.clone(), |name, number| versions.stem(name, number))),
                    versions: known
                        .iter()
                        .filter_map(|(number, digest)| Some((digest.clone(), versions.stem(&function.name, *number)?)))
                        .collect(),
                };
                let content = function.content.clone().resolved(|name, number| versions.digest(name, number));
                let invoked = content.invoked().map(str::to_owned).collect();
                versions.latest.insert(function.name.clone(), invoked);
                Found::Ours(Function { content, versions: known.into_values().collect(), stems, ..function })
            }
        });
    }
    for found in &mut functions {
        if let Found::Ours(function) = found
            && versions.is_in_a_circle(&function.name)
        {
            function.content.unbind();
        }
    }
    functions
}

/// All published versions, and what they are.
#[derive(Debug)]
struct Versions {
    contents: BTreeMap<(String, u64), Content>,
    /// What is known already; `None` while it is being found out.
    digests: BTreeMap<(String, u64), Option<Digest>>,
    /// The same of their stems.
    stems: BTreeMap<(String, u64), Option<Digest>>,
    /// The functions that those of the same name may invoke at their `$LATEST`.
    latest: BTreeMap<String, BTreeSet<String>>,
}

impl Versions {
    fn of(read: &[Found<Raw>]) -> Self {
        let ours = read.iter().filter_map(|found| match found {
            Found::Ours(raw) => Some(raw),
            Found::Foreign(_) => None,
        });
        let contents = ours.flat_map(|raw| {
            let versions = raw.versions.iter();
            versions.map(|(number, content)| ((raw.function.name.clone(), *number), content.clone()))
        });
        Self { contents: contents.collect(), digests: BTreeMap::new(), stems: BTreeMap::new(), latest: BTreeMap::new() }
    }

    /// What the version `number` of the function `name` is; `None` when there is none.
    fn digest(&mut self, name: &str, number: u64) -> Option<Digest> {
        let key = (name.to_owned(), number);
        if let Some(known) = self.digests.get(&key) {
            return known.clone();
        }
        let content = self.contents.get(&key)?.clone();
        // A version names what was there before it; one that names a later number, by hand, may lead back here.
        self.digests.insert(key.clone(), None);
        let digest = Digest::of(&content.resolved(|name, number| self.digest(name, number)));
        self.digests.insert(key, Some(digest.clone()));
        Some(digest)
    }

    /// What the version `number` of the function `name` is but for what it is told of dropped keys: see [`Stems`].
    fn stem(&mut self, name: &str, number: u64) -> Option<Digest> {
        let key = (name.to_owned(), number);
        if let Some(known) = self.stems.get(&key) {
            return known.clone();
        }
        let content = self.contents.get(&key)?.clone();
        // As above.
        self.stems.insert(key.clone(), None);
        let stem = stem(content, |name, number| self.stem(name, number));
        self.stems.insert(key, Some(stem.clone()));
        Some(stem)
    }

    /// Whether what `$LATEST` of the function `name` may invoke leads back to it, which no deploy makes: functions that
    /// are changed by hand are not to keep a plan from having an order.
    fn is_in_a_circle(&self, name: &str) -> bool {
        let invoked = |name: &str| self.latest.get(name).into_iter().flatten();
        let (mut reached, mut queue) = (BTreeSet::new(), vec![name]);
        while let Some(from) = queue.pop() {
            for next in invoked(from) {
                if next == name {
                    return true;
                }
                if reached.insert(next) {
                    queue.push(next);
                }
            }
        }
        false
    }
}
