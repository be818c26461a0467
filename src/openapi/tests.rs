use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use crate::scope::Scope;
use crate::stack::{Api, Authorizer as StackAuthorizer, Backend, Cors, Guard, Route as StackRoute, RouteKey, Service};

fn functions() -> Functions {
    ["auth", "authorizer", "memo"]
        .map(|name| (name.to_owned(), (Scope::example().function(name), Digest::of(&name))))
        .into()
}

/// Two public routes and one with an authorizer, and CORS.
fn api() -> Api {
    let route = |method: &str, path: &str, function: &str, authorizer: Option<&str>| {
        let key = RouteKey { path: path.to_owned(), method: method.to_owned() };
        let route = StackRoute {
            backend: Backend::Function(function.to_owned()),
            guard: authorizer.map(|name| Guard::from(name.to_owned())),
            scopes: BTreeSet::new(),
            timeout: 29_000,
        };
        (key, route)
    };
    Api {
        description: "Memos".to_owned(),
        issuer: None,
        openapi: None,
        binary: false,
        authorizers: BTreeMap::from([(
            "jwt".to_owned(),
            StackAuthorizer { function: "authorizer".to_owned(), ttl: 60, audiences: BTreeMap::new() },
        )]),
        cors: Some(Cors {
            origins: vec!["*".to_owned()],
            headers: vec!["Authorization".to_owned(), "Content-Type".to_owned()],
            expose: vec!["ETag".to_owned()],
            max_age: 600,
        }),
        routes: BTreeMap::from([
            route("GET", "/healthz", "auth", None),
            route("GET", "/v1/memos/{id}", "memo", Some("jwt")),
            route("ANY", "/files/{proxy+}", "memo", None),
        ]),
        throttle: None,
    }
}

fn document(table: &Table) -> Value {
    render(table, &Scope::example(), |_, _| Some(7)).unwrap()
}

#[test]
fn the_document_is_what_api_gateway_imports() {
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&document(&wanted(&api(), &functions(), &Scope::example()))).unwrap()
    );
}

#[test]
fn a_route_names_the_published_version_of_its_function() {
    let document = document(&wanted(&api(), &functions(), &Scope::example()));
    let uri = &document["paths"]["/healthz"]["get"]["x-amazon-apigateway-integration"]["uri"];
    assert_eq!(
        uri,
        "arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/\
         arn:aws:lambda:ap-northeast-2:123456789012:function:memo-prod-auth:7/invocations"
    );
}

#[test]
fn a_version_that_is_not_published_is_no_document() {
    let unresolved =
        render(&wanted(&api(), &functions(), &Scope::example()), &Scope::example(), |_, _| None).unwrap_err();
    assert!(unresolved.to_string().starts_with("no published version is known for memo-prod-"), "{unresolved}");
}

#[test]
fn every_path_gets_a_preflight_without_authorizer() {
    let table = wanted(&api(), &functions(), &Scope::example());
    let preflights: Vec<_> = table.routes.iter().filter(|(operation, _)| operation.method == "OPTIONS").collect();
    assert_eq!(preflights.len(), 3);
    assert!(preflights.iter().all(|(_, route)| route.authorization == Authorization::None));
}

#[test]
fn a_preflight_names_the_methods_of_its_path() {
    let mut api = api();
    let read = RouteKey { path: "/v1/memos/{id}".to_owned(), method: "GET".to_owned() };
    let write = RouteKey { method: "PATCH".to_owned(), ..read.clone() };
    api.routes.insert(write, api.routes[&read].clone());
    let table = wanted(&api, &functions(), &Scope::example());
    let preflight = &table.routes[&Operation { path: read.path, method: "OPTIONS".to_owned() }];
    let answer = &preflight.integration.integration_responses["204"].parameters;
    assert_eq!(answer["method.response.header.Access-Control-Allow-Methods"], "'GET,PATCH'");
}

#[test]
fn a_preflight_has_the_headers_that_every_answer_has() {
    let table = wanted(&api(), &functions(), &Scope::example());
    let preflight = &table.routes[&Operation { path: "/healthz".to_owned(), method: "OPTIONS".to_owned() }];
    let answer = &preflight.integration.integration_responses["204"].parameters;
    let header = |name: &str| answer[&format!("method.response.header.{name}")].as_str();
    assert_eq!(
        ["X-Content-Type-Options", "Cache-Control", "Strict-Transport-Security", "X-Request-Id"].map(header),
        ["'nosniff'", "'no-store'", "'max-age=63072000; includeSubDomains'", "context.requestId"]
    );
    let declared = &preflight.responses["204"];
    assert!(
        answer.keys().all(|name| declared.contains(name.trim_start_matches("method.response.header."))),
        "{declared:?}"
    );
}

