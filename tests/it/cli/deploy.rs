//! Deploys to the local cloud: what is done, what is said, and what is left alone.

use super::{Project, Run};

/// A stack of two functions behind an API, and a table.
pub(super) fn stack(one: &str, two: &str) -> String {
    format!(
        "name = \"shop\"\nregion = \"eu-central-1\"\n\
         [functions.{one}]\ntables = {{ items = \"read-write\" }}\n[functions.{two}]\n\
         [tables.items]\npartition_key = \"pk\"\n\
         [api.routes]\n\"GET /one\" = \"{one}\"\n\"GET /two\" = \"{two}\"\n"
    )
}

pub(super) fn deploy(project: &Project, more: &[&str]) -> Run {
    project.succeed(&[&["deploy", "--local", "--output", "json"], more].concat())
}

#[test]
fn a_deploy_without_a_change_makes_no_mutating_call_and_says_so() {
    let project = Project::with_handlers(&stack("idle-a", "idle-b"), &["idle-a", "idle-b"]);
    let first = deploy(&project, &[]).summary();
    assert!(first["calls"]["mutating"].as_u64() > Some(0), "{first}");

    let second = deploy(&project, &[]).summary();
    assert_eq!(second["calls"]["mutating"], 0, "{second}");
    let told = project.succeed(&["deploy", "--local"]).stderr;
    assert!(told.contains("nothing to do: ") && told.contains("no mutating call"), "{told}");
}

