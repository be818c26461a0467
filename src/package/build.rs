//! The run of the builder: cargo-lambda, or plain Cargo where the handlers are to run on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::workspace::{Handlers, cargo};
use super::{Destination, Error, Options, elf, on_path, remap};
use crate::stack::Architecture;

/// What compiles the handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// Plain `cargo build`, for this machine.
    Cargo,
    /// `cargo lambda build`: links against the glibc of Amazon Linux 2023, for either architecture.
    CargoLambda,
}

impl std::fmt::Display for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cargo => "cargo",
            Self::CargoLambda => "cargo-lambda",
        })
    }
}

impl Builder {
    /// The builder that `options` ask for, or else cargo-lambda, or else, for this machine, Cargo.
    pub(super) fn choose(options: &Options) -> Result<Self, Error> {
        // What cargo-lambda builds runs on Linux alone.
        let can_run = options.destination == Destination::Aws || cfg!(target_os = "linux");
        let installed = || on_path("cargo-lambda").is_some();
        match (options.builder, options.destination) {
            (Some(Self::Cargo), Destination::Aws) => Err(Error::CargoForAws),
            (Some(Self::CargoLambda) | None, Destination::Aws) if !installed() => Err(Error::NoCargoLambda),
            (Some(builder), _) => Ok(builder),
            (None, _) if can_run && installed() => Ok(Self::CargoLambda),
            (None, _) => Ok(Self::Cargo),
        }
    }
}

/// The binaries by architecture and package.
pub(super) type Binaries = BTreeMap<(Architecture, String), PathBuf>;

/// Compiles all handlers: one run for each architecture in use.
pub(super) fn run(handlers: &Handlers, builder: Builder, options: &Options) -> Result<Binaries, Error> {
    let remap = remap::Remap::of(&handlers.root, &handlers.target)?;
    let mut binaries = Binaries::new();
    for (architecture, packages) in handlers.packages() {
        let mut command = match builder {
            Builder::Cargo => cargo_build(),
            Builder::CargoLambda => cargo_lambda_build(architecture, handlers)?,
        };
        for package in &packages {
            command.args(["--package", package]);
        }
        command.args(["--profile", &options.profile, "--color", options.color]);
        if options.quiet {
            command.arg("--quiet");
        }
        let shown = show(&command);
        command.args(["--message-format", "json-render-diagnostics"]);
        command.current_dir(&handlers.root).env("CARGO_TARGET_DIR", &handlers.target);
        remap.apply(&mut command);
        for (package, path) in executables(command, &shown)? {
            let path = match builder {
                Builder::Cargo => path,
                // cargo-lambda moves what Cargo has built.
                Builder::CargoLambda => lambda_dir(handlers, architecture).join(&package).join("bootstrap"),
            };
            binaries.insert((architecture, package), path);
        }
    }
    Ok(binaries)
}

fn cargo_build() -> Command {
    let mut command = cargo();
    command.arg("build");
    command
}

fn cargo_lambda_build(architecture: Architecture, handlers: &Handlers) -> Result<Command, Error> {
    let triple = architecture.triple();
    // cargo-lambda adds missing targets to the `stable` toolchain, whichever one the workspace asks for.
    if !remap::has_target(&handlers.root, triple)? {
        return Err(Error::NoTarget { triple: triple.to_owned() });
    }
    let (major, minor) = elf::AMAZON_LINUX_2023;
    let mut command = cargo();
    command.args(["lambda", "build", "--skip-target-check"]);
    // Named with its glibc, lest the host's glibc decides what is linked.
    command.arg("--target").arg(format!("{triple}.{major}.{minor}"));
    command.arg("--lambda-dir").arg(lambda_dir(handlers, architecture));
    Ok(command)
}

/// Where cargo-lambda puts the binaries: `NAME/bootstrap` each.
fn lambda_dir(handlers: &Handlers, architecture: Architecture) -> PathBuf {
    handlers.target.join("lambda").join(architecture.triple())
}

fn show(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once("cargo".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// One line of Cargo's JSON messages.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: BTreeSet<String>,
}

/// Runs `command`, its diagnostics on our error output, and collects the binaries that it names.
fn executables(mut command: Command, shown: &str) -> Result<Vec<(String, PathBuf)>, Error> {
    let error = |source| Error::Run { command: shown.to_owned(), source };
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(error)?;
    let mut found = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        // What is no message is talk of a build tool: it belongs to nobody here.
        let Ok(message) = serde_json::from_str::<Message>(&line.map_err(error)?) else { continue };
        if message.reason == "compiler-artifact"
            && let (Some(target), Some(path)) = (message.target, message.executable)
            && target.kind.contains("bin")
        {
            found.push((target.name, path));
        }
    }
    let status = child.wait().map_err(error)?;
    if status.success() { Ok(found) } else { Err(Error::Failed { command: shown.to_owned() }) }
}
