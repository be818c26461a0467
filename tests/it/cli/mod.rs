//! The command line, end to end: the real binary in folders of its own.

mod adopt;
mod aws;
mod basics;
mod build;
mod client;
mod deploy;
mod destroy;
mod gc;
mod keys;
mod lease;
mod openapi;
mod page;
mod rollback;
mod saved;
mod serve;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a stack, and memoctl in it.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a run of memoctl gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with `stack` as its stack file.
    pub(crate) fn with_stack(stack: &str) -> Self {
        let project = Self::empty();
        project.write("stack.toml", stack);
        project
    }

    /// A workspace with a handler package for each of `packages`, which differ by their names in what they answer.
    ///
    /// All tests share one target folder for the dependencies' sake. Cargo tells packages apart by their names and
    /// places in the workspace alone, so each test names its own.
    pub(crate) fn with_handlers(stack: &str, packages: &[&str]) -> Self {
        let project = Self::with_stack(stack);
        let template = |path: &str| {
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/template").join(path)).unwrap()
        };
        project.write("Cargo.toml", &template("Cargo.toml.in"));
        let manifest = template("handlers/hello/Cargo.toml.in");
        let source = template("handlers/hello/src/main.rs");
        for package in packages {
            let folder = format!("handlers/{package}");
            project.write(
                &format!("{folder}/Cargo.toml"),
                &manifest.replace("name = \"hello\"", &format!("name = \"{package}\"")),
            );
            project.write(&format!("{folder}/src/main.rs"), &source.replace("hello, ", &format!("{package}, ")));
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Whether a file has `text` in it.
    pub(crate) fn has(&self, path: &str, text: &str) -> bool {
        std::fs::read_to_string(self.path().join(path)).unwrap().contains(text)
    }

    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path().join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replace(from, to));
    }

    /// memoctl in the folder, without anything of the developer's AWS settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memoctl"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars() {
            if name.starts_with("AWS_") || name.starts_with("MEMOCTL_") || name == "CI" {
                command.env_remove(name);
            }
        }
        command
            .env("CARGO_TARGET_DIR", target())
            .env("MEMOCTL_BUILDER", "cargo")
            .env("MEMOCTL_CARGO_PROFILE", "dev")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", self.path().join("no-aws-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.path().join("no-aws-credentials"));
        command
    }

    /// Runs memoctl to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs memoctl, which has to succeed.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "memoctl {}\n{}\n{}", arguments.join(" "), run.stdout, run.stderr);
        run
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// Standard output as events, one JSON document a line.
    pub(crate) fn events(&self) -> Vec<Value> {
        let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(event).collect()
    }

    /// The last event: what was done.
    pub(crate) fn summary(&self) -> Value {
        self.events().into_iter().rfind(|event| event["event"] == "summary").unwrap()
    }

    /// The steps that ended well, as `update function/NAME`.
    pub(crate) fn done(&self) -> Vec<String> {
        let events = self.events();
        let ended = events.iter().filter(|event| event["event"] == "ended" && event["status"] == "done");
        let step = |event: &Value| format!("{} {}", event["action"].as_str().unwrap(), event["id"].as_str().unwrap());
        ended.map(step).collect()
    }
}

/// Where all tests build handlers.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("handlers")
}
