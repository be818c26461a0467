//! From the file to a [`Stack`], or to everything that is wrong with it.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::form::{Problem, Reader};
use super::tree::Node;
use super::{Stack, check, declare};

/// Reads the file at `path` with `stage` laid over it, and checks all of it, the other stages' keys included. A stage
/// that the file does not name is the file as it is.
pub fn load(path: &Path, stage: &str) -> Result<Stack, Diagnostics> {
    let refuse = |message: String, help: &str| {
        let fault = Diagnostic { help: Some(help.to_owned()), ..Diagnostic::new(None, message) };
        Diagnostics::new(path.to_owned(), String::new(), vec![fault])
    };
    let bytes = std::fs::read(path).map_err(|error| {
        refuse(
            format!("cannot read {}: {error}", path.display()),
            "`memoctl init` makes a stack, and `--stack FILE` names one elsewhere",
        )
    })?;
    let source = String::from_utf8(bytes)
        .map_err(|error| refuse(format!("cannot read {}: {error}", path.display()), "save the file as UTF-8"))?;
    parse(&source, path, stage)
}

/// As [`load`], of text that was read from `path` before.
pub fn parse(source: &str, path: &Path, stage: &str) -> Result<Stack, Diagnostics> {
    let (table, errors) = DeTable::parse_recoverable(source);
    let mut faults: Vec<Diagnostic> = errors.iter().map(syntax).collect();
    if let Some(fault) = faults.iter_mut().rev().find(|fault| fault.help.is_none()) {
        fault.help = Some("the rest of the file is checked once its syntax is right (https://toml.io)".to_owned());
    } else {
        // A table with a key twice is as good as any; of other broken syntax the rest would be guesswork.
        match values(&Node::root(table.get_ref()), root(path), stage) {
            Ok(stack) if faults.is_empty() => return Ok(stack),
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
    }
    Err(Diagnostics::new(path.to_owned(), source.to_owned(), faults))
}

fn root(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    // Where there is no current folder, the relative one has to do.
    std::path::absolute(folder.join(".")).unwrap_or_else(|_| folder.to_owned())
}

fn syntax(error: &toml::de::Error) -> Diagnostic {
    let mut fault = Diagnostic::new(error.span(), error.message().replace(", expected nothing", ""));
    fault.help =
        (error.message() == "duplicate key").then(|| "this key is set above already: keep one of the two".to_owned());
    fault
}

fn values(base: &Node, root: PathBuf, stage: &str) -> Result<Stack, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    if let Some(help) = (declare::STAGE.refuse)(stage) {
        faults.push(Diagnostic {
            help: Some(help),
            ..Diagnostic::new(None, format!("{stage:?} cannot be {}", declare::STAGE.what))
        });
    }
    // The base by itself, for the faults of what the stage replaces; then what is deployed.
    let mut alone = Reader::partial();
    declare::read(base, &mut alone);
    faults.extend(alone.problems.into_iter().map(|problem| problem.diagnostic));
    let merged = base.staged(stage);
    let mut reader = Reader::default();
    let declare::File { name, settings } = declare::read(&merged, &mut reader);
    let declare::Settings { region, bucket, environment, functions, tables, signing_keys, services, mut api, site } =
        settings;
    if let Some(api) = &mut api {
        api.address(&services);
    }
    let stage = stage.to_owned();
    let stack =
        Stack { root, name, stage, region, bucket, environment, functions, tables, signing_keys, services, api, site };

    let findings = check::check(&stack);
    faults.extend(
        findings
            .iter()
            .filter(|finding| !rests_on_a_blank(finding, &reader.problems, &merged))
            .map(|one| one.locate(&merged)),
    );
    for Problem { diagnostic, .. } in reader.problems {
        let is_known = |fault: &Diagnostic| fault.span == diagnostic.span && fault.message == diagnostic.message;
        if !faults.iter().any(is_known) {
            faults.push(diagnostic);
        }
    }
    if faults.is_empty() { Ok(stack) } else { Err(faults) }
}

/// Whether a finding is about something that could not be read, and so says nothing. What is said of a name alone holds
/// whatever its value is, unless the name itself is faulty.
fn rests_on_a_blank(finding: &check::Finding, problems: &[Problem], root: &Node) -> bool {
    problems.iter().filter(|problem| problem.blank).any(|problem| {
        let is_of_the_value =
            problem.path == finding.path && problem.diagnostic.span.as_ref() != Some(&root.at(&finding.path).key);
        let is_meant = problem.path.starts_with(&finding.path) || finding.path.starts_with(&problem.path);
        (is_meant && !(finding.of_name && is_of_the_value))
            || finding.needs.iter().any(|path| path.starts_with(&problem.path))
    })
}

#[cfg(test)]
mod tests;
