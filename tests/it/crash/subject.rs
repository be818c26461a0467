//! The stacks that are deployed and killed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use local::Cloud;
use memoctl::aws::{Aws, Clock, Target};
use memoctl::plan::Item as _;
use memoctl::resource;
use memoctl::stack::Stack;
use serde_json::Value;

use crate::cli::{Project, Run};
use crate::cloud::{REGION, empty_stack};

/// A stack in a folder of its own, with a change that can be made to it.
pub(super) struct Subject {
    project: Project,
    /// The stack's name.
    name: &'static str,
    /// Replacements of the change: file, from, to.
    changes: Vec<(String, String, String)>,
    /// The routes that both releases have, for callers without a token.
    pub(super) probes: Vec<&'static str>,
}

impl Subject {
    /// Two functions, a table and a key; the change is of code, configuration, a permission, and routes.
    pub(super) fn small(package: &str) -> Self {
        let (a, b) = (format!("{package}-a"), format!("{package}-b"));
        let stack = format!(
            "name = \"shop\"\nregion = \"eu-central-1\"\n\
             [functions.{a}]\ntables = {{ items = \"read\" }}\n[functions.{b}]\n\
             [tables.items]\npartition_key = \"pk\"\n[signing_keys.jwt]\nalgorithm = \"EdDSA\"\n\
             [api.routes]\n\"GET /one\" = \"{a}\"\n\"GET /two\" = \"{b}\"\n"
        );
        let change = |file: &str, from: &str, to: &str| (file.to_owned(), from.to_owned(), to.to_owned());
        Self {
            changes: vec![
                change(&format!("handlers/{a}/src/main.rs"), "\"world\"", "\"moon\""),
                change("stack.toml", "\"read\"", "\"read-write\""),
                change("stack.toml", &format!("[functions.{b}]\n"), &format!("[functions.{b}]\nmemory = 512\n")),
                change("stack.toml", "\"GET /two\"", &format!("\"GET /three\" = \"{b}\"\n\"GET /two\"")),
            ],
            project: Project::with_handlers(&stack, &[&a, &b]),
            name: "shop",
            probes: vec!["/one", "/two"],
        }
    }

    /// The stack of this repository, its handlers included.
    pub(super) fn shipped() -> Self {
        let project = Project::empty();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "stack.toml", "src", "handlers", "benches"] {
            let copied = Command::new("cp").arg("-r").arg(root.join(name)).arg(project.path()).status();
            assert!(copied.unwrap().success());
        }
        let change = |file: &str, from: &str, to: &str| (file.to_owned(), from.to_owned(), to.to_owned());
        Self {
            project,
            name: "memo",
            changes: vec![
                change("handlers/memo/src/main.rs", "fn main()", "// changed\nfn main()"),
                change("stack.toml", "memory = 1769", "memory = 1024"),
                change("stack.toml", "ttl = 60", "ttl = 30"),
                change(
                    "stack.toml",
                    "\"GET /healthz\" = \"auth\"",
                    "\"GET /healthz\" = \"auth\"\n\"GET /health\" = \"auth\"",
                ),
            ],
            probes: vec!["/healthz", "/.well-known/jwks.json"],
        }
    }

    /// Takes the change back, where it was made.
    pub(super) fn first(&self) {
        for (file, from, to) in &self.changes {
            if self.project.has(file, to) {
                self.project.replace(file, to, from);
            }
        }
    }

    pub(super) fn change(&self) {
        for (file, from, to) in &self.changes {
            self.project.replace(file, from, to);
        }
    }

    /// Where the cloud's state is.
    pub(super) fn state(&self) -> PathBuf {
        self.project.path().join("state")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.env("MEMOCTL_STATE", self.state()).env("MEMOCTL_REGION", REGION);
        command
    }

    /// Starts a run that is to be killed.
    pub(super) fn start(&self, arguments: &[String]) -> Child {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub(super) fn run(&self, arguments: &[String]) -> Run {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Run::of(self.command(&arguments).output().unwrap())
    }

    pub(super) fn succeed(&self, arguments: &[&str]) -> Run {
        let arguments: Vec<String> =
            arguments.iter().chain(&["--local"]).map(|&argument| argument.to_owned()).collect();
        let run = self.run(&arguments);
        assert_eq!(run.code, Some(0), "memoctl {}\n{}\n{}", arguments.join(" "), run.stdout, run.stderr);
        run
    }

    /// The releases, newest first.
    pub(super) fn releases(&self) -> Vec<String> {
        let history = self.succeed(&["history", "--output", "json"]).json();
        history.as_array().unwrap().iter().map(|release| release["api"].as_str().unwrap().to_owned()).collect()
    }

    /// All that is live of the stack, field by field, read from `cloud`; and where its API answers, as advertised.
    pub(super) async fn live(&self, cloud: &Cloud) -> (Value, Option<String>) {
        let target = Target::Local {
            endpoint: cloud.endpoint().to_owned(),
            base_url: cloud.base_url().to_owned(),
            region: REGION.to_owned(),
            clock: Clock::PROMPT,
        };
        let stack = Stack { name: self.name.to_owned(), stage: "dev".to_owned(), ..empty_stack() };
        let aws = Aws::connect(&target, &stack).await.unwrap();
        let live = resource::live(&BTreeSet::new(), &aws).await.unwrap().ours;
        let fields: serde_json::Map<String, Value> =
            live.iter().map(|(id, resource)| (id.to_string(), resource.fields())).collect();
        let url = aws.directory.api(&aws.scope.api()).map(|api| aws.scope.base_url(&api));
        (fields.into(), url)
    }
}
