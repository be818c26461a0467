//! What needs neither a cloud nor a build.

use super::{Project, Run};

const STACK: &str = "name = \"shop\"\n[functions.cart]\n[api.routes]\n\"GET /cart\" = \"cart\"\n";

#[test]
fn help_names_every_verb() {
    let help = Project::empty().succeed(&["--help"]).stdout;
    let verbs = [
        "init", "adopt", "check", "build", "plan", "deploy", "destroy", "status", "outputs", "logs", "invoke", "dev",
        "local", "openapi",
    ];
    for verb in verbs {
        assert!(help.contains(&format!("\n  {verb} ")), "{verb} is not in\n{help}");
    }
}

#[test]
fn an_unknown_verb_is_bad_usage() {
    assert_eq!(Project::empty().run(&["depoly"]).code, Some(2));
}

#[test]
fn check_counts_what_a_stack_has() {
    let run = Project::with_stack(STACK).succeed(&["check", "--stage", "prod"]);
    assert_eq!(run.stdout, "shop/prod: 1 function, 0 tables, 0 signing keys, 1 route\n");
}

#[test]
fn check_gives_the_schema_of_the_stack_file() {
    let schema = Project::empty().succeed(&["check", "--schema"]).json();
    assert!(schema["properties"]["functions"].is_object(), "{schema}");
}

#[test]
fn a_broken_stack_is_exit_code_2_with_the_place_and_the_nearest_name() {
    let run = Project::with_stack("name = \"shop\"\n[functions.cart]\nmemroy = 256\n").run(&["check"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert!(run.stderr.contains("stack.toml:3") && run.stderr.contains("`memory`"), "{}", run.stderr);
}

#[test]
fn a_missing_stack_is_exit_code_2_and_says_how_to_make_one() {
    let run = Project::empty().run(&["deploy", "--local"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("memoctl init"), "{}", run.stderr);
}

#[test]
fn faults_that_are_not_understood_are_exit_code_2_and_named() {
    let run = Project::with_stack(STACK).run(&["local", "--faults", "at=3:explode"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("\"explode\" is no kind of fault") && run.stderr.contains("cut-after"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_speed_that_no_clock_has_is_exit_code_2() {
    let run = Project::with_stack(STACK).run(&["local", "--speed", "0"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("0.001 at least"), "{}", run.stderr);
}

#[test]
fn faults_for_aws_itself_are_refused() {
    let project = Project::with_stack(STACK);
    let mut command = project.command(&["plan"]);
    let run = Run::of(command.env("MEMOCTL_FAULTS", "seed=1,rate=0.1").output().unwrap());
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--faults has no effect here"), "{}", run.stderr);
}

#[test]
fn the_stack_file_and_stage_can_come_from_the_environment() {
    let project = Project::empty();
    project.write("elsewhere/shop.toml", STACK);
    let mut command = project.command(&["check"]);
    let output = command.env("MEMOCTL_STACK", "elsewhere/shop.toml").env("MEMOCTL_STAGE", "test").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("shop/test:"));
}

#[test]
fn init_makes_a_stack_that_passes_check() {
    let project = Project::empty();
    project.succeed(&["init", "hello"]);
    let run = project.succeed(&["check", "--stack", "hello/stack.toml"]);
    assert_eq!(run.stdout, "hello/dev: 1 function, 0 tables, 0 signing keys, 1 route\n");
}

#[test]
fn init_refuses_a_folder_that_is_not_empty() {
    let project = Project::empty();
    project.write("hello/precious.txt", "mine");
    let run = project.run(&["init", "hello"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr, "error: hello is not empty\nhint: choose another name, or an empty folder\n");
    assert!(!project.path().join("hello/stack.toml").exists());
}

#[test]
fn init_refuses_a_name_that_no_stack_can_have_before_it_writes_anything() {
    let project = Project::empty();
    let run = project.run(&["init", "Hello World"]);
    assert_eq!(run.code, Some(2));
    let hint = "it starts with a lower-case letter, then has lower-case letters, digits and `-`, 40 characters at most";
    assert_eq!(run.stderr, format!("error: `Hello World` cannot be the name of a stack\nhint: {hint}\n"));
    assert!(!project.path().join("Hello World").exists());
}

#[test]
fn init_of_this_folder_asks_for_a_name() {
    let run = Project::empty().run(&["init", "."]);
    assert_eq!(run.code, Some(2));
    let hint = "`memoctl init NAME` makes a folder of that name";
    assert_eq!(run.stderr, format!("error: . does not end in a name for the stack\nhint: {hint}\n"));
}

#[test]
fn completions_are_printed_for_a_shell() {
    assert!(Project::empty().succeed(&["completions", "bash"]).stdout.contains("_memoctl()"));
}

#[test]
fn an_error_is_an_event_where_json_is_asked_for() {
    let run = Project::with_stack(STACK).run(&["invoke", "basket", "--local", "--output", "json"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.events()[0]["error"], "the stack file has no function `basket`");
}
