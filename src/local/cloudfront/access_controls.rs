//! The operations on origin access controls.

use serde_json::{Value, json};

use super::answer::Answer;
use super::error::{check_version, invalid_argument, no_access_control, too_many};
use super::model::{AccessControl, State, Versioned};
use super::{Call, CloudFront, id, now, pages};
use crate::call::Error;
use crate::wire::document;

/// Origin access controls of an account.
const LIMIT: usize = 100;

impl CloudFront {
    pub(super) fn create_access_control(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let config = read(call)?;
        let id = id::id('E');
        let made = self.store.write(|state| {
            is_free(state, &config.name, None)?;
            if state.access_controls.len() >= LIMIT {
                let text = "The number of origin access controls in your account exceeds the maximum allowed.";
                return Err(too_many("TooManyOriginAccessControls", text));
            }
            let made = Versioned { etag: id::id('E'), modified: now(), config };
            state.access_controls.insert(id.clone(), made.clone());
            Ok(made)
        })?;
        self.recent.made(&id);
        let answer = Answer::of(201, "OriginAccessControl", &described(&id, &made.config));
        Ok(answer.etag(&made.etag).location(&format!("origin-access-control/{id}")))
    }

    pub(super) fn get_access_control(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let found = self.access_control(&call.id)?;
        Ok(Answer::of(200, "OriginAccessControl", &described(&call.id, &found.config)).etag(&found.etag))
    }

    pub(super) fn get_access_control_config(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let found = self.access_control(&call.id)?;
        Ok(Answer::of(200, "OriginAccessControlConfig", &found.config).etag(&found.etag))
    }

    pub(super) fn update_access_control(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let config = read(call)?;
        let changed = self.store.write(|state| {
            let before = state.access_controls.get(&call.id).ok_or_else(no_access_control)?;
            check_version(call.if_match(), &before.etag)?;
            is_free(state, &config.name, Some(&call.id))?;
            let changed = Versioned { etag: id::id('E'), modified: now(), config };
            state.access_controls.insert(call.id.clone(), changed.clone());
            Ok::<_, Error>(changed)
        })?;
        Ok(Answer::of(200, "OriginAccessControl", &described(&call.id, &changed.config)).etag(&changed.etag))
    }

    pub(super) fn delete_access_control(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.store.write(|state| {
            let found = state.access_controls.get(&call.id).ok_or_else(no_access_control)?;
            check_version(call.if_match(), &found.etag)?;
            let uses = |id: &str| id == call.id;
            let mut origins = state.distributions.values().flat_map(|distribution| distribution.config.origins.iter());
            if origins.any(|origin| uses(&origin.origin_access_control_id)) {
                let text = "Cannot delete the origin access control because it's in use by one or more distributions.";
                return Err(Error::new(409, "OriginAccessControlInUse", text));
            }
            state.access_controls.remove(&call.id);
            Ok(())
        })?;
        Ok(Answer::empty())
    }

    pub(super) fn list_access_controls(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let items = self.store.read(|state| {
            let seen = state.access_controls.iter().filter(|(id, _)| !self.recent.hides(id));
            seen.map(|(id, found)| (id.clone(), summary(id, &found.config))).collect()
        });
        Ok(Answer::of(200, "OriginAccessControlList", &pages::page(items, &call.parameters)?))
    }

    fn access_control(&self, id: &str) -> Result<Versioned<AccessControl>, Error> {
        self.store.read(|state| state.access_controls.get(id).cloned()).ok_or_else(no_access_control)
    }
}

fn read(call: &Call<'_>) -> Result<AccessControl, Error> {
    let config: AccessControl = document::input("OriginAccessControlConfig", &call.request.body)?;
    if !(1..=64).contains(&config.name.chars().count()) || config.description.chars().count() > 256 {
        return Err(invalid_argument("Name must have 1 to 64 characters, and Description at most 256."));
    }
    if config.signing_protocol != "sigv4" {
        return Err(invalid_argument("The parameter SigningProtocol must be sigv4."));
    }
    if !matches!(config.signing_behavior.as_str(), "always" | "never" | "no-override") {
        return Err(invalid_argument("The parameter SigningBehavior must be always, never or no-override."));
    }
    match config.origin_access_control_origin_type.as_str() {
        "s3" => Ok(config),
        "mediastore" | "mediapackagev2" | "lambda" => Err(Error::not_implemented(&format!(
            "origin access controls for {} (OriginAccessControlOriginType)",
            config.origin_access_control_origin_type
        ))),
        _ => Err(invalid_argument("The parameter OriginAccessControlOriginType is not valid.")),
    }
}

/// Whether no other origin access control has `name`.
fn is_free(state: &State, name: &str, own: Option<&String>) -> Result<(), Error> {
    if state.access_controls.iter().any(|(id, other)| other.config.name == name && Some(id) != own) {
        let text = "An origin access control with the same name already exists.";
        return Err(Error::new(409, "OriginAccessControlAlreadyExists", text));
    }
    Ok(())
}

fn described(id: &str, config: &AccessControl) -> Value {
    json!({ "Id": id, "OriginAccessControlConfig": config })
}

fn summary(id: &str, config: &AccessControl) -> Value {
    let mut summary = serde_json::to_value(config).unwrap_or_default();
    summary["Id"] = id.into();
    summary
}
