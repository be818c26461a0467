//! The API as a normalised table: routes, authorizers, gateway responses, validators, with every default of API Gateway
//! filled in. What is wanted is made from `stack.toml` here; what is live is parsed into the same table by
//! [`crate::resource::api`], so that an edit by hand shows as the field it is. [`render`] makes the one canonical
//! document that API Gateway imports. Pure.

mod cors;
mod render;
mod responses;
mod service;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

pub use cors::variables;
pub use render::{Unresolved, render};
pub use service::EDGE_KEY;
pub use wanted::{Functions, mark, wanted};

use crate::digest::Digest;
use crate::stack::Guard;

/// A REST API's content. Its digest is the identity of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// The API's name.
    pub title: String,
    /// The user's own description, and behind it the owner's mark.
    pub description: String,
    pub routes: BTreeMap<Operation, Route>,
    pub authorizers: BTreeMap<String, Authorizer>,
    /// By response type: `UNAUTHORIZED`.
    pub responses: BTreeMap<String, Response>,
    pub validators: BTreeMap<String, Validator>,
    pub binary_media_types: BTreeSet<String>,
}

/// A path and a method: `GET /v1/memos/{id}`. Ordered by path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub path: String,
    /// Upper case, or `ANY`.
    pub method: String,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A method of a resource, with its integration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    #[serde(flatten)]
    pub integration: Integration,
    pub authorization: Authorization,
    pub api_key_required: bool,
    /// A name of [`Table::validators`].
    pub validator: Option<String>,
    /// Declared parameters, and whether they are required. Path parameters are the path's own, and not repeated here.
    pub parameters: BTreeMap<String, bool>,
    /// Declared responses by status, with their header parameters.
    pub responses: BTreeMap<String, BTreeSet<String>>,
}

/// Who may call a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// Everybody.
    None,
    /// Whom the authorizer of that name lets in.
    Authorizer(String),
    /// Whose signature's policies allow it: `AWS_IAM`.
    Iam,
    /// A type that memoctl does not make: `COGNITO_USER_POOLS`.
    Other { r#type: String },
}

impl Serialize for Authorization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Authorizer(name) => serializer.serialize_str(name),
            // No authorizer of the stack has the name.
            Self::Iam => serializer.serialize_str(Guard::IAM),
            Self::Other { r#type } => serializer.collect_map([("type", r#type)]),
        }
    }
}

/// What API Gateway calls for a route, and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Integration {
    /// `AWS_PROXY`, `HTTP_PROXY`, `MOCK`
    #[serde(rename = "type")]
    pub kind: String,
    pub target: Target,
    /// The HTTP method of the call behind: always `POST` for Lambda; `ANY` is the client's own.
    pub method: Option<String>,
    /// The id of the VPC link that leads to the target; `None`: the internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_link: Option<String>,
    /// Whether a certificate of an authority that AWS does not know will do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_authority: bool,
    /// The ARN of the role that invokes.
    pub credentials: Option<String>,
    /// Milliseconds.
    pub timeout: u32,
    /// `WHEN_NO_MATCH`
    pub passthrough: String,
    pub content_handling: Option<String>,
    pub request_parameters: BTreeMap<String, String>,
    pub request_templates: BTreeMap<String, String>,
    /// By status.
    pub integration_responses: BTreeMap<String, IntegrationResponse>,
}

/// What an integration that is no proxy answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IntegrationResponse {
    /// Which answers of the back end it is for; `None`: the default.
    pub pattern: Option<String>,
    pub parameters: BTreeMap<String, String>,
    pub templates: BTreeMap<String, String>,
}

/// What an integration or an authorizer invokes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing: a mock.
    Nothing,
    /// The published version of a function that has this content.
    Version { function: String, digest: Digest },
    /// A function of the account under a qualifier whose content is not known: a version that is gone, an alias, or
    /// none at all.
    Unpinned { function: String, qualifier: Option<String> },
    /// Anything else, by its URI.
    Uri(String),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Version { function, digest } => write!(f, "{function}@{digest}"),
            Self::Unpinned { function, qualifier: Some(qualifier) } => write!(f, "{function} version {qualifier}"),
            Self::Unpinned { function, qualifier: None } => write!(f, "{function} without a version"),
            Self::Uri(uri) => f.write_str(uri),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Version { .. } | Self::Unpinned { .. } | Self::Uri(_) => serializer.collect_str(self),
        }
    }
}

/// A Lambda authorizer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Authorizer {
    /// `REQUEST`, `TOKEN`
    #[serde(rename = "type")]
    pub kind: String,
    pub target: Target,
    pub credentials: Option<String>,
    pub identity_source: Option<String>,
    pub identity_validation: Option<String>,
    /// Seconds that an answer is cached.
    pub ttl: u32,
}

/// What API Gateway answers by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// `None`: the response type's own.
    pub status: Option<String>,
    /// `gatewayresponse.header.WWW-Authenticate` to `'Bearer'`.
    pub parameters: BTreeMap<String, String>,
    pub templates: BTreeMap<String, String>,
}

/// What API Gateway checks before it calls the integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Validator {
    pub body: bool,
    pub parameters: bool,
}

impl Table {
    /// Its identity, and that of a deployment of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }

    /// The table with versions' numbers replaced by their contents, where `digest` knows them.
    #[must_use]
    pub fn resolved(mut self, digest: impl Fn(&str, u64) -> Option<Digest>) -> Self {
        let routes = self.routes.values_mut().map(|route| &mut route.integration.target);
        for target in routes.chain(self.authorizers.values_mut().map(|authorizer| &mut authorizer.target)) {
            *target = std::mem::replace(target, Target::Nothing).resolved(&digest);
        }
        self
    }

    /// The table with functions pinned to other contents, where `digest` gives one.
    #[must_use]
    pub fn repinned(mut self, digest: impl Fn(&str) -> Option<Digest>) -> Self {
        let routes = self.routes.values_mut().map(|route| &mut route.integration.target);
        for target in routes.chain(self.authorizers.values_mut().map(|authorizer| &mut authorizer.target)) {
            if let Target::Version { function, digest: pinned } = target
                && let Some(digest) = digest(function)
            {
                *pinned = digest;
            }
        }
        self
    }

    /// The roles, by ARN, that API Gateway invokes through.
    pub fn credentials(&self) -> impl Iterator<Item = &str> {
        let routes = self.routes.values().map(|route| &route.integration.credentials);
        routes.chain(self.authorizers.values().map(|authorizer| &authorizer.credentials)).filter_map(Option::as_deref)
    }

    /// The functions and versions that it invokes.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        let routes = self.routes.values().map(|route| &route.integration.target);
        routes.chain(self.authorizers.values().map(|authorizer| &authorizer.target))
    }
}

#[cfg(test)]
mod tests;
