//! What verbs share: the flags, the stack, a connection to a cloud, the plan, and how a command ends.

pub mod ahead;
mod assembly;
mod change;
mod connection;
mod consent;
mod failure;
mod foresight;
mod interrupt;
pub mod saved;

pub use assembly::{Permissions, live, plan_between, plan_deploy, plan_destroy, plan_move, planned, read, wanted_ids};
pub use change::{Change, Changed, LeaseArgs};
pub use connection::Connection;
pub use consent::DataArgs;
pub use failure::{Exit, Failure};
pub use foresight::Foresight;
pub use interrupt::Interrupt;
pub use saved::Saved;

use std::path::{Path, PathBuf};

use crate::cli::Global;
use crate::package::{self, Built, Destination};
use crate::stack::Stack;
use crate::ui::Ui;

/// One command's run.
#[derive(Clone)]
pub struct Session {
    pub global: Global,
    pub ui: Ui,
    pub interrupt: Interrupt,
}

impl Session {
    pub fn new(global: Global) -> Self {
        let ui = Ui::new(&global);
        Self { global, ui, interrupt: Interrupt::default() }
    }

    /// The same, on the local cloud.
    #[must_use]
    pub fn locally(&self) -> Self {
        let mut session = self.clone();
        session.global.local = true;
        session
    }

    /// Runs `work` on a runtime that is made for it, and listens for Ctrl-C meanwhile.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|source| Failure::io("start the runtime", source))?;
        let result = runtime.block_on(async {
            self.interrupt.listen();
            work.await
        });
        // What still runs in the background has nothing to tell any more.
        runtime.shutdown_background();
        result
    }

    /// The flags that lead another command to the same stage of the same cloud, each after a space.
    pub fn place(&self) -> String {
        let local = if self.global.local { " --local" } else { "" };
        format!("{local} --stage {}", self.global.stage)
    }

    /// The stack file with the stage laid over it.
    pub fn stack(&self) -> Result<Stack, Failure> {
        crate::stack::read::load(&self.global.stack, &self.global.stage).map_err(Failure::Stack)
    }

    /// The folder that the stack file is in.
    pub fn root(&self) -> PathBuf {
        match self.global.stack.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            Some(_) | None => PathBuf::from("."),
        }
    }

    /// Where the handlers are to run.
    pub fn destination(&self) -> Destination {
        if self.global.local { Destination::Local } else { Destination::Aws }
    }

    /// Builds all handlers of `stack`, Cargo's output going to the person at the terminal.
    pub async fn build(&self, stack: &Stack, args: &BuildArgs, default_profile: &str) -> Result<Built, Failure> {
        let options = self.build_options(args, default_profile);
        let stack = stack.clone();
        let building = tokio::task::spawn_blocking(move || package::package(&stack, &options));
        match self.interrupt.unless(building).await? {
            Ok(built) => built.map_err(Failure::Package),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }

    /// How to build, by the flags.
    pub fn build_options(&self, args: &BuildArgs, default_profile: &str) -> package::Options {
        package::Options {
            destination: self.destination(),
            builder: args.builder,
            profile: args.cargo_profile.clone().unwrap_or_else(|| default_profile.to_owned()),
            quiet: self.global.quiet,
            color: self.global.color.as_str(),
        }
    }
}

/// The flags of every verb that builds.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Build options")]
pub struct BuildArgs {
    /// What compiles the handlers: cargo-lambda where it is installed, else cargo (for the local cloud only)
    #[arg(long, value_enum, env = "MEMOCTL_BUILDER", hide_env_values = true)]
    pub builder: Option<package::Builder>,
    /// The Cargo profile: `release`, but `dev` for the verb dev
    #[arg(long, value_name = "NAME", env = "MEMOCTL_CARGO_PROFILE", hide_env_values = true)]
    pub cargo_profile: Option<String>,
}

/// The flags of every verb that plans a deploy.
#[derive(Clone, Debug, clap::Args)]
pub struct KeepArgs {
    /// How many releases to keep, the new one included; 1 takes away at once what only older ones need
    #[arg(long, value_name = "N", default_value_t = KEEP, value_parser = clap::value_parser!(u16).range(1..))]
    keep: u16,
    /// Let what serves be replaced, while its callers fail
    #[arg(long)]
    allow_downtime: bool,
    #[command(flatten)]
    pub data: DataArgs,
    /// Give the new release this share of the calls only, such as `10%`, until `promote` or `rollback`
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    canary: Option<f64>,
}

fn percentage(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    let within = number.filter(|percent| 0.0 < *percent && *percent < 100.0);
    within.ok_or_else(|| "a canary gets more than 0 % and less than 100 % of the calls, such as 10%".to_owned())
}

const KEEP: u16 = 5;

impl Default for KeepArgs {
    fn default() -> Self {
        Self { keep: KEEP, allow_downtime: false, data: DataArgs::default(), canary: None }
    }
}

impl KeepArgs {
    /// What is allowed; `delete_data` is what [`DataArgs`] says of it for the verb.
    pub fn permissions(&self, delete_data: bool) -> Permissions {
        Permissions { keep: self.keep.into(), delete_data, allow_downtime: self.allow_downtime, canary: self.canary }
    }
}
