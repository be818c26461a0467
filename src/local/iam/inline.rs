//! The operations on a role's inline policies.

use super::document::Policy;
use super::role::Roles;
use super::{names, pages, roles};
use crate::call::Error;
use crate::store::Store;
use crate::wire::query::Parameters;
use crate::wire::xml::Element;

/// All inline policies of a role together, in characters without whitespace.
const LIMIT: usize = 10_240;

pub(super) fn put(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "PolicyName", "PolicyDocument"])?;
    let name = parameters.required("PolicyName")?;
    names::check("policyName", name, 128)?;
    let document = parameters.required("PolicyDocument")?;
    store.write(|roles| {
        let role = roles.named_mut(parameters)?;
        Policy::identity(document)?;
        role.inline.insert(name.to_owned(), document.to_owned());
        let letters = role.inline.values().flat_map(|document| document.chars());
        if letters.filter(|letter| !letter.is_whitespace()).count() > LIMIT {
            let text = format!("Maximum policy size of {LIMIT} bytes exceeded for role {}", role.name);
            return Err(Error::new(409, "LimitExceeded", text));
        }
        Ok(())
    })
}

pub(super) fn get(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName", "PolicyName"])?;
    let name = parameters.required("PolicyName")?;
    store.read(|roles| {
        let role = roles.named(parameters)?;
        let document = role.inline.get(name).ok_or_else(|| missing(name))?;
        Ok(Element::new("GetRolePolicyResult")
            .with(Element::text("RoleName", &role.name))
            .with(Element::text("PolicyName", name))
            .with(Element::text("PolicyDocument", roles::encoded(document))))
    })
}

pub(super) fn list(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName", "Marker", "MaxItems"])?;
    let names: Vec<_> = store.read(|roles| {
        let role = roles.named(parameters)?;
        Ok::<_, Error>(role.inline.keys().map(|name| (name.clone(), Element::text("member", name))).collect())
    })?;
    pages::page(Element::new("ListRolePoliciesResult"), "PolicyNames", names, parameters)
}

pub(super) fn delete(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "PolicyName"])?;
    let name = parameters.required("PolicyName")?;
    store.write(|roles| roles.named_mut(parameters)?.inline.remove(name).map(drop).ok_or_else(|| missing(name)))
}

fn missing(name: &str) -> Error {
    Error::new(404, "NoSuchEntity", format!("The role policy with name {name} cannot be found."))
}
