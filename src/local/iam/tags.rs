//! The operations on a role's tags.

use std::collections::BTreeMap;

use super::role::{Role, Roles};
use super::{names, pages};
use crate::call::Error;
use crate::store::Store;
use crate::wire::query::Parameters;
use crate::wire::xml::Element;

/// Tags that a role can have.
const LIMIT: usize = 50;

type Tags = BTreeMap<String, (String, String)>;

pub(super) fn tag(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "Tags"])?;
    let given = given(parameters)?;
    store.write(|roles| {
        let role = roles.named_mut(parameters)?;
        role.tags.extend(given);
        within_limit(&role.tags)
    })
}

pub(super) fn untag(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "TagKeys"])?;
    store.write(|roles| {
        let role = roles.named_mut(parameters)?;
        for key in parameters.list("TagKeys") {
            role.tags.remove(&key.text().to_lowercase());
        }
        Ok(())
    })
}

pub(super) fn list(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName", "Marker", "MaxItems"])?;
    let tags: Vec<_> = store.read(|roles| {
        let role = roles.named(parameters)?;
        Ok::<_, Error>(role.tags.iter().map(|(lower, tag)| (lower.clone(), one(tag))).collect())
    })?;
    pages::page(Element::new("ListRoleTagsResult"), "Tags", tags, parameters)
}

/// A role's tags as a list.
pub(super) fn element(role: &Role) -> Element {
    Element::members("Tags", role.tags.values().map(one))
}

/// Reads and checks the parameter `Tags`.
pub(super) fn given(parameters: &Parameters) -> Result<Tags, Error> {
    let mut tags = Tags::new();
    for (index, tag) in parameters.list("Tags").iter().enumerate() {
        let at = format!("tags.{}.member", index + 1);
        let (key, value) = (tag.required("Key")?, tag.required("Value")?);
        names::length(&format!("{at}.key"), key, 1, 128)?;
        names::length(&format!("{at}.value"), value, 0, 256)?;
        if !key.chars().chain(value.chars()).all(is_allowed) {
            let pattern = "Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+";
            let text = format!("Value '{key}' at '{at}.key' failed to satisfy constraint: {pattern}");
            return Err(crate::wire::query::validation(&text));
        }
        if key.to_lowercase().starts_with("aws:") {
            let text = format!("Tag keys starting with aws: are reserved for system use: {key}");
            return Err(Error::new(400, "InvalidInput", text));
        }
        if tags.insert(key.to_lowercase(), (key.to_owned(), value.to_owned())).is_some() {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Error::new(400, "InvalidInput", text));
        }
    }
    within_limit(&tags)?;
    Ok(tags)
}

fn within_limit(tags: &Tags) -> Result<(), Error> {
    if tags.len() <= LIMIT {
        return Ok(());
    }
    Err(Error::new(409, "LimitExceeded", format!("The number of tags has reached the maximum limit of {LIMIT}.")))
}

fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter)
}

fn one((key, value): &(String, String)) -> Element {
    Element::new("member").with(Element::text("Key", key)).with(Element::text("Value", value))
}
