//! The operations on response headers policies.

use serde_json::{Value, json};

use super::answer::Answer;
use super::error::{check_version, invalid_argument, no_headers_policy, too_many};
use super::headers_policy::ResponseHeadersPolicyConfig;
use super::model::{State, Versioned};
use super::{Call, CloudFront, now, pages};
use crate::call::Error;
use crate::wire::{date_time, document, request_id};

/// Response headers policies of an account.
const LIMIT: usize = 20;

type Policy = Versioned<ResponseHeadersPolicyConfig>;

impl CloudFront {
    pub(super) fn create_headers_policy(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let config = read(call)?;
        let id = request_id();
        let made = self.store.write(|state| {
            is_free(state, &config.name, None)?;
            if state.headers_policies.len() >= LIMIT {
                let text = "You have reached the maximum number of response headers policies for this account.";
                return Err(too_many("TooManyResponseHeadersPolicies", text));
            }
            let made = Versioned { etag: super::id::id('E'), modified: now(), config };
            state.headers_policies.insert(id.clone(), made.clone());
            Ok(made)
        })?;
        self.recent.made(&id);
        let answer = Answer::of(201, "ResponseHeadersPolicy", &described(&id, &made));
        Ok(answer.etag(&made.etag).location(&format!("response-headers-policy/{id}")))
    }

    pub(super) fn get_headers_policy(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let found = self.headers_policy(&call.id)?;
        Ok(Answer::of(200, "ResponseHeadersPolicy", &described(&call.id, &found)).etag(&found.etag))
    }

    pub(super) fn get_headers_policy_config(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let found = self.headers_policy(&call.id)?;
        Ok(Answer::of(200, "ResponseHeadersPolicyConfig", &found.config).etag(&found.etag))
    }

    pub(super) fn update_headers_policy(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let config = read(call)?;
        let changed = self.store.write(|state| {
            let before = state.headers_policies.get(&call.id).ok_or_else(no_headers_policy)?;
            check_version(call.if_match(), &before.etag)?;
            is_free(state, &config.name, Some(&call.id))?;
            let changed = Versioned { etag: super::id::id('E'), modified: now(), config };
            state.headers_policies.insert(call.id.clone(), changed.clone());
            Ok::<_, Error>(changed)
        })?;
        Ok(Answer::of(200, "ResponseHeadersPolicy", &described(&call.id, &changed)).etag(&changed.etag))
    }

    pub(super) fn delete_headers_policy(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.store.write(|state| {
            let found = state.headers_policies.get(&call.id).ok_or_else(no_headers_policy)?;
            check_version(call.if_match(), &found.etag)?;
            let mut behaviors = state.distributions.values().flat_map(|distribution| distribution.config.behaviors());
            if behaviors.any(|behavior| behavior.response_headers_policy_id == call.id) {
                let text = "Cannot delete the response headers policy because it is attached to one or more cache \
                            behaviors in a CloudFront distribution.";
                return Err(Error::new(409, "ResponseHeadersPolicyInUse", text));
            }
            state.headers_policies.remove(&call.id);
            Ok(())
        })?;
        Ok(Answer::empty())
    }

    pub(super) fn list_headers_policies(&self, call: &Call<'_>) -> Result<Answer, Error> {
        match call.parameters.get("Type") {
            Some("custom") => {}
            None | Some("managed") => {
                return Err(Error::not_implemented(
                    "AWS's managed response headers policies: list those of Type=custom",
                ));
            }
            Some(_) => return Err(invalid_argument("The parameter Type must be managed or custom.")),
        }
        let items = self.store.read(|state| {
            let seen = state.headers_policies.iter().filter(|(id, _)| !self.recent.hides(id));
            let summary = |id: &str, found| json!({ "Type": "custom", "ResponseHeadersPolicy": described(id, found) });
            seen.map(|(id, found)| (id.clone(), summary(id, found))).collect()
        });
        let page = pages::without_marker(pages::page(items, &call.parameters)?);
        Ok(Answer::of(200, "ResponseHeadersPolicyList", &page))
    }

    fn headers_policy(&self, id: &str) -> Result<Policy, Error> {
        self.store.read(|state| state.headers_policies.get(id).cloned()).ok_or_else(no_headers_policy)
    }
}

fn read(call: &Call<'_>) -> Result<ResponseHeadersPolicyConfig, Error> {
    let config: ResponseHeadersPolicyConfig = document::input("ResponseHeadersPolicyConfig", &call.request.body)?;
    config.check()?;
    Ok(config)
}

/// Whether no other policy has `name`.
fn is_free(state: &State, name: &str, own: Option<&String>) -> Result<(), Error> {
    if state.headers_policies.iter().any(|(id, other)| other.config.name == name && Some(id) != own) {
        let text = "A response headers policy with this name already exists.";
        return Err(Error::new(409, "ResponseHeadersPolicyAlreadyExists", text));
    }
    Ok(())
}

fn described(id: &str, policy: &Policy) -> Value {
    json!({
        "Id": id,
        "LastModifiedTime": date_time(policy.modified),
        "ResponseHeadersPolicyConfig": policy.config,
    })
}
