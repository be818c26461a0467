//! The operations on roles.

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::document::Policy;
use super::role::{Role, Roles, arn, unique_id};
use super::{names, pages, tags};
use crate::call::Error;
use crate::realism::Recent;
use crate::store::Store;
use crate::wire;
use crate::wire::query::{Parameters, validation_error};
use crate::wire::xml::Element;

/// What stays as it is when IAM percent-encodes a document (RFC 3986's unreserved characters).
const DOCUMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The default quota of a trust policy, in characters without whitespace.
const TRUST_LIMIT: usize = 2048;

pub(super) fn create(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName", "Path", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Tags"])?;
    let name = parameters.required("RoleName")?;
    names::check("roleName", name, 64)?;
    let path = parameters.get("Path").unwrap_or("/");
    names::check_path(path)?;
    let role = Role {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique_id("AROA", 17),
        arn: arn(path, name),
        created: Timestamp::now().as_second(),
        description: description(parameters)?,
        max_session_duration: duration(parameters)?.unwrap_or(3600),
        trust: trust(parameters.required("AssumeRolePolicyDocument")?)?,
        inline: BTreeMap::new(),
        attached: Vec::new(),
        tags: tags::given(parameters)?,
    };
    let answer = Element::new("CreateRoleResult").with(whole(&role));
    store.write(|roles| roles.add(role))?;
    Ok(answer)
}

pub(super) fn get(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName"])?;
    let role = store.read(|roles| roles.named(parameters).map(whole))?;
    Ok(Element::new("GetRoleResult").with(role.with(Element::new("RoleLastUsed"))))
}

pub(super) fn list(store: &Store<Roles>, recent: &Recent, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["PathPrefix", "Marker", "MaxItems"])?;
    let prefix = parameters.get("PathPrefix").unwrap_or("/");
    if !prefix.starts_with('/') {
        return Err(validation_error("The specified value for pathPrefix is invalid. It must begin with /."));
    }
    let roles = store.read(|roles| {
        let ours = roles.iter().filter(|role| role.path.starts_with(prefix) && !recent.hides(&role.name));
        ours.map(|role| (role.name.to_lowercase(), summary(role))).collect()
    });
    pages::page(Element::new("ListRolesResult"), "Roles", roles, parameters)
}

pub(super) fn update(store: &Store<Roles>, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["RoleName", "Description", "MaxSessionDuration"])?;
    let (description, duration) = (description(parameters)?, duration(parameters)?);
    store.write(|roles| {
        let role = roles.named_mut(parameters)?;
        // An omitted member means no change.
        if parameters.given("Description").is_some() {
            role.description = description;
        }
        role.max_session_duration = duration.unwrap_or(role.max_session_duration);
        Ok::<_, Error>(())
    })?;
    Ok(Element::new("UpdateRoleResult"))
}

pub(super) fn update_trust(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName", "PolicyDocument"])?;
    let document = parameters.required("PolicyDocument")?;
    store.write(|roles| {
        let role = roles.named_mut(parameters)?;
        role.trust = trust(document)?;
        Ok(())
    })
}

pub(super) fn delete(store: &Store<Roles>, parameters: &Parameters) -> Result<(), Error> {
    parameters.only(&["RoleName"])?;
    store.write(|roles| {
        let role = roles.named(parameters)?;
        let why = match (role.attached.is_empty(), role.inline.is_empty()) {
            (false, _) => "Cannot delete entity, must detach all policies first.",
            (true, false) => "Cannot delete entity, must delete policies first.",
            (true, true) => {
                let name = role.name.clone();
                roles.remove(&name);
                return Ok(());
            }
        };
        Err(Error::new(409, "DeleteConflict", why))
    })
}

/// A document as IAM answers it: percent-encoded.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, DOCUMENT).to_string()
}

pub(super) fn summary(role: &Role) -> Element {
    Element::new("Role")
        .with(Element::text("Path", &role.path))
        .with(Element::text("RoleName", &role.name))
        .with(Element::text("RoleId", &role.id))
        .with(Element::text("Arn", &role.arn))
        .with(Element::text("CreateDate", wire::date_time(role.created)))
        .with(Element::text("AssumeRolePolicyDocument", encoded(&role.trust)))
        .maybe("Description", role.description.as_ref())
        .with(Element::text("MaxSessionDuration", role.max_session_duration))
}

fn whole(role: &Role) -> Element {
    if role.tags.is_empty() { summary(role) } else { summary(role).with(tags::element(role)) }
}

fn description(parameters: &Parameters) -> Result<Option<String>, Error> {
    let Some(description) = parameters.get("Description") else { return Ok(None) };
    names::length("description", description, 0, 1000)?;
    Ok(Some(description.to_owned()))
}

fn duration(parameters: &Parameters) -> Result<Option<u32>, Error> {
    let text = parameters.get("MaxSessionDuration");
    text.map(|text| names::number("maxSessionDuration", text, 3600, 43200)).transpose()
}

fn trust(document: &str) -> Result<String, Error> {
    Policy::trust(document)?;
    let size = document.chars().filter(|letter| !letter.is_whitespace()).count();
    if size > TRUST_LIMIT {
        return Err(Error::new(409, "LimitExceeded", format!("Cannot exceed quota for ACLSizePerRole: {TRUST_LIMIT}")));
    }
    Ok(document.to_owned())
}
