//! The control plane: APIs, tags, account, stages, deployments.

use serde_json::{Value, json};

use crate::apigateway_client::{Gateway, REGION, catch_all, document, operation, proxy, role};

fn created(gateway: &Gateway, body: &Value) -> (String, Value) {
    let api = gateway.done("POST", "/restapis", body);
    (api["id"].as_str().expect("an id").to_owned(), api)
}

fn patch(op: &str, path: &str, value: &str) -> Value {
    json!({ "patchOperations": [{ "op": op, "path": path, "value": value }] })
}

fn bad_request(message: &str) -> (u16, String, String) {
    (400, "BadRequestException".to_owned(), message.to_owned())
}

#[test]
fn a_new_api_has_the_defaults_of_aws() {
    let gateway = Gateway::shared();
    let (id, api) = created(&gateway, &json!({ "name": "defaults" }));
    assert!(api["createdDate"].is_i64() && api["rootResourceId"].is_string());
    assert_eq!(api["endpointConfiguration"], json!({ "types": ["EDGE"], "ipAddressType": "ipv4" }));
    assert_eq!((&api["apiKeySource"], &api["disableExecuteApiEndpoint"]), (&json!("HEADER"), &json!(false)));
    assert_eq!(gateway.done("GET", &format!("/restapis/{id}"), &Value::Null), api);
    let resources = gateway.done("GET", &format!("/restapis/{id}/resources"), &Value::Null);
    assert_eq!(resources["item"], json!([{ "id": api["rootResourceId"], "path": "/" }]));
}

#[test]
fn a_new_api_that_is_not_well_formed_is_refused() {
    let gateway = Gateway::shared();
    let cases = [
        (json!({}), "No API name specified"),
        (json!({ "name": "n", "description": "" }), "Description cannot be an empty string"),
        (
            json!({ "name": "n", "minimumCompressionSize": -1 }),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            json!({ "name": "n", "policy": "{}" }),
            "The local cloud does not implement resource policies of APIs (policy)",
        ),
        (
            json!({ "name": "n", "endpointConfiguration": { "types": ["PRIVATE"] } }),
            "The local cloud does not implement PRIVATE endpoints",
        ),
    ];
    for (body, message) in cases {
        assert_eq!(gateway.call("POST", "/restapis", &body).error(), bad_request(message), "{body}");
    }
}

#[test]
fn an_api_that_is_not_there_is_not_found_by_account_and_id() {
    let gateway = Gateway::shared();
    let message = "Invalid API identifier specified 000000000000:nothing";
    for (method, path) in
        [("GET", ""), ("DELETE", ""), ("GET", "/resources"), ("GET", "/stages"), ("GET", "/deployments")]
    {
        let answer = gateway.call(method, &format!("/restapis/nothing{path}"), &Value::Null);
        assert_eq!(answer.error(), (404, "NotFoundException".into(), message.into()), "{method} {path}");
    }
}

#[test]
fn a_list_of_apis_is_paged_and_has_tags() {
    let gateway = Gateway::shared();
    let ids: Vec<String> = (0..3)
        .map(|number| created(&gateway, &json!({ "name": "listed", "tags": { "n": number.to_string() } })).0)
        .collect();
    let (mut found, mut position) = (Vec::new(), String::new());
    loop {
        let page = gateway.done("GET", &format!("/restapis?limit=1{position}"), &Value::Null);
        found.extend(page["item"].as_array().unwrap().clone());
        match page["position"].as_str() {
            Some(next) => position = format!("&position={next}"),
            None => break,
        }
    }
    for (number, id) in ids.iter().enumerate() {
        let api = found.iter().find(|api| api["id"] == json!(id)).unwrap();
        assert_eq!(api["tags"], json!({ "n": number.to_string() }));
    }
}

#[test]
fn an_api_is_patched_member_by_member() {
    let gateway = Gateway::shared();
    let (id, _) = created(&gateway, &json!({ "name": "before", "description": "d" }));
    let path = format!("/restapis/{id}");
    let patches = json!({ "patchOperations": [
        { "op": "replace", "path": "/name", "value": "after" },
        { "op": "add", "path": "/binaryMediaTypes/image~1png" },
        { "op": "remove", "path": "/description" },
        { "op": "replace", "path": "/minimumCompressionSize", "value": "10" },
    ] });
    let api = gateway.done("PATCH", &path, &patches);
    assert_eq!((&api["name"], &api["binaryMediaTypes"]), (&json!("after"), &json!(["image/png"])));
    assert_eq!(
        (&api["description"], &api["minimumCompressionSize"], &api["tags"]),
        (&Value::Null, &json!(10), &json!({}))
    );
    for (wrong, message) in [
        (patch("add", "/minimumCompressionSize", "10"), "Invalid patch operation specified. Must be one of: [replace]"),
        (patch("replace", "/binaryMediaTypes", "image/gif"), "Invalid patch path /binaryMediaTypes"),
    ] {
        assert_eq!(gateway.call("PATCH", &path, &wrong).error(), bad_request(message));
    }
}

