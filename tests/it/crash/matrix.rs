//! One scenario, killed at its calls one after the other.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use jiff::SignedDuration;
use local::{Cloud, FaultKind, Faults, Options};
use serde_json::Value;

use super::probe::Probe;
use super::scenario::Scenario;
use super::subject::{Session, Subject};
use super::witness::{self, Release};
use crate::cloud::REGION;
use crate::inventory::inventory;

/// Seconds of the cloud's time in one second: a dead holder's lease is over in some seconds, and a living one's is kept
/// on a busy machine too.
const SPEED: f64 = 30.0;

/// Runs at a time: most of a run's time is the wait for a dead holder's lease.
const ABREAST: usize = 5;

/// What a scenario came to.
#[derive(Debug)]
pub(super) struct Row {
    scenario: Scenario,
    /// The calls that it makes when nothing kills it.
    calls: u64,
    /// The runs that were killed.
    pub(super) runs: u64,
    /// The requests of callers meanwhile: those that the release before served, and those that the one after did.
    pub(super) served: [u64; 2],
    pub(super) failures: Vec<String>,
}

impl Row {
    pub(super) const HEAD: &'static str =
        "scenario       calls   killed runs   requests served by old   by new   failures";
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, calls, runs, served: [old, new], failures } = self;
        let (name, failures) = (scenario.name(), failures.len());
        write!(f, "{name:<12}   {calls:>5}   {runs:>11}   {old:>22}   {new:>6}   {failures:>8}")
    }
}

/// What is killed again and again, and what is to come of it.
struct Trial<'a> {
    subject: &'a Subject,
    arguments: Vec<String>,
    /// Where to do it again once it has ended would do something else: what the lease says that it does.
    once: Option<&'static str>,
    /// The cloud's state in which each run begins.
    begin: PathBuf,
    wanted: Wanted,
    /// Callers, and what serves them before and after.
    callers: Option<(Session, [Release; 2])>,
    /// What the page's files say before and after, with what its index names.
    page: Page,
}

/// The answers of a page, by their paths.
type Page = BTreeSet<(String, String)>;

/// What an undisturbed run makes of the cloud.
#[derive(PartialEq)]
struct Wanted {
    /// Field by field, as memoctl reads it.
    live: Value,
    /// As the cloud's own lists tell.
    inventory: Vec<String>,
}

/// What came of one killed run.
struct End {
    killed: bool,
    served: [u64; 2],
    faults: Vec<String>,
}

/// Kills `scenario` at every `step`th call, before and after its effect, and looks at what the next run makes of it.
pub(super) async fn run(subject: &Subject, scenario: Scenario, step: usize) -> Row {
    let (trial, calls) = begin(subject, scenario).await;
    let numbers = (1..=calls).skip(scenario as usize % step).step_by(step);
    let points = numbers.flat_map(|number| [FaultKind::HoldBefore, FaultKind::HoldAfter].map(|kind| (number, kind)));
    let trial = &trial;
    let runs = futures_util::stream::iter(points).map(async |point| (point, trial.kill(point).await));
    let mut ends: Vec<_> = runs.buffer_unordered(ABREAST).collect().await;
    ends.sort_by_key(|((number, _), _)| *number);
    let mut row = Row { scenario, calls, runs: 0, served: [0, 0], failures: Vec::new() };
    for ((number, kind), end) in ends {
        row.runs += u64::from(end.killed);
        row.served = [row.served[0] + end.served[0], row.served[1] + end.served[1]];
        let name = scenario.name();
        row.failures.extend(end.faults.into_iter().map(|fault| format!("{name}, {kind:?} of call {number}: {fault}")));
    }
    row
}

/// Brings the cloud to where `scenario` begins, and runs it once, undisturbed: that is what is wanted.
async fn begin(subject: &Subject, scenario: Scenario) -> (Trial<'_>, u64) {
    let state = scenario.prepare(subject);
    if scenario == Scenario::Retirement {
        let cloud = open(&state).await;
        subject.pass(&cloud, SignedDuration::from_hours(1)).await;
        cloud.stop().await;
    }
    let arguments = scenario.arguments(subject, state.parent().unwrap());
    let mut session = None;
    if scenario.serves() {
        let cloud = open(&state).await;
        session = Some(subject.sign_in(&cloud).await);
        cloud.stop().await;
    }
    let (place, cloud) = copy(&state, subject).await;
    let (mut releases, mut page) = (Vec::new(), Page::new());
    let mut headers = String::new();
    if let Some(session) = &session {
        headers = session.headers(&subject.connect(&cloud).await.1).await;
        releases.push(once(subject, &cloud, (session, &headers)).await);
        page.extend(read(subject, &cloud).await);
    }
    cloud.inject(Faults::none());
    let done = subject.run(place.path(), &arguments).await;
    assert_eq!(done.code, Some(0), "{}\n{}", done.stdout, done.stderr);
    let calls = cloud.arrived();
    assert!(calls > 0, "the run was against another cloud");
    let wanted = Wanted::of(subject, &cloud).await;
    if let Some(session) = &session {
        releases.push(once(subject, &cloud, (session, &headers)).await);
        page.extend(read(subject, &cloud).await);
    }
    cloud.stop().await;
    let callers = session.map(|session| {
        let [old, new] = <[Release; 2]>::try_from(releases).unwrap();
        let same = |path: &&String| old.get(*path) == new.get(*path);
        assert_eq!(old.keys().filter(same).collect::<Vec<_>>(), [] as [&String; 0], "nothing tells the releases apart");
        (session, [old, new])
    });
    (Trial { subject, arguments, once: scenario.once(), begin: state, wanted, callers, page }, calls)
}

