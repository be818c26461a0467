//! The description of the shipped stack's API, beside what the repository has: routes, scopes, codes of problems.
//! What is served is compared with it by `tests/judges/test_openapi.py`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use memoctl::description::Description;
use memoctl::digest::Digest;
use memoctl::openapi::wanted;
use memoctl::scope::Scope;
use memoctl::stack::{Api, Stack};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stack() -> Stack {
    memoctl::stack::read::load(&root().join("stack.toml"), "dev").unwrap()
}

fn api() -> Api {
    stack().api.unwrap()
}

fn description() -> Description {
    let text = std::fs::read_to_string(root().join(api().openapi.unwrap())).unwrap();
    Description::parse(&text).unwrap()
}

fn document() -> Value {
    description().served_at(None)
}

/// Every operation, by method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
        methods.map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    });
    operations.collect()
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_route_is_described_with_its_scopes_and_nothing_else_is() {
    let api = api();
    assert_eq!(description().differences(&api), []);
    let described: BTreeSet<String> = operations(&document()).into_iter().map(|(operation, _)| operation).collect();
    assert_eq!(described, api.routes.keys().map(ToString::to_string).collect());
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = document();
    let names: Vec<&str> =
        operations(&document).into_iter().filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    let distinct: BTreeSet<&&str> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (api().routes.len(), names.len()));
}

#[test]
fn every_operation_behind_the_authorizer_describes_401_and_those_with_scopes_403() {
    let document = document();
    for (name, operation) in operations(&document) {
        let security = operation["security"].as_array().unwrap();
        let scoped = security.iter().any(|requirement| requirement["jwt"] != serde_json::json!([]));
        for (status, expected) in [("401", !security.is_empty()), ("403", scoped)] {
            let described = operation["responses"].get(status).is_some();
            assert!(described || !expected, "{name} has no {status}");
        }
    }
}

#[test]
fn a_scope_is_described_by_the_pattern_that_is_known_to_the_routes() {
    let pattern = document()["components"]["schemas"]["Scope"]["pattern"].as_str().unwrap().to_owned();
    let scopes: BTreeSet<String> = api().routes.into_values().flat_map(|route| route.scopes).collect();
    let alternatives = format!("({})", ["memos:read", "memos:write", "account"].join("|"));
    assert_eq!(pattern, format!("^{alternatives}( {alternatives})*$"));
    assert_eq!(scopes, ["account", "memos:read", "memos:write"].map(str::to_owned).into());
}

#[test]
fn the_codes_of_problems_are_those_that_the_handlers_and_the_gateway_have() {
    let described = strings(&document()["components"]["schemas"]["ProblemCode"]["enum"]);
    let mut known: BTreeSet<String> = ["auth", "memo", "service"]
        .iter()
        .flat_map(|name| sources(&root().join("handlers").join(name).join("src")))
        .flat_map(|text| codes(&text))
        .collect();
    known.extend(gateway_codes());
    assert_eq!(described, known);
}

/// The texts of the Rust files below `folder`.
fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(
            |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![std::fs::read_to_string(path).unwrap()] },
        )
        .collect()
}

/// The codes in `Problem::new(404, "not-found", …)`.
fn codes(text: &str) -> Vec<String> {
    let made = text.split("::new(").skip(1).filter_map(|rest| rest.split_once(", \""));
    let made = made.filter(|(status, _)| status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()));
    made.filter_map(|(_, rest)| Some(rest.split_once('"')?.0.to_owned())).collect()
}

fn gateway_codes() -> Vec<String> {
    let functions =
        stack().functions.into_keys().map(|name| (name.clone(), (name.clone(), Digest::of(&name)))).collect();
    let scope = Scope {
        stack: "memo".to_owned(),
        stage: "dev".to_owned(),
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        local: None,
        bucket: None,
    };
    let problems = wanted(&api(), &functions, &scope).responses.into_values().map(|response| {
        let problem: Value = serde_json::from_str(&response.templates["application/json"]).unwrap();
        problem["code"].as_str().unwrap().to_owned()
    });
    problems.collect()
}
