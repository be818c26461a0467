//! State on disk that survives a restart and a kill: one JSON file a store, replaced whole by a rename.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Serialize, de::DeserializeOwned};

/// A value with its file: every change is on disk before it is answered.
///
/// The file is written beside and renamed over the old one, so a kill leaves the old or the new state, never a part.
/// Reading never waits for a write to the disk.
#[derive(Debug)]
pub(crate) struct Store<T> {
    path: PathBuf,
    state: RwLock<Arc<T>>,
    writing: Mutex<()>,
}

impl<T: Serialize + DeserializeOwned + Default + Clone> Store<T> {
    /// Opens `path`, or starts empty when there is no such file.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let state = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => T::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), state: RwLock::new(Arc::new(state)), writing: Mutex::new(()) })
    }

    /// Reads the state as it is now.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.current())
    }

    /// Reads the state while nobody else changes it or holds it: for what is one step with things outside of it.
    pub(crate) fn hold<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        look(&self.current())
    }

    /// Changes the state: the change is kept only when `change` succeeds and the file is written.
    pub(crate) fn write<R, E: From<std::io::Error>>(
        &self,
        change: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<R, E> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = T::clone(&self.current());
        let answer = change(&mut next)?;
        let beside = self.path.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(&next).map_err(std::io::Error::from)?)?;
        std::fs::rename(&beside, &self.path)?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(answer)
    }

    fn current(&self) -> Arc<T> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<std::io::Error> for crate::call::Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(500, "InternalFailure", format!("the local cloud cannot keep its state: {error}"))
    }
}
