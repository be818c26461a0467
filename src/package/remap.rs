//! Paths of this machine kept out of the binaries, so that another folder gives the same bytes.
//!
//! Cargo takes its flags for rustc from one of four places, the first that is set: adding ours there would push aside
//! what the developer set in another. So memoctl lends itself to Cargo as `RUSTC_WRAPPER`, and adds them to each call.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::Error;

/// The prefixes for a wrapped rustc, separated by [`SEPARATOR`].
const PREFIXES: &str = "MEMOCTL_RUSTC_REMAP";
/// The developer's own `RUSTC_WRAPPER`, such as `sccache`.
const INNER: &str = "MEMOCTL_RUSTC_WRAPPER";
const SEPARATOR: char = '\u{1f}';

/// What stands for which folder, as `FROM=TO`; of several that fit, rustc takes the last.
#[derive(Debug)]
pub(super) struct Remap(Vec<OsString>);

impl Remap {
    /// For a workspace in `root` that is built into `target`.
    pub(super) fn of(root: &Path, target: &Path) -> Result<Self, Error> {
        let mut prefixes = vec![prefix(root, "/workspace"), prefix(target, "/target")];
        prefixes.extend(cargo_home().map(|home| prefix(&home, "/cargo")));
        // Inlined code of the standard library names its source by the local path where the rust-src component is.
        let (sysroot, version) = std::thread::scope(|scope| {
            let sysroot = scope.spawn(|| rustc(root, &["--print", "sysroot"]));
            let version = rustc(root, &["-vV"])?;
            let sysroot = sysroot.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok((PathBuf::from(sysroot), version))
        })?;
        let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
        prefixes.push(prefix(&sysroot.join("lib/rustlib/src/rust"), &format!("/rustc/{commit}")));
        Ok(Self(prefixes))
    }

    /// Makes the Cargo that `command` runs use the prefixes.
    pub(super) fn apply(&self, command: &mut Command) {
        let Ok(memoctl) = std::env::current_exe() else { return };
        let mut joined = OsString::new();
        for prefix in &self.0 {
            if !joined.is_empty() {
                joined.push(SEPARATOR.to_string());
            }
            joined.push(prefix);
        }
        if let Some(inner) = std::env::var_os("RUSTC_WRAPPER").filter(|inner| !inner.is_empty()) {
            command.env(INNER, inner);
        }
        command.env("RUSTC_WRAPPER", memoctl).env(PREFIXES, joined);
    }
}

/// Acts as rustc's wrapper, when this process is run as one.
pub fn run_as_wrapper() -> Option<ExitCode> {
    let prefixes = std::env::var(PREFIXES).ok()?;
    let inner = std::env::var_os(INNER);
    let mut words = inner.into_iter().chain(std::env::args_os().skip(1));
    let mut command = Command::new(words.next()?);
    command.args(words);
    command.args(prefixes.split(SEPARATOR).map(|prefix| format!("--remap-path-prefix={prefix}")));
    let code = command.status().ok().and_then(|status| status.code());
    Some(code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Where Cargo keeps the sources of dependencies.
pub(super) fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// Whether the rustc that is used in `root` can compile for `triple`.
pub(super) fn has_target(root: &Path, triple: &str) -> Result<bool, Error> {
    let libraries = rustc(root, &["--print", "target-libdir", "--target", triple])?;
    Ok(Path::new(&libraries).is_dir())
}

fn prefix(from: &Path, to: &str) -> OsString {
    let mut prefix = from.as_os_str().to_owned();
    prefix.push("=");
    prefix.push(to);
    prefix
}

fn rustc(root: &Path, arguments: &[&str]) -> Result<String, Error> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let command = format!("rustc {}", arguments.join(" "));
    let output = Command::new(rustc).args(arguments).current_dir(root).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        Ok(output) => {
            let cause = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(Error::Run { command, source: std::io::Error::other(cause) })
        }
        Err(source) => Err(Error::Run { command, source }),
    }
}
