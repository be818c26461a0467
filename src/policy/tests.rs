use serde_json::{Value, json};

use super::*;
use crate::scope::Scope;
use crate::stack::{Api, Backend, Capacity, Function, Guard, Route, RouteKey, Table};
use crate::stack::{FunctionAccess, Index, Key, KeyAccess, KeyType, Projection, Stack, TableAccess};

fn function() -> Function {
    Function {
        package: "memo".to_owned(),
        description: String::new(),
        memory: 128,
        timeout: 10,
        architecture: crate::stack::Architecture::X86_64,
        ephemeral_storage: 512,
        reserved_concurrency: None,
        tracing: false,
        log_retention: 30,
        environment: BTreeMap::new(),
        tables: BTreeMap::new(),
        signing_keys: BTreeMap::new(),
        functions: BTreeMap::new(),
        services: BTreeSet::new(),
        gc: None,
    }
}

fn table(indexes: &[&str]) -> Table {
    let key = Key { name: "pk".to_owned(), kind: KeyType::S };
    let index = Index { partition_key: key.clone(), sort_key: None, projection: Projection::All };
    Table {
        partition_key: key,
        sort_key: None,
        indexes: indexes.iter().map(|name| ((*name).to_owned(), index.clone())).collect(),
        ttl: None,
        stream: None,
        point_in_time_recovery: false,
        deletion_protection: false,
        capacity: Capacity::OnDemand,
    }
}

/// The policy of a function `memo`, as JSON statements, with the tables `plain` and `indexed` beside it.
fn granted(function: Function) -> Vec<Value> {
    let stack = Stack {
        functions: [("memo".to_owned(), function)].into(),
        tables: [("plain".to_owned(), table(&[])), ("indexed".to_owned(), table(&["by_name"]))].into(),
        ..Stack::example()
    };
    function_policy(&stack, &Scope::example(), "memo").statement.iter().map(|statement| json!(statement)).collect()
}

fn resources(statements: &[Value]) -> Vec<&str> {
    statements.iter().flat_map(|one| one["Resource"].as_array().unwrap()).map(|arn| arn.as_str().unwrap()).collect()
}

fn actions(statements: &[Value]) -> Vec<&str> {
    statements.iter().flat_map(|one| one["Action"].as_array().unwrap()).map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn a_function_without_bindings_may_only_write_its_own_logs() {
    assert_eq!(
        granted(function()),
        [json!({
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": ["arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/lambda/memo-prod-memo:*"],
        })]
    );
}

#[test]
fn a_reader_of_a_table_without_indexes_gets_the_reading_actions_on_it_alone() {
    let granted = granted(Function { tables: [("plain".to_owned(), TableAccess::Read)].into(), ..function() });
    assert!(granted.contains(&json!({
        "Effect": "Allow",
        "Action": ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
        "Resource": ["arn:aws:dynamodb:ap-northeast-2:123456789012:table/memo-prod-plain"],
    })));
    assert!(!resources(&granted).iter().any(|arn| arn.contains("/index/")));
}

#[test]
fn a_reader_of_a_table_with_indexes_may_query_them() {
    let granted = granted(Function { tables: [("indexed".to_owned(), TableAccess::Read)].into(), ..function() });
    assert!(granted.contains(&json!({
        "Effect": "Allow",
        "Action": ["dynamodb:Query", "dynamodb:Scan"],
        "Resource": ["arn:aws:dynamodb:ap-northeast-2:123456789012:table/memo-prod-indexed/index/*"],
    })));
}

#[test]
fn a_writer_may_not_read() {
    let granted = granted(Function { tables: [("indexed".to_owned(), TableAccess::Write)].into(), ..function() });
    assert!(!actions(&granted).iter().any(|action| grant_reads(action)));
    assert!(actions(&granted).contains(&"dynamodb:PutItem"));
}

fn grant_reads(action: &str) -> bool {
    ["Get", "Query", "Scan"].iter().any(|verb| action.contains(verb))
}

#[test]
fn tables_with_the_same_access_share_a_statement() {
    let both = [("plain".to_owned(), TableAccess::ReadWrite), ("indexed".to_owned(), TableAccess::ReadWrite)];
    let granted = granted(Function { tables: both.into(), ..function() });
    let tables: Vec<&Value> =
        granted.iter().filter(|one| one["Action"].as_array().unwrap().contains(&json!("dynamodb:PutItem"))).collect();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0]["Resource"].as_array().unwrap().len(), 2);
}

#[test]
fn a_verifier_sees_the_public_parameter_only() {
    let granted = granted(Function { signing_keys: [("jwt".to_owned(), KeyAccess::Verify)].into(), ..function() });
    let parameters: Vec<&str> = resources(&granted).into_iter().filter(|arn| arn.contains(":ssm:")).collect();
    assert_eq!(
        parameters,
        ["arn:aws:ssm:ap-northeast-2:123456789012:parameter/memoctl/memo/prod/signing-keys/jwt/public"]
    );
}

#[test]
fn a_signer_sees_the_private_parameter_too() {
    let granted = granted(Function { signing_keys: [("jwt".to_owned(), KeyAccess::Sign)].into(), ..function() });
    assert!(resources(&granted).iter().any(|arn| arn.ends_with("/jwt/private")));
}

#[test]
fn a_caller_of_a_function_may_invoke_its_versions_and_do_nothing_else_with_it() {
    let granted = granted(Function { functions: [("auth".to_owned(), FunctionAccess::Invoke)].into(), ..function() });
    let of_lambda: Vec<&Value> = granted
        .iter()
        .filter(|one| one.to_string().contains(":lambda:") || one.to_string().contains("lambda:I"))
        .collect();
    let expected = json!({
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": ["arn:aws:lambda:ap-northeast-2:123456789012:function:memo-prod-auth:*"],
    });
    assert_eq!(of_lambda, [&expected]);
}

