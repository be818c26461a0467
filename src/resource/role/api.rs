//! Grants of the API's routes. An API's id is made up by the server, so in what is wanted, and in what is compared, the ARNs
//! of methods have it symbolic, and a policy's name, which is its digest, does not hang on it. IAM gets the id itself, and
//! what it gives back is made symbolic again: a grant of an API that is gone differs from what is wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Document, Role};
use crate::aws::{Aws, Error};
use crate::resource::{Kind as _, api};
use crate::scope::SYMBOLIC_API;

/// Longest wait for an API that is being made at the same time.
const MADE: Duration = Duration::from_mins(2);

impl Role {
    /// Whether it grants routes of an API that is still to be made.
    pub fn awaits_api(&self, aws: &Aws) -> bool {
        aws.directory.api(&aws.scope.api()).is_none()
            && self.policies.values().any(|policy| is_symbolic(&policy.render(), aws))
    }

    /// The text of `document` as IAM gets it, as soon as the API is there that it speaks of.
    pub(super) async fn text(&self, document: &Document, aws: &Aws) -> Result<String, Error> {
        let text = document.render();
        if !is_symbolic(&text, aws) {
            return Ok(text);
        }
        let api = aws.directory.api_made(&aws.scope.api(), MADE).await.ok_or_else(|| {
            Error::refused("put a policy of", &self.id(), "the API whose routes it grants is not there")
        })?;
        Ok(aws.scope.resolved_methods(&text, &api))
    }
}

fn is_symbolic(text: &str, aws: &Aws) -> bool {
    text.contains(&aws.scope.methods(SYMBOLIC_API))
}

/// `policies` as they were read, with the id of the stack's API made symbolic. It is read already, or at the same time, so
/// this waits for no call that is not made anyway; only policies that speak of an API ask for it.
pub(super) async fn symbolic(
    policies: BTreeMap<String, Document>,
    aws: &Aws,
) -> Result<BTreeMap<String, Document>, Error> {
    if !policies.values().any(|policy| policy.render().contains(":execute-api:")) {
        return Ok(policies);
    }
    let api = match aws.directory.api(&aws.scope.api()) {
        Some(api) => Some(api),
        None => api::find(aws).await?.map(|ours| ours.id().to_owned()),
    };
    let Some(api) = api else { return Ok(policies) };
    let symbolic = |document: Document| Document::read(&aws.scope.symbolic_methods(&document.render(), &api));
    Ok(policies.into_iter().map(|(name, document)| (name, symbolic(document))).collect())
}