#[test]
fn without_cors_there_are_no_preflights_and_no_cors_headers() {
    let table = wanted(&Api { cors: None, ..api() }, &functions(), &Scope::example());
    assert_eq!(table.routes.len(), 3);
    let text = serde_json::to_string(&table).unwrap();
    assert!(!text.contains("Access-Control"), "{text}");
}

#[test]
fn handlers_are_told_the_origin_and_the_headers_but_no_star() {
    let any = api().cors.unwrap();
    assert_eq!(variables(&any), BTreeMap::from([("cors_expose", "ETag".to_owned())]));
    let one = Cors { origins: vec!["https://example.com".to_owned()], expose: vec!["*".to_owned()], ..any };
    assert_eq!(variables(&one), BTreeMap::from([("cors_origin", "https://example.com".to_owned())]));
}

#[test]
fn the_defaults_of_gateway_responses_set_no_status() {
    let table = wanted(&api(), &functions(), &Scope::example());
    let without: Vec<&String> =
        table.responses.iter().filter(|(_, response)| response.status.is_none()).map(|(kind, _)| kind).collect();
    assert_eq!(without, ["DEFAULT_4XX", "DEFAULT_5XX"]);
}

#[test]
fn what_api_gateway_answers_by_itself_is_problem_json_with_the_request_id_and_nothing_else_of_the_request() {
    for response in wanted(&api(), &functions(), &Scope::example()).responses.values() {
        let problem: Value = serde_json::from_str(&response.templates["application/json"]).unwrap();
        assert_eq!(response.parameters["gatewayresponse.header.Content-Type"], "'application/problem+json'");
        let missing: Vec<_> =
            ["type", "title", "detail", "code"].into_iter().filter(|name| !problem[name].is_string()).collect();
        assert!(missing.is_empty(), "{missing:?} of {problem}");
        assert_eq!(problem["instance"], "urn:uuid:$context.requestId");
        let variables: Vec<&str> = response.templates["application/json"].split('$').skip(1).collect();
        assert!(variables.iter().all(|variable| variable.starts_with("context.requestId")), "{problem}");
    }
}

#[test]
fn another_version_of_a_function_is_another_api() {
    let mut newer = functions();
    newer.insert("memo".to_owned(), (Scope::example().function("memo"), Digest::of(&"newer")));
    let digest = |functions| wanted(&api(), functions, &Scope::example()).digest();
    assert_ne!(digest(&functions()), digest(&newer));
}

#[test]
fn a_table_shows_its_routes_by_method_and_path() {
    let table = serde_json::to_value(wanted(&api(), &functions(), &Scope::example())).unwrap();
    let target = format!("memo-prod-memo@{}", Digest::of(&"memo"));
    assert_eq!(table["routes"]["GET /v1/memos/{id}"]["target"], target);
    assert_eq!(table["routes"]["GET /v1/memos/{id}"]["authorization"], "jwt");
}

#[test]
fn a_version_whose_content_is_unknown_keeps_its_number() {
    let uri = Scope::example().integration_uri(&Scope::example().version_arn("memo-prod-memo", "9"));
    let target =
        Target::parse(Some(&uri), &Scope::example()).resolved(|_, number| (number == 7).then(|| Digest::of(&"memo")));
    assert_eq!(target.to_string(), "memo-prod-memo version 9");
}

#[test]
fn a_function_of_another_account_stays_a_uri() {
    let uri = Scope { account: "999999999999".to_owned(), ..Scope::example() }
        .integration_uri("arn:aws:lambda:x:999999999999:function:f");
    assert_eq!(Target::parse(Some(&uri), &Scope::example()), Target::Uri(uri));
}

/// The API with a service behind `/legacy/`.
fn joined(change: impl FnOnce(&mut StackRoute, &mut Service)) -> Api {
    let mut service = Service::at("https://internal.example.com/{proxy}");
    let key = RouteKey { path: "/legacy/{proxy+}".to_owned(), method: "ANY".to_owned() };
    let mut api = api();
    let mut route = api.routes.values().next().unwrap().clone();
    change(&mut route, &mut service);
    api.routes.insert(key, StackRoute { backend: Backend::Service(service), ..route });
    api
}

