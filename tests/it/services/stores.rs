//! Two services, two stores: what the generated roles of the shipped stack can reach, told by who tries.

use aws_sdk_lambda::primitives::Blob;
use memoctl::package::Artifacts;
use memoctl::stack::Stack;
use serde_json::{Value, json};

use super::site::{Site, shipped, zipped};

/// A handler that makes the calls of its event as its role, and tells of each whether it was allowed to.
const PROBE: &str = r#"#!/usr/bin/env python3
import json, os, urllib.error, urllib.request

def attempt(call):
    scope = "%s/20260101/%s/%s/aws4_request" % (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_REGION"], call["service"])
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=0",
        "Content-Type": call["type"],
        "X-Amz-Security-Token": os.environ["AWS_SESSION_TOKEN"],
    }
    if call["target"]:
        headers["X-Amz-Target"] = call["target"]
    url = os.environ["AWS_ENDPOINT_URL"] + call["path"]
    try:
        urllib.request.urlopen(urllib.request.Request(url, call["body"].encode(), headers, method=call["method"])).read()
        return "allowed"
    except urllib.error.HTTPError as error:
        # Some services tell the kind of an error in its body, some in a header.
        text = error.headers.get("X-Amzn-ErrorType", "") + error.read().decode()
        return "denied" if "AccessDenied" in text else "allowed: " + text

base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as event:
        id = event.headers["Lambda-Runtime-Aws-Request-Id"]
        told = [attempt(call) for call in json.load(event)]
    urllib.request.urlopen(urllib.request.Request(base + id + "/response", json.dumps(told).encode())).read()
"#;

/// The probe in the place of each handler, with that handler's grants.
fn probes(stack: &Stack) -> Artifacts {
    let probe = zipped([("bootstrap", PROBE)]);
    stack.functions.keys().map(|name| (name.clone(), probe.clone())).collect()
}

/// A call that somebody tries, and how it is told.
struct Attempt {
    name: String,
    call: Value,
}

impl Attempt {
    fn json(service: &str, version: &str, target: (&str, &str), body: &Value) -> Self {
        let (operation, thing) = target;
        let media_type = format!("application/x-amz-json-{version}");
        let prefix = if service == "ssm" { "AmazonSSM" } else { "DynamoDB_20120810" };
        let call = json!({
            "service": service, "type": media_type, "target": format!("{prefix}.{operation}"), "method": "POST", "path": "/",
            "body": body.to_string(),
        });
        Self { name: format!("{operation} {thing}"), call }
    }

    fn of_table(operation: &str, table: &str, physical: &str) -> Self {
        let key = json!({ "pk": { "S": "x" }, "sk": { "S": "x" } });
        let body = match operation {
            "GetItem" | "DeleteItem" => json!({ "TableName": physical, "Key": key }),
            "PutItem" => json!({ "TableName": physical, "Item": key }),
            "UpdateItem" => json!({
                "TableName": physical, "Key": key, "UpdateExpression": "SET a = :a",
                "ExpressionAttributeValues": { ":a": { "S": "a" } },
            }),
            "Query" => json!({
                "TableName": physical, "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": { ":pk": { "S": "x" } },
            }),
            "BatchGetItem" => json!({ "RequestItems": { physical: { "Keys": [key] } } }),
            "BatchWriteItem" => json!({ "RequestItems": { physical: [{ "PutRequest": { "Item": key } }] } }),
            "TransactGetItems" => json!({ "TransactItems": [{ "Get": { "TableName": physical, "Key": key } }] }),
            "TransactWriteItems" => json!({ "TransactItems": [{ "Put": { "TableName": physical, "Item": key } }] }),
            "ExecuteStatement" => json!({ "Statement": format!("SELECT * FROM \"{physical}\" WHERE pk = 'x'") }),
            _ => json!({ "TableName": physical }),
        };
        Self::json("dynamodb", "1.0", (operation, table), &body)
    }

    fn of_key(part: &str, path: &str) -> Self {
        Self::json("ssm", "1.1", ("GetParameter", part), &json!({ "Name": path, "WithDecryption": true }))
    }