#[test]
fn tags_of_apis_and_stages_are_put_taken_and_told() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    for thing in [format!("/restapis/{api}"), format!("/restapis/{api}/stages/test")] {
        let arn = format!("arn:aws:apigateway:{REGION}::{thing}").replace(':', "%3A").replace('/', "%2F");
        let path = format!("/tags/{arn}");
        let put = gateway.call("PUT", &path, &json!({ "tags": { "a": "1", "b": "2" } }));
        assert_eq!((put.status, put.text()), (204, ""));
        assert_eq!(gateway.call("DELETE", &format!("{path}?tagKeys=a"), &Value::Null).status, 204);
        assert_eq!(gateway.done("GET", &path, &Value::Null), json!({ "tags": { "b": "2" } }));
        let refused = gateway.call("PUT", &path, &json!({ "tags": { "aws:x": "1" } })).error();
        assert_eq!((refused.0, refused.1.as_str()), (400, "BadRequestException"));
    }
    assert_eq!(gateway.call("GET", "/tags/arn%3Aaws%3As3%3A%3A%3Ab", &Value::Null).error().0, 400);
}

#[test]
fn a_deployment_in_use_cannot_be_deleted() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let deployments = format!("/restapis/{api}/deployments");
    let id = gateway.done("GET", &deployments, &Value::Null)["item"][0]["id"].as_str().unwrap().to_owned();
    let refused = gateway.call("DELETE", &format!("{deployments}/{id}"), &Value::Null);
    assert_eq!(refused.error(), bad_request("Active stages pointing to this deployment must be moved or deleted"));
    assert_eq!(gateway.call("DELETE", &format!("/restapis/{api}/stages/test"), &Value::Null).status, 202);
    assert_eq!(gateway.call("DELETE", &format!("{deployments}/{id}"), &Value::Null).status, 202);
    assert_eq!(gateway.call("GET", &format!("{deployments}/{id}"), &Value::Null).error().1, "NotFoundException");
}

#[test]
fn an_api_without_methods_or_integrations_cannot_be_deployed() {
    let gateway = Gateway::shared();
    for (paths, message) in [
        (json!({}), "The REST API doesn't contain any methods"),
        (json!({ "/": { "get": {} } }), "No integration defined for method"),
    ] {
        let api = gateway.import(&document(paths));
        let answer = gateway.call("POST", &format!("/restapis/{api}/deployments"), &json!({}));
        assert_eq!(answer.error(), bad_request(message));
    }
}

#[test]
fn a_deployment_tells_its_description_and_its_methods() {
    let gateway = Gateway::shared();
    let api = gateway.import(&document(json!({ "/a": { "get": operation(proxy()) } })));
    let path = format!("/restapis/{api}/deployments");
    let made = gateway.done("POST", &path, &json!({ "description": "first" }));
    let path = format!("{path}/{}", made["id"].as_str().unwrap());
    let shown = gateway.done("GET", &format!("{path}?embed=apisummary"), &Value::Null);
    assert_eq!(
        shown["apiSummary"],
        json!({ "/a": { "GET": { "authorizationType": "NONE", "apiKeyRequired": false } } })
    );
    let updated = gateway.done("PATCH", &path, &patch("replace", "/description", "second"));
    assert_eq!((&made["description"], &updated["description"]), (&json!("first"), &json!("second")));
}

#[test]
fn a_stage_is_made_once_from_a_deployment_that_is_there() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let stages = format!("/restapis/{api}/stages");
    let deployment = gateway.done("GET", &format!("{stages}/test"), &Value::Null)["deploymentId"].clone();
    let stage = |name: &str, deployment: &Value| json!({ "stageName": name, "deploymentId": deployment, "variables": { "k": "v" }, "tags": { "t": "1" } });
    let made = gateway.done("POST", &stages, &stage("prod", &deployment));
    assert_eq!(
        (&made["variables"], &made["tags"], &made["methodSettings"], &made["cacheClusterStatus"]),
        (&json!({ "k": "v" }), &json!({ "t": "1" }), &json!({}), &json!("NOT_AVAILABLE"))
    );
    assert!(made["createdDate"].is_i64());
    let again = gateway.call("POST", &stages, &stage("prod", &deployment));
    assert_eq!(again.error(), (409, "ConflictException".into(), "Stage already exists".into()));
    let nowhere = gateway.call("POST", &stages, &stage("other", &json!("nothing")));
    assert_eq!(nowhere.error(), bad_request("Deployment id does not exist"));
    let misnamed = gateway.call("POST", &stages, &stage("a b", &deployment));
    assert_eq!(misnamed.error(), bad_request("Stage name only allows a-zA-Z0-9_-"));
    let of_it = format!("{stages}?deploymentId={}", deployment.as_str().unwrap());
    assert_eq!(gateway.done("GET", &of_it, &Value::Null)["item"].as_array().unwrap().len(), 2);
}

