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

/// Tells of changes.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    changes: mpsc::UnboundedReceiver<PathBuf>,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    pub(super) fn new(session: &Session, stack: &Stack) -> Result<Self, Failure> {
        let (send, changes) = mpsc::unbounded_channel();
        let tell = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_)) {
                for path in event.paths.into_iter().filter(|path| counts(path)) {
                    // The receiver is gone when the command ends.
                    let _ = send.send(path);
                }
            }
        };
        let watcher = notify::recommended_watcher(tell)
            .map_err(|error| Failure::Other { error: format!("cannot watch files: {error}"), hint: None })?;
        let mut watch = Self { watcher, changes, watched: BTreeSet::new() };
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
        let Some(first) = self.changes.recv().await else { return std::future::pending().await };
        while let Ok(Some(_)) = tokio::time::timeout(QUIET, self.changes.recv()).await {}
        first.file_name().unwrap_or(first.as_os_str()).to_string_lossy().into_owned()
    }
}

/// A package's own folders: its sources, not what is built or hidden.
fn subfolders(package: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(package).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir() && !is_aside(path.file_name()))
}

fn is_aside(name: Option<&OsStr>) -> bool {
    let name = name.unwrap_or_default().to_string_lossy();
    name == "target" || name.starts_with('.')
}

/// Whether a change of `path` is one of the source: Cargo writes its lock file itself, and editors their own.
fn counts(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let source = ["rs", "toml"].iter().any(|kind| path.extension() == Some(OsStr::new(kind)));
    let inside = path.parent().is_some_and(|folder| folder.components().any(|part| part.as_os_str() == "src"));
    !name.starts_with('.') && !name.ends_with('~') && (source || inside)
}
