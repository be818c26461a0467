//! `signing_key`: a key set in two SSM parameters, `<path>/private` (SecureString) and `<path>/public` (the JWK Set that
//! verifiers read). The material is made in `create`, and never printed, compared or read into a plan.

use std::collections::BTreeSet;

use aws_sdk_ssm::types::ParameterStringFilter;
use serde::Serialize;

use super::live::{Whose, adopt, confirmed, looked, read_all};
use super::{Blueprint, Found, Kind, Resource, Resources};
use crate::aws::{Aws, Error, Unless as _, idempotent, incomplete, pages};
use crate::plan::Id;
use crate::scope::Tags;
use crate::stack::Algorithm;

mod key_set;
mod life;
mod order;
mod parameter;

pub use life::Standing;
pub use order::{Act, Order, Orders, TAKES_OVER};
pub use parameter::Contents;

use key_set::{PrivateSet, PublicSet, is_zero};
use parameter::{Half, public, tags};

/// The tag that tells the algorithm without reading the key.
const ALGORITHM: &str = "memoctl:algorithm";

/// A signing key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SigningKey {
    /// The SSM path above its parameters.
    pub name: String,
    /// `None` when neither the tag nor the public part tells it any more.
    pub algorithm: Option<Algorithm>,
    /// Whether the private key set is there.
    pub private: bool,
    /// Whether the public JWK Set is there and one of this algorithm.
    pub public: bool,
    /// How often keys of it were dropped at once. What is bound to it starts afresh with each, since it is told the number.
    #[serde(skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// Whether such a drop is not over: answers that rest on a dropped key may still be cached.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsettled: bool,
    /// The owner tags, and the one that tells the algorithm.
    pub tags: Tags,
    /// What `memoctl keys` has done with its keys. It is no part of what is compared: a deploy leaves them as they are.
    #[serde(skip)]
    pub orders: Orders,
}

impl Kind for SigningKey {
    const KIND: &'static str = "signing_key";
    const FIXED: &'static [&'static str] = &["algorithm"];
    type Confirmed = Self;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    fn meanwhile(&self, live: &Self) -> Self {
        // What is dropped is settled only once the release serves that starts afresh.
        let generation = self.generation.max(live.generation);
        Self { unsettled: self.unsettled || live.unsettled || generation > live.generation, generation, ..self.clone() }
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let Blueprint { stack, scope, live, .. } = blueprint;
        let keys = stack.signing_keys.iter().map(|(name, key)| {
            let mut tags = scope.tags(Self::KIND, name);
            tags.insert(ALGORITHM.to_owned(), key_set::name(key.algorithm).to_owned());
            let name = scope.signing_key(name);
            Self {
                algorithm: Some(key.algorithm),
                private: true,
                public: true,
                generation: Self::find(&name, live).map_or(0, |live| live.generation),
                unsettled: false,
                tags,
                orders: Orders::default(),
                name,
            }
        });
        keys.collect()
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        read_all(wanted, nominated(aws), |name| async move { read(&name, Whose::Ours, aws).await }).await
    }

    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error> {
        Ok(looked(read(name, Whose::Anybodys, aws).await?))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        for half in Half::BOTH {
            // One that is not there is made by the next deploy, tags and all.
            self.put_tags(half, aws).await.unless("InvalidResourceId")?;
        }
        Ok(())
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        let private = self.generate(aws)?;
        // The private one first: a public one is always derived from it, so the two cannot disagree.
        match self.put(Half::Private, &private.render(), aws).await {
            Ok(()) => self.put_public(&private.public(), aws).await,
            Err(error) if error.is("ParameterAlreadyExists") => adopt(self, aws, error).await,
            Err(error) => Err(error),
        }
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        if live.unsettled && !self.unsettled {
            return self.settle(aws).await;
        }
        if let Some(order) = self.orders.0.as_deref() {
            return self.carry_out(order, aws).await;
        }
        let published = |private: &PrivateSet| private.public().unsettled(live.unsettled);
        if !live.private {
            let private = self.generate(aws)?;
            let private = match self.put(Half::Private, &private.render(), aws).await {
                Ok(()) => private,
                // Made by an earlier try whose answer got lost.
                Err(error) if error.is("ParameterAlreadyExists") => {
                    self.owned(Half::Private, error, aws).await?;
                    self.private(aws).await?.0
                }
                Err(error) => return Err(error),
            };
            self.overwrite_public(&published(&private), aws).await?;
        } else if !live.public {
            self.overwrite_public(&published(&self.private(aws).await?.0), aws).await?;
        }
        if self.tags != live.tags {
            for half in Half::BOTH {
                self.put_tags(half, aws).await?;
            }
        }
        Ok(())
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Self>, Error> {
        confirmed(self, read(&self.name, Whose::Ours, aws).await?)
    }

    async fn delete(confirmed: Self, aws: &Aws) -> Result<(), Error> {
        let names = Half::BOTH.map(|half| half.of(&confirmed.name));
        // Names that are not there are told in the answer, not refused.
        let delete = || aws.ssm.delete_parameters().set_names(Some(names.to_vec())).send();
        idempotent("delete", &confirmed.id(), delete).await.map(drop)
    }
}

