//! Deploying to AWS where something is wrong with the credentials: one line, before any build.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::{Project, Run};

const STACK: &str = "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.cart]\n";

/// Deploys with `environment`; a build would end in an error of its own, since there is no such Cargo.
fn deploy(project: &Project, environment: &[(&str, &str)]) -> Run {
    let mut command = project.command(&["deploy"]);
    command.env("CARGO", "/nonexistent/cargo").env_remove("MEMOCTL_BUILDER").envs(environment.iter().copied());
    Run::of(command.output().unwrap())
}

/// An AWS that answers every call with one error.
fn refusing(status: u16, code: &str, message: &str) -> String {
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = format!(
                "HTTP/1.1 {status} Error\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.read(&mut [0; 16 * 1024]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    endpoint
}

/// Asserts that `run` failed by an error and a hint of one line each.
#[track_caller]
fn assert_fails_with(run: &Run, error: &str, hints: &[&str]) {
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stderr);
    assert!(lines[0].starts_with("error: cannot reach AWS") && lines[0].contains(error), "{}", lines[0]);
    for hint in hints {
        assert!(lines[1].starts_with("hint: ") && lines[1].contains(hint), "{}", lines[1]);
    }
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "secret")];

#[test]
fn without_credentials_a_deploy_says_so_before_any_build() {
    let run = deploy(&Project::with_stack(STACK), &[]);
    assert_fails_with(&run, "no AWS credentials were found", &["AWS_PROFILE", "--local"]);
}

#[test]
fn without_a_region_a_deploy_says_so_before_any_build() {
    let run = deploy(&Project::with_stack("name = \"shop\"\n[functions.cart]\n"), &KEYS);
    assert_fails_with(&run, "no region is set", &["AWS_REGION", "--local"]);
}

#[test]
fn with_an_expired_session_a_deploy_says_so_before_any_build() {
    let endpoint = refusing(403, "ExpiredToken", "The security token included in the request is expired");
    let environment = [&KEYS[..], &[("AWS_SESSION_TOKEN", "old"), ("AWS_ENDPOINT_URL", &endpoint)]].concat();
    let run = deploy(&Project::with_stack(STACK), &environment);
    assert_fails_with(&run, "the AWS session has expired", &["sign in", "--local"]);
}

#[test]
fn with_an_unknown_key_a_deploy_says_so_before_any_build() {
    let endpoint = refusing(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
    let environment = [&KEYS[..], &[("AWS_ENDPOINT_URL", &endpoint)]].concat();
    let run = deploy(&Project::with_stack(STACK), &environment);
    assert_fails_with(&run, "AWS does not know the access key", &["eu-central-1", "--local"]);
}

#[test]
fn where_nobody_answers_a_deploy_says_so_before_any_build() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    let environment = [&KEYS[..], &[("AWS_ENDPOINT_URL", &endpoint)]].concat();
    let run = deploy(&Project::with_stack(STACK), &environment);
    assert_fails_with(&run, "no answer", &["network", "--local"]);
}

#[test]
fn for_aws_a_missing_cargo_lambda_is_an_error_that_says_how_to_get_it() {
    let project = Project::with_stack(STACK);
    let mut command = project.command(&["build"]);
    command.env_remove("MEMOCTL_BUILDER").env("PATH", "/usr/bin:/bin").env("CARGO_HOME", project.path());
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cargo-lambda is not installed"), "{}", run.stderr);
    assert!(run.stderr.contains("pip install cargo-lambda"), "{}", run.stderr);
}

#[test]
fn a_region_that_is_none_is_told_before_any_call() {
    let project = Project::with_stack(STACK);
    let mut command = project.command(&["deploy", "--region", "bad region!"]);
    let run = Run::of(command.envs(KEYS).output().unwrap());
    assert_fails_with(&run, "\"bad region!\" is no AWS region", &["a region looks like `eu-central-1`"]);
}

#[test]
fn a_profile_that_no_file_has_is_told_with_the_files() {
    let project = Project::with_stack(STACK);
    let run = project.run(&["deploy", "--profile", "nope"]);
    assert_fails_with(&run, "there is no profile `nope` in ", &["list-profiles"]);
    assert!(run.stderr.contains("no-aws-config"), "{}", run.stderr);
    let run = deploy(&project, &[("AWS_PROFILE", "nope")]);
    assert_fails_with(&run, "there is no profile `nope` in ", &[]);
}
