//! What functions and the gateway need, and no more.

use std::collections::{BTreeMap, BTreeSet};

use super::{Policy, Statement};
use crate::scope::{SYMBOLIC_API, Scope};
use crate::stack::{Function, FunctionAccess, KeyAccess, RouteKey, Stack, TableAccess};

/// The services that assume the stack's roles.
pub const LAMBDA: &str = "lambda.amazonaws.com";
pub const API_GATEWAY: &str = "apigateway.amazonaws.com";

// TransactGetItems and TransactWriteItems have no action of their own: the actions of their items count.
const READ: [&str; 4] = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];
const READ_INDEX: [&str; 2] = ["dynamodb:Query", "dynamodb:Scan"];
/// `ConditionCheckItem` is a part of a transaction that writes.
const WRITE: [&str; 5] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];

/// What the function `name` of `stack` needs: its bindings, its own log streams (the group is made before it, so never
/// `logs:CreateLogGroup`), and X-Ray where it is traced. A name that the stack does not have needs nothing.
pub fn function_policy(stack: &Stack, scope: &Scope, name: &str) -> Policy {
    let Some(function) = stack.functions.get(name) else { return Policy::new([]) };
    let logs = Statement::allow(
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [scope.log_streams_arn(&scope.log_group(name))],
    );
    let traces =
        function.tracing.then(|| Statement::allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]));
    Policy::new(
        tables(stack, scope, function)
            .into_iter()
            .chain(signing_keys(scope, function))
            .chain(functions(scope, function))
            .chain(services(stack, scope, function))
            .chain([logs])
            .chain(traces),
    )
}

/// One statement for all tables with the same access.
fn tables(stack: &Stack, scope: &Scope, function: &Function) -> Vec<Statement> {
    let mut by_actions: BTreeMap<Vec<&str>, BTreeSet<String>> = BTreeMap::new();
    for (name, access) in &function.tables {
        let table = scope.table(name);
        by_actions.entry(table_actions(*access)).or_default().insert(scope.table_arn(&table));
        let indexed = stack.tables.get(name).is_some_and(|table| !table.indexes.is_empty());
        if indexed && *access != TableAccess::Write {
            by_actions.entry(READ_INDEX.to_vec()).or_default().insert(scope.index_arn(&table, "*"));
        }
    }
    by_actions.into_iter().map(|(actions, tables)| Statement::allow(actions, tables)).collect()
}

fn table_actions(access: TableAccess) -> Vec<&'static str> {
    match access {
        TableAccess::Read => READ.to_vec(),
        TableAccess::Write => WRITE.to_vec(),
        TableAccess::ReadWrite => [READ.as_slice(), &WRITE].concat(),
    }
}

/// Reading the private `SecureString` needs no `kms:Decrypt`: it is under the AWS managed key `aws/ssm`, whose own key
/// policy grants Decrypt to all IAM principals of the account that come through SSM
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html>).
fn signing_keys(scope: &Scope, function: &Function) -> Option<Statement> {
    let parameters: BTreeSet<String> = function
        .signing_keys
        .iter()
        .flat_map(|(name, access)| match access {
            KeyAccess::Verify => vec![scope.public_parameter(name)],
            KeyAccess::Sign => vec![scope.private_parameter(name), scope.public_parameter(name)],
        })
        .map(|path| scope.parameter_arn(&path))
        .collect();
    (!parameters.is_empty()).then(|| Statement::allow(["ssm:GetParameter", "ssm:GetParameters"], parameters))
}

/// Every version of the functions that it may invoke, and no unqualified ARN, since the stage's variables name versions.
/// Which version that is changes with each release, and a kept one goes on with its own, so that a grant to a single
/// version would have to change with all of them.
fn functions(scope: &Scope, function: &Function) -> Option<Statement> {
    let versions: BTreeSet<String> = function
        .functions
        .iter()
        .map(|(name, FunctionAccess::Invoke)| scope.version_arn(&scope.function(name), "*"))
        .collect();
    (!versions.is_empty()).then(|| Statement::allow(["lambda:InvokeFunction"], versions))
}

/// The signed routes of the services that it names, and no others. Which API they are of is put in when it is there: see
/// [`Scope::resolved_methods`].
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
fn services(stack: &Stack, scope: &Scope, function: &Function) -> Option<Statement> {
    let routes = function.services.iter().flat_map(|name| stack.signed_routes(name));
    let methods: BTreeSet<String> =
        routes.flat_map(RouteKey::patterns).map(|route| scope.execute_api_arn(SYMBOLIC_API, &route)).collect();
    (!methods.is_empty()).then(|| Statement::allow(["execute-api:Invoke"], methods))
}

/// What the gateway's role needs: to invoke the versions of `functions`, which are physical names. An unqualified ARN
/// is not granted, because no deployment names one. Where so many names are too long for a policy that may have to stand
/// beside those of kept releases, it is the versions of whatever has the stack's prefix.
pub fn gateway_policy<'a>(scope: &Scope, functions: impl IntoIterator<Item = &'a str>) -> Policy {
    let versions: BTreeSet<String> = functions.into_iter().map(|function| scope.version_arn(function, "*")).collect();
    let allow = |versions| Policy::new([Statement::allow(["lambda:InvokeFunction"], versions)]);
    if versions.is_empty() {
        return Policy::new([]);
    }
    let named = allow(versions);
    if named.size() <= GATEWAY_LIMIT {
        return named;
    }
    allow(BTreeSet::from([scope.version_arn(&format!("{}*", scope.list_prefix()), "*")]))
}

/// Characters of a policy that names all functions: beside those of the five releases that are kept it is still within
/// [`super::INLINE_LIMIT`].
const GATEWAY_LIMIT: usize = super::INLINE_LIMIT / 6;

/// Lets an AWS service assume a role.
pub fn trust_policy(service: &str) -> Policy {
    let mut statement = Statement::allow(["sts:AssumeRole"], [] as [&str; 0]);
    statement.principal.insert("Service".to_owned(), [service].into_iter().collect());
    Policy::new([statement])
}
