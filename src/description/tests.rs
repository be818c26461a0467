use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::stack::{Authorizer, Backend, Guard, Route, Service};

const DOCUMENT: &str = "
openapi: 3.1.0
info: { title: shop, version: '1' }
paths:
  /items:
    get:
      security: [{ door: ['items:read'] }, { door: [admin] }]
      responses: { '200': { $ref: '#/components/responses/Done' } }
    post:
      security: [{ door: [] }]
      responses: { '200': { $ref: '#/components/responses/Done' } }
  /health:
    get: { responses: { '200': { description: It answers. } } }
components:
  responses: { Done: { description: It is done. } }
  securitySchemes: { door: { type: http, scheme: bearer } }
";

fn route(authorizer: Option<&str>, scopes: &[&str]) -> Route {
    Route {
        backend: Backend::Function("shop".to_owned()),
        guard: authorizer.map(|name| Guard::from(name.to_owned())),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect::<BTreeSet<_>>(),
        timeout: 29_000,
    }
}

fn key(method: &str, path: &str) -> RouteKey {
    RouteKey { path: path.to_owned(), method: method.to_owned() }
}

/// The API that `DOCUMENT` describes.
fn api() -> Api {
    Api {
        description: String::new(),
        issuer: None,
        openapi: None,
        binary: false,
        authorizers: BTreeMap::from([(
            "door".to_owned(),
            Authorizer { function: "door".to_owned(), ttl: 60, audiences: BTreeMap::new() },
        )]),
        cors: None,
        routes: BTreeMap::from([
            (key("GET", "/items"), route(Some("door"), &["items:read", "admin"])),
            (key("POST", "/items"), route(Some("door"), &[])),
            (key("GET", "/health"), route(None, &[])),
        ]),
        throttle: None,
    }
}

fn differences(document: &str, api: &Api) -> Vec<String> {
    Description::parse(document).unwrap().differences(api).iter().map(ToString::to_string).collect()
}

#[test]
fn a_document_that_says_what_the_stack_says_differs_in_nothing() {
    assert_eq!(differences(DOCUMENT, &api()), [""; 0]);
}

#[test]
fn a_route_that_is_not_described_and_an_operation_that_is_not_routed_are_told() {
    let mut api = api();
    api.routes.remove(&key("POST", "/items"));
    api.routes.insert(key("PUT", "/items"), route(None, &[]));
    assert_eq!(
        differences(DOCUMENT, &api),
        [
            "`POST /items` is described, and no route of the stack",
            "`PUT /items` is a route of the stack, and not described"
        ]
    );
}

#[test]
fn other_scopes_are_told_as_the_document_would_write_them() {
    let mut api = api();
    api.routes.insert(key("POST", "/items"), route(Some("door"), &["items:write"]));
    assert_eq!(
        differences(DOCUMENT, &api),
        ["`POST /items` is described with `security: [{door: []}]`; by the stack it is [{door: [items:write]}]"]
    );
}

#[test]
fn all_of_two_scopes_is_not_any_of_them() {
    let document =
        DOCUMENT.replace("[{ door: ['items:read'] }, { door: [admin] }]", "[{ door: ['items:read', admin] }]");
    assert_eq!(differences(&document, &api()).len(), 1);
}

#[test]
fn a_requirement_that_asks_for_nothing_opens_an_operation_to_everybody() {
    let document = DOCUMENT.replace("[{ door: [] }]", "[{ door: [] }, {}]");
    assert_eq!(
        differences(&document, &api()),
        ["`POST /items` is described with `security: []`; by the stack it is [{door: []}]"]
    );
}

#[test]
fn security_of_the_whole_document_is_that_of_each_operation_without_its_own() {
    let document = DOCUMENT.replace("paths:", "security: [{ door: [] }]\npaths:");
    assert_eq!(
        differences(&document, &api()),
        ["`GET /health` is described with `security: [{door: []}]`; by the stack it is []"]
    );
}

#[test]
fn a_route_of_any_method_answers_each_that_is_described() {
    let mut api = api();
    api.routes.clear();
    api.routes.insert(key("ANY", "/files/{path+}"), route(None, &[]));
    let document = "openapi: 3.1.0\npaths: { '/files/{path}': { get: {}, put: {} } }\ncomponents: { securitySchemes: { door: {} } }";
    assert_eq!(differences(document, &api), [""; 0]);
}

#[test]
fn an_authorizer_without_a_scheme_of_its_name_is_told() {
    let document = DOCUMENT.replace("securitySchemes: { door:", "securitySchemes: { gate:");
    assert_eq!(
        differences(&document, &api()),
        ["the authorizer `door` has no security scheme of its name in `components`"]
    );
}

#[test]
fn a_reference_out_of_the_document_or_to_nothing_is_told() {
    let document = DOCUMENT.replacen("#/components/responses/Done", "other.yaml#/Done", 1);
    let document = document.replacen("#/components/responses/Done", "#/components/responses/Nothing", 1);
    assert_eq!(
        differences(&document, &api()),
        [
            "`$ref: #/components/responses/Nothing` leads to nothing in the document",
            "`$ref: other.yaml#/Done` leads to nothing in the document"
        ]
    );
}

#[test]
fn an_export_names_where_the_api_answers_or_stays_relative() {
    let servers = |url| Description::parse(DOCUMENT).unwrap().served_at(url)["servers"].clone();
    assert_eq!(servers(Some("https://api.example.com/prod")), json!([{ "url": "https://api.example.com/prod" }]));
    assert_eq!(servers(None), json!([{ "url": "/" }]));
}

#[test]
fn json_is_read_as_well() {
    assert!(Description::parse(r#"{"openapi":"3.1.0","paths":{}}"#).is_ok());
}

#[test]
fn what_is_no_openapi_3_1_is_refused_with_the_reason() {
    for (text, reason) in [
        ("[]", "it is no object"),
        ("swagger: '2.0'", "`openapi: 3.1.0` is missing"),
        ("openapi: 3.0.3", "OpenAPI 3.0.3 document; memoctl reads 3.1"),
        ("openapi: 3.1.0\npaths: {}\npaths: {}", "line 3"),
        ("openapi: [", ""),
    ] {
        let error = Description::parse(text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

/// A route to a service, which describes itself.
fn elsewhere() -> Route {
    let service = Service::at("https://internal.example.com/{proxy}");
    Route { backend: Backend::Service(service), ..route(None, &[]) }
}

#[test]
fn what_a_service_answers_is_the_services_own_to_describe() {
    let mut api = api();
    api.routes.insert(key("ANY", "/legacy/{proxy+}"), elsewhere());
    assert_eq!(differences(DOCUMENT, &api), [""; 0]);
}

#[test]
fn an_operation_of_a_service_may_be_described_by_its_own_path_and_has_the_routes_security() {
    let mut api = api();
    api.routes.insert(key("ANY", "/legacy/{proxy+}"), elsewhere());
    let document = DOCUMENT
        .replace("  /health:", "  /legacy/reports/{id}: { get: {}, put: { security: [{ door: [] }] } }\n  /health:");
    assert_eq!(
        differences(&document, &api),
        ["`PUT /legacy/reports/{id}` is described with `security: [{door: []}]`; by the stack it is []"]
    );
}
