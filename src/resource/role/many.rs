//! Reading many roles by one list, which shows each with all that it is: by itself each takes four calls or more, and
//! IAM answers no more than some tens a second.

use std::collections::BTreeSet;

use aws_sdk_iam::types::{EntityType, RoleDetail};

use super::{Document, Role, get, read, symbolic};
use crate::aws::{Aws, Error, each, idempotent, pages};
use crate::resource::Found;
use crate::resource::live::Whose;
use crate::scope::Tags;

/// Roles of one page: IAM's maximum.
const PAGE: i32 = 1000;

/// The roles `wanted`, and what else the stack has; `None` where the list is not allowed. A role that the list lacks is
/// read by its name: only that tells that it is absent.
pub(super) async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Option<Vec<Found<Role>>>, Error> {
    let details = match details(aws).await {
        Err(error) if error.is("AccessDenied") => return Ok(None),
        details => details?,
    };
    let path = aws.scope.iam_path();
    let mut missing = wanted.clone();
    let mut found = Vec::new();
    for detail in details {
        let Some(name) = detail.role_name.clone() else { continue };
        let is_wanted = missing.remove(&name);
        let tags: Tags = detail.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        if aws.scope.owns(&tags) {
            let nominated = detail.path().is_some_and(|its| its.starts_with(&path));
            if is_wanted || nominated {
                let role = role(detail, tags);
                found.push(Found::Ours(Role { policies: symbolic(role.policies, aws).await?, ..role }));
            }
        } else if is_wanted {
            found.push(Found::Foreign(name));
        }
    }
    let unlisted = each(missing, |name| async move {
        match get(&name, aws).await? {
            Some(_) => read(&name, Whose::Ours, aws).await,
            None => Ok(None),
        }
    });
    found.extend(unlisted.await?.into_iter().flatten());
    Ok(Some(found))
}

async fn details(aws: &Aws) -> Result<Vec<RoleDetail>, Error> {
    pages(async |token: Option<String>| {
        let list = || {
            let call = aws.iam.get_account_authorization_details().filter(EntityType::Role).max_items(PAGE);
            call.set_marker(token.clone()).send()
        };
        let page = idempotent("list", &"the roles with their policies", list).await?;
        Ok((page.role_detail_list.unwrap_or_default(), page.marker))
    })
    .await
}

fn role(detail: RoleDetail, tags: Tags) -> Role {
    let inline = detail.role_policy_list.unwrap_or_default().into_iter().filter_map(|policy| {
        let content = Document::decode(policy.policy_document.as_deref().unwrap_or_default());
        Some((policy.policy_name?, content))
    });
    let attached = detail.attached_managed_policies.unwrap_or_default();
    Role {
        name: detail.role_name.unwrap_or_default(),
        path: detail.path.unwrap_or_default(),
        trust: Document::decode(detail.assume_role_policy_document.as_deref().unwrap_or_default()),
        policies: inline.collect(),
        managed: attached.into_iter().filter_map(|policy| policy.policy_arn).collect(),
        tags,
    }
}
