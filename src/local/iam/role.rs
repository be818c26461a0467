//! A role with its policies and tags, and all roles of the account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::Policy;
use super::managed;
use crate::ACCOUNT;
use crate::call::Error;
use crate::wire::query::Parameters;

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) path: String,
    /// `AROA...`
    pub(super) id: String,
    pub(super) arn: String,
    /// Seconds since the epoch.
    pub(super) created: i64,
    pub(super) description: Option<String>,
    /// Seconds.
    pub(super) max_session_duration: u32,
    /// The trust policy's document, as given.
    pub(super) trust: String,
    /// The inline policies' documents, as given, by name.
    pub(super) inline: BTreeMap<String, String>,
    /// The ARNs of attached managed policies.
    pub(super) attached: Vec<String>,
    /// By key, in the order of their lower-case keys: keys are unique without regard to case.
    pub(super) tags: BTreeMap<String, (String, String)>,
}

/// All roles, by their lower-case names, which are unique without regard to case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Roles(BTreeMap<String, Role>);

impl Role {
    /// The role's policies, inline and attached.
    pub(super) fn policies(&self) -> impl Iterator<Item = Policy> {
        let attached = self.attached.iter().filter_map(|arn| managed::document(arn));
        // A document was checked when it was put, so none fails here.
        self.inline.values().map(String::as_str).chain(attached).filter_map(|text| Policy::identity(text).ok())
    }
}

impl Roles {
    /// The role `name`.
    pub(super) fn get(&self, name: &str) -> Result<&Role, Error> {
        self.0.get(&name.to_lowercase()).ok_or_else(|| missing(name))
    }

    /// The role that `RoleName` names.
    pub(super) fn named(&self, parameters: &Parameters) -> Result<&Role, Error> {
        self.get(parameters.required("RoleName")?)
    }

    /// The role that `RoleName` names, to be changed.
    pub(super) fn named_mut(&mut self, parameters: &Parameters) -> Result<&mut Role, Error> {
        let name = parameters.required("RoleName")?;
        self.0.get_mut(&name.to_lowercase()).ok_or_else(|| missing(name))
    }

    /// The role with `arn`.
    pub(super) fn by_arn(&self, arn: &str) -> Option<&Role> {
        let name = arn.rsplit('/').next()?;
        self.0.get(&name.to_lowercase()).filter(|role| role.arn == arn)
    }

    /// Adds a role; refused when its name is taken.
    pub(super) fn add(&mut self, role: Role) -> Result<(), Error> {
        let key = role.name.to_lowercase();
        if self.0.contains_key(&key) {
            let text = format!("Role with name {} already exists.", role.name);
            return Err(Error::new(409, "EntityAlreadyExists", text));
        }
        if self.0.len() >= 1000 {
            return Err(Error::new(409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000"));
        }
        self.0.insert(key, role);
        Ok(())
    }

    /// Removes the role `name`.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(&name.to_lowercase());
    }

    /// All roles, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.values()
    }
}

/// A role's ARN.
pub(super) fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role{path}{name}")
}

/// An id such as `AROA...`: `prefix` and `length` random characters of `A-Z2-7`.
pub(super) fn unique_id(prefix: &str, length: usize) -> String {
    let mut bytes = vec![0; length];
    // Without randomness a second id would equal the first, which the caller's map shows.
    let _ = getrandom::fill(&mut bytes);
    let letters = bytes.iter().map(|byte| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(byte % 32)]));
    prefix.chars().chain(letters).collect()
}

fn missing(name: &str) -> Error {
    Error::new(404, "NoSuchEntity", format!("The role with name {name} cannot be found."))
}
