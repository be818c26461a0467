//! An account that is deleted goes from both services, whatever is killed meanwhile: `memoctl gc` finishes what did not.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::primitives::Blob;
use futures_util::future::join_all;
use local::{FaultKind, Faults};
use serde_json::{Value, json};

use crate::services::site;
use crate::shipped::{Person, Shipped};

const ADA: &str = "ada@example.com";

/// What `memoctl gc` tells of the one function that is marked.
async fn collected(shipped: &Shipped) -> Value {
    let run = shipped.memoctl(&["gc", "--output", "json"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    run.json()["functions"][0].take()
}

/// Asserts that nothing is left of `person` but the tombstone, and no word of it to be given.
async fn assert_gone(shipped: &Shipped, person: &Person) {
    assert_eq!(shipped.left(person).await, ["META"]);
    assert_eq!((shipped.known(person).await, shipped.outbox().await), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_deleted_takes_its_memos_along_and_nothing_of_others() {
    let shipped = Shipped::deployed().await;
    let (ada, bob) = (shipped.person(ADA).await, shipped.person("bob@example.com").await);
    shipped.memos(&ada, 3).await;
    shipped.memos(&bob, 1).await;
    let of_bob = shipped.left(&bob).await;
    assert_eq!(shipped.leave(&ada).await.status, 204);
    shipped.forgotten(&ada).await;
    let told = collected(&shipped).await;
    assert_eq!((&told["function"], &told["delivered"], &told["failed"]), (&json!("auth"), &json!(1), &json!([])));
    assert_gone(&shipped, &ada).await;
    assert_eq!(shipped.left(&bob).await, of_bob);
    assert_eq!(shipped.ask("GET /v1/memos", &bob.headers, &Value::Null).await.status, 200);
    // There is nothing to do the second time, and a person reads so.
    assert_eq!(shipped.memoctl(&["gc"]).await.stdout, "auth: 0 delivered\n");
}

/// Has the auth service killed at its call of the memo service, and gives who left.
async fn killed_at_the_invocation(shipped: &Shipped, email: &str, kind: FaultKind) -> Person {
    let ada = shipped.person(email).await;
    shipped.memos(&ada, 3).await;
    shipped.cloud.inject(Faults::of_function("lambda:Invoke", 1, kind));
    let (answer, ()) = tokio::join!(shipped.leave(&ada), async {
        assert_eq!(shipped.cloud.held().await.call, "lambda:Invoke");
        shipped.kill("auth");
    });
    assert_eq!(answer.status, 502, "{answer:?}");
    assert_eq!((shipped.known(&ada).await, shipped.outbox().await.len()), (Vec::new(), 1));
    ada
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_memo_service_was_never_told_of_gc_tells_it() {
    let shipped = Shipped::deployed().await;
    let ada = killed_at_the_invocation(&shipped, ADA, FaultKind::HoldBefore).await;
    assert!(shipped.left(&ada).await.len() > 3);
    assert_eq!(collected(&shipped).await["delivered"], 1);
    assert_gone(&shipped, &ada).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_memo_service_was_told_of_without_anybody_noticing_gc_takes_out() {
    let shipped = Shipped::deployed().await;
    let ada = killed_at_the_invocation(&shipped, ADA, FaultKind::HoldAfter).await;
    shipped.forgotten(&ada).await;
    assert_eq!(collected(&shipped).await["delivered"], 1);
    assert_gone(&shipped, &ada).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_goes_also_where_the_invocation_is_cut_before_its_effect_or_behind_it() {
    let shipped = Shipped::deployed().await;
    for (kind, email) in [(FaultKind::CutBefore, ADA), (FaultKind::CutAfter, "b@example.com")] {
        let person = shipped.person(email).await;
        shipped.memos(&person, 2).await;
        shipped.cloud.inject(Faults::of_function("lambda:Invoke", 1, kind));
        assert_eq!(shipped.leave(&person).await.status, 204, "{kind:?}");
        assert_eq!(shipped.outbox().await.len(), 1, "{kind:?}");
        assert_eq!(collected(&shipped).await["delivered"], 1, "{kind:?}");
        assert_gone(&shipped, &person).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rounds_that_are_cut_in_the_middle_are_finished_by_gc_also_when_that_is_cut() {
    let shipped = Shipped::deployed().await;
    let ada = shipped.person(ADA).await;
    shipped.memos(&ada, 40).await;
    let whole = shipped.left(&ada).await.len();
    let cut = async || {
        assert_eq!(shipped.cloud.held().await.call, "dynamodb:DeleteItem");
        shipped.kill("memo");
    };
    // The second batch of the asynchronous invocation; Lambda tries again a minute later.
    shipped.cloud.inject(Faults::of_function("dynamodb:DeleteItem", 30, FaultKind::HoldBefore));
    let (answer, ()) = tokio::join!(shipped.leave(&ada), cut());
    assert_eq!(answer.status, 204, "{answer:?}");
    let left = shipped.left(&ada).await.len();
    assert!((2..whole).contains(&left), "{left} of {whole}");

    shipped.cloud.inject(Faults::of_function("dynamodb:DeleteItem", 3, FaultKind::HoldBefore));
    let (told, ()) = tokio::join!(collected(&shipped), cut());
    assert_eq!((&told["delivered"], &told["rounds"]), (&json!(1), &json!(2)), "{told}");
    assert_gone(&shipped, &ada).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_gc_cannot_finish_it_names_and_exits_with_1() {
    let shipped = Shipped::deployed().await;
    let ada = killed_at_the_invocation(&shipped, ADA, FaultKind::HoldBefore).await;
    let memo = shipped.aws.scope.function("memo");
    let stop = shipped.aws.lambda.put_function_concurrency().function_name(&memo).reserved_concurrent_executions(0);
    stop.send().await.unwrap();
    let run = shipped.memoctl(&["gc"]).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    let start = format!("auth: 0 delivered, 1 left\n! auth: user {}: cannot invoke memo-dev-memo:1: 429", ada.id);
    assert!(run.stdout.starts_with(&start), "{}", run.stdout);
    assert!(run.stderr.contains("invoked 3 times: something is left\nhint: `memoctl logs"), "{}", run.stderr);
    shipped.aws.lambda.delete_function_concurrency().function_name(&memo).send().await.unwrap();
    assert_eq!(collected(&shipped).await["delivered"], 1);
    assert_gone(&shipped, &ada).await;
}

/// Has `email` leave without the memo service hearing of it, then gc, and gives the version of the auth service that gc has
/// invoked and those of the memo service that this has.
async fn invoked(shipped: &Shipped, email: &str) -> (Value, BTreeSet<String>) {
    let person = killed_at_the_invocation(shipped, email, FaultKind::HoldBefore).await;
    shipped.kill("memo");
    let told = collected(shipped).await;
    assert_eq!(told["delivered"], 1, "{told}");
    assert_gone(shipped, &person).await;
    let version = |(_, variables): (u32, Vec<String>)| {
        let version = variables.iter().find_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_VERSION="));
        version.unwrap().to_owned()
    };
    (told["version"].clone(), shipped.processes("memo").into_iter().map(version).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gc_has_the_versions_work_that_serve_also_after_a_rollback() {
    let shipped = Shipped::deployed().await;
    let versions = |auth: u64, memo: &str| (json!(auth), BTreeSet::from([memo.to_owned()]));
    assert_eq!(invoked(&shipped, "a@example.com").await, versions(1, "1"));
    let rollback = async || {
        let back = shipped.memoctl(&["rollback"]).await;
        assert_eq!(back.code, Some(0), "{back:?}");
    };
    // Each time one of the two is changed, and the other one stays what it is.
    for (number, changed, expected) in [(1, "memo", versions(1, "2")), (2, "auth", versions(2, "1"))] {
        let mut stack = site::shipped();
        stack.functions.get_mut(changed).unwrap().memory = 512;
        shipped.change(&stack).await;
        assert_eq!(invoked(&shipped, &format!("b{number}@example.com")).await, expected);
        rollback().await;
        assert_eq!(invoked(&shipped, &format!("c{number}@example.com")).await, versions(1, "1"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writes_that_race_the_deletion_nothing_stays() {
    let shipped = Shipped::deployed().await;
    let ada = shipped.person(ADA).await;
    shipped.memos(&ada, 3).await;
    let memo = json!({ "title": "late", "tags": ["late"] });
    let writes = join_all((0..20).map(|_| shipped.ask("POST /v1/memos", &ada.headers, &memo)));
    let (gone, written) = tokio::join!(shipped.leave(&ada), writes);
    assert_eq!(gone.status, 204, "{gone:?}");
    assert!(written.iter().all(|answer| [201, 403].contains(&answer.status)), "{written:?}");
    shipped.forgotten(&ada).await;
    collected(&shipped).await;
    assert_gone(&shipped, &ada).await;
    // The token still opens the service, which knows the user no more.
    let late = shipped.ask("POST /v1/memos", &ada.headers, &memo).await;
    assert!(late.status == 403 && late.body.contains("account-deleted"), "{late:?}");
    assert_eq!(shipped.left(&ada).await, ["META"]);
}

/// Whom the process of the function `name` is.
fn credentials(shipped: &Shipped, name: &str) -> Credentials {
    let (_, variables) = shipped.processes(name).pop().unwrap();
    let variable = |name: &str| {
        let assigned = variables.iter().find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='));
        assigned.unwrap().to_owned()
    };
    let token = Some(variable("AWS_SESSION_TOKEN"));
    Credentials::new(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), token, None, "function")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_service_reaches_the_other_ones_table_and_one_invokes_the_other_alone() {
    let shipped = Shipped::deployed().await;
    let ada = shipped.person(ADA).await;
    shipped.memos(&ada, 1).await;
    let denied = Some("AccessDeniedException");
    let names = ["auth", "memo", "authorizer"];
    for (name, own) in [("auth", Some("auth")), ("memo", Some("memos")), ("authorizer", None)] {
        let credentials = credentials(&shipped, name);
        let config = shipped.aws.dynamodb.config().to_builder().credentials_provider(credentials.clone()).build();
        let dynamodb = aws_sdk_dynamodb::Client::from_conf(config);
        for table in ["auth", "memos"] {
            let key = |call: &str| (call.to_owned(), AttributeValue::S("x".to_owned()));
            let get = dynamodb.get_item().table_name(shipped.aws.scope.table(table));
            let got = get.set_key(Some([key("pk"), key("sk")].into())).send().await.err();
            let delete = dynamodb.delete_item().table_name(shipped.aws.scope.table(table));
            let deleted = delete.set_key(Some([key("pk"), key("sk")].into())).send().await.err();
            let expected = if own == Some(table) { None } else { denied };
            assert_eq!(got.as_ref().map(|error| error.code()), expected.map(Some), "{name} reads {table}");
            assert_eq!(deleted.as_ref().map(|error| error.code()), expected.map(Some), "{name} deletes in {table}");
        }
        let config = shipped.aws.lambda.config().to_builder().credentials_provider(credentials).build();
        let lambda = aws_sdk_lambda::Client::from_conf(config);
        for (other, qualifier) in names.iter().flat_map(|other| [(other, Some("1")), (other, None)]) {
            let call =
                lambda.invoke().function_name(shipped.aws.scope.function(other)).payload(Blob::new("{\"task\":{}}"));
            let invoked = call.set_qualifier(qualifier.map(str::to_owned)).send().await.err();
            let granted = (name, *other, qualifier) == ("auth", "memo", Some("1"));
            let expected = if granted { None } else { denied };
            let code = invoked.as_ref().map(|error| error.code());
            assert_eq!(code, expected.map(Some), "{name} invokes {other} {qualifier:?}");
        }
    }
}
