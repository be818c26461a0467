//! `keys`: what is listed, made and dropped, and what stands against it.

use aws_sdk_ssm::types::ParameterType;
use jiff::{SignedDuration, Timestamp};
use memoctl::aws::Aws;
use memoctl::scope::{private_part, public_part};
use serde_json::{Value, json};

use super::{Project, Run};
use crate::passing;

/// A stack of two keys and nothing else.
const STACK: &str = "name = \"shop\"\nregion = \"eu-central-1\"\n[signing_keys.jwt]\nalgorithm = \"EdDSA\"\n\
                     [signing_keys.pages]\nalgorithm = \"HS256\"\noverlap = \"24h\"\n";

fn deployed() -> Project {
    // A deploy needs a workspace, though it builds nothing of it.
    let project = Project::with_handlers(STACK, &["unkeyed"]);
    project.succeed(&["deploy", "--local"]);
    project
}

fn path(name: &str) -> String {
    format!("/memoctl/shop/dev/signing-keys/{name}")
}

/// Does `work` in the project's cloud, as the developer.
fn within<T>(project: &Project, work: impl AsyncFnOnce(&Aws) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = local::Options { port: None, ephemeral: true, ..super::deploy::options(project) };
        let cloud = local::Cloud::start(options).await.unwrap();
        let target = crate::cloud::target(cloud.endpoint(), cloud.base_url());
        let aws = Aws::connect(&target, &crate::cloud::empty_stack()).await.unwrap();
        let done = work(&aws).await;
        cloud.stop().await;
        done
    })
}

async fn read(aws: &Aws, name: &str) -> Value {
    let answer = aws.ssm.get_parameter().name(name).with_decryption(true).send().await.unwrap();
    serde_json::from_str(&answer.parameter.unwrap().value.unwrap()).unwrap()
}

/// Has all times that the set of `name` tells be `ago` earlier, as if that had passed.
fn pass(project: &Project, name: &str, ago: SignedDuration) {
    within(project, async |aws| passing::pass(&aws.ssm, &private_part(&path(name)), ago).await);
}

/// The keys of a set, as they are listed.
fn keys(project: &Project, name: &str) -> Vec<Value> {
    let sets = project.succeed(&["keys", "list", "--local", "--output", "json"]).json();
    let sets = sets.as_array().unwrap();
    sets.iter().find(|set| set["name"] == name).unwrap()["keys"].as_array().unwrap().clone()
}

fn statuses(project: &Project, name: &str) -> Vec<String> {
    keys(project, name).iter().map(|key| key["status"].as_str().unwrap().to_owned()).collect()
}

