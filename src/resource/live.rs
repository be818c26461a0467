//! What kinds share in reading what is live.

use std::collections::BTreeSet;

use super::{Found, Kind};
use crate::aws::{Aws, Class, Error, each};
use crate::plan::{Id, changes};
use crate::scope::Tags;

/// Whose things a read gives the content of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The stack's own, by their tags.
    Ours,
    /// Anybody's: for [`Kind::look`].
    Anybodys,
}

impl Whose {
    /// Whether what carries `tags` is one of them.
    pub(super) fn takes(self, tags: &Tags, aws: &Aws) -> bool {
        match self {
            Self::Ours => aws.scope.owns(tags),
            Self::Anybodys => true,
        }
    }
}

/// What was found under a name, when it was asked for whosever it is.
pub(super) fn looked<K>(found: Option<Found<K>>) -> Option<K> {
    match found? {
        Found::Ours(item) => Some(item),
        Found::Foreign(_) => None,
    }
}

/// Things of one kind from which on a list of them all takes fewer calls, of those that AWS rations, than each by itself.
pub(super) const MANY: usize = 20;

/// Reads the wanted names, and beside them what a list by path or prefix nominates as ours.
pub(super) async fn read_all<K, F>(
    wanted: &BTreeSet<String>,
    nominated: impl Future<Output = Result<BTreeSet<String>, Error>>,
    read: impl Fn(String) -> F,
) -> Result<Vec<Found<K>>, Error>
where
    F: Future<Output = Result<Option<Found<K>>, Error>>,
{
    let (known, nominated) = tokio::try_join!(each(wanted.iter().cloned(), &read), nominated)?;
    let others = each(nominated.into_iter().filter(|name| !wanted.contains(name)), &read).await?;
    // Under a name that nobody wants, somebody else's thing is none of our business.
    let ours = others.into_iter().flatten().filter(|found| matches!(found, Found::Ours(_)));
    Ok(known.into_iter().flatten().chain(ours).collect())
}

/// What was read of `wanted` to delete it: `None` when it is gone, an error when it is somebody else's.
pub(super) fn confirmed<K: Kind>(wanted: &K, found: Option<Found<K>>) -> Result<Option<K>, Error> {
    match found {
        None => Ok(None),
        Some(Found::Ours(live)) => Ok(Some(live)),
        Some(Found::Foreign(_)) => Err(Error::foreign("delete", &wanted.id())),
    }
}

/// What follows when a create is told that the thing exists: ours, made by an earlier try whose answer got lost, is
/// brought to what is wanted; somebody else's is refused.
pub(super) async fn adopt<K: Kind>(wanted: &K, aws: &Aws, error: Error) -> Result<(), Error> {
    let name = wanted.name();
    let found = K::list(&BTreeSet::from([name.to_owned()]), aws).await?;
    let live = found.into_iter().find_map(|found| match found {
        Found::Ours(live) if live.name() == name => Some(Ok(live)),
        Found::Foreign(foreign) if foreign == name => Some(Err(Error::foreign("create", &Id::new(K::KIND, name)))),
        Found::Ours(_) | Found::Foreign(_) => None,
    });
    match live.transpose()? {
        Some(live) if live == *wanted => Ok(()),
        Some(live) if changeable(wanted, &live) => wanted.update(&live, aws).await,
        Some(_) | None => Err(Error { class: Class::Refused, ..error }),
    }
}

/// Whether `live` can be changed into `wanted` in place.
fn changeable<K: Kind>(wanted: &K, live: &K) -> bool {
    let fields = |item: &K| serde_json::to_value(item).unwrap_or_default();
    let fixed = |field: &str| K::FIXED.iter().any(|fixed| field.split('.').next() == Some(fixed));
    !changes(&fields(live), &fields(wanted)).iter().any(|change| fixed(&change.field))
        && live.refuses(Some(wanted)).is_none()
}