/// What serves a caller of all paths, with the header lines `headers`, at this moment.
async fn once(subject: &Subject, cloud: &Cloud, (session, headers): (&Session, &str)) -> Release {
    let (aws, api) = subject.connect(cloud).await;
    let from = jiff::Timestamp::now().as_millisecond();
    for path in &session.paths {
        let answer = api.ask(&format!("GET {path}"), headers, "").await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
    let asked = u64::try_from(session.paths.len()).unwrap();
    let release = witness::release(&witness::answered(&aws, from, asked).await.unwrap());
    assert_eq!(release.len(), session.paths.len(), "{release:?}");
    release
}

/// What a browser is told that asks for the page, and for what that names.
async fn read(subject: &Subject, cloud: &Cloud) -> Page {
    let api = subject.page(cloud).await;
    let mut page = Page::new();
    let mut paths = vec!["/".to_owned()];
    while let Some(path) = paths.pop() {
        let answer = api.ask(&format!("GET {path}"), "", "").await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let named = answer.body.split("src=").skip(1).filter_map(|rest| Some(rest.split_once('>')?.0.to_owned()));
        paths.extend(named);
        page.insert((path, answer.body));
    }
    page
}

impl Trial<'_> {
    async fn kill(&self, (number, kind): (u64, FaultKind)) -> End {
        let Self { subject, arguments, once, begin, wanted, callers, page } = self;
        let (place, cloud) = copy(begin, subject).await;
        let mut probe = None;
        if let Some((session, _)) = callers {
            let (_, api) = subject.connect(&cloud).await;
            let headers = session.headers(&api).await;
            let from = jiff::Timestamp::now().as_millisecond();
            let paths: Vec<String> = page.iter().map(|(path, _)| path.clone()).collect();
            let readers = Probe::start(subject.page(&cloud).await, &paths, String::new());
            probe = Some((Probe::start(api, &session.paths, headers), readers, from));
        }
        let killed = die(subject, (place.path(), arguments), &cloud, (number, kind)).await;
        let mut faults = Vec::new();
        // The lease may be freed before its last call, which is none of those that change anything.
        let has_ended = match once {
            Some(doing) => subject.freed(&cloud).await.as_deref() == Some(*doing),
            None => false,
        };
        if !has_ended {
            let run = subject.run(place.path(), arguments).await;
            if run.code != Some(0) {
                faults.push(format!("the next run ended with {:?}: {}", run.code, run.stderr.trim()));
            }
        }
        let mut served = [0, 0];
        if let (Some((probe, readers, from)), Some((_, [old, new]))) = (probe, callers) {
            let told = readers.stop().await;
            faults.extend(told.wrong);
            let unknown = told.answers.into_keys().filter(|answer| !page.contains(answer));
            faults.extend(unknown.map(|(path, body)| format!("{path} of the page: {body:?} is of no release")));
            let seen = probe.stop().await;
            let (aws, _) = subject.connect(&cloud).await;
            match witness::answered(&aws, from, seen.answers.values().sum()).await {
                Ok(answered) => {
                    let (counts, mixed) = witness::judge(&answered, [old, new]);
                    served = counts;
                    faults.extend(mixed);
                }
                Err(fault) => faults.push(fault),
            }
            faults.extend(seen.wrong);
        }
        let now = Wanted::of(subject, &cloud).await;
        if now.live != wanted.live {
            let changes = memoctl::plan::changes(&wanted.live, &now.live);
            faults.push(format!("what is live is not what was wanted: {changes:?}"));
        }
        if now.inventory != wanted.inventory {
            let here = |lines: &[String], other: &[String]| {
                other.iter().filter(|line| !lines.contains(line)).cloned().collect::<Vec<_>>()
            };
            let (more, less) = (here(&wanted.inventory, &now.inventory), here(&now.inventory, &wanted.inventory));
            let (is, was) = (now.inventory.len(), wanted.inventory.len());
            faults.push(format!("the cloud has {is} things and not {was}: too many {more:?}, missing {less:?}"));
        }
        cloud.stop().await;
        End { killed, served, faults }
    }
}

impl Wanted {
    async fn of(subject: &Subject, cloud: &Cloud) -> Self {
        let (aws, live) = subject.live(cloud).await;
        Self { live, inventory: inventory(&aws).await }
    }
}

/// A cloud on a copy of the state `begin` in a folder of its own.
async fn copy(begin: &Path, subject: &Subject) -> (tempfile::TempDir, Cloud) {
    let place = tempfile::tempdir_in(subject.folder()).unwrap();
    let state = place.path().join("state");
    if begin.exists() {
        let copied = tokio::process::Command::new("cp").arg("-r").args([begin, &state]).status().await;
        assert!(copied.unwrap().success());
    }
    let cloud = open(&state).await;
    (place, cloud)
}

async fn open(state: &Path) -> Cloud {
    Cloud::start(Options { ephemeral: true, speed: SPEED, ..Options::new(state, REGION) }).await.unwrap()
}

/// Starts a run and kills it at the call `number`; whether it came so far.
async fn die(
    subject: &Subject,
    (place, arguments): (&Path, &[String]),
    cloud: &Cloud,
    (number, kind): (u64, FaultKind),
) -> bool {
    cloud.inject(Faults::at(number, kind));
    let mut child = subject.start(place, arguments);
    let held = tokio::select! {
        _ = cloud.held() => true,
        ended = child.wait() => {
            ended.unwrap();
            false
        }
    };
    let _ = child.kill().await;
    cloud.inject(Faults::none());
    held
}
