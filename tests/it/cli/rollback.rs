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
    let same = project.succeed(&["rollback", "--local", &newer]).stderr;
    assert!(same.starts_with("nothing to do: "), "{same}");
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

#[test]
fn a_canary_is_made_promoted_and_taken_back_by_verbs() {
    let project = Project::with_handlers(&stack("sung"), &["sung"]);
    let early = project.run(&["deploy", "--local", "--canary", "10%"]);
    assert_eq!(early.code, Some(2));
    assert!(early.stderr.contains("release/dev does not serve yet"), "{}", early.stderr);
    assert_eq!(project.run(&["promote", "--local"]).code, Some(1));
    project.succeed(&["deploy", "--local"]);
    let none = project.run(&["promote", "--local"]);
    assert!(none.stderr.starts_with("error: there is no canary to promote\nhint: "), "{}", none.stderr);

    project.replace("handlers/sung/src/main.rs", "\"world\"", "\"moon\"");
    project.succeed(&["deploy", "--local", "--canary", "10%"]);
    assert_eq!(states(&project), ["canary", "serving"]);
    project.succeed(&["rollback", "--local"]);
    assert_eq!(states(&project), ["kept", "serving"]);
    project.succeed(&["deploy", "--local", "--canary", "10%"]);
    project.succeed(&["promote", "--local"]);
    assert_eq!(states(&project)[0], "serving");
    let plan = project.run(&["plan", "--local", "--check"]);
    assert_eq!(plan.code, Some(0), "{}", plan.stdout);
}

#[test]
fn a_rollback_never_goes_to_what_only_a_canary_served() {
    let project = released("rejected", &[]);
    let releases = |project: &Project| -> Vec<String> {
        let history = project.succeed(&["history", "--local", "--output", "json"]).json();
        history.as_array().unwrap().iter().map(|entry| entry["api"].as_str().unwrap().to_owned()).collect()
    };
    let [second, first] = <[String; 2]>::try_from(releases(&project)).unwrap();
    project.replace("handlers/rejected/src/main.rs", "\"moon\"", "\"mars\"");
    project.succeed(&["deploy", "--local", "--canary", "10%"]);
    project.succeed(&["rollback", "--local"]);
    assert_eq!(states(&project), ["kept", "serving", "kept"]);
    project.succeed(&["rollback", "--local"]);
    assert_eq!(releases(&project)[0], first);
    // Nor after a release that was made in the canary's place.
    project.succeed(&["rollback", "--local", &second]);
    project.succeed(&["deploy", "--local", "--canary", "10%"]);
    project.succeed(&["rollback", "--local"]);
    project.replace("handlers/rejected/src/main.rs", "\"mars\"", "\"venus\"");
    project.succeed(&["deploy", "--local"]);
    project.succeed(&["rollback", "--local"]);
    assert_eq!(releases(&project)[0], second);
}

#[test]
fn a_canary_of_all_or_nothing_is_bad_usage() {
    let project = Project::with_stack("name = \"shop\"\n");
    for share in ["0", "100%", "ten"] {
        let run = project.run(&["deploy", "--local", "--canary", share]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains("more than 0 % and less than 100 %"), "{}", run.stderr);
    }
}

#[test]
fn records_that_do_not_tell_all_or_nothing_are_shown_and_refused() {
    let project = released("records", &[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let key = runtime.block_on(async {
        let options = local::Options { port: None, ephemeral: true, ..super::deploy::options(&project) };
        let cloud = local::Cloud::start(options).await.unwrap();
        let target = crate::cloud::target(cloud.endpoint(), cloud.base_url());
        let aws = memoctl::aws::Aws::connect(&target, &crate::cloud::empty_stack()).await.unwrap();
        let bucket = aws.bucket();
        let first = bucket.list("shop/dev/releases/").await.unwrap().remove(0);
        let text = bucket.get(&first).await.unwrap().unwrap();
        let mut record: serde_json::Value = serde_json::from_slice(&text).unwrap();
        record.as_object_mut().unwrap().remove("variables").unwrap();
        bucket.put(&first, record.to_string().into()).await.unwrap();
        let garbage = "shop/dev/releases/1999".to_owned();
        bucket.put(&garbage, "garbage".into()).await.unwrap();
        cloud.stop().await;
        garbage
    });
    assert_eq!(states(&project), ["serving", "incomplete", "unreadable"]);
    let shown = project.succeed(&["history", "--local"]).stdout;
    assert!(shown.contains(&format!("! {key} is no record that can be read: ")), "{shown}");
    let run = project.run(&["rollback", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("does not tell the stage's variables and the authorizers\nhint: "), "{}", run.stderr);
    project.succeed(&["deploy", "--local"]);
}
