//! `ImportRestApi` and `PutRestApi`.

use serde_json::{Value, json};

use crate::apigateway_client::{Gateway, catch_all, document, operation, proxy, uri};

fn put(gateway: &Gateway, api: &str, mode: &str, document: &Value) -> Value {
    gateway.done("PUT", &format!("/restapis/{api}?mode={mode}&failonwarnings=true"), document)
}

fn resources(gateway: &Gateway, api: &str) -> Vec<Value> {
    let page = gateway.done("GET", &format!("/restapis/{api}/resources?embed=methods&limit=500"), &Value::Null);
    let mut resources = page["item"].as_array().expect("as the cloud answers").clone();
    resources.sort_by_key(|resource| resource["path"].as_str().expect("as the cloud answers").to_owned());
    resources
}

fn refused(document: &Value) -> String {
    let answer = Gateway::shared().call("POST", "/restapis?mode=import&failonwarnings=true", document);
    let (status, code, message) = answer.error();
    assert_eq!((status, code.as_str()), (400, "BadRequestException"), "{message}");
    message
}

#[test]
fn a_document_becomes_resources_with_all_that_lies_between() {
    let gateway = Gateway::shared();
    let api = gateway.import(&document(json!({ "/v1/memos/{id}": { "get": operation(proxy()) } })));
    let resources = resources(&gateway, &api);
    let paths: Vec<&Value> = resources.iter().map(|resource| &resource["path"]).collect();
    assert_eq!(paths, ["/", "/v1", "/v1/memos", "/v1/memos/{id}"]);
    assert_eq!(resources[3]["parentId"], resources[2]["id"]);
    assert_eq!(resources[3]["pathPart"], "{id}");
    let integration = &resources[3]["resourceMethods"]["GET"]["methodIntegration"];
    assert_eq!(
        *integration,
        json!({
            "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri("gateway"),
            "credentials": "arn:aws:iam::000000000000:role/invoker",
            "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000,
            "cacheNamespace": resources[3]["id"], "cacheKeyParameters": [],
        })
    );
}

