//! HTTP proxy integrations: what of a document is taken, shown and refused. What they do is shown in `tests/it/standin`.

use serde_json::{Value, json};

use crate::apigateway_client::{Gateway, document, operation};

fn http_proxy() -> Value {
    json!({ "type": "http_proxy", "httpMethod": "ANY", "uri": "http://127.0.0.1:1025/{proxy}" })
}

fn at(path: &str, mut integration: Value, change: &Value) -> Value {
    for (member, value) in change.as_object().into_iter().flatten() {
        integration[member] = value.clone();
    }
    let mut operation = operation(integration);
    operation["parameters"] = json!([{ "name": "proxy", "in": "path", "required": true }]);
    document(json!({ path: { "x-amazon-apigateway-any-method": operation } }))
}

#[test]
fn an_import_keeps_mappings_connection_and_tls_and_shows_them() {
    let gateway = Gateway::shared();
    let parameters = json!({ "integration.request.path.proxy": "method.request.path.proxy" });
    let more = json!({
        "requestParameters": parameters, "connectionType": "VPC_LINK", "connectionId": "ab1c2d",
        "tlsConfig": { "insecureSkipVerification": true }, "timeoutInMillis": 50,
    });
    let api = gateway.import(&at("/{proxy+}", http_proxy(), &more));
    let page = gateway.done("GET", &format!("/restapis/{api}/resources?embed=methods"), &Value::Null);
    let resources = page["item"].as_array().unwrap();
    let resource = resources.iter().find(|resource| resource["path"] == "/{proxy+}").unwrap();
    assert_eq!(
        resource["resourceMethods"]["ANY"]["methodIntegration"],
        json!({
            "type": "HTTP_PROXY", "httpMethod": "ANY", "uri": "http://127.0.0.1:1025/{proxy}",
            "connectionType": "VPC_LINK", "connectionId": "ab1c2d", "requestParameters": parameters,
            "tlsConfig": { "insecureSkipVerification": true }, "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 50, "cacheNamespace": resource["id"], "cacheKeyParameters": [],
        })
    );
}

#[test]
fn what_is_no_integration_over_http_or_not_done_here_is_refused_by_name() {
    for (change, named) in [
        (json!({ "uri": "internal.example.com" }), "Invalid HTTP endpoint specified for URI"),
        (json!({ "httpMethod": "" }), "HttpMethod must be non-empty"),
        (json!({ "timeoutInMillis": 49 }), "Timeout should be between 50 ms and 29000 ms"),
        (json!({ "connectionType": "VPC_LINK" }), "ConnectionId is required"),
        (json!({ "requestTemplates": { "application/json": "{}" } }), "requestTemplates"),
        (json!({ "credentials": "arn:aws:iam::000000000000:role/invoker" }), "credentials"),
        (json!({ "contentHandling": "CONVERT_TO_TEXT" }), "contentHandling"),
        (
            json!({ "requestParameters": { "integration.request.path.id": "method.request.path.id" } }),
            "Invalid mapping expression parameter specified: method.request.path.id",
        ),
        (
            json!({ "requestParameters": { "integration.request.body.a": "'a'" } }),
            "Invalid mapping expression specified: integration.request.body.a",
        ),
    ] {
        let document = at("/{proxy+}", http_proxy(), &change);
        let answer = Gateway::shared().call("POST", "/restapis?mode=import&failonwarnings=true", &document);
        let (status, _, message) = answer.error();
        assert!(status == 400 && message.contains(named), "{named}: {status} {message}");
        assert!(message.contains("ANY /{proxy+}"), "{message}");
    }
}

#[test]
fn a_mapping_of_a_header_that_api_gateway_sets_itself_fails_every_request() {
    let gateway = Gateway::shared();
    for name in ["Content-Length", "X-Amzn-Trace-Id"] {
        let mapping = json!({ "requestParameters": { format!("integration.request.header.{name}"): "'1'" } });
        let api = gateway.deploy(&at("/{proxy+}", http_proxy(), &mapping));
        assert_eq!(gateway.get(&api, "/a", &[]).status, 500, "{name}");
    }
}
