use serde_json::json;

use super::*;

fn permissions() -> Permissions {
    Permissions { keep: 5, delete_data: false, allow_downtime: false, canary: None }
}

fn stack() -> Stack {
    crate::stack::read::parse("name = \"memo\"\n[functions.auth]\n", Path::new("stack.toml"), "prod").unwrap()
}

/// A plan for `memo/prod` that saw one table and one role, and updates the table.
fn saved() -> Saved {
    let fields = |value: Value| super::fields(&value);
    Saved {
        format: FORMAT,
        memoctl: VERSION.to_owned(),
        stack: "memo".to_owned(),
        stage: "prod".to_owned(),
        account: "123456789012".to_owned(),
        region: "ap-northeast-2".to_owned(),
        permissions: permissions(),
        wanted: Wanted {
            stack: Digest::of(&"stack"),
            builder: "cargo-lambda".to_owned(),
            profile: "release".to_owned(),
            artifacts: [("auth".to_owned(), "abc=".to_owned())].into(),
            page: BTreeMap::new(),
        },
        seen: [
            ("role/memo-prod-auth".to_owned(), fields(json!({ "path": "/", "policies": { "a": 1, "b": 2 } }))),
            ("table/memo-prod-auth".to_owned(), fields(json!({ "ttl": null, "tags": {} }))),
        ]
        .into(),
        findings: Vec::new(),
        steps: vec![json!({ "id": "table/memo-prod-auth", "phase": "prepare", "action": "update" })],
    }
}

/// What a plan for now shows of the plan that [`saved`] gives, as lines.
fn stale(change: impl FnOnce(&mut Saved)) -> String {
    let mut now = saved();
    change(&mut now);
    saved().stale(&now).iter().map(|stale| [stale.to_string(), "\n".to_owned()].concat()).collect()
}

/// Why a plan of these contents is refused.
fn refusal(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    std::fs::write(&file, text).unwrap();
    let failure = Saved::read(&file, &stack()).unwrap_err();
    failure.to_string().replace(folder.path().to_str().unwrap(), "here")
}

fn edited(member: &str, value: Value) -> String {
    let mut json = serde_json::to_value(saved()).unwrap();
    json[member] = value;
    json.to_string()
}

#[test]
fn a_plan_that_still_holds_has_nothing_stale() {
    assert_eq!(stale(|_| {}), "");
}

#[test]
fn what_changed_since_is_listed_by_resource_and_field() {
    let listed = stale(|now| {
        now.seen.insert("role/memo-prod-auth".to_owned(), fields(&json!({ "path": "/", "policies": { "b": 3 } })));
        now.seen.remove("table/memo-prod-auth");
        now.seen.insert("table/memo-prod-new".to_owned(), Fields::new());
    });
    insta::assert_snapshot!(listed, @r"
    role/memo-prod-auth has changed: policies.a, policies.b
    table/memo-prod-auth is gone
    table/memo-prod-new is there, and was not
    ");
}

#[test]
fn what_is_wanted_otherwise_is_listed() {
    let listed = stale(|now| {
        now.wanted.stack = Digest::of(&"another");
        now.wanted.builder = "cargo".to_owned();
        now.wanted.artifacts.insert("auth".to_owned(), "xyz=".to_owned());
        now.wanted.artifacts.insert("memo".to_owned(), "xyz=".to_owned());
    });
    insta::assert_snapshot!(listed, @r"
    the stack file says something else
    the handlers are built with the builder cargo, and were with cargo-lambda
    the handler of function `auth` is built to other bytes
    the handler of function `memo` is built to other bytes
    ");
}

#[test]
fn another_step_from_the_same_sight_is_stale_too() {
    let listed = stale(|now| now.steps[0]["action"] = "delete".into());
    assert_eq!(listed, "table/memo-prod-auth takes another step than planned\n");
}

#[test]
fn a_plan_reads_back_as_it_was_written_and_is_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    saved().write(&first).unwrap();
    Saved::read(&first, &stack()).unwrap().write(&second).unwrap();
    assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
}

#[test]
fn a_file_that_is_no_plan_or_another_ones_is_refused_by_name() {
    let other = "here/plan.json is a plan for the stack other, and this is memo";
    assert_eq!(refusal(&edited("stack", "other".into())), other);
    let other = "here/plan.json is a plan for the stage dev, and this is prod";
    assert_eq!(refusal(&edited("stage", "dev".into())), other);
    assert!(refusal(&edited("format", 2.into())).starts_with("here/plan.json has format 2, of memoctl "));
    assert!(refusal(&edited("memoctl", "0.0.1".into())).starts_with("here/plan.json was made by memoctl 0.0.1, and "));
    assert!(refusal("{").starts_with("here/plan.json is no saved plan: "));
    assert_eq!(refusal("{}"), "here/plan.json is no saved plan: it names no format");
    assert!(refusal(&edited("steps", "x".into())).starts_with("here/plan.json is no saved plan: "));
}

#[test]
fn a_plan_of_another_account_or_region_is_refused_by_name() {
    let here = Scope::example();
    let refusal = |scope: Scope| saved().is_here(Path::new("plan.json"), &scope).unwrap_err().to_string();
    let account = Scope { account: "210987654321".to_owned(), ..here.clone() };
    assert_eq!(refusal(account), "plan.json is a plan for the account 123456789012, and this is 210987654321");
    let region = Scope { region: "eu-west-1".to_owned(), ..here.clone() };
    assert_eq!(refusal(region), "plan.json is a plan for the region ap-northeast-2, and this is eu-west-1");
    assert!(saved().is_here(Path::new("plan.json"), &here).is_ok());
}
