//! The kinds of resource, one file each, and the enum over them.
//!
//! A kind is a plain struct of names and digests that implements [`Kind`]. What is wanted is computed from `stack.toml`,
//! what is live is read back through the SDK into the same struct, so a difference is an inequality of two values.
//! To add a kind: write its file, and add one line to `kinds!` below.

mod doing;
mod live;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

pub use doing::Doing;

use crate::aws::{Aws, Directory, Error};
use crate::history::Kept;
use crate::package::Artifacts;
use crate::plan::{Id, Item};
use crate::scope::{Scope, Tags};
use crate::stack::Stack;

/// What the wanted resources are computed from.
#[derive(Clone, Copy)]
pub struct Blueprint<'a> {
    pub stack: &'a Stack,
    pub scope: &'a Scope,
    /// The built handlers.
    pub artifacts: &'a Artifacts,
    /// What is live, for carrying over what kept releases still need.
    pub live: &'a Resources,
    /// What other releases still need: each kind carries it over from `live`.
    pub kept: &'a Kept,
}

/// What a list found under a name or a mark of ours.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<K> {
    /// It carries our tags.
    Ours(K),
    /// It has a wanted name but not our tags: somebody else's, never touched.
    Foreign(String),
}

/// A kind of resource.
#[expect(async_fn_in_trait, reason = "dispatched by enum and polled in place; nothing needs the futures to be Send")]
pub trait Kind: Clone + PartialEq + Serialize + Sized {
    /// As shown: `table`.
    const KIND: &'static str;
    /// The top-level fields that AWS cannot change in place.
    const FIXED: &'static [&'static str] = &[];
    /// Whether a delete loses data and so needs `--delete-data`.
    const HOLDS_DATA: bool = false;
    /// Whether creating or updating it is what callers see.
    const RELEASES: bool = false;

    /// The way out where somebody else has its name, of what is never adopted.
    const WAY_OUT: Option<&'static str> = None;

    /// Whether what is read of it is only known when all kinds are read: see [`Kind::resolved`].
    const RESOLVED: bool = false;

    /// What a delete takes away.
    type Confirmed: std::fmt::Debug;

    /// The physical name.
    fn name(&self) -> &str;

    /// The identity, as plans and errors show it.
    fn id(&self) -> Id {
        Id::new(Self::KIND, self.name())
    }

    /// What must exist before it.
    fn needs(&self) -> Vec<Id>;

    /// What may only go after it.
    fn holds(&self) -> Vec<Id> {
        self.needs()
    }

    /// See [`Item::meanwhile`].
    #[must_use]
    fn meanwhile(&self, live: &Self) -> Self {
        let _ = live;
        self.clone()
    }

    /// See [`Item::refuses`].
    fn refuses(&self, wanted: Option<&Self>) -> Option<String> {
        let _ = wanted;
        None
    }

    /// What the stack wants of this kind.
    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self>;

    /// Reads what is live. Wanted names are read directly; what is ours and no longer wanted is found by path, prefix
    /// or mark, and then read directly: a name nominates, tags decide. What is on its way (creating, updating) is
    /// waited for, bounded.
    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error>;

    /// Reads what has this name, whosever it is; `None` when nothing has. What cannot become the stack's is refused, with
    /// the reason.
    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error>;

    /// Puts its tags on what is live, which makes that the stack's, and changes nothing else.
    async fn tag(&self, aws: &Aws) -> Result<(), Error>;

    /// What was read, with what the server made up (a version's number) replaced by what that stands for: called when
    /// all kinds are read, and so `directory` is full.
    #[must_use]
    fn resolved(self, directory: &Directory) -> Self {
        let _ = directory;
        self
    }

    /// What of making it needs nothing else that is made: done while that is under way.
    async fn begin(&self, aws: &Aws) -> Result<(), Error> {
        let _ = aws;
        Ok(())
    }

    /// Makes it, with its tags in the create call itself, so far that others can be made that need it.
    async fn create(&self, aws: &Aws) -> Result<(), Error>;

    /// Changes `live` into it, so far that others can be made that need it. Every owned field is sent: an omission is no
    /// reset.
    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error>;

    /// Does what is left of a create (`live` is `None`) or an update, and waits until it can be used.
    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        let _ = (live, aws);
        Ok(())
    }

    /// What is there of it to delete, read anew; an error when it is not ours any more.
    async fn confirm(&self, aws: &Aws) -> Result<Option<Self::Confirmed>, Error>;

    /// Deletes what was just confirmed to be ours. Gone already is success.
    async fn delete(confirmed: Self::Confirmed, aws: &Aws) -> Result<(), Error>;
}

