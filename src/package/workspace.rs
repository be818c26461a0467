//! The Cargo workspace that the handlers are in, and which of its packages each function is built from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::{Destination, Error};
use crate::stack::{Architecture, Stack};

/// What `cargo metadata --format-version 1 --no-deps` tells.
#[derive(Debug, Deserialize)]
pub(super) struct Workspace {
    packages: Vec<Package>,
    target_directory: PathBuf,
    #[serde(rename = "workspace_root")]
    root: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    /// The folder of a path dependency.
    path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: BTreeSet<String>,
}

/// What is to be built.
#[derive(Debug)]
pub(super) struct Handlers {
    pub(super) root: PathBuf,
    /// A target directory of its own, so that the developer's `cargo` and memoctl's never undo each other's work.
    pub(super) target: PathBuf,
    pub(super) functions: Vec<Function>,
}

/// A function's handler.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// The package, and the binary in it.
    pub(super) package: String,
    pub(super) architecture: Architecture,
}

impl Handlers {
    /// The packages to build for each architecture.
    pub(super) fn packages(&self) -> BTreeMap<Architecture, BTreeSet<&str>> {
        let mut packages: BTreeMap<Architecture, BTreeSet<&str>> = BTreeMap::new();
        for function in &self.functions {
            packages.entry(function.architecture).or_default().insert(&function.package);
        }
        packages
    }
}

/// The Cargo to run: the one that runs us, if one does.
pub(super) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

impl Workspace {
    /// Reads the workspace that `root` is in.
    pub(super) fn read(root: &Path) -> Result<Self, Error> {
        let output = cargo()
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .current_dir(root)
            .output()
            .map_err(|source| Error::Run { command: "cargo metadata".to_owned(), source })?;
        let cause = if output.status.success() {
            match serde_json::from_slice(&output.stdout) {
                Ok(workspace) => return Ok(workspace),
                Err(error) => error.to_string(),
            }
        } else {
            String::from_utf8_lossy(&output.stderr).trim().trim_start_matches("error: ").to_owned()
        };
        Err(Error::Workspace { root: root.to_owned(), cause })
    }

    /// The handler of every function, or what is missing.
    pub(super) fn handlers(self, stack: &Stack, destination: Destination) -> Result<Handlers, Error> {
        let functions = stack
            .functions
            .iter()
            .map(|(name, function)| {
                self.find(name, &function.package)?;
                let architecture = match destination {
                    Destination::Aws => function.architecture,
                    // The local cloud runs functions as processes of this machine.
                    Destination::Local => Architecture::HOST,
                };
                Ok(Function { name: name.clone(), package: function.package.clone(), architecture })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Handlers { root: self.root, target: self.target_directory.join("memoctl"), functions })
    }

    /// The folders of the packages that the handlers are made of, path dependencies included.
    pub(super) fn sources(&self, stack: &Stack) -> BTreeSet<PathBuf> {
        let folder = |package: &Package| package.manifest_path.parent().map(Path::to_owned);
        let wanted: BTreeSet<&str> = stack.functions.values().map(|function| function.package.as_str()).collect();
        let handlers = self.packages.iter().filter(|package| wanted.contains(package.name.as_str()));
        let mut queue: Vec<PathBuf> = handlers.filter_map(folder).collect();
        let mut found = BTreeSet::new();
        while let Some(path) = queue.pop() {
            let package = self.packages.iter().find(|package| folder(package).as_ref() == Some(&path));
            if found.insert(path) {
                queue.extend(package.iter().flat_map(|package| &package.dependencies).filter_map(|it| it.path.clone()));
            }
        }
        found
    }

    fn find(&self, function: &str, package: &str) -> Result<(), Error> {
        let Some(found) = self.packages.iter().find(|found| found.name == package) else {
            let similar = self
                .packages
                .iter()
                .map(|other| (strsim::jaro_winkler(&other.name, package), &other.name))
                .filter(|(similarity, _)| *similarity > 0.8)
                .max_by(|one, other| one.0.total_cmp(&other.0))
                .map(|(_, name)| name.clone());
            return Err(Error::NoPackage { function: function.to_owned(), package: package.to_owned(), similar });
        };
        let is_handler = |target: &Target| target.kind.contains("bin") && target.name == package;
        found
            .targets
            .iter()
            .any(is_handler)
            .then_some(())
            .ok_or_else(|| Error::NoBinary { function: function.to_owned(), package: package.to_owned() })
    }
}

impl Architecture {
    /// This machine's.
    pub const HOST: Self = if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 };

    /// Rust's target triple on Linux with glibc.
    pub fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }
}
