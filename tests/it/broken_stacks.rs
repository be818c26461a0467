//! Broken stack files: what is said of each, whole. The files are in `tests/broken`.

use std::collections::BTreeSet;
use std::path::Path;

use memoctl::stack::read;

macro_rules! broken {
    ($($name:ident for $stage:literal),* $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(#[test]
        fn $name() {
            let path = format!("tests/broken/{}.toml", stringify!($name));
            let faults = read::load(Path::new(&path), $stage).unwrap_err();
            insta::assert_snapshot!(stringify!($name), faults.render(false));
        })*
    };
}

broken! {
    bad_names for "dev",
    bad_routes for "dev",
    conflicting_routes for "dev",
    dangling_names for "dev",
    duplicate_keys for "dev",
    environment for "dev",
    function_grants for "dev",
    function_grants_without_api for "dev",
    leaking_scopes for "dev",
    limits for "dev",
    missing_keys for "dev",
    out_of_range for "dev",
    service_routes for "dev",
    services for "dev",
    services_without_api for "dev",
    signing_keys for "dev",
    site for "dev",
    site_without_api for "dev",
    stages for "prod",
    syntax for "dev",
    tables for "dev",
    unknown_keys for "dev",
    unknown_values for "dev",
    wrong_types for "dev",
}

#[test]
fn every_broken_file_has_its_snapshot() {
    let files: BTreeSet<String> = std::fs::read_dir("tests/broken")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(files, NAMES.iter().map(|&name| name.to_owned()).collect());
}

#[test]
fn a_file_that_is_not_there_says_how_to_get_one() {
    let faults = read::load(Path::new("tests/nowhere/stack.toml"), "dev").unwrap_err();
    insta::assert_snapshot!(faults.render(false));
}

#[test]
fn a_stage_that_cannot_be_named_so_is_refused() {
    let faults = read::load(Path::new("stack.toml"), "Prod!").unwrap_err();
    insta::assert_snapshot!(faults.render(false));
}

#[test]
fn faults_are_data_for_other_programs() {
    let faults = read::load(Path::new("tests/broken/signing_keys.toml"), "dev").unwrap_err();
    insta::assert_snapshot!(serde_json::to_string_pretty(&faults.to_json()).unwrap());
}
