//! `rollback` and `history`: where a stack was, and the way back.

use super::Project;

fn stack(function: &str) -> String {
    format!(
        "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.{function}]\n[api.routes]\n\"GET /one\" = \"{function}\"\n"
    )
}

/// Two releases of one function.
fn released(function: &str, more: &[&str]) -> Project {
    let project = Project::with_handlers(&stack(function), &[function]);
    project.succeed(&["deploy", "--local"]);
    project.replace(&format!("handlers/{function}/src/main.rs"), "\"world\"", "\"moon\"");
    project.succeed(&[&["deploy", "--local"], more].concat());
    project
}

fn states(project: &Project) -> Vec<String> {
    let history = project.succeed(&["history", "--local", "--output", "json"]).json();
    history.as_array().unwrap().iter().map(|entry| entry["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_rollback_goes_to_the_release_before_and_the_next_one_back_again() {
    let project = released("backed", &[]);
    assert_eq!(states(&project), ["serving", "kept"]);
    let done = project.succeed(&["rollback", "--local", "--output", "json"]).done();
    assert_eq!(done, ["update release/dev"]);
    assert_eq!(states(&project), ["serving", "kept", "kept"]);
    let history = project.succeed(&["history", "--local", "--output", "json"]).json();
    assert_eq!(history[0]["api"], history[2]["api"]);
    project.succeed(&["rollback", "--local"]);
    let history = project.succeed(&["history", "--local", "--output", "json"]).json();
    assert_eq!(history[0]["api"], history[2]["api"]);
}

#[test]
fn a_release_is_named_by_the_beginning_of_its_name() {
    let project = released("named-release", &[]);
    let history = project.succeed(&["history", "--local", "--output", "json"]).json();
    let [newer, older] = [0, 1].map(|index| history[index]["api"].as_str().unwrap().to_owned());
    let same = project.run(&["rollback", "--local", &newer]);
    assert_eq!(
        (same.code, same.stderr.lines().next()),
        (Some(2), Some(format!("error: release {newer} is the one that serves").as_str()))
    );
    let unknown = project.run(&["rollback", "--local", "xyz"]);
    assert_eq!(unknown.code, Some(2));
    assert_eq!(unknown.stderr, "error: no release is named `xyz`\nhint: `memoctl history` lists the releases\n");
    project.succeed(&["rollback", "--local", &older[..8]]);
}

#[test]
fn a_release_that_was_cleaned_up_is_shown_and_refused() {
    let project = released("swept", &["--keep", "1"]);
    assert_eq!(states(&project), ["serving", "gone"]);
    let run = project.run(&["rollback", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("error: cannot go back to release ") && run.stderr.contains(" are gone"),
        "{}",
        run.stderr
    );
}

#[test]
fn history_without_a_release_says_how_to_make_one() {
    let project = Project::with_handlers(&stack("unreleased"), &["unreleased"]);
    let run = project.run(&["history", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("hint: `memoctl deploy"), "{}", run.stderr);
}
