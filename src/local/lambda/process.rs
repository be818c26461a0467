//! The process of an execution environment: its variables, its start and its end.

use std::fs;
use std::io::{self, PipeReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use super::configuration::{Configuration, LogFormat};
use crate::iam::Credentials;

/// What a process is started with.
pub(super) struct Start<'a> {
    pub(super) function: &'a str,
    pub(super) configuration: &'a Configuration,
    /// Where the package is unpacked.
    pub(super) root: &'a Path,
    pub(super) runtime_api: SocketAddr,
    pub(super) log_stream: &'a str,
    pub(super) region: &'a str,
    /// Of the local cloud.
    pub(super) endpoint: &'a str,
    pub(super) credentials: Credentials,
}

impl Start<'_> {
    /// Starts `bootstrap` in a process group of its own; what it writes comes out of the pipe, both streams in order.
    ///
    /// It gets none of this process's variables, only [`Start::variables`] and the function's own.
    pub(super) fn spawn(&self) -> io::Result<(Child, PipeReader)> {
        let (reader, writer) = io::pipe()?;
        let child = Command::new(self.root.join("bootstrap"))
            .env_clear()
            .envs(self.variables())
            .envs(self.configuration.content.environment.iter().flatten())
            .current_dir(self.root)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        Ok((child, reader))
    }

    /// Lambda's own variables (Developer Guide, "Defined runtime environment variables"), of a runtime that is the
    /// operating system only: without `AWS_EXECUTION_ENV`.
    ///
    /// Unlike on AWS, `AWS_ENDPOINT_URL` leads the SDKs to the local cloud, `LAMBDA_TASK_ROOT` is where the package is
    /// unpacked on the host (and can be written there), and there is no X-Ray daemon to address. `/tmp`, memory and
    /// processors are the host's, without limits.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let content = &self.configuration.content;
        let root = self.root.display();
        let mut variables = vec![
            ("_HANDLER", content.handler.clone()),
            ("AWS_ACCESS_KEY_ID", self.credentials.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.credentials.secret_access_key.clone()),
            ("AWS_SESSION_TOKEN", self.credentials.session_token.clone()),
            ("AWS_REGION", self.region.to_owned()),
            ("AWS_DEFAULT_REGION", self.region.to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", self.configuration.version.clone()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", content.memory.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", content.logging.group.clone()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.log_stream.to_owned()),
            ("AWS_LAMBDA_RUNTIME_API", self.runtime_api.to_string()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
            ("LAMBDA_TASK_ROOT", root.to_string()),
            ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("LD_LIBRARY_PATH", format!("/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:{root}:{root}/lib:/opt/lib")),
            ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
            ("TZ", ":UTC".to_owned()),
        ];
        let format = match content.logging.format {
            LogFormat::Json => "JSON",
            LogFormat::Text => "Text",
        };
        variables.push(("AWS_LAMBDA_LOG_FORMAT", format.to_owned()));
        if let Some(level) = &content.logging.application_level {
            variables.push(("AWS_LAMBDA_LOG_LEVEL", level.clone()));
        }
        variables
    }
}

/// Kills a process and what it has started: its group is its own. One that has ended already is no matter.
pub(super) fn kill(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// The processes that are running, on disk: so that the next start of a cloud that was killed can end what it left.
///
/// Most end by themselves, since a runtime ends when its Runtime API is gone; one that is busy does not.
#[derive(Debug)]
pub(super) struct Register {
    dir: PathBuf,
}

impl Register {
    /// Opens the register in `dir`, and ends the processes that an earlier cloud has left in it.
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            let pid = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            let recorded = fs::read_to_string(&path).unwrap_or_default();
            if let Some(pid) = pid.filter(|pid| started(*pid).is_some_and(|now| now == recorded)) {
                kill(pid);
            }
            fs::remove_file(&path)?;
        }
        Ok(Self { dir })
    }

    /// Notes a process that has started.
    pub(super) fn note(&self, pid: u32) -> io::Result<()> {
        started(pid).map_or(Ok(()), |started| fs::write(self.path(pid), started))
    }

    /// Strikes out a process that has ended.
    pub(super) fn strike(&self, pid: u32) {
        // One that stays is found to be another process, or none, at the next start.
        let _ = fs::remove_file(self.path(pid));
    }

    fn path(&self, pid: u32) -> PathBuf {
        self.dir.join(pid.to_string())
    }
}

/// When a process started, in clock ticks since the boot, with the boot's id: together with its number this tells a
/// process from any other. `None` when there is no such process, or the system has no `/proc`.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may contain anything: the fields that follow it are counted from its end.
    let (_, fields) = stat.rsplit_once(')')?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{} {}", fields.split_whitespace().nth(19)?, boot.trim()))
}

/// The most memory that a process has used, in MB; 0 where the system does not tell.
pub(super) fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0).div_ceil(1024)
}