#[test]
fn an_api_has_ten_stages_at_most() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let deploy = |number: u32| {
        gateway.call("POST", &format!("/restapis/{api}/deployments"), &json!({ "stageName": format!("s{number}") }))
    };
    assert!((1..10).all(|number| deploy(number).status == 201));
    assert_eq!(deploy(10).error().1, "LimitExceededException");
}

#[test]
fn a_stage_is_patched_all_or_nothing() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let path = format!("/restapis/{api}/stages/test");
    let patches = json!({ "patchOperations": [
        { "op": "replace", "path": "/description", "value": "d" },
        { "op": "replace", "path": "/variables/base_url", "value": "http://127.0.0.1:4567/x" },
        { "op": "replace", "path": "/tracingEnabled", "value": "true" },
        { "op": "replace", "path": "/*/*/throttling/rateLimit", "value": "12.5" },
    ] });
    let stage = gateway.done("PATCH", &path, &patches);
    assert_eq!(stage["variables"], json!({ "base_url": "http://127.0.0.1:4567/x" }));
    assert_eq!((&stage["description"], &stage["tracingEnabled"]), (&json!("d"), &json!(true)));
    assert_eq!(stage["methodSettings"]["*/*"]["throttlingRateLimit"], json!(12.5));
    assert_eq!(stage["methodSettings"]["*/*"]["throttlingBurstLimit"], json!(5000));
    let half = json!({ "patchOperations": [
        { "op": "remove", "path": "/variables/base_url" },
        { "op": "replace", "path": "/deploymentId", "value": "nothing" },
    ] });
    assert_eq!(gateway.call("PATCH", &path, &half).error(), bad_request("Deployment id does not exist"));
    assert_eq!(gateway.done("GET", &path, &Value::Null)["variables"], stage["variables"]);
}

#[test]
fn what_a_stage_does_not_do_locally_is_refused_by_name() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let path = format!("/restapis/{api}/stages/test");
    for (member, value, named) in [
        ("/cacheClusterEnabled", "true", "cache clusters"),
        ("/*/*/caching/enabled", "true", "caching"),
        ("/*/*/logging/loglevel", "INFO", "execution logs"),
        ("/variables/a-b", "x", "Invalid stage variable name"),
        ("/variables/a", "a b", "Invalid stage variable value"),
        ("/nonsense", "x", "Invalid method setting path: /nonsense"),
        ("/accessLogSettings/format", "$context.requestId", "CloudWatch Logs role ARN must be set in account settings"),
    ] {
        let (status, code, message) = gateway.call("PATCH", &path, &patch("replace", member, value)).error();
        assert_eq!((status, code.as_str()), (400, "BadRequestException"), "{member}");
        assert!(message.contains(named), "{member}: {message}");
    }
}

#[test]
fn operations_that_are_not_carried_out_are_refused_by_name() {
    let gateway = Gateway::shared();
    for (method, path, name) in [
        ("POST", "/apikeys", "CreateApiKey"),
        ("POST", "/usageplans", "CreateUsagePlan"),
        ("PUT", "/restapis/a/resources/b/methods/GET", "PutMethod"),
        ("GET", "/restapis/a/stages/b/exports/oas30", "GetExport"),
    ] {
        let (status, code, message) = gateway.call(method, path, &json!({})).error();
        assert_eq!((status, code.as_str()), (501, "NotImplemented"));
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn the_role_for_logs_must_work() {
    let gateway = Gateway::shared();
    let update = |role: &str| gateway.call("PATCH", "/account", &patch("replace", "/cloudwatchRoleArn", role));
    for name in ["nobody", "idler"] {
        assert_eq!(update(&role(name)).error().0, 400, "{name}");
    }
    let account = gateway.done("GET", "/account", &Value::Null);
    assert_eq!(account["throttleSettings"], json!({ "burstLimit": 5000, "rateLimit": 10000.0 }));
}
