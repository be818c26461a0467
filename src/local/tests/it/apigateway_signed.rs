//! Methods of `AWS_IAM`: signed by AWS's own implementation, and allowed by policies.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::{Value, json};

use crate::apigateway_client::{Answer, Gateway, REGION, document, proxy};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}"#;

/// A document whose `GET /who/{id}` and `POST /who/{id}` take signed requests alone.
fn signed() -> Value {
    let operation = json!({
        "security": [{ "sigv4Reference": [] }],
        "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
        "x-amazon-apigateway-integration": proxy(),
    });
    let mut document = document(json!({ "/who/{id}": { "get": operation, "post": operation } }));
    document["components"] = json!({ "securitySchemes": { "sigv4Reference": {
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
    } } });
    document
}

/// The credentials of a session of a role of its own, which may do `effect` to the methods of `api` that `methods` names.
fn session(gateway: &Gateway, role: &str, statements: &Value) -> Credentials {
    gateway.iam(&[("Action", "CreateRole"), ("RoleName", role), ("AssumeRolePolicyDocument", TRUST)]);
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    gateway.iam(&[("Action", "PutRolePolicy"), ("RoleName", role), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    let arn = format!("arn:aws:iam::000000000000:role/{role}");
    let answer = gateway.query("sts", &[("Action", "AssumeRole"), ("RoleArn", &arn), ("RoleSessionName", "caller")]);
    let member = |name: &str| {
        let rest = answer.text().split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{answer:?}")).1;
        rest.split_once('<').expect("a member").0.to_owned()
    };
    let (key, secret, token) = (member("AccessKeyId"), member("SecretAccessKey"), member("SessionToken"));
    Credentials::new(key, secret, Some(token), None, "test")
}

fn allow(api: &str, methods: &str) -> Value {
    let resource = format!("arn:aws:execute-api:{REGION}:000000000000:{api}/test/{methods}");
    json!([{ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource }])
}

/// The request `line` (`GET /who/1?a=b`) with `body`, signed for `service` in `region`.
fn sent(
    gateway: &Gateway,
    (api, line, body): (&str, &str, &str),
    credentials: &Credentials,
    (region, service): (&str, &str),
) -> Answer {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder().identity(&identity).region(region).name(service);
    let parameters = parameters.time(SystemTime::now()).settings(SigningSettings::default()).build();
    let parameters = parameters.expect("all that is needed").into();
    let uri = format!("{}/_aws/execute-api/{api}/test{path}", gateway.endpoint());
    let request = SignableRequest::new(method, uri, std::iter::empty(), SignableBody::Bytes(body.as_bytes()));
    let (instructions, _) = sign(request.expect("a request"), &parameters).expect("a signature").into_parts();
    let headers: Vec<(&str, &str)> = instructions.headers().collect();
    gateway.request((api, method, path), &headers, body)
}

fn ask(gateway: &Gateway, asked: (&str, &str, &str), credentials: &Credentials) -> Answer {
    sent(gateway, asked, credentials, (REGION, "execute-api"))
}

#[test]
fn who_may_call_is_let_in_and_the_function_is_told_who_it_was() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let credentials = session(&gateway, "granted", &allow(&api, "GET/who/*"));
    let answer = ask(&gateway, (&api, "GET /who/1", ""), &credentials);
    assert_eq!(answer.status, 200, "{answer:?}");
    let identity = answer.json()["requestContext"]["identity"].clone();
    assert_eq!(identity["accessKey"], credentials.access_key_id());
    assert_eq!(identity["accountId"], "000000000000");
    assert_eq!(identity["userArn"], "arn:aws:sts::000000000000:assumed-role/granted/caller");
    let (caller, user) = (identity["caller"].as_str().expect("a caller"), &identity["user"]);
    assert!(caller.starts_with("AROA") && caller.ends_with(":caller") && user == caller, "{identity}");
    assert!(identity["principalOrgId"].is_null(), "{identity}");
    assert!(answer.json()["headers"]["authorization"].is_null(), "{answer:?}");
}

#[test]
fn a_body_a_query_and_odd_paths_are_signed_as_they_are_sent() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let credentials = session(&gateway, "odd", &allow(&api, "*/who/*"));
    for line in ["POST /who/1", "GET /who/a%20b%2Fc", "GET /who/a:b,c", "GET /who/1?b=2&a=x%20y&a=1&empty"] {
        let body = if line.starts_with("POST") { r#"{"a":1}"# } else { "" };
        let answer = ask(&gateway, (&api, line, body), &credentials);
        assert_eq!(answer.status, 200, "{line}: {answer:?}");
    }
}

#[test]
fn who_may_not_call_is_refused_in_awss_words() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let credentials = session(&gateway, "other", &allow(&api, "POST/who/*"));
    let answer = ask(&gateway, (&api, "GET /who/1", ""), &credentials);
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("AccessDeniedException")));
    let resource = format!("arn:aws:execute-api:{REGION}:********0000:{api}/test/GET/who/1");
    let message = format!(
        "User: arn:aws:sts::000000000000:assumed-role/other/caller is not authorized to perform: execute-api:Invoke on resource: {resource}"
    );
    assert_eq!(answer.json(), json!({ "Message": message }));
}

