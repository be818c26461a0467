//! The two parameters of a signing key: reading them, making them, writing them.


use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};

use super::SigningKey;
use super::key_set::{PrivateSet, PublicSet};
use crate::aws::{Aws, Class, Error, Unless as _, idempotent, incomplete, once};
use crate::plan::Id;
use crate::resource::Kind as _;
use crate::scope::{Tags, private_part, public_part};

/// How often a write is made whose answers get lost.
const TRIES: i64 = 3;

/// The version of a parameter that was just made.
const FIRST: i64 = 1;

/// What both parameters hold. It has no `Debug`, so that no key is ever printed.
pub struct Contents {
    pub(super) private: PrivateSet,
    /// `None` when it is absent, or no JWK Set.
    pub(super) public: Option<PublicSet>,
    /// The versions of the parameters; of the public one `None` when it is absent.
    pub(super) versions: (i64, Option<i64>),
}

/// One of the two parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Private,
    Public,
}

impl Half {
    pub(super) const BOTH: [Self; 2] = [Self::Private, Self::Public];

    /// The parameter's name, for the key at `path`.
    pub(super) fn of(self, path: &str) -> String {
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
    /// Reads the private key set, and the parameter's version.
    pub(super) async fn private(&self, aws: &Aws) -> Result<(PrivateSet, i64), Error> {
        let name = Half::Private.of(&self.name);
        let (text, version) = self.text(Half::Private, aws).await?.ok_or_else(|| {
            Error::refused("read", &self.id(), format!("there is no parameter {name}"))
                .hint("`memoctl deploy` makes the key set")
        })?;
        // The parser's message could quote the key.
        let set = PrivateSet::parse(&text).ok_or_else(|| {
            Error::refused("read", &self.id(), format!("the parameter {name} holds no private JWK Set of memoctl's"))
                .hint("restore an earlier version of the parameter, or delete it to have a new key made")
        })?;
        Ok((set, version))
    }

    /// A parameter's text and version; `None` when it is absent.
    async fn text(&self, half: Half, aws: &Aws) -> Result<Option<(String, i64)>, Error> {
        let name = half.of(&self.name);
        let get = || aws.ssm.get_parameter().name(&name).with_decryption(half == Half::Private).send();
        let act = match half {
            Half::Private => "read the private part of",
            Half::Public => "read the public part of",
        };
        let answer = idempotent(act, &self.id(), get).await.unless("ParameterNotFound")?;
        Ok(answer.and_then(|answer| {
            let parameter = answer.parameter?;
            Some((parameter.value.unwrap_or_default(), parameter.version))
        }))
    }

    /// Reads both sets.
    pub async fn contents(&self, aws: &Aws) -> Result<Contents, Error> {
        let (private, public) = tokio::try_join!(self.private(aws), self.text(Half::Public, aws))?;
        let (private, version) = private;
        let (public, public_version) = public.unzip();
        let public = public.and_then(|text| PublicSet::parse(&text));
        Ok(Contents { private, public, versions: (version, public_version) })
    }

    /// Writes `text` over the version `over` of a parameter, or where none is, and gives the new version. SSM has no
    /// condition on a write, so what somebody else wrote meanwhile is found by the number that the version gets.
    pub(super) async fn replace(&self, half: Half, text: &str, over: Option<i64>, aws: &Aws) -> Result<i64, Error> {
        let name = half.of(&self.name);
        let thing = format!("{}, {name}", self.id());
        let Some(over) = over else {
            let error = match self.put(half, text, aws).await {
                Ok(()) => return Ok(FIRST),
                Err(error) => error,
            };
            // Made by an earlier try whose answer got lost, or by somebody else.
            return match self.text(half, aws).await? {
                Some((now, version)) if now == text && error.is("ParameterAlreadyExists") => Ok(version),
                Some(_) | None => Err(error),
            };
        };
        let mut lost = 0;
        loop {
            let put = || aws.ssm.put_parameter().name(&name).value(text).r#type(half.kind()).overwrite(true).send();
            let error = match once("write", &thing, put).await {
                // A write whose answer got lost may have counted.
                Ok(answer) if answer.version <= over + 1 + lost => return Ok(answer.version),
                Ok(answer) => return Err(overwritten(&thing, answer.version - 1)),
                Err(error) if error.class == Class::Unknown => error,
                Err(error) => return Err(error),
            };
            lost += 1;
            match self.text(half, aws).await? {
                Some((now, version)) if now == text => return Ok(version),
                Some((_, version)) if version == over && lost < TRIES => {}
                Some(_) | None => return Err(error),
            }
        }
    }

    /// Puts a parameter that is not there, with its tags in the call itself.
    pub(super) async fn put(&self, half: Half, value: &str, aws: &Aws) -> Result<(), Error> {
        let (name, tags) = (half.of(&self.name), self.sdk_tags()?);
        let put = || {
            let call = aws.ssm.put_parameter().name(&name).value(value).r#type(half.kind());
            call.overwrite(false).set_tags(Some(tags.clone())).send()
        };
        idempotent("create", &format!("{}, {name}", self.id()), put).await.map(drop)
    }

    /// Puts the public parameter that is not there. One that is there all the same was made by an earlier try whose answer
    /// got lost: it is ours by its tags, and gets what belongs to the private one that there is now.
    pub(super) async fn put_public(&self, public: &PublicSet, aws: &Aws) -> Result<(), Error> {
        match self.put(Half::Public, &public.render(), aws).await {
            Err(error) if error.is("ParameterAlreadyExists") => {
                self.owned(Half::Public, error, aws).await?;
                self.overwrite_public(public, aws).await
            }
            put => put,
        }
    }

    /// Whether the parameter that stands against a create with `error` is ours.
    pub(super) async fn owned(&self, half: Half, error: Error, aws: &Aws) -> Result<(), Error> {
        match tags(half, &self.name, aws).await? {
            Some(tags) if aws.scope.owns(&tags) => Ok(()),
            Some(_) => Err(Error::foreign("create", &self.id())),
            None => Err(error),
        }
    }

    /// Puts the public parameter, there or not. SSM refuses tags together with an overwrite.
    pub(super) async fn overwrite_public(&self, public: &PublicSet, aws: &Aws) -> Result<(), Error> {
        let name = Half::Public.of(&self.name);
        let value = public.render();
        let put = || {
            let call = aws.ssm.put_parameter().name(&name).value(&value);
            call.r#type(Half::Public.kind()).overwrite(true).send()
        };
        idempotent("derive the public part of", &self.id(), put).await?;
        self.put_tags(Half::Public, aws).await
    }

    pub(super) async fn put_tags(&self, half: Half, aws: &Aws) -> Result<(), Error> {
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

/// The parameter's tags; `None` when there is no such parameter. It is also how a private one is seen without reading it.
pub(super) async fn tags(half: Half, path: &str, aws: &Aws) -> Result<Option<Tags>, Error> {
    let name = half.of(path);
    let list = || {
        let call = aws.ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
        call.resource_id(&name).send()
    };
    let answer = idempotent("read the tags of", &Id::new(SigningKey::KIND, path), list).await;
    let answer = answer.unless("InvalidResourceId")?;
    Ok(answer.map(|answer| {
        let tags = answer.tag_list.unwrap_or_default().into_iter();
        tags.map(|tag| (tag.key, tag.value)).collect()
    }))
}

/// The public JWK Set; `None` when it is absent, or not one.
pub(super) async fn public(path: &str, aws: &Aws) -> Result<Option<PublicSet>, Error> {
    let name = Half::Public.of(path);
    let get = || aws.ssm.get_parameter().name(&name).send();
    let answer = idempotent("read the public part of", &Id::new(SigningKey::KIND, path), get).await;
    let parameter = answer.unless("ParameterNotFound")?.and_then(|answer| answer.parameter);
    Ok(parameter.and_then(|parameter| PublicSet::parse(&parameter.value?)))
}

/// What a write found out when it was too late.
fn overwritten(thing: &str, version: i64) -> Error {
    let cause = format!("somebody else has written version {version} of it meanwhile, which is overwritten now");
    Error::refused("write", &thing, cause).hint(format!(
        "`aws ssm get-parameter-history` has version {version}; run the same command again to go on with what is there"
    ))
}
