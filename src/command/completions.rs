use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::session::{Exit, Failure, Session};

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: clap_complete::Shell,
}

pub fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "memoctl", &mut script);
    session.ui.data(String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
