//! What a deployed function may do is what its bindings say.

use memoctl::stack::{Function, Stack, TableAccess};

use super::place::{Place, READER, api, function, route, stack, table};

/// A function that declares the table `memos`, and reads the table of the physical name `reads`.
fn reading(reads: &str) -> Stack {
    let mut stack = stack();
    stack.tables = ["memos", "secrets"].map(|name| (name.to_owned(), table())).into();
    let reader = Function {
        tables: [("memos".to_owned(), TableAccess::Read)].into(),
        environment: [("TABLE".to_owned(), reads.to_owned())].into(),
        ..function(READER)
    };
    stack.functions.insert("reader".to_owned(), reader);
    api(&mut stack).routes.extend([route("GET", "/item", "reader")]);
    stack
}

async fn answer(stack: &Stack) -> String {
    let place = Place::new().await;
    place.deploy(stack, 5).await;
    let (_, aws) = place.plan(stack, 5).await;
    place.get(&aws, "/item").await
}

#[tokio::test]
async fn a_function_reads_the_table_that_it_declares() {
    assert_eq!(answer(&reading("memo-dev-memos")).await, "{}");
}

#[tokio::test]
async fn a_function_that_reads_another_table_is_denied_in_the_words_of_aws() {
    insta::assert_snapshot!(answer(&reading("memo-dev-secrets")).await, @r#"{"__type":"AccessDeniedException","message":"User: arn:aws:sts::000000000000:assumed-role/memo-dev-reader/memo-dev-reader is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-central-1:000000000000:table/memo-dev-secrets because no identity-based policy allows the dynamodb:GetItem action"}"#);
}
