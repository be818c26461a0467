//! One statement of a policy.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::condition::{Condition, Context};
use super::super::pattern::{matches, matches_arn};
use super::super::{Asker, Principal};
use super::{OneOrMany, Question, Verdict, malformed};
use crate::ACCOUNT;
use crate::call::{Caller, Error};

/// Which kind of policy a statement is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of a role: has resources, no principal.
    Identity,
    /// Of a role's trust: has a principal, no resources.
    Trust,
    /// Of a resource such as a bucket: has both.
    Resource,
}

/// A statement as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RawStatement {
    pub(super) sid: Option<String>,
    effect: Effect,
    principal: Option<Principals>,
    not_principal: Option<serde_json::Value>,
    action: Option<OneOrMany<String>>,
    not_action: Option<OneOrMany<String>>,
    resource: Option<OneOrMany<String>>,
    not_resource: Option<OneOrMany<String>>,
    condition: Option<BTreeMap<String, BTreeMap<String, OneOrMany<serde_json::Value>>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Principals {
    Anybody(String),
    Named(BTreeMap<String, OneOrMany<String>>),
}

/// Some patterns, or all but some.
#[derive(Clone, Debug)]
enum Covered {
    These(Vec<String>),
    AllBut(Vec<String>),
}

/// A statement that was checked.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    effect: Effect,
    principals: Vec<(String, String)>,
    actions: Covered,
    resources: Covered,
    conditions: Vec<Condition>,
}

impl Covered {
    fn read(these: Option<&OneOrMany<String>>, all_but: Option<&OneOrMany<String>>) -> Option<Self> {
        let covered = match (these, all_but) {
            (Some(these), None) => Self::These(these.clone().into_vec()),
            (None, Some(all_but)) => Self::AllBut(all_but.clone().into_vec()),
            (None, None) | (Some(_), Some(_)) => return None,
        };
        (!covered.patterns().is_empty()).then_some(covered)
    }

    fn patterns(&self) -> &[String] {
        match self {
            Self::These(patterns) | Self::AllBut(patterns) => patterns,
        }
    }

    fn holds(&self, is_match: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::These(patterns) => patterns.iter().any(|pattern| is_match(pattern)),
            Self::AllBut(patterns) => !patterns.iter().any(|pattern| is_match(pattern)),
        }
    }
}

impl Statement {
    pub(super) fn read(raw: &RawStatement, kind: Kind) -> Result<Self, Error> {
        if raw.sid.as_deref().is_some_and(|sid| !sid.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            return Err(malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [A-Za-z0-9]*",
            ));
        }
        let actions = Covered::read(raw.action.as_ref(), raw.not_action.as_ref())
            .ok_or_else(|| malformed("Policy statement must contain actions."))?;
        if actions.patterns().iter().any(|action| action != "*" && !action.contains(':')) {
            return Err(malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."));
        }
        let resources = match kind {
            Kind::Identity | Kind::Resource => resources(raw)?,
            Kind::Trust if raw.resource.is_some() || raw.not_resource.is_some() => {
                return Err(malformed("Has prohibited field Resource"));
            }
            Kind::Trust => Covered::These(vec!["*".to_owned()]),
        };
        if kind == Kind::Trust && !actions.patterns().iter().all(|action| action.to_lowercase().starts_with("sts:")) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
        let conditions = raw.condition.iter().flatten().flat_map(|(operator, keys)| {
            keys.iter().map(move |(key, values)| Condition::read(operator, key, values.clone().into_vec()))
        });
        Ok(Self {
            effect: raw.effect,
            principals: principals(raw, kind)?,
            actions,
            resources,
            conditions: conditions.collect::<Result<_, _>>()?,
        })
    }

    /// What the statement says to `question`.
    pub(super) fn verdict(&self, question: &Question<'_>) -> Verdict {
        let action = question.action.to_lowercase();
        let context = Context::of_role(question.principal_arn, question.resource);
        let applies = self.actions.holds(|pattern| matches(&pattern.to_lowercase(), &action))
            && self.resources.holds(|pattern| matches_arn(pattern, question.resource))
            && self.conditions.iter().all(|condition| condition.holds(&context));
        self.verdict_if(applies)
    }

    /// What the statement says to `principal`'s assuming the role.
    pub(super) fn trusts(&self, principal: Principal<'_>) -> Verdict {
        let (named, context) = match principal {
            Principal::Service(service) => (
                self.principals.iter().any(|(kind, name)| kind == "*" || (kind == "Service" && name == service)),
                Context::of_service(None),
            ),
            Principal::Aws(arn) => (
                self.principals.iter().any(|(kind, name)| kind == "*" || (kind == "AWS" && is_principal(name, arn))),
                Context::of_role(arn, "*"),
            ),
        };
        let applies = named
            && self.actions.holds(|pattern| matches(&pattern.to_lowercase(), "sts:assumerole"))
            && self.conditions.iter().all(|condition| condition.holds(&context));
        self.verdict_if(applies)
    }

