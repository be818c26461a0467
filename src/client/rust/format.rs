//! rustfmt, by the settings of the folder that the client is for: what `cargo fmt` does there later changes nothing.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::client::{Error, Files};

/// Formats `files`, all of which are Rust.
pub(super) fn format(files: &mut Files, out: &Path) -> Result<(), Error> {
    let out = std::path::absolute(out).map_err(|error| Error::io("find the current folder", &error))?;
    // Where the toolchain and the settings are looked for.
    let folder = out.ancestors().find(|folder| folder.is_dir()).unwrap_or(&out);
    for (name, text) in files.iter_mut() {
        *text = formatted(name, text, folder)?;
    }
    Ok(())
}

fn formatted(name: &str, text: &str, folder: &Path) -> Result<String, Error> {
    let hint = "`rustup component add rustfmt` installs it";
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--color", "never"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Error::failed(format!("cannot format the client: rustfmt does not start: {error}"), hint))?;
    let input = child.stdin.take();
    let written = std::thread::scope(|scope| {
        let writing = scope.spawn(move || input.map_or(Ok(()), |mut input| input.write_all(text.as_bytes())));
        (child.wait_with_output(), writing.join())
    });
    let output = written.0.map_err(|error| Error::io("run rustfmt", &error))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(Error::failed(format!("cannot format {name}: rustfmt tells:\n{}", told.trim()), hint));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Error::failed(format!("cannot format {name}: rustfmt gives no text"), hint))
}
