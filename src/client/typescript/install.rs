//! Where Node and Hey API are, and the installation of the latter.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::client::Error;

/// The package, and the npm packages whose versions decide what it writes.
const GENERATOR: &str = "@hey-api/openapi-ts";
const PACKAGE: &str = include_str!("package.json");
const LOCK: &str = include_str!("package-lock.json");
/// Hey API's own demand.
const NODE: (u32, u32) = (20, 19);
const INSTALL_NODE: &str = "the TypeScript client is made by Hey API, which runs on Node: https://nodejs.org";

/// The program that runs Node, new enough for Hey API.
pub(super) fn node() -> Result<&'static str, Error> {
    let text = version("node")?;
    let mut numbers = text.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or_default());
    let found = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    if found < NODE {
        let (major, minor) = NODE;
        return Err(Error::failed(
            format!("cannot make the TypeScript client: Node is {text}; Hey API wants {major}.{minor} or later"),
            INSTALL_NODE,
        ));
    }
    Ok("node")
}

/// What `PROGRAM --version` prints.
fn version(program: &str) -> Result<String, Error> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Ok(output) => Err(Error::failed(
            format!("cannot make the TypeScript client: `{program} --version` fails ({})", output.status),
            INSTALL_NODE,
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::failed(format!("cannot make the TypeScript client: {program} is not on the PATH"), INSTALL_NODE))
        }
        Err(error) => Err(Error::io(format_args!("run {program}"), &error)),
    }
}

/// The Hey API in the `node_modules` of a folder that `out` is in, where it and TypeScript have the very versions of
/// [`PACKAGE`]: those of others write other bytes.
pub(super) fn of_package(out: &Path) -> Option<PathBuf> {
    let out = std::path::absolute(out).ok()?;
    out.ancestors().find_map(|folder| generator(&folder.join("node_modules")))
}

/// The Hey API below `cache`. Where there is none, npm installs what the lock file names, and nothing else.
pub(super) fn kept(cache: &Path, talk: impl Fn(&str)) -> Result<PathBuf, Error> {
    let version = wanted().find(|(name, _)| name == GENERATOR).map(|(_, version)| version).unwrap_or_default();
    // npm and Node are asked from other folders.
    let cache = std::path::absolute(cache).map_err(|error| Error::io("find the current folder", &error))?;
    let folder = cache.join(format!("hey-api-{version}"));
    if let Some(generator) = generator(&folder.join("node_modules")) {
        return Ok(generator);
    }
    self::version("npm")?;
    talk(&format!("installing {GENERATOR} {version} into {}", folder.display()));
    let act = || format!("install {GENERATOR} into {}", folder.display());
    let made = || -> std::io::Result<tempfile::TempDir> {
        std::fs::create_dir_all(&cache)?;
        let made = tempfile::Builder::new().prefix("hey-api-").tempdir_in(&cache)?;
        std::fs::write(made.path().join("package.json"), PACKAGE)?;
        std::fs::write(made.path().join("package-lock.json"), LOCK)?;
        Ok(made)
    };
    let made = made().map_err(|error| Error::io(act(), &error))?;
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(made.path())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::io("run npm", &error))?;
    if !output.status.success() {
        return Err(Error::failed(
            format!("cannot {}: npm tells:\n{}", act(), String::from_utf8_lossy(&output.stderr).trim()),
            format!(
                "without a network, have it in a package that the client's folder is in: `npm install --save-dev {}`",
                wanted().map(|(name, version)| format!("{name}@{version}")).collect::<Vec<_>>().join(" ")
            ),
        ));
    }
    // Whoever installs it at the same time installs the same.
    let placed = std::fs::rename(made.path(), &folder);
    match generator(&folder.join("node_modules")) {
        Some(generator) => Ok(generator),
        None => match placed {
            Err(error) => Err(Error::io(act(), &error)),
            Ok(()) => Err(Error::failed(format!("cannot {}: npm has not put it there", act()), "delete the folder")),
        },
    }
}

/// The generator's main file in `modules`, with everything in its version.
fn generator(modules: &Path) -> Option<PathBuf> {
    let has = |(name, version): (String, String)| {
        let manifest = std::fs::read_to_string(modules.join(name).join("package.json")).ok();
        let manifest: Option<Value> = manifest.and_then(|text| serde_json::from_str(&text).ok());
        manifest.is_some_and(|manifest| manifest["version"] == version.as_str())
    };
    let path = modules.join(GENERATOR).join("bin").join("run.js");
    (wanted().all(has) && path.is_file()).then_some(path)
}

/// The npm packages of [`PACKAGE`], with their versions.
fn wanted() -> impl Iterator<Item = (String, String)> {
    let manifest: Value = serde_json::from_str(PACKAGE).unwrap_or_default();
    let dependencies = manifest["dependencies"].as_object().cloned().unwrap_or_default();
    dependencies.into_iter().filter_map(|(name, version)| Some((name, version.as_str()?.to_owned())))
}
