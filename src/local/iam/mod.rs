//! IAM: roles and their policies, and the evaluation of a call against them.
//!
//! The API is <https://docs.aws.amazon.com/IAM/latest/APIReference/>, its limits are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

mod attached;
mod condition;
mod details;
mod document;
mod inline;
mod managed;
mod names;
mod pages;
mod pattern;
mod propagation;
mod resource_policy;
mod role;
mod roles;
mod session;
mod tags;

use std::path::Path;

pub(crate) use document::Verdict;
use document::{Policy, Question};
pub(crate) use pattern::matches as wildcard;
use propagation::{InForce, Propagation};
pub(crate) use resource_policy::{Asker, ResourcePolicy};
use role::{Role, Roles};
use session::Sessions;

use crate::call::{Caller, Error, Operation, Request, Response, Service};
use crate::realism::{Delays, Recent};
use crate::store::Store;
use crate::wire::query::{self, Parameters};
use crate::wire::xml::Element;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// The operations, and whether each can change anything.
const OPERATIONS: [(&str, bool); 17] = [
    ("CreateRole", true),
    ("GetRole", false),
    ("ListRoles", false),
    ("UpdateRole", true),
    ("UpdateAssumeRolePolicy", true),
    ("DeleteRole", true),
    ("PutRolePolicy", true),
    ("GetRolePolicy", false),
    ("ListRolePolicies", false),
    ("DeleteRolePolicy", true),
    ("AttachRolePolicy", true),
    ("DetachRolePolicy", true),
    ("ListAttachedRolePolicies", false),
    ("TagRole", true),
    ("UntagRole", true),
    ("ListRoleTags", false),
    ("GetAccountAuthorizationDetails", false),
];

/// IAM: roles and their policies, and the evaluation of a call against them.
pub(crate) struct Iam {
    roles: Store<Roles>,
    sessions: Sessions,
    /// `None`: changes are in force at once.
    propagation: Option<Propagation>,
    recent: Recent,
}

/// Temporary credentials of a role's session, as a function finds them in its environment.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

/// An access key: whose it is, and what it signs with.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) caller: Caller,
    /// The secret, and the session's token; `None`: any.
    pub(crate) secret: Option<(String, String)>,
}

/// How a call is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// A policy denies it.
    Explicit,
    /// No policy allows it.
    Silent,
}

/// Who asks for a role's session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Principal<'a> {
    /// `lambda.amazonaws.com`
    Service(&'a str),
    /// The ARN of a user or role of the account.
    Aws(&'a str),
}

/// A role's session, as STS answers it.
#[derive(Clone, Debug)]
pub(crate) struct Assumed {
    pub(crate) credentials: Credentials,
    /// `AROA...:session`
    pub(crate) id: String,
    /// `arn:aws:sts::000000000000:assumed-role/NAME/SESSION`
    pub(crate) arn: String,
    /// Seconds since the epoch.
    pub(crate) expiration: i64,
}

impl Service for Iam {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        let parameters = Parameters::of(request);
        let action = parameters.action()?;
        let Some((name, mutates)) = OPERATIONS.iter().find(|(name, _)| *name == action) else {
            return Err(Error::not_implemented(&format!("iam:{action}")));
        };
        let resource = self.resource(&parameters);
        Ok(Operation { name: (*name).to_owned(), mutates: *mutates, needs: vec![(format!("iam:{name}"), resource)] })
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        let parameters = Parameters::of(&request);
        let name = parameters.get("RoleName").unwrap_or_default();
        let before = match &self.propagation {
            Some(way) if Propagation::concerns(&operation.name) => {
                Some((way, self.roles.read(|roles| roles.get(name).ok().cloned())))
            }
            Some(_) | None => None,
        };
        let result = self.carry_out(&operation.name, &parameters)?;
        if let Some((way, role)) = before {
            way.note(name, role);
        }
        if operation.name == "CreateRole" {
            self.recent.made(name);
        }
        Ok(query::output(NAMESPACE, &operation.name, result, &request.id))
    }

    fn refuse(&self, error: &Error, request_id: &str) -> Response {
        query::refuse(NAMESPACE, error, request_id)
    }
}

