//! The permissions that a role needs for an operation.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::arns::Arns;

/// What `operation` needs, of a request whose ARNs are the engine's.
pub(super) fn of(operation: &str, body: &Value, arns: &Arns) -> Vec<(String, String)> {
    let text = |member: &str| body.get(member).and_then(Value::as_str);
    let one = |resource: String| vec![(action(operation), resource)];
    let table = || arns.table(text("TableName").unwrap_or("*"));
    match operation {
        // An index is a resource of its own.
        "Query" | "Scan" => match text("IndexName") {
            Some(index) => one(format!("{}/index/{index}", table())),
            None => one(table()),
        },
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flat_map(|tables| tables.keys());
            tables.map(|name| (action(operation), arns.table(name))).collect()
        }
        "TransactGetItems" | "TransactWriteItems" => transaction(body, arns),
        "ExecuteStatement" => text("Statement").map(|statement| partiql(statement, arns)).into_iter().collect(),
        "BatchExecuteStatement" => statements(&body["Statements"], arns),
        "ExecuteTransaction" => statements(&body["TransactStatements"], arns),
        "CreateTable" if body.get("Tags").is_some() => {
            vec![(action(operation), table()), (action("TagResource"), table())]
        }
        "TagResource" | "UntagResource" | "ListTagsOfResource" => one(arns.visible(text("ResourceArn").unwrap_or("*"))),
        "ListStreams" => one(format!("{}/stream/*", table())),
        "DescribeStream" | "GetShardIterator" => one(arns.visible(text("StreamArn").unwrap_or("*"))),
        "GetRecords" => {
            let name = text("ShardIterator").and_then(table_of_iterator);
            one(format!("{}/stream/*", arns.table(name.as_deref().unwrap_or("*"))))
        }
        _ => one(table()),
    }
}

fn action(operation: &str) -> String {
    format!("dynamodb:{operation}")
}

/// Each part of a transaction needs the permission of its own operation.
fn transaction(body: &Value, arns: &Arns) -> Vec<(String, String)> {
    let items = body["TransactItems"].as_array().into_iter().flatten();
    let parts = items.filter_map(Value::as_object).flatten();
    let needs = parts.map(|(kind, part)| {
        let operation = match kind.as_str() {
            "ConditionCheck" => "ConditionCheckItem".to_owned(),
            kind => format!("{kind}Item"),
        };
        (action(&operation), arns.table(part["TableName"].as_str().unwrap_or("*")))
    });
    needs.collect()
}

fn statements(list: &Value, arns: &Arns) -> Vec<(String, String)> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|entry| entry["Statement"].as_str()).map(|statement| partiql(statement, arns)).collect()
}

/// A `PartiQL` statement needs the permission of its verb, on the table or on `table.index`.
fn partiql(statement: &str, arns: &Arns) -> (String, String) {
    let words: Vec<_> = statement.split_whitespace().collect();
    let verb = words.first().map(|word| word.to_uppercase()).unwrap_or_default();
    let (verb, before) = match verb.as_str() {
        "INSERT" => ("Insert", "INTO"),
        "UPDATE" => ("Update", "UPDATE"),
        "DELETE" => ("Delete", "FROM"),
        _ => ("Select", "FROM"),
    };
    let at = words.iter().position(|word| word.eq_ignore_ascii_case(before));
    let name = at.and_then(|at| words.get(at + 1)).unwrap_or(&"*").replace('"', "");
    let resource = match name.split_once('.') {
        Some((table, index)) => format!("{}/index/{index}", arns.table(table)),
        None => arns.table(&name),
    };
    (format!("dynamodb:PartiQL{verb}"), resource)
}

/// The engine's iterators are base64 of JSON that names the table.
fn table_of_iterator(iterator: &str) -> Option<String> {
    let iterator: Value = serde_json::from_slice(&STANDARD.decode(iterator).ok()?).ok()?;
    Some(iterator["table_name"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn needs(operation: &str, body: &Value) -> Vec<String> {
        let needs = of(operation, body, &Arns::of("eu-west-1"));
        let short = |arn: String| arn.replace("arn:aws:dynamodb:eu-west-1:000000000000:", "");
        needs.into_iter().map(|(action, resource)| format!("{action} {}", short(resource))).collect()
    }

    #[test]
    fn a_query_of_an_index_needs_the_index_and_not_the_table() {
        assert_eq!(needs("Query", &json!({"TableName": "t", "IndexName": "i"})), ["dynamodb:Query table/t/index/i"]);
        assert_eq!(needs("Query", &json!({"TableName": "t"})), ["dynamodb:Query table/t"]);
    }

    #[test]
    fn each_part_of_a_transaction_needs_its_own_operation() {
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}, {"Delete": {"TableName": "c"}},
        ]});
        let wanted = ["dynamodb:PutItem table/a", "dynamodb:ConditionCheckItem table/b", "dynamodb:DeleteItem table/c"];
        assert_eq!(needs("TransactWriteItems", &body), wanted);
    }

    #[test]
    fn a_batch_needs_its_own_operation_on_each_table() {
        let body = json!({"RequestItems": {"a": {}, "b": {}}});
        assert_eq!(needs("BatchGetItem", &body), ["dynamodb:BatchGetItem table/a", "dynamodb:BatchGetItem table/b"]);
    }

    #[test]
    fn a_statement_needs_the_permission_of_its_verb() {
        let of_statement = |statement: &str| needs("ExecuteStatement", &json!({"Statement": statement}));
        assert_eq!(of_statement(r#"SELECT * FROM "t"."i" WHERE a = 1"#), ["dynamodb:PartiQLSelect table/t/index/i"]);
        assert_eq!(of_statement(r#"insert into "t" value {'a': 1}"#), ["dynamodb:PartiQLInsert table/t"]);
        assert_eq!(of_statement(r#"UPDATE "t" SET a = 1 WHERE b = 2"#), ["dynamodb:PartiQLUpdate table/t"]);
    }
}
