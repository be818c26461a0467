//! One scenario, killed at its calls one after the other.

use std::fmt;
use std::path::Path;

use local::{Cloud, FaultKind, Faults, Options};
use serde_json::Value;

use super::probe::Probe;
use super::scenario::Scenario;
use super::subject::Subject;
use crate::cloud::REGION;

/// Seconds of the cloud's time in one second: a dead holder's lease is soon over, and a living one's is kept on a busy
/// machine too.
const SPEED: f64 = 50.0;

/// What a scenario came to.
#[derive(Debug)]
pub(super) struct Row {
    scenario: Scenario,
    /// The calls that it makes when nothing kills it.
    calls: u64,
    /// The runs that were killed.
    pub(super) runs: u64,
    /// The requests of callers meanwhile.
    asked: u64,
    pub(super) failures: Vec<String>,
}

impl Row {
    pub(super) const HEAD: &'static str = "scenario       calls   killed runs   callers' requests   failures";
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, calls, runs, asked, failures } = self;
        write!(f, "{:<12}   {calls:>5}   {runs:>11}   {asked:>17}   {:>8}", scenario.name(), failures.len())
    }
}

/// Kills `scenario` at every `step`th call, before and after its effect, and looks at what the next run makes of it.
pub(super) async fn run(subject: &Subject, scenario: Scenario, step: usize) -> Row {
    scenario.prepare(subject);
    let arguments = scenario.arguments(subject);
    let begin = subject.state().with_extension("begin");
    let _ = std::fs::remove_dir_all(&begin);
    if subject.state().exists() {
        std::fs::rename(subject.state(), &begin).unwrap();
    }
    // What an undisturbed run makes of it is what is wanted.
    let (calls, wanted) = {
        let cloud = start(&begin, subject).await;
        let done = subject.run(&arguments);
        assert_eq!(done.code, Some(0), "{}\n{}", done.stdout, done.stderr);
        let calls = cloud.arrived();
        assert!(calls > 0, "the run was against another cloud");
        let (wanted, _) = subject.live(&cloud).await;
        cloud.stop().await;
        (calls, wanted)
    };
    let mut row = Row { scenario, calls, runs: 0, asked: 0, failures: Vec::new() };
    for number in (1..=calls).skip(scenario as usize % step).step_by(step) {
        for kind in [FaultKind::HoldBefore, FaultKind::HoldAfter] {
            let cloud = start(&begin, subject).await;
            let url = if scenario.serves() { subject.live(&cloud).await.1 } else { None };
            let probe = url.map(|url| Probe::start(cloud.endpoint(), &url, &subject.probes));
            let killed = kill(subject, &arguments, &cloud, (number, kind)).await;
            let mut faults = again(subject, &arguments, &cloud, &wanted).await;
            if let Some(probe) = probe {
                let (asked, wrong) = probe.stop().await;
                row.asked += asked;
                faults.extend(wrong);
            }
            row.runs += u64::from(killed);
            let name = scenario.name();
            row.failures.extend(faults.into_iter().map(|fault| format!("{name}, {kind:?} of call {number}: {fault}")));
            cloud.stop().await;
        }
    }
    row
}

/// A cloud on a fresh copy of the state `begin`.
async fn start(begin: &Path, subject: &Subject) -> Cloud {
    let state = subject.state();
    let _ = std::fs::remove_dir_all(&state);
    if begin.exists() {
        let copied = std::process::Command::new("cp").arg("-r").args([begin, &state]).status();
        assert!(copied.unwrap().success());
    }
    Cloud::start(Options { ephemeral: true, speed: SPEED, ..Options::new(state, REGION) }).await.unwrap()
}

/// Starts a run and kills it at the call `number`; whether it came so far.
async fn kill(subject: &Subject, arguments: &[String], cloud: &Cloud, (number, kind): (u64, FaultKind)) -> bool {
    cloud.inject(Faults::at(number, kind));
    let mut child = subject.start(arguments);
    let ended = async {
        while child.try_wait().unwrap().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let held = tokio::select! {
        _ = cloud.held() => true,
        () = ended => false,
    };
    let _ = child.kill();
    let _ = child.wait();
    cloud.inject(Faults::none());
    held
}

/// Runs the same again: what is then wrong.
async fn again(subject: &Subject, arguments: &[String], cloud: &Cloud, wanted: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let run = subject.run(arguments);
    if run.code != Some(0) {
        faults.push(format!("the next run ended with {:?}: {}", run.code, run.stderr.trim()));
    }
    let (live, _) = subject.live(cloud).await;
    if live != *wanted {
        let changes = memoctl::plan::changes(wanted, &live);
        faults.push(format!("what is live is not what was wanted: {changes:?}"));
    }
    faults
}
