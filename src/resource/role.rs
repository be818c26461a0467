//! `role`: what a function may do, or the gateway. Its name is stable, since others grant to its ARN; what it may do is
//! one inline policy a release, named by its digest, so that a rollback finds the permissions that its versions need.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::live::{MANY, Whose, adopt, looked, read_all};
use super::{Blueprint, Found, Kind, Resource};
use crate::aws::{Aws, Error, Unless as _, each, idempotent, pages};
use crate::plan::Id;
use crate::policy::{API_GATEWAY, LAMBDA, Policy, function_policy, gateway_policy, trust_policy};
use crate::scope::{GATEWAY, Tags};
use api::symbolic;

mod api;
mod change;
mod many;

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Role {
    pub name: String,
    pub path: String,
    /// Who may assume it.
    pub trust: Document,
    /// Inline policies by name: the digests of their contents.
    pub policies: BTreeMap<String, Document>,
    /// The ARNs of attached managed policies: memoctl attaches none.
    pub managed: BTreeSet<String>,
    pub tags: Tags,
}

/// A policy document that was read: a policy, or text that somebody put there and that is none known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Document {
    Policy(Policy),
    Unknown(String),
}

/// A role to delete, with what hangs on it.
#[derive(Debug)]
pub struct Doomed {
    name: String,
    policies: Vec<String>,
    managed: BTreeSet<String>,
}

impl Kind for Role {
    const KIND: &'static str = "role";
    const FIXED: &'static [&'static str] = &["path"];
    type Confirmed = Doomed;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    /// Holds the policies of both releases.
    fn meanwhile(&self, live: &Self) -> Self {
        let mut both = self.clone();
        for (name, policy) in &live.policies {
            both.policies.entry(name.clone()).or_insert_with(|| policy.clone());
        }
        both
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let Blueprint { stack, scope, .. } = *blueprint;
        let functions = stack.functions.keys().map(|name| {
            let policy = function_policy(stack, scope, name);
            Self::of(blueprint, scope.function_role(name), name, (LAMBDA, policy))
        });
        let gateway = stack.api.iter().filter_map(|api| {
            let invoked: BTreeSet<String> = api.functions().into_iter().map(|name| scope.function(name)).collect();
            let policy = gateway_policy(scope, invoked.iter().map(String::as_str));
            let name = policy.name();
            let mut role = Self::of(blueprint, scope.gateway_role(), GATEWAY, (API_GATEWAY, policy));
            if invoked.is_empty() {
                // Services are called without a role, and IAM takes no policy on nothing.
                role.policies.remove(&name);
            }
            (!role.policies.is_empty()).then_some(role)
        });
        functions.chain(gateway).collect()
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        if wanted.len() > MANY
            && let Some(found) = many::list(wanted, aws).await?
        {
            return Ok(found);
        }
        read_all(wanted, nominated(aws), |name| async move { read(&name, Whose::Ours, aws).await }).await
    }

    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error> {
        Ok(looked(read(name, Whose::Anybodys, aws).await?))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        self.put_tags(aws).await
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        match self.make(aws).await {
            Ok(()) => Ok(()),
            Err(error) if error.is("EntityAlreadyExists") => adopt(self, aws, error).await,
            Err(error) => Err(error),
        }
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(live, aws).await
    }

    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        match live {
            // What it may do is put when it is there.
            None => self.change(&Self { policies: BTreeMap::new(), ..self.clone() }, aws).await,
            Some(_) => Ok(()),
        }
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        let (role, policies, managed) =
            tokio::join!(get(&self.name, aws), policy_names(&self.name, aws), managed(&self.name, aws));
        match role? {
            None => Ok(None),
            Some(role) if !aws.scope.owns(&tags(&role)) => Err(Error::foreign("delete", &self.id())),
            Some(_) => Ok(Some(Doomed { name: self.name.clone(), policies: policies?, managed: managed? })),
        }
    }

    async fn delete(confirmed: Doomed, aws: &Aws) -> Result<(), Error> {
        confirmed.remove(aws).await
    }
}

impl Role {
    /// The role `name` for `logical`, with the policy it needs now and those that kept releases still need.
    fn of(blueprint: &Blueprint<'_>, name: String, logical: &str, (service, policy): (&str, Policy)) -> Self {
        let mut policies = BTreeMap::from([(policy.name(), Document::Policy(policy))]);
        if let Some(Resource::Role(live)) = blueprint.live.get(&Id::new(Self::KIND, &name)) {
            let kept = live.policies.iter().filter(|(policy, content)| {
                blueprint.kept.policy(&name, policy) && content.name().as_ref() == Some(policy)
            });
            policies.extend(kept.map(|(policy, content)| (policy.clone(), content.clone())));
        }
        Self {
            name,
            path: blueprint.scope.iam_path(),
            trust: Document::Policy(trust_policy(service)),
            policies,
            managed: BTreeSet::new(),
            tags: blueprint.scope.tags(Self::KIND, logical),
        }
    }
}