#[test]
fn the_calls_that_are_told_are_those_that_reach_the_socket() {
    let project = Project::with_handlers(&stack("counted-a", "counted-b"), &["counted-a", "counted-b"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = runtime.block_on(local::Cloud::start(options(&project))).unwrap();
    let count = || {
        let calls = cloud.calls();
        [calls.reading.values().sum::<u64>(), calls.mutating.values().sum()]
    };
    for _ in 0..2 {
        let before = count();
        let told = deploy(&project, &[]).summary();
        let [reading, mutating] = [0, 1].map(|kind| count()[kind] - before[kind]);
        assert_eq!(told["calls"]["total"], reading + mutating, "{:?}", cloud.calls());
        assert_eq!(told["calls"]["mutating"], mutating, "{:?}", cloud.calls());
    }
}

#[test]
fn a_line_changed_in_one_handler_changes_that_function_and_the_api_and_then_the_release() {
    let project = Project::with_handlers(&stack("lined-a", "lined-b"), &["lined-a", "lined-b"]);
    deploy(&project, &[]);
    project.replace("handlers/lined-a/src/main.rs", "\"world\"", "\"moon\"");
    let mut done = deploy(&project, &[]).done();
    // The function and the API wait for each other only as far as they have to: either may end first.
    done[..2].sort();
    assert_eq!(done, ["update api/shop-dev-api", "update function/shop-dev-lined-a", "update release/dev"]);
}

#[test]
fn a_route_added_changes_api_and_release_and_nothing_else() {
    let project = Project::with_handlers(&stack("routed-a", "routed-b"), &["routed-a", "routed-b"]);
    deploy(&project, &[]);
    project.replace("stack.toml", "\"GET /two\"", "\"GET /three\" = \"routed-b\"\n\"GET /two\"");
    assert_eq!(deploy(&project, &[]).done(), ["update api/shop-dev-api", "update release/dev"]);
}

#[test]
fn plan_check_is_exit_code_3_with_changes_and_0_without() {
    let project = Project::with_handlers(&stack("planned-a", "planned-b"), &["planned-a", "planned-b"]);
    assert_eq!(project.run(&["plan", "--local", "--check"]).code, Some(3));
    deploy(&project, &[]);
    let plan = project.run(&["plan", "--local", "--check"]);
    assert_eq!(plan.code, Some(0), "{}", plan.stdout);
    assert!(plan.stdout.starts_with("plan: nothing to do; "), "{}", plan.stdout);
}

#[test]
fn a_plan_is_empty_in_another_folder_that_has_the_cloud() {
    let here = Project::with_handlers(&stack("cloned-a", "cloned-b"), &["cloned-a", "cloned-b"]);
    deploy(&here, &[]);
    let there = Project::with_handlers(&stack("cloned-a", "cloned-b"), &["cloned-a", "cloned-b"]);
    let state = here.path().join(".memoctl/local");
    let plan = there.run(&["plan", "--local", "--check", "--state", state.to_str().unwrap()]);
    assert_eq!(plan.code, Some(0), "{}\n{}", plan.stdout, plan.stderr);
}

#[test]
fn a_function_that_is_removed_goes_at_once_where_one_release_is_kept() {
    let project = Project::with_handlers(&stack("gone-a", "gone-b"), &["gone-a", "gone-b"]);
    deploy(&project, &[]);
    project.replace("stack.toml", "[functions.gone-b]\n", "");
    project.replace("stack.toml", "\"GET /two\" = \"gone-b\"\n", "");
    let kept = project.succeed(&["plan", "--local"]).stdout;
    assert!(kept.contains("= function/shop-dev-gone-b  no longer wanted, but a kept release needs it"), "{kept}");
    let done = deploy(&project, &["--keep", "1"]).done();
    assert!(done.contains(&"delete function/shop-dev-gone-b".to_owned()), "{done:?}");
    assert!(done.contains(&"delete role/shop-dev-gone-b".to_owned()), "{done:?}");
}

#[test]
fn a_table_that_is_removed_is_kept_and_named_without_delete_data() {
    let project = Project::with_handlers(&stack("tabled-a", "tabled-b"), &["tabled-a", "tabled-b"]);
    deploy(&project, &[]);
    project.replace("stack.toml", "tables = { items = \"read-write\" }\n", "");
    project.replace("stack.toml", "[tables.items]\npartition_key = \"pk\"\n", "");
    let told = project.succeed(&["deploy", "--local", "--keep", "1"]).stderr;
    assert!(told.contains("= table/shop-dev-items  no longer wanted, but it holds data"), "{told}");
    let again = project.succeed(&["deploy", "--local", "--keep", "1"]).stderr;
    assert!(again.contains("= table/shop-dev-items  no longer wanted, but it holds data"), "{again}");
    assert!(again.contains(" as wanted, 1 kept, no longer wanted; "), "{again}");
    let done = deploy(&project, &["--delete-data=dev"]).done();
    assert_eq!(done, ["delete table/shop-dev-items"]);
}

#[test]
fn outputs_of_a_stack_that_is_not_deployed_say_so() {
    let project = Project::with_stack(&stack("absent-a", "absent-b"));
    let run = project.run(&["outputs", "--local"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stderr, "error: shop/dev is not deployed\nhint: `memoctl deploy --local --stage dev` deploys it\n");
}

#[test]
fn a_deployed_stack_tells_its_outputs_and_its_status() {
    let project = Project::with_handlers(&stack("told-a", "told-b"), &["told-a", "told-b"]);
    let url = deploy(&project, &[]).summary()["outputs"]["url"].clone();
    let outputs = project.succeed(&["outputs", "--local", "--output", "json"]).json();
    assert_eq!(outputs["url"], url);
    assert_eq!(outputs["tables"]["items"], "shop-dev-items");
    let status = project.succeed(&["status", "--local", "--output", "json"]).json();
    assert!(status["resources"]["function/shop-dev-told-a"].is_object(), "{status}");
    assert_eq!(status["missing"], serde_json::json!([]));
}

#[test]
fn a_function_is_invoked_and_its_log_is_shown() {
    let project = Project::with_handlers(&stack("called-a", "called-b"), &["called-a", "called-b"]);
    deploy(&project, &[]);
    let event = "{\"queryStringParameters\":{\"name\":\"you\"}}";
    let answer = project.succeed(&["invoke", "called-a", event, "--local", "--output", "json"]).json();
    assert_eq!(answer["payload"]["statusCode"], 200, "{answer}");
    assert_eq!(answer["error"], serde_json::Value::Null);
    let logs = project.succeed(&["logs", "called-a", "--local", "--output", "json"]).events();
    assert!(
        logs.iter().any(|event| event["message"].as_str().is_some_and(|line| line.contains("platform.report"))),
        "{logs:?}"
    );
}

#[test]
fn a_failed_call_names_the_log_of_the_same_cloud_and_stage() {
    let project = Project::with_handlers(&stack("failed-a", "failed-b"), &["failed-a", "failed-b"]);
    let fails = "if event.payload[\"fail\"] == true {\n        return Err(\"as asked\".into());\n    }\n    let name";
    project.replace("handlers/failed-a/src/main.rs", "let name", fails);
    deploy(&project, &["--stage", "test"]);
    let run = project.run(&["invoke", "failed-a", "{\"fail\":true}", "--local", "--stage", "test"]);
    assert_eq!(run.code, Some(1));
    let hint = "hint: `memoctl logs --local --stage test failed-a` shows all of its log\n";
    assert!(run.stderr.ends_with(hint), "{}", run.stderr);
}

#[test]
fn the_logs_of_a_stack_that_is_not_there_say_that_it_is_not_deployed() {
    let run = Project::with_stack(&stack("silent-a", "silent-b")).run(&["logs", "--local"]);
    assert_eq!(run.code, Some(1));
    let expected = "error: shop/dev is not deployed\nhint: `memoctl deploy --local --stage dev` deploys it\n";
    assert_eq!(run.stderr, expected);
}

#[test]
fn invoking_a_function_that_the_stack_lacks_names_those_it_has() {
    let project = Project::with_stack(&stack("named-a", "named-b"));
    let run = project.run(&["invoke", "named-c", "--local"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr, "error: the stack file has no function `named-c`\nhint: it has: named-a, named-b\n");
}

#[test]
fn somebody_elses_table_stops_the_plan_with_exit_code_5() {
    let project = Project::with_handlers(&stack("owned-a", "owned-b"), &["owned-a", "owned-b"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = runtime.block_on(local::Cloud::start(options(&project))).unwrap();
    runtime.block_on(create_table("shop-dev-items", cloud.endpoint()));
    let run = project.run(&["deploy", "--local"]);
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("table/shop-dev-items"), "{}", run.stderr);
    assert!(!cloud.calls().mutating.keys().any(|call| call != "dynamodb:CreateTable"), "{:?}", cloud.calls());
}

async fn create_table(name: &str, endpoint: &str) {
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("eu-central-1"))
        .credentials_provider(aws_credential_types::Credentials::new("local", "local", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint);
    let attribute = AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash);
    let request = aws_sdk_dynamodb::Client::from_conf(config.build()).create_table().table_name(name);
    let request = request.attribute_definitions(attribute.build().unwrap()).key_schema(key.build().unwrap());
    request.billing_mode(BillingMode::PayPerRequest).send().await.unwrap();
}

pub(super) fn options(project: &Project) -> local::Options {
    local::Options { port: Some(0), ..local::Options::new(project.path().join(".memoctl/local"), "eu-central-1") }
}

#[test]
fn a_stack_of_services_alone_needs_no_handlers_and_tells_of_links_that_are_left_out() {
    let stack = r#"
name = "joined"

[api.routes]
"ANY /open/{proxy+}" = { url = "https://internal.example.com/{proxy}" }
"ANY /linked/{proxy+}" = { url = "https://nlb.example.com/{proxy}", vpc_link = "ab1c2d" }
"#;
    let project = Project::with_stack(stack);
    let run = project.succeed(&["deploy", "--local", "--yes"]);
    let told: Vec<&str> = run.stderr.lines().filter(|line| line.contains("VPC")).collect();
    let wanted =
        "`ANY /linked/{proxy+}`: the local cloud has no VPC links, and calls https://nlb.example.com/{proxy} directly";
    assert_eq!(told, [wanted]);
}
