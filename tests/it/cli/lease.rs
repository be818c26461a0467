//! Two runs on one stage, and runs that are told to end: the lease, end to end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use local::{Cloud, Faults};
use memoctl::aws::Aws;
use memoctl::aws::lease::{Held, Seen, Taking};
use memoctl::stack::Stack;
use tokio::runtime::Runtime;

use super::Project;
use crate::cloud::{empty_stack, target};

fn stack(function: &str) -> String {
    format!(
        "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.{function}]\n[api.routes]\n\"GET /\" = \"{function}\"\n"
    )
}

/// A project's local cloud in this process, and a client of its stack.
fn cloud(project: &Project, runtime: &Runtime) -> (Cloud, Aws) {
    let state = project.path().join(".memoctl/local");
    let options = local::Options { port: Some(0), ..local::Options::new(state, "eu-central-1") };
    runtime.block_on(async {
        let cloud = Cloud::start(options).await.unwrap();
        let target = target(cloud.endpoint(), cloud.base_url());
        let stack = Stack { name: "shop".to_owned(), stage: "dev".to_owned(), ..empty_stack() };
        let aws = Aws::connect(&target, &stack).await.unwrap();
        (cloud, aws)
    })
}

fn take(aws: &Aws, runtime: &Runtime) -> Held {
    runtime.block_on(async {
        match Seen::reading(aws).await.unwrap().take(aws, "deploy").await.unwrap() {
            Taking::Held(held) => held,
            Taking::First(seen) => panic!("somebody was first: {seen:?}"),
        }
    })
}

fn is_held(aws: &Aws, runtime: &Runtime) -> bool {
    runtime.block_on(Seen::reading(aws)).unwrap().held().is_some()
}

#[test]
fn a_deploy_while_another_holds_the_lease_is_exit_code_4_and_one_line_that_names_the_holder() {
    let project = Project::with_handlers(&stack("leased"), &["leased"]);
    let runtime = Runtime::new().unwrap();
    let (cloud, aws) = cloud(&project, &runtime);
    let held = take(&aws, &runtime);
    let before = cloud.calls().mutating;

    let run = project.run(&["deploy", "--local", "-q"]);
    assert_eq!(run.code, Some(4), "{}", run.stderr);
    let told: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    let holder = format!(
        "the lease of shop/dev is held by {} (process {} on ",
        runtime.block_on(aws.author()).unwrap().by,
        std::process::id()
    );
    assert!(
        matches!(told.as_slice(), [line] if line.contains(&holder) && line.contains(", to deploy, until ")),
        "{told:?}"
    );
    assert!(run.stderr.ends_with("hint: wait until it is free with `--wait SECONDS`\n"), "{}", run.stderr);
    let destroy = project.run(&["destroy", "--local", "--yes", "--wait", "1"]);
    assert_eq!(destroy.code, Some(4), "{}", destroy.stderr);
    assert_eq!(cloud.calls().mutating, before);

    runtime.block_on(held.free()).unwrap();
    project.succeed(&["deploy", "--local"]);
}

#[test]
fn a_deploy_that_is_told_to_end_frees_the_lease_and_the_next_one_goes_on() {
    let project = Project::with_handlers(&stack("ended"), &["ended"]);
    let runtime = Runtime::new().unwrap();
    let (cloud, aws) = cloud(&project, &runtime);
    for signal in ["-TERM", "-HUP"] {
        cloud.inject(Faults { slow: Some(Duration::from_millis(300)), ..Faults::none() });
        let mut command = project.command(&["deploy", "--local"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while !is_held(&aws, &runtime) {
            assert!(begun.elapsed() < Duration::from_mins(5), "the lease is not taken");
        }
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        cloud.inject(Faults::none());
        assert!(!is_held(&aws, &runtime), "{signal}");
        let plan = project.succeed(&["plan", "--local", "--output", "json"]).json();
        assert_eq!(plan["drift"], serde_json::json!({ "resources": {} }), "{signal}");
    }
    project.succeed(&["deploy", "--local"]);
    assert_eq!(project.run(&["plan", "--local", "--check"]).code, Some(0));
}

#[test]
fn adopt_waits_for_a_lease_that_somebody_else_holds() {
    let project = Project::with_handlers(&stack("adopt-waits"), &["adopt-waits"]);
    let runtime = Runtime::new().unwrap();
    let (_cloud, aws) = cloud(&project, &runtime);
    project.succeed(&["deploy", "--local"]);
    let group = "log_group//aws/lambda/shop-dev-adopt-waits";
    let tags = aws.logs.untag_resource().resource_arn(aws.scope.log_group_arn(&group["log_group/".len()..]));
    runtime.block_on(tags.tag_keys("memoctl:stack").send()).unwrap();
    let held = take(&aws, &runtime);
    let adopt = ["adopt", group, "--local", "--yes"];
    assert_eq!(project.run(&adopt).code, Some(4));
    assert_eq!(project.run(&[&adopt[..], &["--wait", "1"]].concat()).code, Some(4));
    let mut command = project.command(&[&adopt[..], &["--wait", "300"]].concat());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    runtime.block_on(held.free()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    // What was adopted is no drift, nor is anything else.
    let plan = project.succeed(&["plan", "--local", "--output", "json"]).json();
    assert_eq!(plan["drift"], serde_json::json!({ "resources": {} }), "{plan}");
}