/// The ids of the keys that are published.
fn published(project: &Project, name: &str) -> Vec<String> {
    let set = within(project, async |aws| read(aws, &public_part(&path(name))).await);
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn ids(project: &Project, name: &str) -> Vec<String> {
    keys(project, name).iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

/// A deploy has nothing to do, and tells of no drift.
fn is_as_wanted(project: &Project) {
    let plan = project.run(&["plan", "--local", "--check", "--output", "json"]);
    let shown = plan.json();
    assert_eq!((plan.code, &shown["drift"]), (Some(0), &json!({ "resources": {} })), "{shown}");
}

fn refused(run: &Run, code: i32, error: &str, hint: &str) {
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    let (line, rest) = run.stderr.split_once("\nhint: ").unwrap_or_else(|| panic!("no hint: {}", run.stderr));
    assert!(line.contains(&format!("error: {error}")) && rest.contains(hint), "{}", run.stderr);
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[test]
fn a_rotation_makes_a_next_key_that_is_published_and_takes_over_by_itself() {
    let project = deployed();
    let run = project.succeed(&["keys", "rotate", "jwt", "--local"]);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert_eq!(statuses(&project, "jwt"), ["active", "next"]);
    assert_eq!(published(&project, "jwt"), ids(&project, "jwt"));
    let listed = keys(&project, "jwt");
    assert_eq!(listed[0]["until"], listed[1]["until"]);
    let until: Timestamp = listed[1]["until"].as_str().unwrap().parse().unwrap();
    let wait = until.duration_since(Timestamp::now());
    // It is told in whole seconds.
    assert!(wait > SignedDuration::from_mins(9) && wait < SignedDuration::from_secs(601), "{until}");
    is_as_wanted(&project);

    pass(&project, "jwt", SignedDuration::from_mins(11));
    assert_eq!(statuses(&project, "jwt"), ["retired", "active"]);
    project.succeed(&["deploy", "--local"]);
    assert_eq!(statuses(&project, "jwt"), ["retired", "active"]);
}

#[test]
fn a_rotation_under_way_is_not_begun_again() {
    let project = deployed();
    project.succeed(&["keys", "rotate", "pages", "--local"]);
    let before = ids(&project, "pages");
    let again = project.succeed(&["keys", "rotate", "pages", "--local", "--output", "json"]);
    assert_eq!(again.summary()["calls"]["mutating"], 0);
    assert_eq!(
        (ids(&project, "pages"), before),
        (vec!["1".to_owned(), "2".to_owned()], vec!["1".to_owned(), "2".to_owned()])
    );
    let told = project.succeed(&["keys", "rotate", "pages", "--local"]).stderr;
    assert!(
        told.starts_with("a rotation of pages is under way: 2 signs from ") && told.contains("nothing to do: "),
        "{told}"
    );
}

#[test]
fn a_retired_key_goes_when_its_overlap_is_over_and_not_before() {
    let project = deployed();
    for name in ["jwt", "pages"] {
        let none = project.succeed(&["keys", "retire", name, "--local"]).stderr;
        assert!(none.starts_with(&format!("nothing to retire: no key of {name} is retired\n")), "{none}");
        project.succeed(&["keys", "rotate", name, "--local"]);
        pass(&project, name, HOUR);
    }
    // 50 minutes ago: over for the one, and not for the other.
    project.succeed(&["keys", "retire", "jwt", "--local"]);
    assert_eq!(
        (statuses(&project, "jwt"), published(&project, "jwt")),
        (vec!["active".to_owned()], ids(&project, "jwt"))
    );
    let over = keys(&project, "pages")[0]["until"].as_str().unwrap().to_owned();
    let early = project.run(&["keys", "retire", "pages", "--local"]);
    refused(&early, 1, &format!("cannot retire 1 of pages before {over}: "), &format!("from {over} on; `--emergency`"));
    assert_eq!(statuses(&project, "pages"), ["retired", "active"]);
    pass(&project, "pages", HOUR * 24);
    project.succeed(&["keys", "retire", "pages", "--key", "1", "--local"]);
    assert_eq!(ids(&project, "pages"), ["2"]);
    let gone = project.succeed(&["keys", "retire", "pages", "--key", "1", "--local"]).stderr;
    assert!(gone.starts_with("nothing to retire: the key 1 of pages is gone already\n"), "{gone}");
    is_as_wanted(&project);
}

#[test]
fn what_is_not_there_or_in_use_is_refused_with_the_way_out() {
    let project = deployed();
    let unknown = project.run(&["keys", "rotate", "jws", "--local"]);
    refused(&unknown, 2, "the stack has no signing key `jws`", "it has: jwt, pages");
    let no_key = project.run(&["keys", "retire", "pages", "--key", "7", "--emergency", "--local", "--yes"]);
    refused(&no_key, 2, "pages has no key `7`", "it has: 1");
    let active = project.run(&["keys", "retire", "pages", "--key", "1", "--local"]);
    refused(&active, 1, "cannot retire 1: of pages it is the active key", "`memoctl keys rotate pages`");
    project.replace("stack.toml", "[signing_keys.pages]", "[signing_keys.lists]");
    let unmade = project.run(&["keys", "rotate", "lists", "--local"]);
    refused(&unmade, 1, "the signing key lists is not made yet", "`memoctl deploy --local --stage dev`");
}

#[test]
fn without_a_deployed_stack_each_verb_says_so() {
    let project = Project::with_stack(STACK);
    for verb in [&["list"][..], &["rotate", "jwt"], &["retire", "jwt"], &["retire", "jwt", "--emergency", "--yes"]] {
        let run = project.run(&[&["keys"], verb, &["--local"]].concat());
        refused(&run, 1, "shop/dev is not deployed", "`memoctl deploy --local --stage dev`");
    }
}

#[test]
fn no_verb_shows_anything_of_a_private_key() {
    let project = deployed();
    let mut told = String::new();
    for arguments in
        [&["list"][..], &["rotate", "jwt"], &["rotate", "pages"], &["retire", "jwt", "--emergency", "--yes"]]
    {
        for more in [&["-v"][..], &["--output", "json"]] {
            let run = project.succeed(&[&["keys"], arguments, &["--local"], more].concat());
            told += &(run.stdout + &run.stderr);
        }
    }
    let secrets = within(&project, async |aws| {
        let mut secrets = Vec::new();
        for name in ["jwt", "pages"] {
            for version in 1.. {
                let name = format!("{}:{version}", private_part(&path(name)));
                let get = aws.ssm.get_parameter().name(name).with_decryption(true).send().await;
                let Ok(answer) = get else { break };
                let set: Value = serde_json::from_str(&answer.parameter.unwrap().value.unwrap()).unwrap();
                let keys = set["keys"].as_array().unwrap().iter();
                secrets.extend(keys.map(|key| key.get("d").or(key.get("k")).unwrap().as_str().unwrap().to_owned()));
            }
        }
        secrets
    });
    assert!(secrets.len() >= 6, "{}", secrets.len());
    assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
}

#[test]
fn an_emergency_needs_a_yes_and_replaces_all_keys_of_the_set() {
    let project = deployed();
    project.succeed(&["keys", "rotate", "jwt", "--local"]);
    let before = ids(&project, "jwt");
    let emergency = ["keys", "retire", "jwt", "--emergency", "--local"];
    let nobody = project.run(&emergency);
    refused(&nobody, 2, "dropping keys of jwt that are in use needs a yes, and nobody is here to give it", "`--yes`");
    assert_eq!(ids(&project, "jwt"), before);
    project.succeed(&[&emergency[..], &["--yes"]].concat());
    assert_eq!(statuses(&project, "jwt"), ["active"]);
    assert!(!before.contains(&ids(&project, "jwt")[0]));
    assert_eq!(published(&project, "jwt"), ids(&project, "jwt"));
    is_as_wanted(&project);
    let (receipt, left) =
        (project.succeed(&["destroy", "--local", "--yes"]), project.run(&["keys", "list", "--local"]));
    assert_eq!(left.code, Some(1), "{}", receipt.stdout);
}

#[test]
fn the_help_says_that_an_emergency_without_a_key_replaces_all_of_the_set() {
    let help = Project::empty().succeed(&["keys", "retire", "--help"]).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("without --key all of the set, which one new key replaces"), "{help}");
}

/// Makes the lease that of a run to retire keys which was killed `ago`, on the machine `host` if it was another, after it
/// had replaced the keys of `name`.
fn kill_the_last_run(project: &Project, name: &str, ago: SignedDuration, host: Option<&str>) {
    let replaced = keys(project, name)[0]["since"].clone();
    let killed = (Timestamp::now() - ago).to_string();
    within(project, async |aws| {
        let buckets = aws.s3.list_buckets().send().await.unwrap();
        let bucket = buckets.buckets()[0].name().unwrap();
        let get = aws.s3.get_object().bucket(bucket).key("shop/dev/lease.json").send().await.unwrap();
        let mut lease: Value = serde_json::from_slice(&get.body.collect().await.unwrap().into_bytes()).unwrap();
        assert!(lease.as_object_mut().unwrap().remove("freed").is_some(), "{lease}");
        assert_eq!(lease["doing"], "retire keys");
        lease["since"] = replaced;
        for member in ["expires", "abandoned"] {
            lease[member] = killed.clone().into();
        }
        if let Some(host) = host {
            lease["host"] = host.into();
        }
        let put = aws.s3.put_object().bucket(bucket).key("shop/dev/lease.json");
        put.body(lease.to_string().into_bytes().into()).send().await.unwrap();
    });
}

#[test]
fn who_repeats_an_emergency_that_was_killed_ends_it_and_who_asks_anew_drops_what_is_in_use() {
    let project = deployed();
    let emergency = ["keys", "retire", "jwt", "--emergency", "--local", "--yes"];
    project.succeed(&emergency);
    let replaced = ids(&project, "jwt");

    kill_the_last_run(&project, "jwt", SignedDuration::from_mins(10), None);
    let repeated = project.succeed(&emergency).stderr;
    assert!(repeated.contains("the keys of jwt were replaced by the run that was cut short"), "{repeated}");
    assert_eq!(ids(&project, "jwt"), replaced);

    kill_the_last_run(&project, "jwt", SignedDuration::from_mins(10), Some("elsewhere"));
    project.succeed(&emergency);
    let anew = ids(&project, "jwt");
    assert_ne!(anew, replaced);

    pass(&project, "jwt", HOUR * 2);
    kill_the_last_run(&project, "jwt", SignedDuration::from_mins(61), None);
    project.succeed(&emergency);
    assert_ne!(ids(&project, "jwt"), anew);
    is_as_wanted(&project);
}

#[test]
fn an_emergency_of_one_key_leaves_the_others() {
    let project = deployed();
    project.succeed(&["keys", "rotate", "pages", "--local"]);
    pass(&project, "pages", HOUR);
    let drop = |id: &str| project.succeed(&["keys", "retire", "pages", "--key", id, "--emergency", "--local", "--yes"]);
    drop("2");
    assert_eq!(
        (ids(&project, "pages"), statuses(&project, "pages")),
        (vec!["1".to_owned(), "3".to_owned()], vec!["retired".to_owned(), "active".to_owned()])
    );
    drop("1");
    assert_eq!(ids(&project, "pages"), ["3"]);
    is_as_wanted(&project);
}

#[test]
fn what_serves_starts_afresh_in_an_emergency_and_nothing_else_changes() {
    let stack = "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.keyed]\nsigning_keys = { jwt = \"sign\" }\n\
                 [functions.keyless]\n[signing_keys.jwt]\nalgorithm = \"EdDSA\"\n\
                 [api.routes]\n\"GET /one\" = \"keyed\"\n\"GET /two\" = \"keyless\"\n";
    let project = Project::with_handlers(stack, &["keyed", "keyless"]);
    project.succeed(&["deploy", "--local"]);
    let emergency = ["keys", "retire", "jwt", "--emergency", "--local", "--yes", "--output", "json"];
    let mut done = project.succeed(&emergency).done();
    let key = format!("update signing_key/{}", path("jwt"));
    assert_eq!(done.split_off(3), ["update release/dev", &key]);
    // The API needs the version to be there; whether it is ready is asked meanwhile.
    done.sort();
    assert_eq!(done, ["update api/shop-dev-api", "update function/shop-dev-keyed", &key]);
    let status = project.succeed(&["status", "--local", "--output", "json"]).json();
    let told = &status["resources"]["function/shop-dev-keyed"]["environment"]["SIGNING_KEYS_GENERATION"];
    assert_eq!((told, &status["drift"]), (&json!("jwt=1"), &json!({ "resources": {} })));
    is_as_wanted(&project);
    assert_eq!(project.succeed(&["deploy", "--local", "--output", "json"]).summary()["calls"]["mutating"], 0);
    let history = project.succeed(&["history", "--local", "--output", "json"]).json();
    assert_eq!((&history[0]["state"], &history[1]["state"]), (&json!("serving"), &json!("kept")));

    // What is served after a rollback of the same code starts afresh as well.
    project.succeed(&["rollback", "--local"]);
    project.succeed(&emergency);
    is_as_wanted(&project);

    // Where other code serves than the functions are, only a deploy can release them.
    project.replace("handlers/keyed/src/main.rs", "\"world\"", "\"moon\"");
    project.succeed(&["deploy", "--local"]);
    project.succeed(&["rollback", "--local"]);
    let halted = project.run(&emergency[..6]);
    refused(
        &halted,
        1,
        "the keys of jwt are dropped, but what runs does not start afresh: shop-dev-keyed@",
        "`memoctl deploy",
    );
    refused(&project.run(&["keys", "rotate", "jwt", "--local"]), 1, "keys of jwt were dropped at once", "--emergency");
    let listed = project.succeed(&["keys", "list", "--local"]).stdout;
    assert!(listed.contains("! jwt  keys were dropped, and that is not over"), "{listed}");

    // A key that the set never had is a mistake, what was dropped is not dropped again, and who asks anew means what is there.
    let (one, now) = (|id: &str| project.run(&[&emergency[..6], &["--key", id]].concat()), ids(&project, "jwt"));
    refused(&one("unheard-of"), 2, "jwt has no key `unheard-of`", &format!("it has: {}", now[0]));
    let dropped = listed.split("--key ").nth(1).unwrap().split('`').next().unwrap();
    refused(&one(dropped), 1, "the keys of jwt are dropped, but what runs does not start afresh", "`memoctl deploy");
    assert_eq!(ids(&project, "jwt"), now);
    assert_eq!(project.run(&emergency[..6]).code, Some(1));
    assert_ne!(ids(&project, "jwt"), now);
    project.succeed(&["deploy", "--local"]);
    is_as_wanted(&project);
    let listed = project.succeed(&["keys", "list", "--local"]).stdout;
    assert!(!listed.contains('!'), "{listed}");
}

#[test]
fn a_published_set_that_is_not_the_private_one_is_told_and_mended() {
    let project = deployed();
    let before = published(&project, "jwt");
    within(&project, async |aws| {
        let put = aws.ssm.put_parameter().name(public_part(&path("jwt"))).value(r#"{"keys":[]}"#);
        put.r#type(ParameterType::String).overwrite(true).send().await.unwrap();
    });
    let listed = project.succeed(&["keys", "list", "--local"]).stdout;
    assert!(
        listed.contains("! jwt  what is published is not what it has: `memoctl keys retire jwt` mends it"),
        "{listed}"
    );
    project.succeed(&["keys", "retire", "jwt", "--local"]);
    assert_eq!(published(&project, "jwt"), before);
}