    /// What the statement of a resource's policy says to `asker`'s doing `action` on `resource`.
    ///
    /// An allow for the whole account leaves it to the identity's own policies.
    pub(super) fn answers(&self, asker: &Asker<'_>, action: &str, resource: &str) -> Verdict {
        let named = |kind: &str, matching: &dyn Fn(&str) -> bool| {
            self.principals.iter().any(|(found, name)| found == "*" || (found == kind && matching(name)))
        };
        let (named, context) = match asker {
            Asker::Nobody => (named("", &|_| false), Context::of_nobody()),
            Asker::Service { name, source_arn } => {
                (named("Service", &|found| found == *name), Context::of_service(Some(source_arn)))
            }
            Asker::Caller(caller) => {
                let session = caller.arn();
                let arn = match caller {
                    Caller::Developer => session.as_str(),
                    Caller::Role { role_arn, .. } => role_arn.as_str(),
                };
                let is_denied = self.effect == Effect::Deny;
                let is_caller =
                    |found: &str| found == arn || found == session || (is_denied && is_principal(found, arn));
                (named("AWS", &is_caller), Context::of_role(arn, resource))
            }
        };
        let action = action.to_lowercase();
        let applies = named
            && self.actions.holds(|pattern| matches(&pattern.to_lowercase(), &action))
            && self.resources.holds(|pattern| matches_arn(pattern, resource))
            && self.conditions.iter().all(|condition| condition.holds(&context));
        self.verdict_if(applies)
    }

    /// Whether the statement lets everybody in.
    pub(super) fn is_public(&self) -> bool {
        self.effect == Effect::Allow
            && self.principals.iter().any(|(kind, _)| kind == "*")
            && !self.conditions.iter().any(Condition::fixes_the_caller)
    }

    /// What the statement's resources are, for those who check that they are theirs.
    pub(super) fn resources(&self) -> &[String] {
        self.resources.patterns()
    }

    fn verdict_if(&self, applies: bool) -> Verdict {
        match (applies, self.effect) {
            (false, _) => Verdict::Silent,
            (true, Effect::Allow) => Verdict::Allow,
            (true, Effect::Deny) => Verdict::Deny,
        }
    }
}

fn resources(raw: &RawStatement) -> Result<Covered, Error> {
    let resources = Covered::read(raw.resource.as_ref(), raw.not_resource.as_ref())
        .ok_or_else(|| malformed("Policy statement must contain resources."))?;
    for resource in resources.patterns() {
        if resource != "*" && (!resource.starts_with("arn:") || resource.splitn(6, ':').count() < 6) {
            return Err(malformed(&format!("Resource {resource} must be in ARN format or \"*\".")));
        }
        if resource.contains("${") {
            return Err(Error::not_implemented(&format!("policy variables (in the resource {resource})")));
        }
    }
    Ok(resources)
}

fn principals(raw: &RawStatement, kind: Kind) -> Result<Vec<(String, String)>, Error> {
    if kind == Kind::Identity {
        return match (&raw.principal, &raw.not_principal) {
            (None, None) => Ok(Vec::new()),
            (Some(_), _) => Err(malformed("Policy document should not specify a principal.")),
            (None, Some(_)) => Err(malformed("Has prohibited field NotPrincipal")),
        };
    }
    if raw.not_principal.is_some() {
        return Err(Error::not_implemented("NotPrincipal"));
    }
    match &raw.principal {
        None => Err(malformed("Missing required field Principal")),
        Some(Principals::Anybody(star)) if star == "*" => Ok(vec![("*".to_owned(), "*".to_owned())]),
        Some(Principals::Anybody(other)) => Err(malformed(&format!("Invalid principal in policy: \"{other}\""))),
        Some(Principals::Named(named)) => {
            let pairs = named
                .iter()
                .flat_map(|(kind, names)| names.clone().into_vec().into_iter().map(move |name| (kind.clone(), name)));
            pairs.map(|(kind, name)| checked(kind, name)).collect()
        }
    }
}

fn checked(kind: String, name: String) -> Result<(String, String), Error> {
    let is_account = name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
    let valid = match kind.as_str() {
        "AWS" if name == "*" => return Ok(("*".to_owned(), name)),
        "AWS" => is_account || name.starts_with("arn:aws:iam::") || name.starts_with("arn:aws:sts::"),
        "Service" => name.ends_with(".amazonaws.com"),
        "Federated" | "CanonicalUser" => return Err(Error::not_implemented(&format!("the principal type {kind}"))),
        _ => false,
    };
    if valid {
        Ok((kind, name))
    } else {
        Err(malformed(&format!("Invalid principal in policy: \"{kind}\":\"{name}\"")))
    }
}

/// Whether the principal `name` of a policy covers the user, role or session `arn` of this account.
fn is_principal(name: &str, arn: &str) -> bool {
    name == arn || name == ACCOUNT || name == format!("arn:aws:iam::{ACCOUNT}:root")
}