/// Resources by their ids.
pub type Resources = BTreeMap<Id, Resource>;

/// What was read from the cloud.
#[derive(Clone, Debug, Default)]
pub struct Live {
    pub ours: Resources,
    /// Somebody else's things under names that the stack wants.
    pub foreign: BTreeSet<Id>,
}

macro_rules! kinds {
    ($($module:ident :: $Kind:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// A resource of any kind.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Resource {
            $($Kind($module::$Kind),)*
        }

        impl Item for Resource {
            fn id(&self) -> Id {
                match self {
                    $(Self::$Kind(item) => Id::new($module::$Kind::KIND, item.name()),)*
                }
            }

            fn needs(&self) -> Vec<Id> {
                match self {
                    $(Self::$Kind(item) => item.needs(),)*
                }
            }

            fn holds(&self) -> Vec<Id> {
                match self {
                    $(Self::$Kind(item) => item.holds(),)*
                }
            }

            fn fields(&self) -> Value {
                // Plain data with string keys: it always serialises.
                serde_json::to_value(self).unwrap_or_default()
            }

            fn beside(&self) -> Value {
                match self.tags().others() {
                    none if none.is_empty() => Value::Null,
                    others => json!({ "tags": others }),
                }
            }

            fn fixed(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$Kind(_) => $module::$Kind::FIXED,)*
                }
            }

            fn holds_data(&self) -> bool {
                match self {
                    $(Self::$Kind(_) => $module::$Kind::HOLDS_DATA,)*
                }
            }

            fn releases(&self) -> bool {
                match self {
                    $(Self::$Kind(_) => $module::$Kind::RELEASES,)*
                }
            }

            fn meanwhile(&self, live: &Self) -> Self {
                match (self, live) {
                    $((Self::$Kind(item), Self::$Kind(live)) => Self::$Kind(item.meanwhile(live)),)*
                    _ => self.clone(),
                }
            }

            fn refuses(&self, wanted: Option<&Self>) -> Option<String> {
                match (self, wanted) {
                    $((Self::$Kind(live), Some(Self::$Kind(wanted))) => live.refuses(Some(wanted)),)*
                    $((Self::$Kind(live), None) => live.refuses(None),)*
                    (_, Some(_)) => None,
                }
            }
        }

        // The futures of SDK calls are large: boxed, a walk over many steps needs little of a thread's stack.
        impl Resource {
            /// See [`Kind::begin`].
            pub async fn begin(&self, aws: &Aws) -> Result<(), Error> {
                match self {
                    $(Self::$Kind(item) => Box::pin(item.begin(aws)).await,)*
                }
            }

            /// Makes the resource: see [`Kind::create`].
            pub async fn create(&self, aws: &Aws) -> Result<(), Error> {
                match self {
                    $(Self::$Kind(item) => Box::pin(item.create(aws)).await,)*
                }
            }

            /// See [`Kind::finish`].
            pub async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
                match (self, live) {
                    $((Self::$Kind(item), Some(Self::$Kind(live))) => Box::pin(item.finish(Some(live), aws)).await,)*
                    $((Self::$Kind(item), None) => Box::pin(item.finish(None, aws)).await,)*
                    (_, Some(live)) => unreachable!("an update is of one kind: {} is not {}", self.id(), live.id()),
                }
            }

            /// Changes `live`, of the same kind, into the resource.
            pub async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
                match (self, live) {
                    $((Self::$Kind(item), Self::$Kind(live)) => Box::pin(item.update(live, aws)).await,)*
                    _ => unreachable!("an update is of one kind: {} is not {}", self.id(), live.id()),
                }
            }

            /// Puts its tags on what is live: see [`Kind::tag`].
            pub async fn tag(&self, aws: &Aws) -> Result<(), Error> {
                match self {
                    $(Self::$Kind(item) => Box::pin(item.tag(aws)).await,)*
                }
            }

            /// The owner tags.
            pub fn tags(&self) -> &Tags {
                match self {
                    $(Self::$Kind(item) => &item.tags,)*
                }
            }

            /// What is there of the resource to delete: see [`Kind::confirm`].
            pub async fn confirm(&self, aws: &Aws) -> Result<Option<Confirmed>, Error> {
                match self {
                    $(Self::$Kind(item) => Ok(Box::pin(item.confirm(aws)).await?.map(Confirmed::$Kind)),)*
                }
            }
        }

        /// What a delete takes away: see [`Kind::confirm`].
        #[derive(Debug)]
        pub enum Confirmed {
            $($Kind(<$module::$Kind as Kind>::Confirmed),)*
        }

        impl Confirmed {
            /// Deletes it: see [`Kind::delete`].
            pub async fn delete(self, aws: &Aws) -> Result<(), Error> {
                match self {
                    $(Self::$Kind(item) => Box::pin($module::$Kind::delete(item, aws)).await,)*
                }
            }
        }

        /// The kinds' names.
        pub const KINDS: &[&str] = &[$($module::$Kind::KIND,)*];

        /// See [`Kind::WAY_OUT`].
        pub fn way_out(kind: &str) -> Option<&'static str> {
            match kind {
                $($module::$Kind::KIND => $module::$Kind::WAY_OUT,)*
                _ => None,
            }
        }

        /// Reads what has the kind and the name of `id`, whosever it is: see [`Kind::look`].
        pub async fn look(id: &Id, aws: &Aws) -> Result<Option<Resource>, Error> {
            match id.kind {
                $($module::$Kind::KIND => {
                    let found = Box::pin($module::$Kind::look(&id.name, aws)).await?;
                    Ok(found.map(|item| Resource::$Kind(item.resolved(&aws.directory))))
                })*
                _ => Ok(None),
            }
        }

        /// Everything that the stack wants.
        pub fn desired(blueprint: &Blueprint<'_>) -> Resources {
            let mut resources = Resources::new();
            $(for item in $module::$Kind::desired(blueprint) {
                let item = Resource::$Kind(item);
                resources.insert(item.id(), item);
            })*
            resources
        }

        /// Everything that is live, of all kinds at once.
        pub async fn live(wanted: &BTreeSet<Id>, aws: &Aws) -> Result<Live, Error> {
            live_by_kind(wanted, aws, |_| {}).await
        }

        /// Everything that is live, of all kinds at once. As soon as a kind is read, `seen` gets what is live of
        /// it; not of kinds whose content is only known when all are read, nor where somebody else's is found.
        pub async fn live_by_kind(
            wanted: &BTreeSet<Id>,
            aws: &Aws,
            seen: impl Fn(&Resources),
        ) -> Result<Live, Error> {
            let names = |kind: &str| -> BTreeSet<String> {
                wanted.iter().filter(|id| id.kind == kind).map(|id| id.name.clone()).collect()
            };
            $(let $module = names($module::$Kind::KIND);)*
            let kinds = async { tokio::try_join!($(Box::pin(async {
                let found = $module::$Kind::list(&$module, aws).await?;
                let ours = found.iter().map(|found| match found {
                    Found::Ours(item) => Some(Resource::$Kind(item.clone())),
                    Found::Foreign(_) => None,
                });
                if !$module::$Kind::RESOLVED
                    && let Some(ours) = ours.map(|item| item.map(|item| (item.id(), item))).collect::<Option<Resources>>()
                {
                    seen(&ours);
                }
                Ok::<_, Error>(found)
            })),*) };
            // Where the credentials are no good, STS's answer says why, and no other.
            let (author, kinds) = tokio::join!(aws.author(), kinds);
            author?;
            let ($($module,)*) = kinds?;
            let mut live = Live::default();
            $(for found in $module {
                match found {
                    Found::Ours(item) => {
                        let item = Resource::$Kind(item.resolved(&aws.directory));
                        live.ours.insert(item.id(), item);
                    }
                    Found::Foreign(name) => {
                        live.foreign.insert(Id::new($module::$Kind::KIND, name));
                    }
                }
            })*
            Ok(live)
        }
    };
}

kinds! {
    role::Role,
    log_group::LogGroup,
    table::Table,
    signing_key::SigningKey,
    function::Function,
    api::Api,
    site::Site,
    distribution::Distribution,
    dns_record::DnsRecord,
    release::Release,
}
