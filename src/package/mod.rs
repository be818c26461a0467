//! Handlers to reproducible zips: one run of the builder for all of them, then each binary is checked and zipped.
//!
//! The same source, toolchain and builder give the same bytes, in another folder and on another day too: paths are
//! remapped ([`remap`]), and a zip holds fixed times, modes and order ([`zip`]).

mod build;
mod elf;
pub mod remap;
pub mod routes;
pub mod site;
mod workspace;
mod zip;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use bytes::Bytes;
use serde::Serialize;
use sha2::Digest as _;

pub use build::Builder;
pub use site::{File, Files};

use crate::stack::{Architecture, Stack};

/// A built handler, ready to upload.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The zip: `bootstrap`, and for an authorizer `routes.json`.
    pub zip: Bytes,
    /// Base64 of the zip's SHA-256: AWS's `CodeSha256`.
    pub sha256: String,
}

impl Artifact {
    /// Takes `zip` as it is to be uploaded.
    pub fn new(zip: Vec<u8>) -> Self {
        let sha256 = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(&zip));
        Self { zip: zip.into(), sha256 }
    }
}

/// All that a deploy uploads.
#[derive(Clone, Debug, Default)]
pub struct Artifacts {
    /// By the function's name in `stack.toml`.
    pub zips: BTreeMap<String, Artifact>,
    /// The page's.
    pub files: Files,
}

impl Artifacts {
    /// Whether nothing is built.
    pub fn is_empty(&self) -> bool {
        self.zips.is_empty() && self.files.is_empty()
    }
}

/// The zips alone, without a page.
impl FromIterator<(String, Artifact)> for Artifacts {
    fn from_iter<I: IntoIterator<Item = (String, Artifact)>>(zips: I) -> Self {
        Self { zips: zips.into_iter().collect(), files: Files::new() }
    }
}

/// Where the handlers are to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Amazon Linux 2023, in the architecture that `stack.toml` names.
    Aws,
    /// This machine.
    Local,
}

/// How to build.
#[derive(Clone, Debug)]
pub struct Options {
    pub destination: Destination,
    /// `--builder`; by [`Builder::choose`] when absent.
    pub builder: Option<Builder>,
    /// `--cargo-profile`: a Cargo profile such as `release` or `dev`.
    pub profile: String,
    /// `--quiet` to Cargo.
    pub quiet: bool,
    /// `--color` to Cargo: `auto`, `always` or `never`.
    pub color: &'static str,
}

/// What a build gave.
#[derive(Debug)]
pub struct Built {
    pub artifacts: Artifacts,
    pub report: Report,
}

/// What is told of a build.
#[derive(Debug, Serialize)]
pub struct Report {
    pub builder: Builder,
    pub profile: String,
    pub functions: BTreeMap<String, Size>,
}

/// One handler's sizes, in bytes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Size {
    pub architecture: Architecture,
    pub binary: u64,
    pub zip: u64,
    pub code_sha256: String,
}

/// Why there are no artifacts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot build for AWS: cargo-lambda is not installed")]
    NoCargoLambda,
    #[error("cannot build for AWS with plain cargo: it links against this machine's glibc")]
    CargoForAws,
    #[error("cannot run {command}: {source}")]
    Run { command: String, source: std::io::Error },
    /// Cargo told why, on its own error output.
    #[error("the build failed: {command}")]
    Failed { command: String },
    #[error("cannot read the Cargo workspace of {}: {cause}", root.display())]
    Workspace { root: PathBuf, cause: String },
    #[error("function `{function}` has no handler: the workspace has no package `{package}`")]
    NoPackage { function: String, package: String, similar: Option<String> },
    #[error("function `{function}` has no handler: package `{package}` has no binary `{package}`")]
    NoBinary { function: String, package: String },
    #[error("the rustc in use has no standard library for {triple}")]
    NoTarget { triple: String },
    #[error("cannot use the binary of function `{function}` ({}): {fault}", path.display())]
    Binary { function: String, path: PathBuf, fault: elf::Fault },
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the page's build failed in {}: {command}\n{said}", folder.display())]
    Site { command: String, folder: PathBuf, said: String },
    #[error("the page has no folder {}", folder.display())]
    NoSite { folder: PathBuf },
    #[error("the page has no `{name}` in {}", folder.display())]
    NoPage { folder: PathBuf, name: String },
    #[error("the page's file `{name}` could never be got: the API answers `{pattern}`")]
    Hidden { name: String, pattern: String },
    #[error("the page's file `{name}` could never be got: a path without a dot is answered by {by}")]
    Shadowed { name: String, by: String },
    #[error("the page's build made no folder {}: {command}", folder.display())]
    NothingBuilt { command: String, folder: PathBuf },
    #[error("{} leads out of the page's folder", path.display())]
    Outside { path: PathBuf },
    #[error("{} is no file", path.display())]
    NoFile { path: PathBuf },
    #[error("the name of {} is no text", path.display())]
    SiteName { path: PathBuf },
    #[error("cannot zip the binary of function `{function}`: {source}")]
    Zip { function: String, source: ::zip::result::ZipError },
}

