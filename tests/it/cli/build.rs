//! Builds: what is reported, what is refused, and the same bytes from the same source.

use std::path::PathBuf;

use super::{Project, Run};

fn stack(function: &str) -> String {
    format!("name = \"shop\"\nregion = \"eu-central-1\"\n[functions.{function}]\n")
}

#[test]
fn a_build_tells_builder_profile_and_sizes() {
    let project = Project::with_handlers(&stack("sized"), &["sized"]);
    let report = project.succeed(&["build", "--local", "--output", "json"]).json();
    assert_eq!(report["builder"], "cargo");
    assert_eq!(report["profile"], "dev");
    let size = &report["functions"]["sized"];
    assert!(size["zip"].as_u64() < size["binary"].as_u64(), "{report}");
}

#[test]
fn the_same_source_in_another_folder_gives_the_same_bytes() {
    let digest = |target: fn(&Project) -> PathBuf| {
        let project = Project::with_handlers(&stack("moved"), &["moved"]);
        let mut command = project.command(&["build", "--local", "--output", "json"]);
        let output = command.env("CARGO_TARGET_DIR", target(&project)).output().unwrap();
        Run::of(output).json()["functions"]["moved"]["codeSha256"].clone()
    };
    // A target folder of its own, lest the second build finds the first one's work.
    assert_eq!(digest(|_| super::target()), digest(|project| project.path().join("target")));
}

#[test]
fn a_build_that_fails_shows_what_cargo_says() {
    let project = Project::with_handlers(&stack("broken"), &["broken"]);
    project.write("handlers/broken/src/main.rs", "fn main() { let number: u32 = \"text\"; }");
    let run = project.run(&["build", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("error[E0308]") && run.stderr.contains("handlers/broken/src/main.rs:1"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("error: the build failed: cargo build --package broken"), "{}", run.stderr);
}

#[test]
fn a_function_without_a_package_is_named_with_the_nearest_one() {
    let project = Project::with_handlers(&stack("checkuot"), &["checkout"]);
    let run = project.run(&["build", "--local"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        "error: function `checkuot` has no handler: the workspace has no package `checkuot`\n\
         hint: a package `checkout` exists: say `package = \"checkout\"` in [functions.checkuot]\n"
    );
}

#[test]
fn a_package_without_the_binary_is_named() {
    let project = Project::with_handlers(&stack("binless"), &["binless"]);
    std::fs::rename(
        project.path().join("handlers/binless/src/main.rs"),
        project.path().join("handlers/binless/src/lib.rs"),
    )
    .unwrap();
    let run = project.run(&["build", "--local"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("package `binless` has no binary `binless`"), "{}", run.stderr);
}

#[test]
fn plain_cargo_is_refused_for_aws() {
    let run = Project::with_handlers(&stack("hosted"), &["hosted"]).run(&["build"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with("error: cannot build for AWS with plain cargo"), "{}", run.stderr);
}

#[test]
fn rustflags_of_the_developer_are_kept() {
    let project = Project::with_handlers(&stack("flagged"), &["flagged"]);
    // Other flags would have all that it needs compiled once more.
    project.write("handlers/flagged/Cargo.toml", "[package]\nname = \"flagged\"\nedition = \"2024\"\n");
    project.write(".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"developers_own\"]\n");
    let source = "#[cfg(not(developers_own))] compile_error!(\"the flag is lost\"); fn main() {}";
    project.write("handlers/flagged/src/main.rs", source);
    let mut command = project.command(&["build", "--local"]);
    let run = Run::of(command.env("CARGO_TARGET_DIR", project.path().join("target")).output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn no_path_of_this_machine_is_in_a_binary() {
    let project = Project::with_handlers(&stack("pathless"), &["pathless"]);
    project.succeed(&["build", "--local"]);
    let binary = std::fs::read(super::target().join("memoctl/debug/pathless")).unwrap();
    let home = std::env::home_dir().unwrap().join(".cargo/registry");
    for path in [project.path(), &home] {
        let path = path.to_str().unwrap().as_bytes();
        assert!(!binary.windows(path.len()).any(|window| window == path), "{path:?}");
    }
}

/// Needs cargo-lambda, which scripts/test brings.
#[test]
fn cargo_lambda_builds_for_amazon_linux() {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&paths).any(|folder| folder.join("cargo-lambda").exists()) {
        return;
    }
    let project = Project::with_handlers(&stack("crossed"), &["crossed"]);
    let build = || {
        let mut command = project.command(&["build", "--output", "json"]);
        let run = Run::of(command.env("MEMOCTL_BUILDER", "cargo-lambda").output().unwrap());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.json()
    };
    let report = build();
    assert_eq!(report["builder"], "cargo-lambda");
    assert_eq!(report["functions"]["crossed"]["architecture"], "x86_64");
    assert_eq!(build(), report, "a build without a change gives the same bytes");
}
