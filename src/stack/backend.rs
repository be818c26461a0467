//! What answers a route: a function of the stack, or a service that runs elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Api;

/// What answers a route.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// A name of `[functions]`.
    Function(String),
    /// What runs already, and is none of the stack's.
    Service(Service),
}

impl Backend {
    /// The name of the function.
    pub fn function(&self) -> Option<&String> {
        match self {
            Self::Function(name) => Some(name),
            Self::Service(_) => None,
        }
    }

    /// The service.
    pub fn service(&self) -> Option<&Service> {
        match self {
            Self::Function(_) => None,
            Self::Service(service) => Some(service),
        }
    }
}

/// A service behind a URL, which gets requests as they came, and answers them itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// A name of `[services]`, where the address is that of one.
    pub name: Option<String>,
    /// With the variables of the route's path in braces: `https://internal.example.com/{proxy}`.
    pub url: String,
    /// The header by which the service is told who calls, and which no caller can set.
    pub identity: String,
    /// Further headers that are set, by their names: mapping expressions, such as `context.identity.sourceIp`.
    pub headers: BTreeMap<String, String>,
    /// Parameters that are added to the query string, by their names: mapping expressions.
    pub query: BTreeMap<String, String>,
    /// The id of the VPC link that it is reached through; over the internet when absent.
    pub vpc_link: Option<String>,
    /// Whether its certificate must be of an authority that AWS knows.
    pub verify_certificate: bool,
}

impl Service {
    /// The header that tells who calls, unless the file names another.
    pub const IDENTITY: &'static str = "X-Caller";

    /// The service at `url`, of which the file says no more.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            name: None,
            url: url.into(),
            identity: Self::IDENTITY.to_owned(),
            headers: BTreeMap::new(),
            query: BTreeMap::new(),
            vpc_link: None,
            verify_certificate: true,
        }
    }
}

impl Api {
    /// The routes that services answer.
    pub fn services(&self) -> impl Iterator<Item = (&super::RouteKey, &Service)> {
        self.routes.iter().filter_map(|(key, route)| Some((key, route.backend.service()?)))
    }

    /// The headers that tell a service of the API who calls: each of them is set for every service, so that what is
    /// trusted behind one route cannot be forged through another. Of names that differ in case alone, one.
    pub fn identities(&self) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let names = self.services().map(|(_, service)| service.identity.as_str());
        names.filter(|name| seen.insert(name.to_lowercase())).collect()
    }
}
