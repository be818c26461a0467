//! The operations on a role's attached managed policies.

use super::role::Roles;
use super::{managed, names, pages};
use crate::call::Error;
use crate::store::Store;
use crate::wire::query::Parameters;
use crate::wire::xml::Element;

/// Managed policies that a role can have.
const LIMIT: usize = 10;

pub(super) fn attach(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "PolicyArn"])?;
    let arn = policy_arn(parameters)?;
    store.write(|roles| {
        let role = roles.named_mut(parameters)?;
        managed::document(arn).ok_or_else(|| managed::unknown(arn))?;
        if role.attached.iter().any(|attached| attached == arn) {
            return Ok(());
        }
        if role.attached.len() >= LIMIT {
            return Err(Error::new(409, "LimitExceeded", format!("Cannot exceed quota for PoliciesPerRole: {LIMIT}")));
        }
        role.attached.push(arn.to_owned());
        Ok(())
    })
}

pub(super) fn detach(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "PolicyArn"])?;
    let arn = policy_arn(parameters)?;
    store.write(|roles| {
        let attached = &mut roles.named_mut(parameters)?.attached;
        let Some(index) = attached.iter().position(|attached| attached == arn) else {
            return Err(Error::new(404, "NoSuchEntity", format!("Policy {arn} was not found.")));
        };
        attached.remove(index);
        Ok(())
    })
}

pub(super) fn list(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName", "PathPrefix", "Marker", "MaxItems"])?;
    let prefix = parameters.get("PathPrefix").unwrap_or("/");
    let mut attached = store.read(|roles| Ok::<_, Error>(roles.named(parameters)?.attached.clone()))?;
    attached.sort();
    let policies = attached.into_iter().filter_map(|arn| {
        let (_, path) = arn.split_once(":policy")?;
        let element = element(&arn)?;
        path.starts_with(prefix).then(|| (arn.clone(), element))
    });
    pages::page(Element::new("ListAttachedRolePoliciesResult"), "AttachedPolicies", policies.collect(), parameters)
}

/// The managed policy with `arn`, as lists show it.
pub(super) fn element(arn: &str) -> Option<Element> {
    let name = arn.rsplit('/').next()?;
    Some(Element::new("member").with(Element::text("PolicyName", name)).with(Element::text("PolicyArn", arn)))
}

fn policy_arn(parameters: &Parameters) -> Result<&str, Error> {
    let arn = parameters.required("PolicyArn")?;
    names::length("policyArn", arn, 20, 2048)?;
    if arn.starts_with("arn:aws:iam::") && arn.contains(":policy/") {
        return Ok(arn);
    }
    Err(Error::new(400, "InvalidInput", format!("ARN {arn} is not valid.")))
}