impl Error {
    /// The way out.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoCargoLambda => Some(
                "`pip install cargo-lambda` installs it, with its cross-linker; `--local` needs neither it nor AWS"
                    .to_owned(),
            ),
            Self::CargoForAws => Some("leave out `--builder cargo`, or deploy with `--local`".to_owned()),
            Self::Run { command, .. } => {
                Some(format!("is `{}` installed and on the PATH?", command.split(' ').next().unwrap_or_default()))
            }
            Self::Failed { .. } | Self::Read { .. } | Self::Zip { .. } => None,
            Self::Site { said, .. } if said.contains("not found") => {
                Some("is what `build` in [site] calls installed, and on the PATH?".to_owned())
            }
            Self::Site { .. } => Some("run the command in that folder to see more".to_owned()),
            Self::NoSite { .. } => {
                Some("`path` and `output` in [site] name it, and `build` makes it where it is made".to_owned())
            }
            Self::NoPage { .. } => {
                Some("each page has an index.html, which is no asset, and its `fallback` where it names one".to_owned())
            }
            Self::Hidden { .. } => Some("give the file or the routes another folder".to_owned()),
            Self::Shadowed { .. } => Some("give the file an ending".to_owned()),
            Self::NothingBuilt { .. } => Some("`output` in [site] names the folder that `build` makes".to_owned()),
            Self::Outside { .. } => Some("copy what it leads to into the folder".to_owned()),
            Self::NoFile { .. } => Some("take it out of the page's folder: only files and folders are read".to_owned()),
            Self::SiteName { .. } => Some("rename the file: paths of URLs are UTF-8".to_owned()),
            Self::Workspace { .. } => Some(
                "handlers are packages of the Cargo workspace beside stack.toml; `memoctl init` makes one".to_owned(),
            ),
            Self::NoPackage { function, package, similar } => Some(match similar {
                Some(similar) => {
                    format!("a package `{similar}` exists: say `package = \"{similar}\"` in [functions.{function}]")
                }
                None => format!(
                    "add the package handlers/{package} to the workspace, or name another by `package` in [functions.{function}]"
                ),
            }),
            Self::NoBinary { package, .. } => {
                Some(format!("add handlers/{package}/src/main.rs, or a [[bin]] named \"{package}\""))
            }
            Self::NoTarget { triple } => Some(format!("rustup target add {triple}")),
            Self::Binary { fault, .. } => fault.hint(),
        }
    }
}

/// Builds and zips the handlers of all functions of `stack`, and builds its page.
pub fn package(stack: &Stack, options: &Options) -> Result<Built, Error> {
    std::thread::scope(|scope| {
        let page = scope.spawn(|| site::package(stack));
        let mut built = handlers(stack, options)?;
        built.artifacts.files = page.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(built)
    })
}