#[test]
fn a_denial_wins_and_is_told_as_one() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let mut statements = allow(&api, "*");
    let denial = json!({ "Effect": "Deny", "Action": "execute-api:*", "Resource": "*" });
    statements.as_array_mut().expect("a list").push(denial);
    let answer = ask(&gateway, (&api, "GET /who/1", ""), &session(&gateway, "denied", &statements));
    assert!(
        answer.json()["Message"].as_str().is_some_and(|said| said.ends_with(" with an explicit deny")),
        "{answer:?}"
    );
}

#[test]
fn the_developer_may_call_whatever_the_secret() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let answer = ask(&gateway, (&api, "GET /who/1", ""), &Credentials::new("test", "any", None, None, "test"));
    assert_eq!(answer.json()["requestContext"]["identity"]["userArn"], "arn:aws:iam::000000000000:user/developer");
}

#[test]
fn without_a_signature_a_token_is_missing() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let missing = (403, "MissingAuthenticationTokenException".to_owned(), "Missing Authentication Token".to_owned());
    assert_eq!(gateway.get(&api, "/who/1", &[]).error(), missing);
}

#[test]
fn a_bearer_token_is_no_signature() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let (status, error, message) = gateway.get(&api, "/who/1", &[("authorization", "Bearer x")]).error();
    assert_eq!((status, &*error), (403, "InvalidSignatureException"));
    assert!(message.starts_with("Authorization header requires 'Credential' parameter."), "{message}");
}

#[test]
fn a_signature_by_another_secret_or_session_or_for_something_else_is_refused() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&signed());
    let good = session(&gateway, "forged", &allow(&api, "*"));
    let (key, secret) = (good.access_key_id(), good.secret_access_key());
    let token = good.session_token().map(str::to_owned);
    let asked = (&*api, "GET /who/1", "");
    let refused = |credentials: &Credentials, scope: (&str, &str), said: &str| {
        let (status, error, message) = sent(&gateway, asked, credentials, scope).error();
        assert_eq!((status, &*error), (403, "InvalidSignatureException"), "{message}");
        assert!(message.starts_with(said), "{message}");
    };
    let scope = (REGION, "execute-api");
    let forged = Credentials::new(key, "another", token.clone(), None, "test");
    refused(&forged, scope, "The request signature we calculated does not match");
    let other = Credentials::new(key, secret, Some("another".to_owned()), None, "test");
    refused(&other, scope, "The security token included in the request is invalid.");
    refused(&Credentials::new(key, secret, None, None, "test"), scope, "The security token");
    refused(&Credentials::new("ASIAUNKNOWN", secret, token, None, "test"), scope, "The security token");
    refused(&good, ("eu-west-1", "execute-api"), "Credential should be scoped to a valid region, not 'eu-west-1'.");
    refused(&good, (REGION, "lambda"), "Credential should be scoped to correct service: 'execute-api'.");
}

#[test]
fn an_api_shows_its_signed_methods_and_can_tell_denials_in_its_own_words() {
    let gateway = Gateway::shared();
    let mut document = signed();
    document["x-amazon-apigateway-gateway-responses"] = json!({ "ACCESS_DENIED": {
        "responseTemplates": { "application/json": r#"{"why":$context.error.messageString}"# },
    } });
    let api = gateway.deploy(&document);
    let resources = gateway.done("GET", &format!("/restapis/{api}/resources?embed=methods"), &Value::Null);
    let items = resources["_embedded"]["item"].as_array().or(resources["item"].as_array()).cloned();
    let items = items.unwrap_or_else(|| panic!("{resources}"));
    let methods = items.iter().find_map(|item| item["resourceMethods"].as_object()).expect("methods");
    assert!(methods.values().all(|method| method["authorizationType"] == "AWS_IAM"), "{methods:?}");
    let answer = ask(&gateway, (&api, "GET /who/1", ""), &session(&gateway, "told", &allow("another", "*")));
    assert!(answer.json()["why"].as_str().is_some_and(|why| why.starts_with("User: ")), "{answer:?}");
}
