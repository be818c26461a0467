use std::path::PathBuf;

use serde_json::json;

use super::openapi::{ServerArgs, exported};
use crate::client::{Change, Files, Folder, Language, rust, typescript};
use crate::session::{Exit, Failure, Session};

/// Write a typed client, made from the API's OpenAPI description
///
/// The description is the one that `memoctl openapi` exports. The same one makes the same client, to the byte, and what is
/// as it has to be is not written again. Files that memoctl has not written are neither overwritten nor deleted.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// In what it is written
    #[arg(value_enum)]
    language: Language,
    /// The client's folder: a new one, an empty one, or the client that is to be brought up to date
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing, and end with exit code 3 when there is something to write
    #[arg(long)]
    check: bool,
    /// The name of the Rust crate [default: the API's title, with `-client` behind it]
    #[arg(long, value_name = "NAME", value_parser = crate_name)]
    package: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// Reads a crate's name (The Cargo Book, "The Manifest Format", `name`).
fn crate_name(text: &str) -> Result<String, String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let fits = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(known);
    if fits { Ok(text.to_owned()) } else { Err("letters, digits, `-` and `_`, a letter first".to_owned()) }
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    if args.package.is_some() && args.language != Language::Rust {
        return Err(Failure::Usage {
            error: "--package names a Rust crate, and the client is to be none".to_owned(),
            hint: "leave it out".to_owned(),
        });
    }
    let folder = Folder::open(&args.out, args.language)?;
    let document = exported(&args.server, session).await?;
    let (language, out, of_session) = (args.language, args.out.clone(), session.clone());
    let package = args.package.clone();
    let generating = tokio::task::spawn_blocking(move || -> Result<Files, Failure> {
        let tools = of_session.root().join(".memoctl").join("tools");
        match language {
            Language::Typescript => Ok(typescript::generate(&document, &out, &tools, |line| of_session.ui.talk(line))?),
            Language::Rust => Ok(rust::generate(&document, &out, package.as_deref())?),
        }
    });
    let files = match session.interrupt.unless(generating).await? {
        Ok(files) => files?,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    let changes = folder.changes(&files, language)?;
    if !args.check {
        folder.write(&files, language, &changes)?;
    }
    if session.ui.is_json() {
        let (language, folder) = (language.as_str(), &args.out);
        session.ui.document(&json!({ "language": language, "folder": folder, "changes": changes }));
    } else {
        for (name, change) in &changes {
            let sign = match change {
                Change::Create => '+',
                Change::Update => '~',
                Change::Delete => '-',
            };
            session.ui.data(format_args!("{sign} {}", args.out.join(name).display()));
        }
        if changes.is_empty() {
            session.ui.talk(format_args!("{} is what the description makes", args.out.display()));
        }
    }
    Ok(if args.check && !changes.is_empty() { Exit::Changes } else { Exit::Done })
}
