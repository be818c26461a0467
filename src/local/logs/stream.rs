//! One stream's file: a line of JSON that describes it, then a line of JSON for each event, only ever appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Event, now};
use crate::call::Error;

/// A stream, which may exist or not.
#[derive(Debug)]
pub(super) struct Stream {
    path: PathBuf,
}

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) name: String,
    /// Milliseconds since the epoch.
    pub(super) created: i64,
}

/// An event as stored; times are milliseconds since the epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) timestamp: i64,
    pub(super) ingested: i64,
    pub(super) message: String,
}

/// A stream that exists.
#[derive(Debug)]
pub(super) struct Opened {
    path: PathBuf,
}

impl Stream {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes the stream; `false` when it exists.
    pub(super) fn create(&self, name: &str) -> io::Result<bool> {
        let beside = self.path.with_extension("new");
        let head = serde_json::to_string(&Head { name: name.to_owned(), created: now() })?;
        if self.path.exists() {
            return Ok(false);
        }
        std::fs::write(&beside, head + "\n")?;
        std::fs::rename(&beside, &self.path)?;
        Ok(true)
    }

    /// The stream, if it exists.
    pub(super) fn open(self) -> Result<Opened, Error> {
        if self.path.exists() { Ok(Opened { path: self.path }) } else { Err(missing()) }
    }

    /// The stream, made as `name` when absent.
    pub(super) fn open_or_create(self, name: &str) -> Result<Opened, Error> {
        self.create(name)?;
        Ok(Opened { path: self.path })
    }
}

impl Opened {
    /// The streams of a group, whose folder is `dir`, in no order.
    pub(super) fn all(dir: &Path) -> io::Result<Vec<Self>> {
        let entries = std::fs::read_dir(dir)?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
        Ok(paths.into_iter().filter(|path| path.extension().is_none()).map(|path| Self { path }).collect())
    }

    pub(super) fn head(&self) -> io::Result<Head> {
        let mut line = String::new();
        BufReader::new(File::open(&self.path)?).read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// When the stream was last appended to: milliseconds since the epoch.
    pub(super) fn touched(&self) -> io::Result<i64> {
        let modified = std::fs::metadata(&self.path)?.modified()?;
        let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Appends `events`, all or, when killed, the first of them.
    pub(super) fn append(&self, events: Vec<Event>) -> Result<(), Error> {
        let mut file = OpenOptions::new().read(true).append(true).open(&self.path)?;
        let ingested = now();
        let mut lines = if ends_with_newline(&mut file)? { Vec::new() } else { vec![b'\n'] };
        for Event { timestamp, message } in events {
            let stored = Stored { timestamp, ingested, message };
            serde_json::to_writer(&mut lines, &stored).map_err(io::Error::from)?;
            lines.push(b'\n');
        }
        file.write_all(&lines)?;
        Ok(())
    }

    /// The events in the order of their times; of a line that a kill cut off nothing is left.
    pub(super) fn events(&self) -> io::Result<Vec<Stored>> {
        let text = std::fs::read(&self.path)?;
        let lines = text.split(|byte| *byte == b'\n').skip(1);
        let mut events: Vec<Stored> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        events.sort_by_key(|event| event.timestamp);
        Ok(events)
    }
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

fn missing() -> Error {
    Error::new(400, "ResourceNotFoundException", "The specified log stream does not exist.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_kill_cut_off_harms_neither_the_events_before_nor_those_after() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stream");
        let stream = Stream::at(path.clone()).open_or_create("s").unwrap();
        stream.append(vec![Event { timestamp: 1, message: "one".to_owned() }]).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"timestamp":2,"inge"#).unwrap();
        stream.append(vec![Event { timestamp: 3, message: "three".to_owned() }]).unwrap();
        let messages: Vec<_> = stream.events().unwrap().into_iter().map(|event| event.message).collect();
        assert_eq!(messages, ["one", "three"]);
    }
}
