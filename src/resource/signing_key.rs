//! `signing_key`: a key set in two SSM parameters, `<path>/private` (SecureString) and `<path>/public` (the JWK Set that
//! verifiers read). The material is made in `create`, and never printed, compared or read into a plan.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{
    ParameterStringFilter, ParameterType, ResourceTypeForTagging, Tag,
};
use serde::Serialize;

use super::live::{Whose, adopt, confirmed, looked, read_all};
use super::{Blueprint, Found, Kind};
use crate::aws::{Aws, Error, Unless as _, idempotent, incomplete, pages};
use crate::plan::Id;
use crate::scope::{Scope, Tags, private_part, public_part};
use crate::stack::Algorithm;

mod key_set;

use key_set::{PrivateSet, PublicSet};

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
    /// The owner tags, and the one that tells the algorithm.
    pub tags: Tags,
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

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let scope = blueprint.scope;
        let keys = blueprint.stack.signing_keys.iter().map(|(name, key)| {
            let mut tags = scope.tags(Self::KIND, name);
            tags.insert(ALGORITHM.to_owned(), key_set::name(key.algorithm).to_owned());
            Self { name: scope.signing_key(name), algorithm: Some(key.algorithm), private: true, public: true, tags }
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
        let private = self.generate()?;
        // The private one first: a public one is always derived from it, so the two cannot disagree.
        match self.put(Half::Private, &private.render(), aws).await {
            Ok(()) => self.put_public(&private.public(), aws).await,
            Err(error) if error.is("ParameterAlreadyExists") => adopt(self, aws, error).await,
            Err(error) => Err(error),
        }
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        if !live.private {
            let private = self.generate()?;
            let private = match self.put(Half::Private, &private.render(), aws).await {
                Ok(()) => private,
                // Made by an earlier try whose answer got lost.
                Err(error) if error.is("ParameterAlreadyExists") => {
                    self.owned(Half::Private, error, aws).await?;
                    self.private(aws).await?
                }
                Err(error) => return Err(error),
            };
            self.overwrite_public(&private.public(), aws).await?;
        } else if !live.public {
            self.overwrite_public(&self.private(aws).await?.public(), aws).await?;
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

/// One of the two parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Private,
    Public,
}

impl Half {
    const BOTH: [Self; 2] = [Self::Private, Self::Public];

    /// The parameter's name, for the key at `path`.
    fn of(self, path: &str) -> String {
        match self {
            Self::Private => private_part(path),
            Self::Public => public_part(path),
        }
    }

    fn kind(self) -> ParameterType {
        match self {
            Self::Private => ParameterType::SecureString,
            Self::Public => ParameterType::String,
        }
    }
}

impl SigningKey {
    fn generate(&self) -> Result<PrivateSet, Error> {
        let algorithm = self.algorithm.unwrap_or(Algorithm::EdDSA);
        PrivateSet::generate(algorithm)
            .map_err(|error| Error::refused("generate", &self.id(), format!("the system gives no random bytes: {error}")))
    }

    /// Reads the private key set, to derive the public one from it.
    async fn private(&self, aws: &Aws) -> Result<PrivateSet, Error> {
        let (id, name) = (self.id(), Half::Private.of(&self.name));
        let get = || aws.ssm.get_parameter().name(&name).with_decryption(true).send();
        let answer = idempotent("read the private part of", &id, get).await?;
        let text = answer.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
        // The parser's message could quote the key.
        PrivateSet::parse(&text).ok_or_else(|| {
            Error::refused("read", &id, format!("the parameter {name} holds no private JWK Set of memoctl's"))
                .hint("restore an earlier version of the parameter, or delete it to have a new key made")
        })
    }

    /// Puts a parameter that is not there, with its tags in the call itself.
    async fn put(&self, half: Half, value: &str, aws: &Aws) -> Result<(), Error> {
        let (name, tags) = (half.of(&self.name), self.sdk_tags()?);
        let put = || {
            let call = aws.ssm.put_parameter().name(&name).value(value).r#type(half.kind());
            call.overwrite(false).set_tags(Some(tags.clone())).send()
        };
        idempotent("create", &format!("{}, {name}", self.id()), put).await.map(drop)
    }

    /// Puts the public parameter that is not there. One that is there all the same was made by an earlier try whose answer
    /// got lost: it is ours by its tags, and gets what belongs to the private one that there is now.
    async fn put_public(&self, public: &PublicSet, aws: &Aws) -> Result<(), Error> {
        match self.put(Half::Public, &public.render(), aws).await {
            Err(error) if error.is("ParameterAlreadyExists") => {
                self.owned(Half::Public, error, aws).await?;
                self.overwrite_public(public, aws).await
            }
            put => put,
        }
    }

    /// Whether the parameter that stands against a create with `error` is ours.
    async fn owned(&self, half: Half, error: Error, aws: &Aws) -> Result<(), Error> {
        match tags(half, &self.name, aws).await? {
            Some(tags) if aws.scope.owns(&tags) => Ok(()),
            Some(_) => Err(Error::foreign("create", &self.id())),
            None => Err(error),
        }
    }

    /// Puts the public parameter, there or not. SSM refuses tags together with an overwrite.
    async fn overwrite_public(&self, public: &PublicSet, aws: &Aws) -> Result<(), Error> {
        let name = Half::Public.of(&self.name);
        let value = public.render();
        let put = || {
            let call = aws.ssm.put_parameter().name(&name).value(&value);
            call.r#type(Half::Public.kind()).overwrite(true).send()
        };
        idempotent("derive the public part of", &self.id(), put).await?;
        self.put_tags(Half::Public, aws).await
    }

    async fn put_tags(&self, half: Half, aws: &Aws) -> Result<(), Error> {
        let (name, tags) = (half.of(&self.name), self.sdk_tags()?);
        let tag = || {
            let call = aws.ssm.add_tags_to_resource().resource_type(ResourceTypeForTagging::Parameter);
            call.resource_id(&name).set_tags(Some(tags.clone())).send()
        };
        idempotent("tag", &self.id(), tag).await.map(drop)
    }

    fn sdk_tags(&self) -> Result<Vec<Tag>, Error> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        tags.collect::<Result<_, _>>().map_err(incomplete(&self.id()))
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
        public: set.is_some_and(|set| algorithm.is_some_and(|algorithm| set.serves(algorithm))),
        tags: Scope::own_tags(tags),
    })))
}

/// The parameter's tags; `None` when there is no such parameter. It is also how a private one is seen without reading it.
async fn tags(half: Half, path: &str, aws: &Aws) -> Result<Option<Tags>, Error> {
    let name = half.of(path);
    let list = || {
        let call = aws.ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
        call.resource_id(&name).send()
    };
    let answer = idempotent("read the tags of", &Id::new(SigningKey::KIND, path), list).await;
    let answer = answer.unless("InvalidResourceId")?;
    Ok(answer.map(|answer| {
        let tags = answer.tag_list.unwrap_or_default().into_iter();
        tags.map(|tag| (tag.key, tag.value)).collect::<BTreeMap<_, _>>()
    }))
}

/// The public JWK Set; `None` when it is absent, or not one.
async fn public(path: &str, aws: &Aws) -> Result<Option<PublicSet>, Error> {
    let name = Half::Public.of(path);
    let get = || aws.ssm.get_parameter().name(&name).send();
    let answer = idempotent("read the public part of", &Id::new(SigningKey::KIND, path), get).await;
    let parameter = answer.unless("ParameterNotFound")?.and_then(|answer| answer.parameter);
    Ok(parameter.and_then(|parameter| PublicSet::parse(&parameter.value?)))
}