    fn of_function(name: &str, physical: &str) -> Self {
        let path = format!("/2015-03-31/functions/{physical}/invocations");
        let call = json!({
            "service": "lambda", "type": "application/json", "target": "", "method": "POST", "path": path, "body": "[]",
        });
        Self { name: format!("Invoke {name}"), call }
    }

    fn of_role(role: &str) -> Self {
        let body = format!("Action=AssumeRole&Version=2011-06-15&RoleSessionName=probe&RoleArn={role}");
        let call = json!({
            "service": "sts", "type": "application/x-www-form-urlencoded", "target": "", "method": "POST", "path": "/",
            "body": body,
        });
        Self { name: format!("AssumeRole {role}"), call }
    }
}

/// What `function` was allowed of `attempts`.
async fn allowed(site: &Site, function: &str, attempts: Vec<Attempt>) -> Vec<String> {
    let aws = site.aws().await;
    let calls: Vec<&Value> = attempts.iter().map(|attempt| &attempt.call).collect();
    let invoked = aws.lambda.invoke().function_name(aws.scope.function(function));
    let payload = invoked.payload(Blob::new(json!(calls).to_string())).send().await.unwrap().payload.unwrap();
    let told: Vec<String> = serde_json::from_slice(payload.as_ref()).unwrap();
    assert_eq!(told.len(), attempts.len());
    let told = told.into_iter().zip(attempts).filter(|(told, _)| told != "denied");
    told.map(|(_, attempt)| attempt.name).collect()
}

const READS: [&str; 6] = ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems", "PutItem"];
const WRITES: [&str; 4] = ["UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];
const OTHERS: [&str; 3] = ["DescribeTable", "ExecuteStatement", "DeleteTable"];

/// Everything that one service could try on the stores, the keys, the functions and the roles of the stack.
async fn attempts(site: &Site) -> Vec<Attempt> {
    let (aws, stack) = (site.aws().await, &site.stack);
    let tables = stack.tables.keys().flat_map(|table| {
        let physical = aws.scope.table(table);
        let operations = READS.into_iter().chain(WRITES).chain(OTHERS);
        operations.map(move |operation| Attempt::of_table(operation, table, &physical)).collect::<Vec<_>>()
    });
    let keys = stack.signing_keys.keys().flat_map(|key| {
        let (private, public) = (aws.scope.private_parameter(key), aws.scope.public_parameter(key));
        [Attempt::of_key(&format!("{key}/private"), &private), Attempt::of_key(&format!("{key}/public"), &public)]
    });
    let path = aws.scope.signing_keys_path();
    let all = json!({ "Path": path, "Recursive": true, "WithDecryption": true });
    let overwrite =
        json!({ "Name": aws.scope.public_parameter("jwt"), "Value": "{}", "Overwrite": true, "Type": "String" });
    let all = [
        Attempt::json("ssm", "1.1", ("GetParametersByPath", "all"), &all),
        Attempt::json("ssm", "1.1", ("PutParameter", "jwt/public"), &overwrite),
    ];
    let functions = stack.functions.keys().map(|name| Attempt::of_function(name, &aws.scope.function(name)));
    let roles =
        stack.functions.keys().map(|name| Attempt::of_role(&aws.scope.role_arn(&aws.scope.function_role(name))));
    tables.chain(keys).chain(all).chain(functions).chain(roles).collect()
}

fn on(table: &str) -> Vec<String> {
    READS.iter().chain(&WRITES).map(|operation| format!("{operation} {table}")).collect()
}

fn keys(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| format!("GetParameter {part}")).collect()
}

#[tokio::test]
async fn each_function_reaches_its_own_store_and_keys_and_nothing_else_of_the_stack() {
    let site = Site::start(shipped(), probes);
    let memo = allowed(&site, "memo", attempts(&site).await).await;
    assert_eq!(memo, [on("memos"), keys(&["cursor/private", "cursor/public"])].concat());
    let authorizer = allowed(&site, "authorizer", attempts(&site).await).await;
    assert_eq!(authorizer, keys(&["jwt/public"]));
    let auth = allowed(&site, "auth", attempts(&site).await).await;
    let own = ["jwt/private", "jwt/public", "refresh/private", "refresh/public"];
    // The one way from store to store is by a version of the memo service: see `departure`.
    assert_eq!(auth, [on("auth"), keys(&own)].concat());
}