fn legacy(api: &Api) -> Value {
    document(&wanted(api, &functions(), &Scope::example()))["paths"]["/legacy/{proxy+}"]["x-amazon-apigateway-any-method"].clone()
}

#[test]
fn a_route_to_a_service_is_an_http_proxy_that_passes_the_path_on_and_tells_of_nobody() {
    let integration = &legacy(&joined(|_, _| {}))["x-amazon-apigateway-integration"];
    assert_eq!(
        *integration,
        json!({
            "type": "http_proxy", "httpMethod": "ANY", "uri": "https://internal.example.com/{proxy}",
            "passthroughBehavior": "when_no_match", "timeoutInMillis": 29000,
            "requestParameters": {
                "integration.request.path.proxy": "method.request.path.proxy",
                "integration.request.header.X-Caller": "'-'",
                "integration.request.header.X-Origin-Key": "'-'",
                "integration.request.header.Accept-Encoding": "'identity'",
            },
        })
    );
}

#[test]
fn behind_an_authorizer_a_service_is_told_the_principal() {
    let api = joined(|route, _| route.guard = Some(Guard::from("jwt".to_owned())));
    let parameters = &legacy(&api)["x-amazon-apigateway-integration"]["requestParameters"];
    assert_eq!(parameters["integration.request.header.X-Caller"], "context.authorizer.principalId");
}

#[test]
fn what_a_mapping_takes_is_declared_and_not_required() {
    let api = joined(|_, service| {
        service.headers = [("X-Tenant".to_owned(), "method.request.header.X-Organisation".to_owned())].into();
        service.query = [("page".to_owned(), "method.request.querystring.seite".to_owned())].into();
    });
    let declared = |name: &str, place: &str, required| json!({ "name": name, "in": place, "required": required, "schema": { "type": "string" } });
    assert_eq!(
        legacy(&api)["parameters"],
        json!([
            declared("proxy", "path", true),
            declared("X-Organisation", "header", false),
            declared("seite", "query", false),
        ])
    );
}

#[test]
fn a_vpc_link_and_a_private_authority_are_said_of_the_integration() {
    let api = joined(|_, service| {
        service.vpc_link = Some("ab1c2d".to_owned());
        service.verify_certificate = false;
    });
    let integration = &legacy(&api)["x-amazon-apigateway-integration"];
    assert_eq!([&integration["connectionType"], &integration["connectionId"]], ["VPC_LINK", "ab1c2d"]);
    assert_eq!(integration["tlsConfig"], json!({ "insecureSkipVerification": true }));
}

#[test]
fn where_bodies_are_to_come_byte_for_byte_every_one_is_binary() {
    let types = |binary| document(&wanted(&Api { binary, ..api() }, &functions(), &Scope::example()));
    assert_eq!(types(true)["x-amazon-apigateway-binary-media-types"], json!(["*/*"]));
    assert_eq!(types(false)["x-amazon-apigateway-binary-media-types"], json!([]));
}

#[test]
fn beside_a_service_every_body_is_binary_and_preflights_take_it_for_text() {
    let document = document(&wanted(&joined(|_, _| {}), &functions(), &Scope::example()));
    assert_eq!(document["x-amazon-apigateway-binary-media-types"], json!(["*/*"]));
    let preflight = &document["paths"]["/legacy/{proxy+}"]["options"]["x-amazon-apigateway-integration"];
    assert_eq!(preflight["contentHandling"], "CONVERT_TO_TEXT");
}

#[test]
fn a_signed_route_is_one_of_iam_in_the_document_whatever_its_backend() {
    let api = joined(|route, _| route.guard = Some(Guard::Iam));
    let table = wanted(&api, &functions(), &Scope::example());
    let document = render(&table, &Scope::example(), |_, _| Some(7)).unwrap();
    assert_eq!(
        document["components"]["securitySchemes"]["iam"],
        json!({
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        })
    );
    let joined = &document["paths"]["/legacy/{proxy+}"]["x-amazon-apigateway-any-method"];
    assert_eq!(joined["security"], json!([{ "iam": [] }]));
    let parameters = &joined["x-amazon-apigateway-integration"]["requestParameters"];
    assert_eq!(parameters["integration.request.header.X-Caller"], "context.identity.userArn");
}
