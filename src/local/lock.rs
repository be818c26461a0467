//! One process at a time has a state open: a lock of the operating system, which a kill frees as an exit does, on a
//! file that says where the process answers.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::realism::Realism;

/// How long the holder of the lock may take to write its endpoint.
const STARTING: Duration = Duration::from_secs(5);

/// The port that a new state remembers.
const DEFAULT_PORT: u16 = 4567;

/// An open state: nobody else opens it until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    port: PathBuf,
}

/// What came of the attempt to lock a state.
pub(crate) enum Attempt {
    Locked(Lock),
    /// Another process has it, answers at `endpoint`, advertises `base_url`, and is a cloud of this kind.
    Held {
        endpoint: String,
        base_url: String,
        realism: Realism,
        speed: f64,
    },
}

impl Attempt {
    /// Reads what [`Lock::announce`] wrote.
    fn held(announced: &str) -> Option<Self> {
        let mut words = announced.split(' ');
        Some(Self::Held {
            endpoint: words.next()?.to_owned(),
            base_url: words.next()?.to_owned(),
            realism: words.next()?.parse().ok()?,
            speed: words.next()?.parse().ok()?,
        })
    }
}

impl Lock {
    /// Locks the state in `dir`, which exists.
    pub(crate) async fn acquire(dir: &Path) -> io::Result<Attempt> {
        let path = dir.join("lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let deadline = tokio::time::Instant::now() + STARTING;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // What a killed process left there is nobody's endpoint any more.
                    file.set_len(0)?;
                    return Ok(Attempt::Locked(Self { file, port: dir.join("port") }));
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let announced = std::fs::read_to_string(&path)?;
            if let Some(held) = announced.strip_suffix('\n').and_then(Attempt::held) {
                return Ok(held);
            }
            if tokio::time::Instant::now() >= deadline {
                let text = format!("{} is locked by a process that does not say where it answers", path.display());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Tells other processes where this one answers (its endpoint, and the base of public URLs), and as what.
    pub(crate) fn announce(&mut self, place: [&str; 2], realism: Realism, speed: f64) -> io::Result<()> {
        let [endpoint, base_url] = place;
        self.file.write_all(format!("{endpoint} {base_url} {realism} {speed}\n").as_bytes())
    }

    /// The port that the state remembers: at first 4567.
    pub(crate) fn port(&self) -> io::Result<u16> {
        match std::fs::read_to_string(&self.port) {
            Ok(text) => text.trim().parse().map_err(|error| {
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", self.port.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(DEFAULT_PORT),
            Err(error) => Err(error),
        }
    }

    /// Remembers `port`.
    pub(crate) fn remember(&self, port: u16) -> io::Result<()> {
        let beside = self.port.with_extension("new");
        std::fs::write(&beside, format!("{port}\n"))?;
        std::fs::rename(&beside, &self.port)
    }
}
