//! What API Gateway keeps: APIs, their stages, and their snapshots.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::definition::Definition;
use super::error;
use super::stage::Stage;
use crate::call::Error;

/// Names of strings: tags, variables, templates.
pub(super) type Strings = BTreeMap<String, String>;

/// The state of the service in one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) apis: BTreeMap<String, RestApi>,
    /// `cloudwatchRoleArn` of the account's settings.
    pub(super) log_role: Option<String>,
}

/// A REST API: its working copy, and what was deployed of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RestApi {
    pub(super) about: About,
    pub(super) tags: Strings,
    pub(super) definition: Shared,
    pub(super) deployments: BTreeMap<String, Deployment>,
    pub(super) stages: BTreeMap<String, Stage>,
}

/// The members of a `RestApi` that are not part of a deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// Seconds since the epoch.
    pub(super) created_date: i64,
    pub(super) endpoint_configuration: EndpointConfiguration,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointConfiguration {
    pub(super) types: Vec<String>,
    pub(super) ip_address_type: String,
}

/// An immutable snapshot of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deployment {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// Seconds since the epoch.
    pub(super) created_date: i64,
    pub(super) definition: Shared,
}

/// A definition that is shared, not copied, when the state is.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Definition")]
pub(super) struct Shared(Arc<Definition>);

impl From<Definition> for Shared {
    fn from(definition: Definition) -> Self {
        Self(Arc::new(definition))
    }
}

impl Deref for Shared {
    type Target = Definition;

    fn deref(&self) -> &Definition {
        &self.0
    }
}

impl Shared {
    /// The definition, to be changed: a snapshot that shares it keeps what it has.
    pub(super) fn make_mut(&mut self) -> &mut Definition {
        Arc::make_mut(&mut self.0)
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl State {
    /// The API with this id.
    pub(super) fn api(&self, id: &str) -> Result<&RestApi, Error> {
        self.apis.get(id).ok_or_else(|| error::no_such_api(id))
    }

    /// The API with this id, to be changed.
    pub(super) fn api_mut(&mut self, id: &str) -> Result<&mut RestApi, Error> {
        self.apis.get_mut(id).ok_or_else(|| error::no_such_api(id))
    }
}

/// Seconds since the epoch.
pub(super) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A new identifier of `length` letters and digits, as API Gateway makes them.
pub(super) fn new_id(length: usize) -> Result<String, Error> {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(500, "InternalFailure", format!("the system gives no random bytes: {error}")))?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}