#[test]
fn an_overwrite_drops_what_the_document_omits_and_keeps_ids_tags_and_stages() {
    let gateway = Gateway::shared();
    let new = json!({ "name": "before", "description": "d", "tags": { "t": "1" },
                      "endpointConfiguration": { "types": ["REGIONAL"] } });
    let api = gateway.done("POST", "/restapis", &new)["id"].as_str().unwrap().to_owned();
    let mut first = document(json!({ "/a": { "get": operation(proxy()) }, "/b": { "get": operation(proxy()) } }));
    first["x-amazon-apigateway-binary-media-types"] = json!(["image/png"]);
    first["x-amazon-apigateway-gateway-responses"] = json!({ "THROTTLED": { "statusCode": "430" } });
    put(&gateway, &api, "overwrite", &first);
    gateway.done("POST", &format!("/restapis/{api}/deployments"), &json!({ "stageName": "test" }));
    let before = resources(&gateway, &api);

    let shown = put(&gateway, &api, "overwrite", &document(json!({ "/b": { "post": operation(proxy()) } })));
    assert_eq!(
        (&shown["name"], &shown["description"], &shown["binaryMediaTypes"]),
        (&json!("test"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&shown["tags"], &shown["endpointConfiguration"]["types"]),
        (&json!({ "t": "1" }), &json!(["REGIONAL"]))
    );
    let after = resources(&gateway, &api);
    assert_eq!(after.len(), 2);
    assert_eq!((&after[0]["id"], &after[1]["id"]), (&before[0]["id"], &before[2]["id"]));
    assert_eq!(after[1]["resourceMethods"].as_object().unwrap().keys().collect::<Vec<_>>(), ["POST"]);
    let throttled = gateway.done("GET", &format!("/restapis/{api}/gatewayresponses/THROTTLED"), &Value::Null);
    assert_eq!((&throttled["statusCode"], &throttled["defaultResponse"]), (&json!("429"), &json!(true)));
    assert_eq!(gateway.call("GET", &format!("/restapis/{api}/stages/test"), &Value::Null).status, 200);
}

#[test]
fn a_merge_adds_to_what_is_there() {
    let gateway = Gateway::shared();
    let mut first = document(json!({ "/a": { "get": operation(proxy()) } }));
    first["x-amazon-apigateway-binary-media-types"] = json!(["image/png"]);
    let api = gateway.import(&first);
    let mut second = document(json!({ "/a": { "post": operation(proxy()) } }));
    second["x-amazon-apigateway-binary-media-types"] = json!(["image/gif"]);
    let shown = put(&gateway, &api, "merge", &second);
    assert_eq!(shown["binaryMediaTypes"], json!(["image/png", "image/gif"]));
    let resources = resources(&gateway, &api);
    assert_eq!(resources[1]["resourceMethods"].as_object().unwrap().keys().collect::<Vec<_>>(), ["GET", "POST"]);
}

#[test]
fn authorizers_validators_and_models_are_read_back() {
    let gateway = Gateway::shared();
    let extension = json!({ "type": "token", "authorizerUri": uri("gateway"), "authorizerResultTtlInSeconds": 60 });
    let mut document = document(json!({ "/": { "post": {
        "operationId": "make",
        "security": [{ "guard": [] }],
        "parameters": [{ "name": "q", "in": "query", "required": true }],
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Memo" } } } },
        "x-amazon-apigateway-request-validator": "params",
        "x-amazon-apigateway-integration": proxy(),
    } } }));
    document["components"] = json!({
        "schemas": { "Memo": { "type": "object" } },
        "securitySchemes": { "guard": {
            "type": "apiKey", "name": "X-Token", "in": "header",
            "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": extension,
        } },
    });
    document["x-amazon-apigateway-request-validators"] = json!({ "params": { "validateRequestParameters": true } });
    let api = gateway.import(&document);
    let only = |what: &str| gateway.done("GET", &format!("/restapis/{api}/{what}"), &Value::Null)["item"][0].clone();
    let (authorizer, validator, model) = (only("authorizers"), only("requestvalidators"), only("models"));
    assert_eq!(
        authorizer,
        json!({
            "id": authorizer["id"], "name": "guard", "type": "TOKEN", "authType": "custom",
            "authorizerUri": uri("gateway"), "identitySource": "method.request.header.X-Token",
            "authorizerResultTtlInSeconds": 60,
        })
    );
    assert_eq!((&validator["name"], &validator["validateRequestParameters"]), (&json!("params"), &json!(true)));
    assert_eq!((&model["name"], &model["schema"]), (&json!("Memo"), &json!(r#"{"type":"object"}"#)));
    let method = &resources(&gateway, &api)[0]["resourceMethods"]["POST"];
    assert_eq!((&method["authorizationType"], &method["authorizerId"]), (&json!("CUSTOM"), &authorizer["id"]));
    assert_eq!((&method["requestValidatorId"], &method["operationName"]), (&validator["id"], &json!("make")));
    assert_eq!(method["requestParameters"], json!({ "method.request.querystring.q": true }));
    assert_eq!(method["requestModels"], json!({ "application/json": "Memo" }));
    let root = resources(&gateway, &api)[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(gateway.done("GET", &format!("/restapis/{api}/resources/{root}/methods/POST"), &Value::Null), *method);
}

#[test]
fn what_is_not_done_locally_is_refused_by_name_and_place() {
    let integration = |member: &str, value: Value| {
        let mut integration = proxy();
        integration[member] = value;
        document(json!({ "/x": { "get": operation(integration) } }))
    };
    let method = |member: &str, value: Value| {
        let mut operation = operation(proxy());
        operation[member] = value;
        document(json!({ "/x": { "get": operation } }))
    };
    for (document, named) in [
        (integration("type", json!("http")), "integrations of type http"),
        (integration("connectionType", json!("VPC_LINK")), "VPC links"),
        (integration("responseTransferMode", json!("STREAM")), "streaming"),
        (integration("requestParameters", json!({ "a": "b" })), "requestParameters"),
        (integration("credentials", json!("arn:aws:iam::*:user/*")), "credentials"),
        (integration("somethingNew", json!(1)), "somethingNew"),
        (integration("uri", json!("arn:aws:apigateway:us-east-1:sqs:path/0/q")), "sqs:path"),
        (method("x-amazon-apigateway-auth", json!({ "type": "AWS_IAM" })), "AWS_IAM"),
        (method("x-amazon-apigateway-something", json!(1)), "x-amazon-apigateway-something"),
        (method("callbacks", json!({})), "callbacks"),
        (method("security", json!([{ "nothing": [] }])), "nothing"),
        (method("x-amazon-apigateway-request-validator", json!("nothing")), "nothing"),
    ] {
        let message = refused(&document);
        assert!(message.contains(named) && message.contains("GET /x"), "{named}: {message}");
    }
}

#[test]
fn all_errors_of_a_document_are_told_at_once() {
    let message = refused(&document(json!({
        "/a/{x}/b": { "get": operation(json!({ "type": "http" })) },
        "/a/{y}": { "get": operation(proxy()) },
        "/p/{proxy+}": { "get": operation(proxy()) },
        "/p/{proxy+}/below": { "get": operation(proxy()) },
        "/s p": { "get": operation(proxy()) },
    })));
    for part in ["type http", "A sibling ({x})", "greedy path variable: {proxy+}", "'/s p'"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(message.starts_with("Errors found during import:\n\t"), "{message}");
}

#[test]
fn a_mapped_header_must_be_declared() {
    let message = refused(&document(json!({ "/": { "options": operation(json!({
        "type": "mock",
        "requestTemplates": { "application/json": "{\"statusCode\":200}" },
        "responses": { "default": { "statusCode": "200", "responseParameters": { "method.response.header.X": "'1'" } } },
    })) } })));
    assert!(message.contains("Invalid mapping expression parameter specified: method.response.header.X"), "{message}");
}

#[test]
fn warnings_are_told_and_fail_only_when_asked_to() {
    let gateway = Gateway::shared();
    let mut document = catch_all();
    document["webhooks"] = json!({});
    let api = gateway.done("POST", "/restapis?mode=import", &document);
    assert_eq!(api["warnings"], json!(["webhooks in the document is not supported. Ignoring."]));
    assert!(refused(&document).starts_with("Warnings found during import:"));
}

#[test]
fn a_failed_put_changes_nothing() {
    let gateway = Gateway::shared();
    let api = gateway.import(&catch_all());
    let before = resources(&gateway, &api);
    let bad = document(json!({ "/x": { "get": operation(json!({ "type": "http" })) } }));
    assert_eq!(gateway.call("PUT", &format!("/restapis/{api}?mode=overwrite"), &bad).status, 400);
    assert_eq!(resources(&gateway, &api), before);
}

#[test]
fn documents_of_another_kind_are_refused() {
    for (document, named) in [
        (json!({ "swagger": "2.0", "info": {}, "paths": {} }), "Swagger 2.0"),
        (json!({ "openapi": "3.1.0", "info": {}, "paths": {} }), "3.1.0"),
        (json!({}), "no openapi member"),
        (json!([]), "OpenAPI 3.0 in JSON"),
    ] {
        assert!(refused(&document).contains(named), "{document}");
    }
}

#[test]
fn an_api_has_300_resources_at_most() {
    let gateway = Gateway::shared();
    let paths = |count: u32| {
        let path = |number| (format!("/p{number}"), json!({ "get": operation(proxy()) }));
        document((0..count).map(path).collect::<serde_json::Map<_, _>>().into())
    };
    gateway.import(&paths(299));
    let (status, code, _) = gateway.call("POST", "/restapis?mode=import", &paths(300)).error();
    assert_eq!((status, code.as_str()), (429, "LimitExceededException"));
}