impl Iam {
    /// Opens the state in `dir`.
    pub(crate) fn open(dir: &Path, delays: &Delays) -> std::io::Result<Self> {
        Ok(Self {
            roles: Store::open(&dir.join("iam.json"))?,
            sessions: Sessions::open(dir)?,
            propagation: Propagation::new(delays.role),
            recent: Recent::new(delays.listing),
        })
    }

    /// Makes a session of a role for a service principal (`lambda.amazonaws.com`), if the role's trust policy allows it.
    ///
    /// `None` when there is no such role, or it does not trust the principal. The session lasts as long as this process.
    pub(crate) fn assume(&self, role_arn: &str, principal: &str, session: &str) -> Option<Credentials> {
        self.trusting(role_arn, Principal::Service(principal))?;
        Some(self.sessions.give(role_arn, session))
    }

    /// Whether a service principal may assume a role: whether [`Iam::assume`] would make a session.
    pub(crate) fn trusts(&self, role_arn: &str, principal: &str) -> bool {
        self.trusting(role_arn, Principal::Service(principal)).is_some()
    }

    /// Makes a session of a role for `seconds`, if the role's trust policy allows it: what `sts:AssumeRole` does.
    pub(crate) fn assume_for(
        &self,
        role_arn: &str,
        principal: Principal<'_>,
        session: &str,
        seconds: u32,
    ) -> Result<Option<Assumed>, Error> {
        let Some(role) = self.trusting(role_arn, principal) else { return Ok(None) };
        if seconds > role.max_session_duration {
            return Err(query::validation_error(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let (credentials, expiration) = self.sessions.lend(role_arn, session, seconds)?;
        let id = self.session_id(role_arn, session);
        let arn = Caller::Role { role_arn: role_arn.to_owned(), session: session.to_owned() }.arn();
        Ok(Some(Assumed { credentials, id, arn, expiration }))
    }

    /// Who signed a call, told from its access key: a role's session when [`Iam::assume`] gave that key out.
    ///
    /// `Err` when the key looks like a session's (`ASIA...`) and is not known, or its session has expired.
    pub(crate) fn caller(&self, access_key_id: &str) -> Result<Caller, Error> {
        self.key(access_key_id).map(|key| key.caller)
    }

    /// As [`Iam::caller`], with what the caller signs with.
    pub(crate) fn key(&self, access_key_id: &str) -> Result<Key, Error> {
        if !access_key_id.starts_with("ASIA") {
            return Ok(Key { caller: Caller::Developer, secret: None });
        }
        self.sessions.key(access_key_id).map(|(caller, secret)| Key { caller, secret: Some(secret) })
    }

    /// The unique id of a caller: of a role's session `AROA...:session`.
    pub(crate) fn user_id(&self, caller: &Caller) -> String {
        match caller {
            Caller::Developer => "AIDALOCALDEVELOPER0AA".to_owned(),
            Caller::Role { role_arn, session } => self.session_id(role_arn, session),
        }
    }

    /// Checks that `caller` may do `action` on `resource`; the error has AWS's words, which name all three.
    ///
    /// An explicit deny in any of the role's policies wins; else one of them must allow it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
    pub(crate) fn authorize(&self, caller: &Caller, action: &str, resource: &str) -> Result<(), Error> {
        let why = match self.denies(caller, action, resource) {
            None => return Ok(()),
            Some(Denial::Explicit) => "with an explicit deny in an identity-based policy".to_owned(),
            Some(Denial::Silent) => format!("because no identity-based policy allows the {action} action"),
        };
        let on = if resource == "*" { String::new() } else { format!(" on resource: {resource}") };
        let user = caller.arn();
        Err(Error::new(403, "AccessDenied", format!("User: {user} is not authorized to perform: {action}{on} {why}")))
    }

    /// How `caller` is denied `action` on `resource`; `None` where that is allowed.
    pub(crate) fn denies(&self, caller: &Caller, action: &str, resource: &str) -> Option<Denial> {
        match self.verdict(caller, action, resource) {
            Verdict::Allow => None,
            Verdict::Deny => Some(Denial::Explicit),
            Verdict::Silent => Some(Denial::Silent),
        }
    }

    /// What `caller`'s own policies say to its doing `action` on `resource`.
    pub(crate) fn verdict(&self, caller: &Caller, action: &str, resource: &str) -> Verdict {
        let Caller::Role { role_arn, .. } = caller else { return Verdict::Allow };
        let question = Question { action, resource, principal_arn: role_arn };
        self.in_force(role_arn, |role| {
            let policies = role.into_iter().flat_map(Role::policies);
            policies.map(|policy| policy.verdict(&question)).max().unwrap_or_default()
        })
    }

    /// The unique id of a role's session: `AROA...:session`.
    pub(crate) fn session_id(&self, role_arn: &str, session: &str) -> String {
        let id = self.roles.read(|roles| roles.by_arn(role_arn).map(|role| role.id.clone()));
        format!("{}:{session}", id.unwrap_or_default())
    }

    fn trusting(&self, role_arn: &str, principal: Principal<'_>) -> Option<Role> {
        self.in_force(role_arn, |role| role.filter(|role| Policy::trusts(&role.trust, principal)).cloned())
    }

    /// Looks at a role as it is in force.
    fn in_force<R>(&self, role_arn: &str, look: impl FnOnce(Option<&Role>) -> R) -> R {
        match self.propagation.as_ref().map(|way| way.in_force(role_arn)) {
            Some(InForce::Earlier(role)) => look(role.as_deref()),
            Some(InForce::Current) | None => self.roles.read(|roles| look(roles.by_arn(role_arn))),
        }
    }

    /// The ARN that a permission for the operation must cover.
    fn resource(&self, parameters: &Parameters) -> String {
        let name = parameters.get("RoleName");
        let existing = name.and_then(|name| self.roles.read(|roles| roles.get(name).map(|role| role.arn.clone()).ok()));
        let path = parameters.get("Path").or(parameters.get("PathPrefix")).unwrap_or("/");
        existing.unwrap_or_else(|| role::arn(path, name.unwrap_or_default()))
    }

    fn carry_out(&self, operation: &str, parameters: &Parameters) -> Result<Option<Element>, Error> {
        match operation {
            "CreateRole" => roles::create(&self.roles, parameters).map(Some),
            "GetRole" => roles::get(&self.roles, parameters).map(Some),
            "ListRoles" => roles::list(&self.roles, &self.recent, parameters).map(Some),
            "UpdateRole" => roles::update(&self.roles, parameters).map(Some),
            "UpdateAssumeRolePolicy" => roles::update_trust(&self.roles, parameters).map(|()| None),
            "DeleteRole" => roles::delete(&self.roles, parameters).map(|()| None),
            "PutRolePolicy" => inline::put(&self.roles, parameters).map(|()| None),
            "GetRolePolicy" => inline::get(&self.roles, parameters).map(Some),
            "ListRolePolicies" => inline::list(&self.roles, parameters).map(Some),
            "DeleteRolePolicy" => inline::delete(&self.roles, parameters).map(|()| None),
            "AttachRolePolicy" => attached::attach(&self.roles, parameters).map(|()| None),
            "DetachRolePolicy" => attached::detach(&self.roles, parameters).map(|()| None),
            "ListAttachedRolePolicies" => attached::list(&self.roles, parameters).map(Some),
            "TagRole" => tags::tag(&self.roles, parameters).map(|()| None),
            "UntagRole" => tags::untag(&self.roles, parameters).map(|()| None),
            "GetAccountAuthorizationDetails" => details::get(&self.roles, &self.recent, parameters).map(Some),
            "ListRoleTags" => tags::list(&self.roles, parameters).map(Some),
            other => Err(Error::not_implemented(&format!("iam:{other}"))),
        }
    }
}
