//! The keys of `stack.toml`: their forms, defaults and meanings.

mod api;
mod backend;
mod function;
mod pattern;
mod route;
mod site;
mod table;
#[cfg(test)]
mod tests;
mod url;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::form::{Choice, Fields, Form, Map, Mapped, Partial, Reader, Record, Text};
use super::tree::Node;
use super::{Algorithm, Api, Endpoint, Function, SigningKey, Site, Table};

pub(super) use pattern::{REGION, STACK, STAGE};
pub(super) use route::{Segment, segments};
pub use url::variables;

/// The whole file.
pub(super) struct File {
    pub(super) name: String,
    pub(super) settings: Settings,
}

/// What a stage may lay over.
pub(super) struct Settings {
    pub(super) region: Option<String>,
    pub(super) bucket: Option<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) functions: BTreeMap<String, Function>,
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) signing_keys: BTreeMap<String, SigningKey>,
    pub(super) services: BTreeMap<String, Endpoint>,
    pub(super) api: Option<Api>,
    pub(super) site: Option<Site>,
}

/// Reads the tree of a whole file.
pub(super) fn read(root: &Node, reader: &mut Reader) -> File {
    reader.read(&Record(file), root)
}

/// The JSON Schema of `stack.toml`, made from the declarations that read it.
pub fn schema() -> Json {
    let mut schema = Record(file).schema(false);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("stack.toml");
    schema
}

fn file(f: &mut Fields<'_>) -> File {
    let name = f.required(
        ("name", "the stack's name, with which the names of all its resources start"),
        &Text(&pattern::STACK),
    );
    let settings = settings(f);
    f.optional(
        ("stages", "by the name of a stage: what is laid over the rest of the file for `--stage NAME`"),
        &Map { names: &STAGE, of: Partial(Record(settings_of_stage)) },
    );
    File { name, settings }
}

/// As [`settings`]; a stage is read for its faults alone.
fn settings_of_stage(f: &mut Fields<'_>) {
    settings(f);
}

fn settings(f: &mut Fields<'_>) -> Settings {
    Settings {
        region: f.optional(
            ("region", "the AWS region; when absent, the AWS SDK's usual chain decides"),
            &Text(&pattern::REGION),
        ),
        bucket: f.optional(
            (
                "bucket",
                "the S3 bucket for release records, the lease and large zips, instead of `memoctl-<account>-<region>`",
            ),
            &Text(&pattern::BUCKET),
        ),
        environment: f.or(
            ("environment", "environment variables of all functions; a function's own come before them"),
            &Map { names: &pattern::VARIABLE, of: Text(&pattern::ANYTHING) },
            BTreeMap::new(),
        ),
        functions: f.or(
            ("functions", "the Lambda functions, by name"),
            &Map { names: &pattern::FUNCTION, of: Record(function::function) },
            BTreeMap::new(),
        ),
        tables: f.or(
            ("tables", "the DynamoDB tables, by name"),
            &Map { names: &pattern::TABLE, of: Record(table::table) },
            BTreeMap::new(),
        ),
        signing_keys: f.or(
            ("signing_keys", "the signing keys, by name; made at the first deploy, never printed"),
            &Map { names: &pattern::SIGNING_KEY, of: Record(signing_key) },
            BTreeMap::new(),
        ),
        services: f.or(
            ("services", "services that run elsewhere, by the name under which functions and routes find them"),
            &Map { names: &pattern::SERVICE, of: Record(service) },
            BTreeMap::new(),
        ),
        api: f.optional(("api", "the REST API in front of the functions"), &Record(api::api)),
        site: f
            .optional(("site", "the page: a folder of files behind the same origin as the API"), &Record(site::site)),
    }
}

fn service(f: &mut Fields<'_>) -> Endpoint {
    Endpoint { url: f.required(("url", "where its paths start: `https://internal.example.com`"), &Text(&url::BASE)) }
}

fn signing_key(f: &mut Fields<'_>) -> SigningKey {
    let algorithm = f.required(
        ("algorithm", "`EdDSA` (Ed25519, has a public key) or `HS256` (a shared secret)"),
        &Choice(&[Algorithm::EdDSA, Algorithm::HS256]),
    );
    let overlap = f.optional(
        (
            "overlap",
            "how long a retired key is kept, since what it signed is to verify: `\"30m\"`, `\"24h\"`, `\"30d\"`; when \
             absent, 30 minutes for `EdDSA` and 30 days for `HS256`",
        ),
        &Mapped(Text(&pattern::OVERLAP), (|text| pattern::seconds(&text)) as fn(String) -> u32),
    );
    SigningKey { algorithm, overlap: overlap.unwrap_or(SigningKey::default_overlap(algorithm)) }
}
