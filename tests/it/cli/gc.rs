//! `gc`: what is wrong before anything is invoked. What it collects is in `departure`.

use super::Project;

const STACK: &str = "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.door]\n";

#[test]
fn gc_of_a_stack_that_marks_no_function_is_bad_usage_and_says_how_to_mark_one() {
    let run = Project::with_stack(STACK).run(&["gc", "--local"]);
    assert_eq!(run.code, Some(2));
    let start = "error: no function of the stack file is marked with `gc`\nhint: mark the one that ";
    assert!(run.stderr.starts_with(start) && run.stderr.contains("`gc = { task = {} }`"), "{}", run.stderr);
}

#[test]
fn gc_of_what_is_not_deployed_says_how_to_deploy_it() {
    let run = Project::with_stack(&format!("{STACK}gc = {{ task = {{}} }}\n")).run(&["gc", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with("error: shop/dev is not deployed\nhint: `memoctl deploy --local"), "{}", run.stderr);
}

#[test]
fn check_shows_who_invokes_whom() {
    let api = "[api.routes]\n\"GET /\" = \"bell\"\n";
    let stack = format!("{STACK}[functions.bell]\nfunctions = {{ door = \"invoke\" }}\n{api}");
    let run = Project::with_stack(&stack).succeed(&["check"]);
    assert!(run.stdout.ends_with("\nbell invokes door\n"), "{}", run.stdout);
}
