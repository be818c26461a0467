//! Plans in files: what is applied is what was reviewed, or nothing.

use std::path::Path;

use memoctl::scope::Scope;

use super::{Project, Run};

fn stack(function: &str) -> String {
    format!(
        "name = \"shop\"\nregion = \"eu-central-1\"\n\
         [functions.{function}]\n\
         [tables.items]\npartition_key = \"pk\"\n\
         [api.routes]\n\"GET /one\" = \"{function}\"\n"
    )
}

/// A stack of one function that was deployed, and whose timeout was changed since.
fn changed(function: &str) -> Project {
    let project = Project::with_handlers(&stack(function), &[function]);
    project.succeed(&["deploy", "--local"]);
    project.replace("stack.toml", &format!("[functions.{function}]"), &format!("[functions.{function}]\ntimeout = 7"));
    project
}

fn plan(project: &Project) -> Run {
    project.succeed(&["plan", "--local", "--out", "plan.json"])
}

fn deploy(project: &Project) -> Run {
    project.run(&["deploy", "--local", "--plan", "plan.json"])
}

#[test]
fn a_saved_plan_is_applied_as_it_is_and_only_once() {
    let project = changed("reviewed-a");
    let saved = plan(&project).stderr;
    assert!(saved.contains("saved: `memoctl deploy --plan plan.json` does just that"), "{saved}");
    let first = std::fs::read(project.path().join("plan.json")).unwrap();
    plan(&project);
    assert_eq!(std::fs::read(project.path().join("plan.json")).unwrap(), first, "the same plan is the same bytes");

    let applied = deploy(&project);
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    assert_eq!(project.run(&["plan", "--local", "--check"]).code, Some(0));
    let again = deploy(&project);
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    assert!(
        again.stderr.contains("\n  function/shop-dev-reviewed-a has changed: timeout, versions\n"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.ends_with("hint: plan again: `memoctl plan --out plan.json`, and review what it shows\n"));
}

#[test]
fn a_saved_plan_is_refused_when_the_cloud_or_the_stack_has_changed_since() {
    let project = changed("stale-a");
    plan(&project);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // The port that the project's own runs remember: it is in the stage's variables.
        let options = local::Options { port: None, ephemeral: true, ..super::deploy::options(&project) };
        let cloud = local::Cloud::start(options).await.unwrap();
        let target = crate::cloud::target(cloud.endpoint(), cloud.base_url());
        let aws = memoctl::aws::Aws::connect(&target, &crate::cloud::empty_stack()).await.unwrap();
        let table = Scope { stack: "shop".to_owned(), stage: "dev".to_owned(), ..aws.scope.clone() }.table("items");
        aws.dynamodb.update_table().table_name(table).deletion_protection_enabled(true).send().await.unwrap();
        cloud.stop().await;
    });
    project.replace("stack.toml", "timeout = 7", "timeout = 8");
    let run = deploy(&project);
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stderr.split_once("error: ").unwrap().1, @r"
    plan.json does not hold any more:
      the stack file says something else
      table/shop-dev-items has changed: deletion_protection
    hint: plan again: `memoctl plan --out plan.json`, and review what it shows
    ");
    let mut events = project.run(&["deploy", "--local", "--plan", "plan.json", "--output", "json"]).events();
    assert_eq!(events.pop().unwrap()["stale"][1]["fields"], serde_json::json!(["deletion_protection"]));
}

#[test]
fn a_plan_for_another_stage_is_refused_by_name() {
    let project = Project::with_handlers(&stack("staged-a"), &["staged-a"]);
    plan(&project);
    let run = project.run(&["deploy", "--local", "--stage", "prod", "--plan", "plan.json"]);
    assert_eq!(run.code, Some(2));
    let told = "error: plan.json is a plan for the stage dev, and this is prod\n\
                hint: it was made for shop/dev in eu-central-1, account 000000000000\n";
    assert_eq!(run.stderr, told);
}

#[test]
fn what_a_plan_allows_is_said_when_it_is_made_and_not_when_it_is_applied() {
    for flag in ["--keep=1", "--allow-downtime"] {
        let run = Project::with_stack(&stack("said-a")).run(&["deploy", "--local", "--plan", "plan.json", flag]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
    }
}

#[test]
fn a_saved_plan_holds_no_key_material() {
    let project = Project::with_handlers(&stack("secret-a"), &["secret-a"]);
    project.replace("stack.toml", "[tables.items]", "[signing_keys.jwt]\nalgorithm = \"EdDSA\"\n[tables.items]");
    project.succeed(&["deploy", "--local"]);
    plan(&project);
    let text = std::fs::read_to_string(Path::new(project.path()).join("plan.json")).unwrap();
    assert!(text.contains("signing_key//memoctl/shop/dev/signing-keys/jwt"), "{text}");
    assert!(!text.contains("\"kty\"") && !text.contains("\"d\""), "{text}");
}
