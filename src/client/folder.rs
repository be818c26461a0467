//! The folder of a client: which of its files are memoctl's, and how they become what they have to be.
//!
//! A list in the folder names memoctl's files. Those alone are ever overwritten or deleted; whatever else is there, such
//! as a `Cargo.lock`, stays.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use super::{Error, Files, Language};

/// The list's name.
const LIST: &str = ".memoctl-client";
/// The folder within the client's in which files are made ready.
const ASIDE: &str = ".memoctl-client.new";

/// A folder that is a client's, or may become one.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The paths of memoctl's files, the list among them once there is one.
    owned: BTreeSet<String>,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    Create,
    Update,
    Delete,
}

impl Folder {
    /// Looks at `path`. A folder with files in it that is no client's is refused, as is a client in another language.
    pub fn open(path: &Path, language: Language) -> Result<Self, Error> {
        let shown = path.display();
        let owned = match std::fs::read_to_string(path.join(LIST)) {
            Ok(list) => owned(&list, language).map_err(|fault| {
                let hint = "name another folder with `--out`, or delete this one";
                Error::usage(format!("cannot write the client into {shown}: {fault}"), hint)
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound && is_empty(path)? => BTreeSet::new(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::usage(
                    format!("cannot write the client into {shown}: it has files that are not memoctl's"),
                    format!("name a new or an empty folder with `--out`; memoctl knows its own by their {LIST}"),
                ));
            }
            Err(error) => return Err(Error::io(format_args!("read {}", path.join(LIST).display()), &error)),
        };
        Ok(Self { path: path.to_owned(), owned })
    }

    /// What has to be done for the folder to hold `files`, all of them memoctl's; by path.
    pub fn changes(&self, files: &Files, language: Language) -> Result<BTreeMap<String, Change>, Error> {
        let files = with_list(files, language);
        let mut changes = BTreeMap::new();
        for (name, text) in &files {
            let path = self.path.join(name);
            match std::fs::read(&path) {
                Ok(there) if there == text.as_bytes() => {}
                Ok(_) if self.owned.contains(name) => drop(changes.insert(name.clone(), Change::Update)),
                Ok(_) => {
                    return Err(Error::usage(
                        format!("cannot write {}: the file is not memoctl's", path.display()),
                        "move it away, or name another folder with `--out`",
                    ));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => drop(changes.insert(name.clone(), Change::Create)),
                Err(error) => return Err(Error::io(format_args!("read {}", path.display()), &error)),
            }
        }
        let gone = self.owned.iter().filter(|name| !files.contains_key(*name) && self.path.join(name).is_file());
        changes.extend(gone.map(|name| (name.clone(), Change::Delete)));
        Ok(changes)
    }

    /// Makes `changes`, which [`Folder::changes`] has found for `files`.
    ///
    /// All texts are on the disk before the first file is replaced, so that a full disk leaves the client as it was, and
    /// a file that cannot be replaced brings those before it back. A run that is killed meanwhile leaves whole files, all
    /// of which the next run knows as memoctl's.
    pub fn write(&self, files: &Files, language: Language, changes: &BTreeMap<String, Change>) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let files = with_list(files, language);
        let act = || format!("write the client into {}", self.path.display());
        std::fs::create_dir_all(&self.path).map_err(|error| Error::io(act(), &error))?;
        let aside = self.path.join(ASIDE);
        // What a run left that was killed.
        let cleared = if aside.exists() { std::fs::remove_dir_all(&aside) } else { Ok(()) };
        let written = cleared.and_then(|()| self.replace(&files, changes, &aside));
        let _ = std::fs::remove_dir_all(&aside);
        written.map_err(|error| Error::io(act(), &error))
    }

    fn replace(&self, files: &Files, changes: &BTreeMap<String, Change>, aside: &Path) -> std::io::Result<()> {
        let (new, old) = (aside.join("new"), aside.join("old"));
        for name in changes.keys() {
            make_parent(&old.join(name))?;
            if let Some(text) = files.get(name) {
                make_parent(&new.join(name))?;
                std::fs::write(new.join(name), text)?;
            }
        }
        let mut all: Vec<(&str, Change)> = changes.iter().map(|(name, change)| (&**name, *change)).collect();
        // A file that is there is on the list, whenever the run ends: what goes goes before the new list, what comes comes
        // after it.
        all.sort_by_key(|(name, change)| match (*change, *name) {
            (Change::Delete, _) => 0,
            (_, LIST) => 1,
            (Change::Create | Change::Update, _) => 2,
        });
        let mut done = Vec::new();
        for (name, change) in all {
            done.push((name, change));
            if let Err(error) = self.change(name, change, &new, &old) {
                self.bring_back(&done, &old);
                return Err(error);
            }
        }
        for (name, change) in done {
            if change == Change::Delete {
                self.drop_empty_folders(name);
            }
        }
        Ok(())
    }

    fn change(&self, name: &str, change: Change, new: &Path, old: &Path) -> std::io::Result<()> {
        let path = self.path.join(name);
        match change {
            Change::Create => {
                make_parent(&path)?;
                std::fs::rename(new.join(name), path)
            }
            Change::Update => {
                // A copy, so that the file is there at every moment.
                std::fs::copy(&path, old.join(name))?;
                std::fs::rename(new.join(name), path)
            }
            Change::Delete => std::fs::rename(path, old.join(name)),
        }
    }

    /// Undoes what was done, as far as it goes: the error that is told is the one that it began with.
    fn bring_back(&self, done: &[(&str, Change)], old: &Path) {
        for (name, change) in done.iter().rev() {
            let path = self.path.join(name);
            let _ = match change {
                Change::Create => std::fs::remove_file(path),
                Change::Update | Change::Delete => std::fs::rename(old.join(name), path),
            };
        }
    }

    /// Removes the folders that held `name` alone.
    fn drop_empty_folders(&self, name: &str) {
        let above = Path::new(name).ancestors().skip(1).filter(|folder| *folder != Path::new(""));
        for folder in above {
            // One with something in it stays: that is what the system's answer says.
            if std::fs::remove_dir(self.path.join(folder)).is_err() {
                return;
            }
        }
    }
}

/// `files` with the list of them.
fn with_list(files: &Files, language: Language) -> Files {
    let mut list =
        format!("# The files below are `memoctl client {}`'s, which overwrites and deletes them.\n", language.as_str());
    for name in files.keys() {
        list.push_str(name);
        list.push('\n');
    }
    let mut files = files.clone();
    files.insert(LIST.to_owned(), list);
    files
}

/// The files that `list` names, the list among them. The error is a clause.
fn owned(list: &str, language: Language) -> Result<BTreeSet<String>, String> {
    let mut lines = list.lines();
    let head = lines.next().unwrap_or_default();
    let made = |language: Language| head.contains(&format!("`memoctl client {}`", language.as_str()));
    if !made(language) {
        let other = [Language::Typescript, Language::Rust].into_iter().find(|language| made(*language));
        let other = other.map_or("what", |other| other.as_str());
        return Err(format!("by its {LIST}, it is {other} that memoctl has written there"));
    }
    let names = lines.map(|name| {
        // The list is a file as any other: what it says must not lead out of the folder.
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if inside && !name.is_empty() { Ok(name.to_owned()) } else { Err(format!("{LIST} names `{name}`")) }
    });
    names.chain([Ok(LIST.to_owned())]).collect()
}

/// Whether nothing is at `path`, or a folder with nothing in it.
fn is_empty(path: &Path) -> Result<bool, Error> {
    match std::fs::read_dir(path) {
        Ok(entries) => {
            let names = entries.map(|entry| Ok(entry?.file_name()));
            let names = names.collect::<std::io::Result<Vec<_>>>();
            let names = names.map_err(|error| Error::io(format_args!("read {}", path.display()), &error))?;
            Ok(names.iter().all(|name| name == ASIDE))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::io(format_args!("read {}", path.display()), &error)),
    }
}

fn make_parent(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

#[cfg(test)]
mod tests;
