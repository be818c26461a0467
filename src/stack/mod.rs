//! `stack.toml` as a value: [`load`](read::load) reads the file, lays a stage over it, and checks all of it.
//!
//! Everything here is as the file says it, with every default filled in: names are the file's own (`memos`), not
//! AWS's (`memo-prod-memos`), which are made by [`crate::scope`] alone.

mod backend;
mod check;
mod declare;
mod diagnostics;
mod environment;
mod form;
mod nearest;
pub mod read;
mod service;
mod site;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

pub use backend::{Backend, Service};
pub use declare::schema;
pub use declare::variables;
pub use diagnostics::{Diagnostic, Diagnostics};
pub use service::Endpoint;
pub use site::{Domain, Site, hsts, matches as path_matches};

/// What is wrong with `name` as the name of a stack: the rule that it breaks.
pub fn name_fault(name: &str) -> Option<String> {
    (declare::STACK.refuse)(name)
}

/// What is wrong with `region` as the name of an AWS region: the rule that it breaks.
pub fn region_fault(region: &str) -> Option<String> {
    (declare::REGION.refuse)(region)
}

/// A stack, with one stage laid over it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stack {
    /// The folder that `stack.toml` is in.
    #[serde(skip)]
    pub root: PathBuf,
    pub name: String,
    pub stage: String,
    /// `region`, where the file names one.
    pub region: Option<String>,
    /// `bucket`, where the file overrides `memoctl-<account>-<region>`.
    pub bucket: Option<String>,
    /// Variables of every function, laid under its own.
    pub environment: BTreeMap<String, String>,
    pub functions: BTreeMap<String, Function>,
    pub tables: BTreeMap<String, Table>,
    pub signing_keys: BTreeMap<String, SigningKey>,
    /// What runs elsewhere, and is found by name.
    pub services: BTreeMap<String, Endpoint>,
    pub api: Option<Api>,
    pub site: Option<Site>,
}

#[cfg(test)]
impl Stack {
    /// The stage `prod` of the stack `memo`, in which there is nothing, for tests.
    pub(crate) fn example() -> Self {
        Self {
            root: "/".into(),
            name: "memo".to_owned(),
            stage: "prod".to_owned(),
            region: None,
            bucket: None,
            environment: BTreeMap::new(),
            functions: BTreeMap::new(),
            tables: BTreeMap::new(),
            signing_keys: BTreeMap::new(),
            services: BTreeMap::new(),
            api: None,
            site: None,
        }
    }
}

/// `[functions.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Function {
    /// The Cargo package (and binary) that is built; the function's name when absent.
    pub package: String,
    pub description: String,
    /// MB, 128 to 10,240.
    pub memory: u32,
    /// Seconds, 1 to 900.
    pub timeout: u32,
    pub architecture: Architecture,
    /// MB of `/tmp`, 512 to 10,240.
    pub ephemeral_storage: u32,
    pub reserved_concurrency: Option<u32>,
    /// X-Ray: `Active` when true, else `PassThrough`.
    pub tracing: bool,
    /// Days; one of the values that CloudWatch Logs takes.
    pub log_retention: u32,
    pub environment: BTreeMap<String, String>,
    pub tables: BTreeMap<String, TableAccess>,
    pub signing_keys: BTreeMap<String, KeyAccess>,
    /// The other functions that it may call.
    pub functions: BTreeMap<String, FunctionAccess>,
    /// The services that it finds by name: those of `[services]`, and functions that routes lead to.
    pub services: BTreeSet<String>,
    /// The event by which `memoctl gc` has it finish what was left undone; a JSON object.
    pub gc: Option<serde_json::Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    X86_64,
    Arm64,
}

/// What a function may do with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableAccess {
    Read,
    Write,
    ReadWrite,
}

/// What a function may do with a signing key: `verify` reads the public JWKS, `sign` the private key set as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAccess {
    Sign,
    Verify,
}

/// What a function may do with another one: `invoke` the version of it that its own release serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
// One level is no bit of information, and yet the value of a map.
#[repr(u8)]
pub enum FunctionAccess {
    Invoke,
}

/// `[tables.NAME]`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    pub partition_key: Key,
    pub sort_key: Option<Key>,
    pub indexes: BTreeMap<String, Index>,
    /// The attribute that holds the expiry, in epoch seconds.
    pub ttl: Option<String>,
    pub stream: Option<StreamView>,
    pub point_in_time_recovery: bool,
    pub deletion_protection: bool,
    pub capacity: Capacity,
}

/// A key attribute: `"pk"`, or `{ name = "n", type = "N" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    pub name: String,
    pub kind: KeyType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum KeyType {
    S,
    N,
    B,
}

