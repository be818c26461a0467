//! The files that a stack is made of, and when one of them changed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use crate::package;
use crate::session::{Failure, Session};
use crate::stack::Stack;

/// Editors write a file in several steps: this long without one, and they are done.
const QUIET: Duration = Duration::from_millis(150);

/// A file that was made, changed or taken away.
struct Change {
    path: PathBuf,
    made: bool,
}

/// Tells of changes.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    changes: mpsc::UnboundedReceiver<Change>,
    watched: BTreeSet<PathBuf>,
    /// The folder of the page's sources, and the one in it that its build makes.
    page: Option<(PathBuf, Option<PathBuf>)>,
}

impl Watch {
    pub(super) fn new(session: &Session, stack: &Stack) -> Result<Self, Failure> {
        let (send, changes) = mpsc::unbounded_channel();
        let tell = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_)) {
                let made = matches!(event.kind, EventKind::Create(_));
                for path in event.paths {
                    // The receiver is gone when the command ends.
                    let _ = send.send(Change { path, made });
                }
            }
        };
        let watcher = notify::recommended_watcher(tell)
            .map_err(|error| Failure::Other { error: format!("cannot watch files: {error}"), hint: None })?;
        let mut watch = Self { watcher, changes, watched: BTreeSet::new(), page: None };
        watch.follow(session, stack);
        Ok(watch)
    }

    /// Watches the folders that `stack` is made of now.
    pub(super) fn follow(&mut self, session: &Session, stack: &Stack) {
        let root = session.root();
        let mut folders = vec![(root.clone(), RecursiveMode::NonRecursive)];
        for package in package::sources(stack).unwrap_or_default() {
            folders.extend(subfolders(&package).map(|folder| (folder, RecursiveMode::Recursive)));
            folders.push((package, RecursiveMode::NonRecursive));
        }
        self.page = package::page_sources(stack);
        if let Some((page, made)) = &self.page {
            folders.push((page.clone(), RecursiveMode::NonRecursive));
            let inside = subfolders(page).filter(|folder| Some(folder) != made.as_ref());
            folders.extend(inside.map(|folder| (folder, RecursiveMode::Recursive)));
        }
        for (folder, mode) in folders {
            let Ok(folder) = folder.canonicalize() else { continue };
            if self.watched.insert(folder.clone())
                && let Err(error) = self.watcher.watch(&folder, mode)
            {
                session.ui.error(format_args!("cannot watch {}: {error}", folder.display()), None);
            }
        }
    }

    /// Waits for a change, and gives the first changed file once all is quiet.
    pub(super) async fn changed(&mut self) -> String {
        loop {
            let Some(first) = self.changes.recv().await else { return std::future::pending().await };
            let mut changes = vec![first];
            while let Ok(Some(next)) = tokio::time::timeout(QUIET, self.changes.recv()).await {
                changes.push(next);
            }
            changes.retain(|change| counts(&change.path, self.page.as_ref()));
            if let Some(path) = telling(&changes, Path::exists) {
                return path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            }
        }
    }
}

/// The first of the changed files that is there, or that was there before: what was made and is gone again by now, as
/// by `sed -i`, was never part of the source.
fn telling(changes: &[Change], exists: impl Fn(&Path) -> bool) -> Option<&Path> {
    let is_passing = |path: &Path| changes.iter().any(|change| change.made && change.path == path);
    let mut paths = changes.iter().map(|change| change.path.as_path());
    paths.clone().find(|path| exists(path)).or_else(|| paths.find(|path| !is_passing(path)))
}

/// A package's own folders: its sources, not what is built or hidden.
fn subfolders(package: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(package).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir() && !is_aside(path.file_name()))
}

fn is_aside(name: Option<&OsStr>) -> bool {
    let name = name.unwrap_or_default().to_string_lossy();
    name == "target" || name == "node_modules" || name.starts_with('.')
}

/// Whether a change of `path` is one of the source: Cargo writes its lock file itself, and editors their own. All files of
/// the page are, but those that its build makes.
fn counts(path: &Path, page: Option<&(PathBuf, Option<PathBuf>)>) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let source = ["rs", "toml"].iter().any(|kind| path.extension() == Some(OsStr::new(kind)));
    let inside = path.parent().is_some_and(|folder| folder.components().any(|part| part.as_os_str() == "src"));
    let of_the_page = page.is_some_and(|(folder, made)| {
        let real = |folder: &PathBuf| folder.canonicalize().unwrap_or_else(|_| folder.clone());
        path.starts_with(real(folder)) && !made.as_ref().is_some_and(|made| path.starts_with(real(made)))
    });
    !name.starts_with('.') && !name.ends_with('~') && (source || inside || of_the_page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of `changes`, each made or not, where only `there` exist.
    fn told(changes: &[(&str, bool)], there: &[&str]) -> Option<String> {
        let change = |&(path, made): &(&str, bool)| Change { path: path.into(), made };
        let changes: Vec<Change> = changes.iter().map(change).collect();
        let path = telling(&changes, |path| there.iter().any(|there| Path::new(there) == path));
        path.map(|path| path.display().to_string())
    }

    #[test]
    fn an_edit_through_a_passing_file_is_told_by_the_name_of_what_it_changes() {
        let edit = [("src/sedX", true), ("src/sedX", false), ("src/main.rs", false)];
        assert_eq!(told(&edit, &["src/main.rs"]).as_deref(), Some("src/main.rs"));
    }

    #[test]
    fn a_file_that_came_and_went_is_no_change() {
        assert_eq!(told(&[("src/sedX", true), ("src/sedX", false)], &["src/main.rs"]), None);
    }

    #[test]
    fn a_file_that_was_taken_away_is_a_change() {
        assert_eq!(told(&[("src/old.rs", false)], &[]).as_deref(), Some("src/old.rs"));
    }
}
