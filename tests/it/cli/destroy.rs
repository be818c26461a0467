//! A destroy: what it asks for, what it takes away, and the receipt that it gives.

use std::process::{Command, Stdio};

use super::deploy::{deploy, stack};
use super::{Project, Run};

fn destroy(project: &Project, more: &[&str]) -> Run {
    project.succeed(&[&["destroy", "--local", "--yes"], more].concat())
}

#[test]
fn a_destroy_keeps_tables_and_says_so_and_with_the_stages_name_it_keeps_nothing() {
    let project = Project::with_handlers(&stack("ended-a", "ended-b"), &["ended-a", "ended-b"]);
    deploy(&project, &[]);
    insta::assert_snapshot!(destroy(&project, &[]).stdout, @r"
    - api/shop-dev-api  gone
    - function/shop-dev-ended-a  gone
    - function/shop-dev-ended-b  gone
    - log_group//aws/lambda/shop-dev-ended-a  gone
    - log_group//aws/lambda/shop-dev-ended-b  gone
    - release/dev  gone
    - role/shop-dev-ended-a  gone
    - role/shop-dev-ended-b  gone
    - role/shop-dev-gateway  gone
    = bucket/memoctl-000000000000-eu-central-1  stays: shared by all stacks of this account and region; the stage's freed lease is in it
    = table/shop-dev-items  stays: it holds data: `destroy --delete-data=dev` deletes it too
    receipt: 9 gone, 2 stay
    ");
    let again = destroy(&project, &[]).stderr;
    assert!(again.contains("nothing to do: 1 kept, no longer wanted; "), "{again}");
    insta::assert_snapshot!(destroy(&project, &["--delete-data=dev"]).stdout, @r"
    - table/shop-dev-items  gone
    = bucket/memoctl-000000000000-eu-central-1  stays: shared by all stacks of this account and region; the stage's freed lease is in it
    receipt: 1 gone, 1 stays
    ");
    insta::assert_snapshot!(destroy(&project, &[]).stdout, @r"
    = bucket/memoctl-000000000000-eu-central-1  stays: shared by all stacks of this account and region; the stage's freed lease is in it
    receipt: 0 gone, 1 stays
    ");
}

#[test]
fn a_receipt_is_an_event_where_json_is_asked_for() {
    let project = Project::with_handlers(&stack("events-a", "events-b"), &["events-a", "events-b"]);
    deploy(&project, &[]);
    let receipt = destroy(&project, &["--output", "json"]).events().pop().unwrap();
    assert_eq!(receipt["event"], "receipt");
    assert_eq!(receipt["complete"], true);
    assert!(receipt["gone"].as_array().unwrap().contains(&"release/dev".into()), "{receipt}");
    let table = serde_json::json!({ "id": "table/shop-dev-items", "why": "holds-data", "detail": "dev" });
    assert!(receipt["stays"].as_array().unwrap().contains(&table), "{receipt}");
}

#[test]
fn without_a_terminal_data_goes_only_with_the_stages_name() {
    let project = Project::with_handlers(&stack("named-x", "named-y"), &["named-x", "named-y"]);
    deploy(&project, &[]);
    let told = |arguments: &[&str]| {
        let run = project.run(&[arguments, &["--local"]].concat());
        format!("{} {}", run.code.unwrap(), run.stderr.lines().rev().take(2).collect::<Vec<_>>().join("\n"))
    };
    let needed = "2 hint: `--delete-data=dev`; without it, what holds data stays\n\
                  error: deleting data needs the stage's name, and nobody is here to type it";
    assert_eq!(told(&["destroy", "--delete-data"]), needed);
    assert_eq!(told(&["destroy", "--delete-data", "--yes"]), needed);
    assert_eq!(told(&["deploy", "--delete-data"]), needed);
    assert_eq!(told(&["plan", "--delete-data", "--out", "plan.json"]), needed);
    let other = "2 hint: `--delete-data=dev`; without it, what holds data stays\n\
                 error: --delete-data=prod does not name the stage, which is dev";
    assert_eq!(told(&["destroy", "--delete-data=prod", "--yes"]), other);
    let unasked = project.run(&["destroy", "--local"]);
    assert_eq!(unasked.code, Some(2), "{}", unasked.stderr);
    assert!(unasked.stderr.ends_with("hint: add `--yes`\n"), "{}", unasked.stderr);
    assert_eq!(project.run(&["plan", "--local", "--check", "--delete-data"]).code, Some(0), "nothing was touched");
}

/// Runs memoctl at a terminal of its own, and types `answer`.
fn at_a_terminal(project: &Project, arguments: &[&str], answer: &str) -> Run {
    let memoctl = project.command(arguments);
    let mut python = Command::new("python3");
    python.arg("-c").arg(TERMINAL).arg(answer).arg(memoctl.get_program()).args(memoctl.get_args());
    for (name, value) in memoctl.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    Run::of(python.current_dir(project.path()).stdin(Stdio::null()).output().unwrap())
}

/// Runs the command after the first argument at a terminal, types the first argument once a question stands there, and
/// gives what was shown.
const TERMINAL: &str = r#"
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown, answered = b"", False
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:
        break
    if not more:
        break
    shown += more
    if not answered and shown.endswith((b"delete it: ", b"[y/N] ")):
        os.write(terminal, sys.argv[1].encode() + b"\n")
        answered = True
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

#[test]
fn at_a_terminal_the_stages_name_is_typed_before_data_is_deleted() {
    let project = Project::with_handlers(&stack("typed-a", "typed-b"), &["typed-a", "typed-b"]);
    deploy(&project, &[]);
    let wrong = at_a_terminal(&project, &["destroy", "--local", "--delete-data", "--color", "never"], "y");
    assert_eq!(wrong.code, Some(1), "{}", wrong.stdout);
    assert!(wrong.stdout.contains("The data of table/shop-dev-items will be lost."), "{}", wrong.stdout);
    assert!(wrong.stdout.contains("that is not the stage's name: table/shop-dev-items stays, and all else too"));
    assert_eq!(project.run(&["plan", "--local", "--check"]).code, Some(0));

    let right = at_a_terminal(&project, &["destroy", "--local", "--delete-data", "--color", "never"], "dev");
    assert_eq!(right.code, Some(0), "{}", right.stdout);
    assert!(right.stdout.contains("- table/shop-dev-items  gone"), "{}", right.stdout);
}