/// `[tables.NAME.indexes.INDEX]`: a global secondary index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Index {
    pub partition_key: Key,
    pub sort_key: Option<Key>,
    pub projection: Projection,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Projection {
    All,
    KeysOnly,
    Include(BTreeSet<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamView {
    KeysOnly,
    NewImage,
    OldImage,
    NewAndOldImages,
}

/// `capacity = "on-demand"`, or `{ read = 5, write = 5 }` in units a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    OnDemand,
    Provisioned { read: u64, write: u64 },
}

/// `[signing_keys.NAME]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SigningKey {
    pub algorithm: Algorithm,
    /// Seconds for which a retired key is kept: as long as what it signed is to verify.
    pub overlap: u32,
}

impl SigningKey {
    /// The overlap where the file names none, in seconds. Of an EdDSA key: what its signer still signs with a set that it
    /// has read before (5 minutes), the life of an access token (10), and the caches of verifiers and of HTTP (5 and 5),
    /// rounded up. Of an HS256 key: 30 days, the longest life of a refresh token.
    pub const fn default_overlap(algorithm: Algorithm) -> u32 {
        match algorithm {
            Algorithm::EdDSA => 30 * 60,
            Algorithm::HS256 => 30 * 24 * 60 * 60,
        }
    }
}

/// A JOSE algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum Algorithm {
    EdDSA,
    HS256,
}

/// `[api]`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Api {
    pub description: String,
    /// `iss` of the tokens; the API's base URL when absent.
    pub issuer: Option<String>,
    /// The API's OpenAPI description, by its path from the folder of the stack file.
    pub openapi: Option<String>,
    /// Whether functions get bodies byte for byte. Beside a service they do so in any case.
    pub binary: bool,
    pub authorizers: BTreeMap<String, Authorizer>,
    pub cors: Option<Cors>,
    /// By path, then by method (`ANY` included).
    pub routes: BTreeMap<RouteKey, Route>,
    pub throttle: Option<Throttle>,
}

impl Api {
    /// What follows the issuer in the audience that a token has to name for `route`; empty for the issuer itself.
    pub fn audience(&self, route: &Route) -> &str {
        let authorizer = route.authorizer().and_then(|name| self.authorizers.get(name));
        authorizer.and_then(|authorizer| authorizer.audiences.get(route.backend.function()?)).map_or("", String::as_str)
    }
}

/// `GET /v1/memos/{id}`; ordered by path, then method.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteKey {
    pub path: String,
    /// Upper case: `GET`, `ANY`.
    pub method: String,
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Serialize for RouteKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A route: what answers it, and who may call it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    pub backend: Backend,
    /// Without one everybody may.
    pub guard: Option<Guard>,
    /// Any one of these opens the route; empty: any valid token does.
    pub scopes: BTreeSet<String>,
    /// Milliseconds, 50 to 29,000.
    pub timeout: u32,
}

/// Who tells whether a caller may call a route: `authorizer = "jwt"`, or `"iam"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Guard {
    /// AWS itself: the request is signed, and a policy of its signer allows the call.
    Iam,
    /// A name of `[api.authorizers]`.
    Authorizer(String),
}

impl Guard {
    /// The name that no authorizer of one's own can have.
    pub const IAM: &'static str = "iam";
}

impl From<String> for Guard {
    fn from(name: String) -> Self {
        if name == Self::IAM { Self::Iam } else { Self::Authorizer(name) }
    }
}

impl From<Guard> for String {
    fn from(guard: Guard) -> Self {
        match guard {
            Guard::Iam => Guard::IAM.to_owned(),
            Guard::Authorizer(name) => name,
        }
    }
}

impl Route {
    /// The authorizer that guards the route, if one of `[api.authorizers]` does.
    pub fn authorizer(&self) -> Option<&String> {
        match &self.guard {
            Some(Guard::Authorizer(name)) => Some(name),
            Some(Guard::Iam) | None => None,
        }
    }

    /// Whether only a signature opens it.
    pub fn is_signed(&self) -> bool {
        self.guard == Some(Guard::Iam)
    }
}

/// `[api.authorizers.NAME]`: a Lambda authorizer of type REQUEST on the header `Authorization`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Authorizer {
    /// A name of `[functions]`.
    pub function: String,
    /// Seconds that an answer is cached, 0 to 3,600.
    pub ttl: u32,
    /// By name of a function: what follows the issuer in the audience that a token has to name for its routes
    /// (`/v1/memos`). For the routes of other functions that is the issuer itself.
    pub audiences: BTreeMap<String, String>,
}

/// `[api.cors]`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cors {
    pub origins: Vec<String>,
    pub headers: Vec<String>,
    pub expose: Vec<String>,
    /// Seconds.
    pub max_age: u32,
}

/// `throttle = { rate = 100, burst = 50 }`, for every method of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Throttle {
    /// Requests a second.
    pub rate: f64,
    pub burst: u32,
}
