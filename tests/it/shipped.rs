//! The stack of this repository, with the handlers that this test run has built, on a cloud of the test's own.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use memoctl::aws::Aws;
use memoctl::plan::Rules;
use memoctl::stack::Stack;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{Project, Run};
use crate::cloud::{REGION, target};
use crate::crash::http::{Answer, Api};
use crate::lifecycle::place::{planned, walk};
use crate::services::site;

/// Far longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) const PASSWORD: &str = "a cat on the keyboard";

pub(crate) struct Shipped {
    pub(crate) cloud: local::Cloud,
    pub(crate) aws: Aws,
    pub(crate) api: Api,
    /// The folder with `stack.toml`.
    project: Project,
    state: TempDir,
}

/// Somebody who has signed up.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    /// The header lines with their token.
    pub(crate) headers: String,
}

impl Shipped {
    /// Deploys the stack.
    pub(crate) async fn deployed() -> Self {
        let state = tempfile::tempdir().unwrap();
        let options = local::Options { port: Some(0), ..local::Options::new(state.path(), REGION) };
        let cloud = local::Cloud::start(options).await.unwrap();
        let target = target(cloud.endpoint(), cloud.base_url());
        let stack = site::shipped();
        let aws = Aws { artifacts: site::handlers(&stack).into(), ..Aws::connect(&target, &stack).await.unwrap() };
        deploy(&stack, &aws).await;
        let id = aws.directory.api(&aws.scope.api()).unwrap();
        let api = Api::new(cloud.endpoint(), &aws.scope.base_url(&id));
        let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("stack.toml");
        let project = Project::with_stack(&std::fs::read_to_string(stack).unwrap());
        Self { cloud, aws, api, project, state }
    }

    /// The answer to a request with a JSON body.
    pub(crate) async fn ask(&self, request: &str, headers: &str, body: &Value) -> Answer {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        self.api.ask(request, &headers, &body.to_string()).await.unwrap()
    }

    /// Has somebody sign up and in.
    pub(crate) async fn person(&self, email: &str) -> Person {
        let who = json!({ "email": email, "password": PASSWORD });
        let made = self.ask("POST /v1/users", "", &who).await;
        assert_eq!(made.status, 201, "{made:?}");
        let session = self.ask("POST /v1/sessions", "", &who).await;
        assert_eq!(session.status, 200, "{session:?}");
        let text = |answer: &Answer, member: &str| {
            serde_json::from_str::<Value>(&answer.body).unwrap()[member].as_str().unwrap().to_owned()
        };
        let headers = format!("Authorization: Bearer {}\r\n", text(&session, "access_token"));
        Person { id: text(&made, "id"), headers }
    }

    /// Has `person` write `count` memos.
    pub(crate) async fn memos(&self, person: &Person, count: usize) {
        for number in 0..count {
            let memo = json!({ "title": number.to_string(), "tags": ["a", number.to_string()] });
            let made = self.ask("POST /v1/memos", &person.headers, &memo).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
    }

    /// Has `person` delete their account.
    pub(crate) async fn leave(&self, person: &Person) -> Answer {
        self.ask("DELETE /v1/users/me", &person.headers, &json!({ "password": PASSWORD })).await
    }

    /// The sort keys below `partition` of the table `name`.
    async fn keys(&self, name: &str, partition: &str) -> Vec<String> {
        let query = self.aws.dynamodb.query().table_name(self.aws.scope.table(name)).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk");
        let pages = query.expression_attribute_values(":pk", AttributeValue::S(partition.to_owned())).into_paginator();
        let items = pages.items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        items.iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
    }

    /// What the memo service has of `person`.
    pub(crate) async fn left(&self, person: &Person) -> Vec<String> {
        self.keys("memos", &format!("U#{}", person.id)).await
    }

    /// What the auth service has of `person`.
    pub(crate) async fn known(&self, person: &Person) -> Vec<String> {
        self.keys("auth", &format!("USER#{}", person.id)).await
    }

    /// The accounts of which the memo service is still to hear.
    pub(crate) async fn outbox(&self) -> Vec<String> {
        self.keys("auth", "OUTBOX#account").await
    }

    /// Waits until the memo service has nothing of `person` but the tombstone.
    pub(crate) async fn forgotten(&self, person: &Person) {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = self.left(person).await;
            if left == ["META"] {
                return;
            }
            assert!(Instant::now() < until, "{left:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Deploys `stack` in place of what is there.
    pub(crate) async fn change(&self, stack: &Stack) {
        deploy(stack, &self.aws).await;
    }

    /// Runs `memoctl`, as somebody else would while the cloud runs.
    pub(crate) async fn memoctl(&self, arguments: &[&str]) -> Run {
        let mut command = self.project.command(&[arguments, &["--local"]].concat());
        command.env("MEMOCTL_STATE", self.state.path()).env("MEMOCTL_REGION", REGION);
        tokio::task::spawn_blocking(move || Run::of(command.output().unwrap())).await.unwrap()
    }

    /// The processes of the function `name`, with their environments.
    pub(crate) fn processes(&self, name: &str) -> Vec<(u32, Vec<String>)> {
        let register = self.state.path().join(REGION).join("lambda/processes");
        let named = format!("AWS_LAMBDA_FUNCTION_NAME={}", self.aws.scope.function(name));
        let numbers = std::fs::read_dir(register).unwrap();
        let numbers = numbers.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok());
        let with_variables = numbers.map(|number| {
            let variables = std::fs::read_to_string(format!("/proc/{number}/environ")).unwrap_or_default();
            (number, variables.split('\0').map(str::to_owned).collect::<Vec<_>>())
        });
        with_variables.filter(|(_, variables)| variables.contains(&named)).collect()
    }

    /// Kills the processes of the function `name`, of which there is at least one.
    pub(crate) fn kill(&self, name: &str) {
        let processes = self.processes(name);
        assert!(!processes.is_empty(), "{name} has no process");
        for (number, _) in processes {
            assert!(Command::new("kill").args(["-KILL", &number.to_string()]).status().unwrap().success());
        }
    }
}

async fn deploy(stack: &Stack, aws: &Aws) {
    let outcome = walk(&planned(stack, aws, 5, &Rules::default()).await.unwrap(), aws).await;
    assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
}
