//! `memoctl client`: what it writes, when it writes nothing, and what it refuses.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{Project, Run, target};

const STACK: &str = "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.described]\n\
                     [api]\nopenapi = \"api.yaml\"\n[api.routes]\n\"GET /cart\" = \"described\"\n";
const DESCRIPTION: &str = "openapi: 3.1.0\ninfo: { title: shop, version: '1.2.3' }\npaths:\n  /cart:\n    get:\n      \
                           operationId: getCart\n      responses: { '200': { description: The cart. } }\n";
const RUST: [&str; 6] = ["client", "rust", "--server", "https://shop.example.com/v2/", "--out", "made"];

fn project() -> Project {
    let project = Project::with_stack(STACK);
    project.write("api.yaml", DESCRIPTION);
    project
}

/// Runs memoctl in the repository.
fn in_repository(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memoctl"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MEMOCTL_")) {
        command.env_remove(name);
    }
    Run::of(command.output().unwrap())
}

#[test]
fn the_shipped_rust_client_is_what_the_description_makes() {
    let run = in_repository(&["client", "rust", "--server", "/", "--out", "client", "--check"]);
    assert_eq!(
        (run.code, &*run.stdout),
        (Some(0), ""),
        "`memoctl client rust --server / --out client`\n{}",
        run.stderr
    );
}

/// Its tests are `odd.rs.in`. Any warning is an error there.
#[test]
fn a_rust_client_of_an_odd_description_compiles_and_does_what_that_says() {
    let operations = "GET /pets/{kind}/{number},PUT /pets/{kind}/{number},POST /files,HEAD /files,POST /texts";
    let routes: Vec<String> =
        operations.split(',').map(|operation| format!("\"{operation}\" = \"described\"\n")).collect();
    let routes = routes.concat();
    let project = Project::with_stack(&STACK.replace("\"GET /cart\" = \"described\"\n", &routes));
    project.write("api.yaml", include_str!("odd.yaml"));
    project.succeed(&["client", "rust", "--server", "/", "--out", "made"]);
    project.replace("made/Cargo.toml", "[features]", "[lints.rust]\nwarnings = \"deny\"\n\n[features]");
    project.write("made/tests/odd.rs", include_str!("odd.rs.in"));
    // The versions that are here already.
    project.write("made/Cargo.lock", include_str!("../../../Cargo.lock"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--offline", "--quiet", "--no-default-features"]).current_dir(project.path().join("made"));
    let run = Run::of(cargo.env("CARGO_TARGET_DIR", target()).output().unwrap());
    assert_eq!(run.code, Some(0), "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("4 passed"), "{}", run.stdout);
}

#[test]
fn a_rust_client_names_its_crate_and_where_the_api_answers() {
    let project = project();
    let run = project.succeed(&RUST);
    assert!(run.stdout.contains("+ made/src/operations.rs\n"), "{}", run.stdout);
    assert!(project.has("made/Cargo.toml", "name = \"shop-client\"\n"));
    assert!(project.has("made/Cargo.toml", "version = \"1.2.3\"\n"));
    assert!(project.has("made/src/lib.rs", "pub const SERVER: &str = \"https://shop.example.com/v2/\";"));
    assert!(project.has("made/src/operations.rs", "pub async fn get_cart(&self)"));
}

#[test]
fn a_second_run_writes_nothing_and_a_check_tells_by_its_exit_code() {
    let project = project();
    let check = [&RUST[..], &["--check"]].concat();
    assert_eq!(project.run(&check).code, Some(3));
    assert!(!project.path().join("made").exists());
    project.succeed(&RUST);
    let written = project.path().join("made/src/lib.rs").metadata().unwrap().modified().unwrap();
    let run = project.succeed(&RUST);
    assert_eq!((&*run.stdout, &*run.stderr), ("", "made is what the description makes\n"));
    assert_eq!(project.path().join("made/src/lib.rs").metadata().unwrap().modified().unwrap(), written);
    project.succeed(&check);
}

#[test]
fn what_is_written_is_told_as_json() {
    let project = project();
    project.succeed(&RUST);
    project.replace("api.yaml", "getCart", "seeCart");
    let told = project.succeed(&[&RUST[..], &["--output", "json"]].concat()).json();
    let changes = json!({ "src/operations.rs": "update" });
    assert_eq!(told, json!({ "language": "rust", "folder": "made", "changes": changes }));
}

#[test]
fn a_folder_of_others_is_refused_and_left_alone() {
    let project = project();
    project.write("made/mine.rs", "mine");
    let run = project.run(&RUST);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("made: it has files that are not memoctl's"), "{}", run.stderr);
    assert_eq!(std::fs::read_dir(project.path().join("made")).unwrap().count(), 1);
}

#[test]
fn what_the_emitter_does_not_know_is_refused_by_name_all_of_it_and_nothing_is_written() {
    let project = project();
    let broken = "components:\n  schemas:\n    A: { type: array, prefixItems: [true] }\n    B: { if: true }\n";
    project.write("api.yaml", &format!("{DESCRIPTION}{broken}"));
    let run = project.run(&RUST);
    assert_eq!(run.code, Some(2));
    let told =
        "#/components/schemas/A: `prefixItems` is not supported\n  #/components/schemas/B: `if` is not supported\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(!project.path().join("made").exists());
}

#[test]
fn without_node_the_typescript_client_says_what_it_wants() {
    let project = project();
    let run = without_programs(&project, None);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("node is not on the PATH") && run.stderr.contains("https://nodejs.org"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_node_that_is_too_old_is_named_with_what_is_wanted() {
    let run = without_programs(&project(), Some("echo v18.20.1"));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("Node is v18.20.1; Hey API wants 20.19 or later"), "{}", run.stderr);
}

#[test]
fn without_npm_hey_api_cannot_be_installed() {
    let run = without_programs(&project(), Some("echo v24.0.0"));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("npm is not on the PATH"), "{}", run.stderr);
}

/// Makes the TypeScript client where no program can be found but a Node that does `node`.
fn without_programs(project: &Project, node: Option<&str>) -> Run {
    let programs = project.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    if let Some(node) = node {
        script(&programs.join("node"), node);
    }
    let mut command = project.command(&["client", "typescript", "--server", "/", "--out", "made"]);
    let run = Run::of(command.env("PATH", &programs).output().unwrap());
    assert!(!project.path().join("made").exists());
    run
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
