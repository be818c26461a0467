//! The log of an execution environment: what its process writes and what Lambda itself reports, in order, delivered to
//! CloudWatch Logs in batches.

use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::unix::pipe;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::outcome::Outcome;
use super::process::peak_memory;
use super::report::{Report, Reporter};
use super::sink::Sink;
use crate::logs::Event;

/// How long events gather before they are delivered together.
const GATHERING: Duration = Duration::from_millis(50);
/// The largest event of CloudWatch Logs is 256 KB; a longer line is cut.
const LONGEST_LINE: usize = 256 * 1024;
/// What `LogType: Tail` gives of the end of a log, in bytes.
const TAIL: usize = 4096;

/// The log of one environment.
#[derive(Debug)]
pub(super) struct Log {
    pipe: pipe::Receiver,
    /// The same pipe: reading it tells what is there now, not what was there when the reactor last looked.
    file: File,
    pid: u32,
    reporter: Reporter,
    sink: Arc<Sink>,
    buffer: Mutex<Buffer>,
    /// Tells the delivery that there is something.
    filled: Notify,
    /// MB, as of the last delivery.
    memory: AtomicU64,
}

#[derive(Debug, Default)]
struct Buffer {
    /// The line that is not complete yet.
    line: Vec<u8>,
    events: Vec<Event>,
    initialization: Option<Duration>,
    /// The text of the request's log, when the caller wants its end.
    tail: Option<String>,
}

impl Log {
    /// The log of the process `pid`, which writes into `pipe`.
    pub(super) fn new(pipe: PipeReader, pid: u32, reporter: Reporter, sink: Sink) -> io::Result<Self> {
        let pipe = pipe::Receiver::from_owned_fd(OwnedFd::from(pipe))?;
        let log = Self {
            file: File::from(pipe.as_fd().try_clone_to_owned()?),
            pipe,
            pid,
            reporter,
            sink: Arc::new(sink),
            buffer: Mutex::default(),
            filled: Notify::new(),
            memory: AtomicU64::new(0),
        };
        log.add(&mut log.buffer(), log.reporter.initializing());
        Ok(log)
    }

    /// Reads and delivers until the process and all that it started have closed their output.
    pub(super) async fn run(self: Arc<Self>) {
        let mut due: Option<Instant> = None;
        loop {
            let delivery = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                ready = self.pipe.readable() => {
                    // Reading through the reactor, to the end, has it look again.
                    if ready.is_err() || self.drain(|bytes| self.pipe.try_read(bytes)) {
                        break;
                    }
                }
                () = self.filled.notified() => { due.get_or_insert_with(|| Instant::now() + GATHERING); }
                () = delivery => {
                    due = None;
                    self.deliver().await;
                }
            }
        }
        self.deliver().await;
    }

    /// Delivers what has gathered.
    pub(super) async fn deliver(&self) {
        self.memory.store(peak_memory(self.pid), Ordering::Relaxed);
        let events = std::mem::take(&mut self.buffer().events);
        if !events.is_empty() {
            let (sink, late) = (Arc::clone(&self.sink), self.sink.late());
            // Delivery writes to the disk. It fails only when the runtime is shutting down.
            if late.is_zero() {
                let _ = tokio::task::spawn_blocking(move || sink.deliver(events)).await;
            } else {
                tokio::spawn(async move {
                    tokio::time::sleep(late).await;
                    let _ = tokio::task::spawn_blocking(move || sink.deliver(events)).await;
                });
            }
        }
    }

    /// The process has asked for its first request.
    pub(super) fn initialized(&self, after: Duration) {
        self.buffer().initialization = Some(after);
    }

    /// The process has got a request.
    pub(super) fn start(&self, request_id: &str, tail: bool) {
        let mut buffer = self.buffer();
        buffer.tail = tail.then(String::new);
        self.add(&mut buffer, self.reporter.start(request_id));
    }

    /// The request has come to an end: what the process wrote meanwhile comes before the report.
    pub(super) fn report(&self, request_id: &str, duration: Duration, outcome: &Outcome) {
        self.drain(|bytes| (&self.file).read(bytes));
        let mut memory = self.memory.load(Ordering::Relaxed);
        if memory == 0 {
            memory = peak_memory(self.pid);
            self.memory.store(memory, Ordering::Relaxed);
        }
        let mut buffer = self.buffer();
        self.complete_line(&mut buffer);
        let initialization = buffer.initialization.take();
        let report = Report { request_id, duration, initialization, memory, outcome };
        self.add(&mut buffer, self.reporter.report(&report));
    }

    /// The end of the last request's log, when it was asked for.
    pub(super) fn tail(&self) -> Option<String> {
        let tail = self.buffer().tail.take()?;
        let start = (tail.len().saturating_sub(TAIL)..tail.len()).find(|start| tail.is_char_boundary(*start));
        Some(tail[start.unwrap_or(tail.len())..].to_owned())
    }

    /// Takes what the process has written so far; true when it will write no more.
    fn drain(&self, mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> bool {
        let mut bytes = [0; 16 * 1024];
        let mut buffer = self.buffer();
        loop {
            match read(&mut bytes) {
                Ok(0) => {
                    self.complete_line(&mut buffer);
                    return true;
                }
                Ok(length) => self.take(&mut buffer, &bytes[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
            }
        }
    }

    fn take(&self, buffer: &mut Buffer, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            buffer.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut buffer.line);
            self.add_line(buffer, &line);
        }
        buffer.line.extend_from_slice(bytes);
        if buffer.line.len() >= LONGEST_LINE {
            self.complete_line(buffer);
        }
    }

    fn complete_line(&self, buffer: &mut Buffer) {
        if !buffer.line.is_empty() {
            let line = std::mem::take(&mut buffer.line);
            self.add_line(buffer, &line);
        }
    }

    fn add_line(&self, buffer: &mut Buffer, line: &[u8]) {
        if self.reporter.takes(line) {
            let line = String::from_utf8_lossy(line).into_owned();
            self.add(buffer, [line]);
        }
    }

    /// Adds events that end in a line feed, as Lambda's do.
    fn add(&self, buffer: &mut Buffer, messages: impl IntoIterator<Item = String>) {
        let timestamp = jiff::Timestamp::now().as_millisecond();
        for mut message in messages {
            message.push('\n');
            if let Some(tail) = &mut buffer.tail {
                tail.push_str(&message);
            }
            if buffer.events.is_empty() {
                self.filled.notify_one();
            }
            buffer.events.push(Event { timestamp, message });
        }
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
