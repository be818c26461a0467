//! The command line's shape: flags and verbs, and nothing else.

use std::path::PathBuf;

use ::local::{Faults, Realism};
use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::command::{
    adopt, build, check, client, completions, deploy, destroy, dev, gc, history, init, invoke, keys, local, logs,
    openapi, outputs, plan, promote, rollback, status,
};

/// From stack.toml to a running stack on AWS, or on the local cloud in this binary, and back to nothing.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, disable_help_subcommand = true, max_term_width = 100, after_help = AFTER)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER: &str = "\
Start here:
  memoctl dev              build, deploy to the local cloud, serve, redeploy on a change
  memoctl plan --local     what a deploy would do
  memoctl deploy           the same stack on AWS

Exit codes:
  0 done, or nothing to do      1 a step failed                 2 bad usage or stack.toml
  3 plan --check found changes  4 somebody else holds the lease
  5 a resource is somebody else's                               130 interrupted";

/// What every verb takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The stack file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "MEMOCTL_STACK",
        default_value = "stack.toml",
        hide_env_values = true
    )]
    pub stack: PathBuf,
    /// The stage: part of every name, and the [stages.NAME] laid over the file
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "MEMOCTL_STAGE",
        default_value = "dev",
        hide_env_values = true
    )]
    pub stage: String,
    /// Use the local cloud in place of AWS
    #[arg(long, global = true, env = "MEMOCTL_LOCAL", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub local: bool,
    /// The AWS region, before the stack file's and the environment's
    #[arg(long, global = true, env = "MEMOCTL_REGION", hide_env_values = true)]
    pub region: Option<String>,
    /// The AWS profile, before the environment's
    #[arg(long, global = true, env = "MEMOCTL_PROFILE", hide_env_values = true)]
    pub profile: Option<String>,
    /// Where the local cloud keeps its state [default: .memoctl/local beside the stack file]
    #[arg(long, global = true, value_name = "DIR", env = "MEMOCTL_STATE", hide_env_values = true)]
    pub state: Option<PathBuf>,
    /// How far the local cloud behaves as badly as AWS: off or aws [default: off]
    #[arg(long, global = true, value_name = "KIND", env = "MEMOCTL_REALISM", hide_env_values = true)]
    pub realism: Option<Realism>,
    /// How many seconds of the local cloud's time pass in one [default: 1]
    #[arg(long, global = true, value_name = "N", env = "MEMOCTL_SPEED", value_parser = speed, hide_env_values = true)]
    pub speed: Option<f64>,
    /// What goes wrong with calls to the local cloud: seed=7,rate=0.05 or at=12:error-after
    #[arg(long, global = true, value_name = "SPEC", env = "MEMOCTL_FAULTS", hide_env_values = true)]
    pub faults: Option<Faults>,
    /// One JSON document, or one JSON event a line for long work
    #[arg(long, global = true, value_enum, env = "MEMOCTL_OUTPUT", default_value_t = Output::Human, hide_env_values = true)]
    pub output: Output,
    /// Answer every question with yes
    #[arg(short, long, global = true, env = "MEMOCTL_YES", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub yes: bool,
    /// Say less: errors and data only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Colours; every one is doubled by a sign or a word
    #[arg(long, global = true, value_enum, env = "MEMOCTL_COLOR", default_value_t = Color::Auto, hide_env_values = true)]
    pub color: Color,
}

/// Reads a speed: a number that the local cloud can have.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().map_err(|_| "it is no number".to_owned())?;
    if ::local::Options::is_speed(speed) { Ok(speed) } else { Err("it is 0.001 at least".to_owned()) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Init(init::Args),
    Check(check::Args),
    Build(build::Args),
    Plan(plan::Args),
    Deploy(deploy::Args),
    Promote(promote::Args),
    Rollback(rollback::Args),
    History(history::Args),
    Destroy(destroy::Args),
    Keys(keys::Args),
    Adopt(adopt::Args),
    Status(status::Args),
    Outputs(outputs::Args),
    Openapi(openapi::Args),
    Client(client::Args),
    Logs(logs::Args),
    Invoke(invoke::Args),
    Gc(gc::Args),
    Dev(dev::Args),
    Local(local::Args),
    Completions(completions::Args),
}
