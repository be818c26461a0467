//! The verbs, one a file: its `Args`, and `run(args, &Session)`.

pub mod adopt;
pub mod build;
pub mod check;
pub mod client;
pub mod completions;
pub mod deploy;
pub mod destroy;
pub mod dev;
pub mod gc;
pub mod history;
pub mod init;
pub mod invoke;
pub mod keys;
pub mod local;
pub mod logs;
pub mod openapi;
pub mod outputs;
pub mod plan;
pub mod promote;
pub mod rollback;
pub mod status;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Verb};
use crate::session::{Exit, Failure, Session};

/// Runs what the command line asks for. Bad usage ends the process here, with exit code 2.
pub fn run() -> ExitCode {
    let Cli { global, verb } = Cli::parse();
    let session = Session::new(global);
    let exit = dispatch(verb, &session).unwrap_or_else(|failure| {
        session.ui.fail(&failure);
        failure.exit()
    });
    ExitCode::from(exit as u8)
}

fn dispatch(verb: Verb, session: &Session) -> Result<Exit, Failure> {
    match verb {
        Verb::Init(args) => init::run(&args, session),
        Verb::Check(args) => check::run(&args, session),
        Verb::Build(args) => build::run(&args, session),
        Verb::Completions(args) => completions::run(&args, session),
        Verb::Plan(args) => session.block_on(plan::run(&args, session)),
        Verb::Deploy(args) => session.block_on(deploy::run(&args, session)),
        Verb::Promote(args) => session.block_on(promote::run(&args, session)),
        Verb::Rollback(args) => session.block_on(rollback::run(&args, session)),
        Verb::History(args) => session.block_on(history::run(&args, session)),
        Verb::Destroy(args) => session.block_on(destroy::run(&args, session)),
        Verb::Keys(args) => session.block_on(keys::run(&args, session)),
        Verb::Adopt(args) => session.block_on(adopt::run(&args, session)),
        Verb::Status(args) => session.block_on(status::run(&args, session)),
        Verb::Outputs(args) => session.block_on(outputs::run(&args, session)),
        Verb::Openapi(args) => session.block_on(openapi::run(&args, session)),
        Verb::Client(args) => session.block_on(client::run(&args, session)),
        Verb::Logs(args) => session.block_on(logs::run(&args, session)),
        Verb::Invoke(args) => session.block_on(invoke::run(&args, session)),
        Verb::Gc(args) => session.block_on(gc::run(&args, session)),
        Verb::Dev(args) => session.block_on(dev::run(&args, session)),
        Verb::Local(args) => session.block_on(local::run(&args, session)),
    }
}