impl Document {
    /// Reads a document as IAM returns it: percent-encoded.
    fn decode(encoded: &str) -> Self {
        Self::read(&percent_decode_str(encoded).decode_utf8_lossy())
    }

    fn read(text: &str) -> Self {
        Policy::parse(text).map_or_else(|_| Self::Unknown(text.to_owned()), Self::Policy)
    }

    fn render(&self) -> String {
        match self {
            Self::Policy(policy) => policy.render(),
            Self::Unknown(text) => text.clone(),
        }
    }

    /// The name that an inline policy with this content has.
    fn name(&self) -> Option<String> {
        match self {
            Self::Policy(policy) => Some(policy.name()),
            Self::Unknown(_) => None,
        }
    }
}

/// The roles below the stack's path.
async fn nominated(aws: &Aws) -> Result<BTreeSet<String>, Error> {
    let path = aws.scope.iam_path();
    let thing = format!("the roles below {path}");
    let roles = pages(async |token: Option<String>| {
        let list = || aws.iam.list_roles().path_prefix(&path).set_marker(token.clone()).send();
        let page = idempotent("list", &thing, list).await?;
        Ok((page.roles, page.marker))
    });
    Ok(roles.await?.into_iter().map(|role| role.role_name).collect())
}

/// Reads one role by its name, which is unique in the account whatever the path.
async fn read(name: &str, whose: Whose, aws: &Aws) -> Result<Option<Found<Role>>, Error> {
    // What it may do is asked for at the same time, and looked at only when the role is ours.
    let (role, policies, managed) = tokio::join!(get(name, aws), policies(name, aws), managed(name, aws));
    let Some(role) = role? else { return Ok(None) };
    let tags = tags(&role);
    if !whose.takes(&tags, aws) {
        return Ok(Some(Found::Foreign(name.to_owned())));
    }
    Ok(Some(Found::Ours(Role {
        name: role.role_name,
        path: role.path,
        trust: Document::decode(role.assume_role_policy_document.as_deref().unwrap_or_default()),
        policies: symbolic(policies?, aws).await?,
        managed: managed?,
        tags,
    })))
}

/// `GetRole`; `None` when it is absent.
async fn get(name: &str, aws: &Aws) -> Result<Option<aws_sdk_iam::types::Role>, Error> {
    let call = || aws.iam.get_role().role_name(name).send();
    let answer = idempotent("read", &Id::new(Role::KIND, name), call).await.unless("NoSuchEntity")?;
    Ok(answer.and_then(|answer| answer.role))
}

fn tags(role: &aws_sdk_iam::types::Role) -> Tags {
    role.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

async fn policies(role: &str, aws: &Aws) -> Result<BTreeMap<String, Document>, Error> {
    let id = Id::new(Role::KIND, role);
    let read = each(policy_names(role, aws).await?, async |name| {
        let get = || aws.iam.get_role_policy().role_name(role).policy_name(&name).send();
        let answer = idempotent(&format!("read the policy {name} of"), &id, get).await.unless("NoSuchEntity")?;
        Ok(answer.map(|answer| (name, Document::decode(&answer.policy_document))))
    });
    Ok(read.await?.into_iter().flatten().collect())
}

async fn policy_names(role: &str, aws: &Aws) -> Result<Vec<String>, Error> {
    let id = Id::new(Role::KIND, role);
    pages(async |token: Option<String>| {
        let list = || aws.iam.list_role_policies().role_name(role).set_marker(token.clone()).send();
        let page = idempotent("list the policies of", &id, list).await?;
        Ok((page.policy_names, page.marker))
    })
    .await
}

async fn managed(role: &str, aws: &Aws) -> Result<BTreeSet<String>, Error> {
    let id = Id::new(Role::KIND, role);
    let attached = pages(async |token: Option<String>| {
        let list = || aws.iam.list_attached_role_policies().role_name(role).set_marker(token.clone()).send();
        let page = idempotent("list the managed policies of", &id, list).await?;
        Ok((page.attached_policies.unwrap_or_default(), page.marker))
    });
    Ok(attached.await?.into_iter().filter_map(|policy| policy.policy_arn).collect())
}