impl SigningKey {
    /// The signing key at the path `name`, among what is live.
    pub fn find<'a>(name: &str, live: &'a Resources) -> Option<&'a Self> {
        match live.get(&Id::new(Self::KIND, name)) {
            Some(Resource::SigningKey(key)) => Some(key),
            Some(_) | None => None,
        }
    }

    fn generate(&self, aws: &Aws) -> Result<PrivateSet, Error> {
        let algorithm = self.algorithm.unwrap_or(Algorithm::EdDSA);
        PrivateSet::generate(algorithm, self.generation, aws.skew.now()).map_err(|error| self.no_random_bytes(&error))
    }

    fn no_random_bytes(&self, error: &getrandom::Error) -> Error {
        Error::refused("generate", &self.id(), format!("the system gives no random bytes: {error}"))
    }
}

/// The paths below the stack's that have a parameter.
async fn nominated(aws: &Aws) -> Result<BTreeSet<String>, Error> {
    let path = aws.scope.signing_keys_path();
    let thing = format!("the parameters below {path}");
    let filter = ParameterStringFilter::builder().key("Path").option("Recursive").values(path.trim_end_matches('/'));
    let filter = filter.build().map_err(incomplete(&thing))?;
    let parameters = pages(async |token: Option<String>| {
        let list = || {
            let call = aws.ssm.describe_parameters().parameter_filters(filter.clone()).max_results(50);
            call.set_next_token(token.clone()).send()
        };
        let page = idempotent("list", &thing, list).await?;
        Ok((page.parameters.unwrap_or_default(), page.next_token))
    });
    let names = parameters.await?.into_iter().filter_map(|parameter| parameter.name);
    Ok(names.filter_map(|name| name.rsplit_once('/').map(|(path, _)| path.to_owned())).collect())
}

/// Reads one signing key: the tags of both parameters, and the content of the public one alone.
async fn read(path: &str, whose: Whose, aws: &Aws) -> Result<Option<Found<SigningKey>>, Error> {
    let (private, public, set) =
        tokio::try_join!(tags(Half::Private, path, aws), tags(Half::Public, path, aws), public(path, aws))?;
    let Some(tags) = private.clone().or(public) else { return Ok(None) };
    if !whose.takes(&tags, aws) {
        return Ok(Some(Found::Foreign(path.to_owned())));
    }
    let tagged = tags.get(ALGORITHM).and_then(|name| key_set::algorithm(name));
    let algorithm = tagged.or(set.as_ref().map(PublicSet::algorithm));
    Ok(Some(Found::Ours(SigningKey {
        name: path.to_owned(),
        algorithm,
        private: private.is_some(),
        generation: set.as_ref().map_or(0, |set| set.generation),
        unsettled: set.as_ref().is_some_and(|set| set.unsettled),
        public: set.is_some_and(|set| algorithm.is_some_and(|algorithm| set.serves(algorithm))),
        tags,
        orders: Orders::default(),
    })))
}