#[test]
fn tracing_is_granted_where_it_is_on() {
    let granted = granted(Function { tracing: true, ..function() });
    assert!(actions(&granted).contains(&"xray:PutTraceSegments"));
}

#[test]
fn no_function_may_create_log_groups() {
    let granted = granted(Function { tracing: true, ..function() });
    assert!(!actions(&granted).contains(&"logs:CreateLogGroup"));
}

#[test]
fn the_gateway_may_invoke_versions_of_the_functions_it_is_given() {
    let policy = gateway_policy(&Scope::example(), ["memo-prod-auth"]);
    assert_eq!(
        policy.render(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["arn:aws:lambda:ap-northeast-2:123456789012:function:memo-prod-auth:*"]}]}"#
    );
}

#[test]
fn the_gateway_of_many_functions_may_invoke_what_has_the_stacks_prefix() {
    let functions: Vec<String> = (0..300).map(|number| format!("memo-prod-f{number}")).collect();
    let policy = gateway_policy(&Scope::example(), functions.iter().map(String::as_str));
    assert_eq!(
        policy.render(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["arn:aws:lambda:ap-northeast-2:123456789012:function:memo-prod-*:*"]}]}"#
    );
}

#[test]
fn a_policy_equals_itself_in_another_order_and_with_lists_of_one_as_strings() {
    let ours = trust_policy(LAMBDA);
    let theirs = Policy::parse(
        r#"{"Statement": {"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow"},
            "Version": "2012-10-17"}"#,
    );
    assert_eq!(theirs.unwrap(), ours);
}

#[test]
fn a_policy_is_read_back_from_its_rendering() {
    let json = r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"a","Effect":"Deny","NotPrincipal":{"AWS":["*"]},
        "NotAction":["s3:*"],"NotResource":["*"],"Condition":{"Bool":{"aws:SecureTransport":[false]}}}]}"#;
    let policy = Policy::parse(json).unwrap();
    assert_eq!(Policy::parse(&policy.render()).unwrap(), policy);
}

#[test]
fn everyone_is_one_principal_in_both_spellings() {
    let spelled = |principal: &str| {
        let json = format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject"}}]}}"#);
        Policy::parse(&json).unwrap()
    };
    assert_eq!(spelled(r#""*""#), spelled(r#"{"AWS":"*"}"#));
}

#[test]
fn an_unknown_element_is_refused() {
    let error = Policy::parse(r#"{"Statement":[{"Effect":"Allow","Actions":["s3:*"]}]}"#).unwrap_err();
    assert!(error.to_string().starts_with("not an IAM policy document"), "{error}");
}

#[test]
fn white_space_does_not_count_for_a_policys_size() {
    let statement = Statement::allow(["a:B"], ["arn with spaces"]);
    let spaced = Policy::new([statement]);
    assert_eq!(spaced.size(), spaced.render().len() - 2);
}

#[test]
fn a_policys_name_changes_with_its_content() {
    assert_ne!(trust_policy(LAMBDA).name(), trust_policy(API_GATEWAY).name());
}

/// Statements of a function that names `services`, in a stack whose function `auth` has routes.
fn called(services: &[&str], routes: &[(&str, Option<Guard>)]) -> Vec<Value> {
    let route = |(line, guard): &(&str, Option<Guard>)| {
        let (method, path) = line.split_once(' ').unwrap();
        let key = RouteKey { path: path.to_owned(), method: method.to_owned() };
        let backend = Backend::Function("auth".to_owned());
        (key, Route { backend, guard: guard.clone(), scopes: BTreeSet::new(), timeout: 29_000 })
    };
    let api = Api {
        description: String::new(),
        issuer: None,
        openapi: None,
        binary: false,
        authorizers: BTreeMap::new(),
        cors: None,
        routes: routes.iter().map(route).collect(),
        throttle: None,
    };
    let services = services.iter().map(|&name| name.to_owned()).collect();
    let functions = [("memo".to_owned(), Function { services, ..function() }), ("auth".to_owned(), function())];
    let stack = Stack { functions: functions.into(), api: Some(api), ..Stack::example() };
    let policy = function_policy(&stack, &Scope::example(), "memo");
    let statements = policy.statement.iter().map(|statement| json!(statement));
    statements.filter(|one| one["Action"] == json!(["execute-api:Invoke"])).collect()
}

#[test]
fn a_service_is_called_on_its_signed_routes_alone_any_method_by_its_name_and_a_variable_is_any_text() {
    let routes = [
        ("GET /v1/users/{id}", Some(Guard::Iam)),
        ("ANY /v1/files/{path+}", Some(Guard::Iam)),
        ("GET /", Some(Guard::Iam)),
        ("GET /v1/open", None),
        ("GET /v1/tokens", Some(Guard::Authorizer("jwt".to_owned()))),
    ];
    let statements = called(&["auth"], &routes);
    let prefix = "arn:aws:execute-api:ap-northeast-2:123456789012:{api}/prod/";
    // A star for the method would take `/v1/files/` anywhere in a path.
    let any = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map(|method| format!("{method}/v1/files/*"));
    let mut expected: Vec<String> = ["GET/", "GET/v1/users/*"].map(str::to_owned).into_iter().chain(any).collect();
    expected.sort();
    let expected: Vec<String> = expected.into_iter().map(|method| format!("{prefix}{method}")).collect();
    assert_eq!(resources(&statements), expected);
}

#[test]
fn who_names_no_service_with_signed_routes_is_granted_none() {
    assert_eq!(called(&[], &[("GET /a", Some(Guard::Iam))]), [] as [Value; 0]);
    assert_eq!(called(&["auth"], &[("GET /a", None)]), [] as [Value; 0]);
}