/// Builds and zips the handlers of all functions of `stack`.
fn handlers(stack: &Stack, options: &Options) -> Result<Built, Error> {
    if stack.functions.is_empty() {
        // Nothing is built, and so nothing need be there to build it.
        let builder = options.builder.unwrap_or(Builder::Cargo);
        let report = Report { builder, profile: options.profile.clone(), functions: BTreeMap::new() };
        return Ok(Built { artifacts: Artifacts::default(), report });
    }
    let builder = Builder::choose(options)?;
    let handlers = workspace::Workspace::read(&stack.root)?.handlers(stack, options.destination)?;
    let binaries = build::run(&handlers, builder, options)?;
    // Functions of one package share its zip, but for authorizers, which have their routes in it.
    let mut alike: BTreeMap<Contents<'_>, Vec<&workspace::Function>> = BTreeMap::new();
    for function in &handlers.functions {
        let routes = routes::document(stack, &function.name);
        alike.entry((function.architecture, &function.package, routes)).or_default().push(function);
    }
    let cache = handlers.target.join("memoctl-zips");
    let zipped: Vec<_> = std::thread::scope(|scope| {
        let zips: Vec<_> = alike
            .into_iter()
            .map(|(contents, functions)| {
                let path = binaries.get(&(contents.0, contents.1.to_owned()));
                let cache = cache.as_path();
                scope.spawn(move || zip_functions(contents, &functions, (path, cache), options))
            })
            .collect();
        zips.into_iter().map(|zip| zip.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut artifacts = Artifacts::default();
    let mut functions = BTreeMap::new();
    for zipped in zipped {
        let (names, artifact, size) = zipped?;
        for name in names {
            artifacts.zips.insert(name.clone(), artifact.clone());
            functions.insert(name, size.clone());
        }
    }
    Ok(Built { artifacts, report: Report { builder, profile: options.profile.clone(), functions } })
}

/// What is in a zip: the binary of a package, and for an authorizer its routes.
type Contents<'a> = (Architecture, &'a str, Option<String>);

/// The folders whose files the handlers of `stack` are made of.
pub fn sources(stack: &Stack) -> Result<BTreeSet<PathBuf>, Error> {
    if stack.functions.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(workspace::Workspace::read(&stack.root)?.sources(stack))
}

/// The folder of the page's sources, and the one in it that its build makes, where the stack has a page.
pub fn page_sources(stack: &Stack) -> Option<(PathBuf, Option<PathBuf>)> {
    site::sources(stack)
}

/// The one zip of all `functions`, whose binary is at `path`, from `cache` where it was made before; their names come with it.
fn zip_functions(
    (architecture, package, routes): Contents<'_>,
    functions: &[&workspace::Function],
    (path, cache): (Option<&PathBuf>, &Path),
    options: &Options,
) -> Result<(Vec<String>, Artifact, Size), Error> {
    let names: Vec<String> = functions.iter().map(|function| function.name.clone()).collect();
    // Any of them stands for the others in an error.
    let name = names.first().cloned().unwrap_or_default();
    let path = path.ok_or_else(|| Error::NoBinary { function: name.clone(), package: package.to_owned() })?;
    let unread = |source| Error::Read { path: path.clone(), source };
    let file = std::fs::metadata(path).map_err(unread)?;
    // Cargo's `dev` is the profile of the quick loop.
    let effort = if options.profile == "dev" { zip::Effort::Quick } else { zip::Effort::Best };
    let key = zip::Key::of(&file, (architecture, options.destination, effort, &routes));
    let zip = zip::cached(cache, &key, || {
        let binary = std::fs::read(path).map_err(unread)?;
        let checked = check(&binary, architecture, options.destination);
        checked.map_err(|fault| Error::Binary { function: name.clone(), path: path.clone(), fault })?;
        let mut entries = vec![("bootstrap", binary.as_slice())];
        if let Some(routes) = &routes {
            entries.push((routes::FILE, routes.as_bytes()));
        }
        zip::zip(&entries, effort).map_err(|source| Error::Zip { function: name.clone(), source })
    })?;
    let artifact = Artifact::new(zip);
    let size =
        Size { architecture, binary: file.len(), zip: artifact.zip.len() as u64, code_sha256: artifact.sha256.clone() };
    Ok((names, artifact, size))
}

fn check(binary: &[u8], architecture: Architecture, destination: Destination) -> Result<(), elf::Fault> {
    match destination {
        Destination::Aws => elf::check(binary, architecture, Some(elf::AMAZON_LINUX_2023)),
        Destination::Local if cfg!(target_os = "linux") => elf::check(binary, architecture, None),
        // The handlers run here, so what this machine's own Cargo builds is right.
        Destination::Local => Ok(()),
    }
}

/// Where `name` is on the `PATH`, or in Cargo's own `bin` folder.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let cargo_bin = remap::cargo_home().map(|home| home.join("bin"));
    std::env::split_paths(&path).chain(cargo_bin).map(|folder| folder.join(&file)).find(|file| is_file(file))
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}
