//! `GetAccountAuthorizationDetails`: all roles with all that they are.

use super::role::{Role, Roles};
use super::{attached, pages, roles, tags};
use crate::call::Error;
use crate::realism::Recent;
use crate::store::Store;
use crate::wire::query::{Parameters, validation_error};
use crate::wire::xml::Element;

/// What can be asked for.
const KINDS: [&str; 5] = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

pub(super) fn get(store: &Store<Roles>, recent: &Recent, parameters: &Parameters) -> Result<Element, Error> {
    parameters.only(&["Filter", "Marker", "MaxItems"])?;
    let filter = parameters.list("Filter");
    let asked: Vec<&str> = filter.iter().map(Parameters::text).collect();
    if let Some(unknown) = asked.iter().find(|kind| !KINDS.contains(kind)) {
        return Err(validation_error(&format!("Member must satisfy enum value set: {KINDS:?}, and {unknown} is none")));
    }
    let all = |kind| asked.is_empty() || asked.contains(&kind);
    if all("AWSManagedPolicy") {
        return Err(Error::not_implemented("the AWSManagedPolicy of iam:GetAccountAuthorizationDetails"));
    }
    let details = store.read(|roles| {
        let seen = roles.iter().filter(|role| all("Role") && !recent.hides(&role.name));
        seen.map(|role| (role.name.to_lowercase(), detail(role))).collect()
    });
    // There are no users, groups and own managed policies.
    let result = ["UserDetailList", "GroupDetailList", "Policies"]
        .into_iter()
        .fold(Element::new("GetAccountAuthorizationDetailsResult"), |result, list| result.with(Element::new(list)));
    pages::page(result, "RoleDetailList", details, parameters)
}

fn detail(role: &Role) -> Element {
    let inline = role.inline.iter().map(|(name, document)| {
        Element::new("member")
            .with(Element::text("PolicyName", name))
            .with(Element::text("PolicyDocument", roles::encoded(document)))
    });
    roles::summary(role)
        .with(Element::new("InstanceProfileList"))
        .with(Element::members("RolePolicyList", inline))
        .with(Element::members(
            "AttachedManagedPolicies",
            role.attached.iter().filter_map(|arn| attached::element(arn)),
        ))
        .with(tags::element(role))
}
