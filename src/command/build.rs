use crate::package;
use crate::session::{BuildArgs, Exit, Failure, Session};
use crate::ui::Ui;
use crate::ui::amount::bytes;

/// Build and zip all handlers, and tell their sizes
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    build: BuildArgs,
}

pub fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let options = session.build_options(&args.build, "release");
    let built = package::package(&stack, &options).map_err(Failure::Package)?;
    if session.ui.is_json() {
        session.ui.document(&built.report);
    } else {
        for line in lines(&built.report) {
            session.ui.data(line);
        }
    }
    Ok(Exit::Done)
}

/// Tells what a build gave, for verbs that go on after it.
pub(super) fn tell(report: &package::Report, ui: &Ui) {
    if ui.is_json() {
        ui.event(&serde_json::json!({ "event": "built", "build": report }));
    } else {
        for line in lines(report) {
            ui.talk(line);
        }
    }
}

fn lines(report: &package::Report) -> impl Iterator<Item = String> {
    let head = format!("built with {}, profile {}", report.builder, report.profile);
    let width = report.functions.keys().map(String::len).max().unwrap_or_default();
    let sizes = report.functions.iter().map(move |(name, size)| {
        let architecture = match size.architecture {
            crate::stack::Architecture::X86_64 => "x86_64",
            crate::stack::Architecture::Arm64 => "arm64",
        };
        format!("  {name:<width$}  {:>8} zipped  {:>8}  {architecture}", bytes(size.zip), bytes(size.binary))
    });
    (!report.functions.is_empty()).then_some(head).into_iter().chain(sizes)
}
