use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::outputs::not_deployed;
use crate::aws::{Aws, Error, idempotent};
use crate::history::{self, Record};
use crate::plan::Id;
use crate::resource::function::Function;
use crate::resource::release::Release;
use crate::resource::{Found, Kind as _};
use crate::session::{Connection, Exit, Failure, Session};
use crate::stack::Stack;
use crate::ui::amount::count;

/// Have the functions that are marked with `gc` finish what was left undone
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Invoke each function at most so often, for as long as it gets on
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
}

/// So often in a row a function may fail, or finish nothing, and be invoked again: it may have got on all the same, as
/// one does that ran out of time.
const STANDSTILLS: u16 = 3;

/// What a marked function answers.
#[derive(Debug, Deserialize)]
struct Answer {
    /// How many things it has finished.
    delivered: u64,
    /// Those that it has not, each with its `cause`.
    failed: Vec<Value>,
}

/// What became of one function's work.
#[derive(Debug, Serialize)]
struct Report {
    function: String,
    /// The version that was invoked.
    version: u64,
    /// How often.
    rounds: u16,
    delivered: u64,
    /// What is left, as the last answer tells it.
    failed: Vec<Value>,
    /// Why the last invocation brought no answer.
    error: Option<String>,
    /// How many invocations in a row, the last included, finished nothing.
    #[serde(skip)]
    standstills: u16,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let marked: Vec<(&String, &Value)> =
        stack.functions.iter().filter_map(|(name, function)| Some((name, function.gc.as_ref()?))).collect();
    if marked.is_empty() {
        return Err(Failure::Usage {
            error: "no function of the stack file is marked with `gc`".to_owned(),
            hint:
                "mark the one that finishes what was left undone with the event that asks for it: `gc = { task = {} }`"
                    .to_owned(),
        });
    }
    let connection = Connection::open(session, &stack).await?;
    let collected = collect(args.rounds, &marked, (session, &stack), &connection.aws).await;
    connection.close().await;
    let reports = collected?;
    if session.ui.is_json() {
        session.ui.document(&json!({ "functions": reports }));
    } else {
        for report in &reports {
            report.tell(session);
        }
    }
    Ok(if reports.iter().all(Report::is_done) { Exit::Done } else { Exit::Failed })
}

async fn collect(
    rounds: u16,
    marked: &[(&String, &Value)],
    (session, stack): (&Session, &Stack),
    aws: &Aws,
) -> Result<Vec<Report>, Failure> {
    let names = marked.iter().map(|(name, _)| aws.scope.function(name)).collect();
    let live = session.interrupt.unless(Live::read(&names, aws)).await??;
    let mut reports = Vec::new();
    for &(name, event) in marked {
        let version = live.serving(name, (session, stack), aws)?;
        let (mut report, physical) = (Report::of(name, version), aws.scope.function(name));
        let event = live.as_served(event, aws)?;
        while report.goes_on(rounds) {
            let invoked = invoke(&physical, version, &event, aws);
            report.take(session.interrupt.unless(invoked).await?);
            session.ui.detail(format_args!("{name}: {} delivered after round {}", report.delivered, report.rounds));
        }
        reports.push(report);
    }
    Ok(reports)
}

/// What tells which version serves.
struct Live {
    functions: Vec<Found<Function>>,
    release: Option<Release>,
    records: Vec<Record>,
}

impl Live {
    async fn read(names: &BTreeSet<String>, aws: &Aws) -> Result<Self, Error> {
        let (functions, release, records) =
            tokio::try_join!(Function::list(names, aws), Release::list(names, aws), history::read(aws))?;
        let release = release.into_iter().find_map(|found| match found {
            Found::Ours(release) => Some(release),
            Found::Foreign(_) => None,
        });
        Ok(Self { functions, release, records })
    }

    /// `event` with the variables of the stage, which a request would have too: they name what the function may invoke.
    fn as_served(&self, event: &Value, aws: &Aws) -> Result<Value, Error> {
        let mut event = event.clone();
        if let (Some(release), Some(members)) = (&self.release, event.as_object_mut()) {
            members.insert("stageVariables".to_owned(), json!(release.variables_on_stage(aws)?));
        }
        Ok(event)
    }

    /// The version of the function `name` that serves now, whatever its `$LATEST` is; without an API the newest one.
    fn serving(&self, name: &str, (session, stack): (&Session, &Stack), aws: &Aws) -> Result<u64, Failure> {
        let physical = aws.scope.function(name);
        let id = Id::new(Function::KIND, &physical);
        let found = self.functions.iter().find(|found| match found {
            Found::Ours(function) => function.name == physical,
            Found::Foreign(foreign) => *foreign == physical,
        });
        match found {
            None => return Err(not_deployed(session, stack)),
            Some(Found::Foreign(_)) => return Err(Error::foreign("invoke", &id).into()),
            Some(Found::Ours(_)) => {}
        }
        let version = match &self.release {
            None if stack.api.is_some() => return Err(not_deployed(session, stack)),
            None => aws.directory.versions(&physical).and_then(|versions| versions.into_keys().next_back()),
            Some(release) => {
                let record = self.records.iter().find(|record| release.serves.api() == Some(&record.api));
                let digest = record.and_then(|record| record.functions.get(&physical));
                digest.and_then(|digest| aws.directory.version(&physical, digest))
            }
        };
        version.ok_or_else(|| Failure::Other {
            error: format!("cannot tell which version of {id} serves: no record of a release says so"),
            hint: Some(format!("`memoctl deploy{}` makes one that does", session.place())),
        })
    }
}

/// The answer to `event`, which means the same however often it is given.
async fn invoke(function: &str, version: u64, event: &Value, aws: &Aws) -> Result<InvokeOutput, Error> {
    let thing = format!("{} version {version}", Id::new(Function::KIND, function));
    idempotent("invoke", &thing, || {
        let call = aws.lambda.invoke().function_name(function).qualifier(version.to_string());
        call.payload(Blob::new(event.to_string())).send()
    })
    .await
}

impl Report {
    fn of(function: &str, version: u64) -> Self {
        let function = function.to_owned();
        Self { function, version, rounds: 0, delivered: 0, failed: Vec::new(), error: None, standstills: 0 }
    }

    /// Whether nothing is left.
    fn is_done(&self) -> bool {
        self.rounds > 0 && self.error.is_none() && self.failed.is_empty()
    }

    /// Whether to invoke it once more, of at most `rounds` times.
    fn goes_on(&self, rounds: u16) -> bool {
        !self.is_done() && self.rounds < rounds && self.standstills < STANDSTILLS
    }

    /// Takes in what came of an invocation.
    fn take(&mut self, invoked: Result<InvokeOutput, Error>) {
        self.rounds += 1;
        let standing = self.standstills + 1;
        let (error, standstills) = match invoked.map(|output| answer(&output)) {
            Ok(Ok(Answer { delivered, failed })) => {
                self.delivered += delivered;
                self.failed = failed;
                (None, if delivered > 0 { 0 } else { standing })
            }
            Ok(Err(error)) => (Some(error), standing),
            Err(error) if error.passes() => (Some(error.to_string()), standing),
            Err(error) => (Some(error.to_string()), STANDSTILLS),
        };
        (self.error, self.standstills) = (error, standstills);
    }

    /// Tells a person.
    fn tell(&self, session: &Session) {
        let ui = session.ui;
        let Self { function, version, rounds, delivered, failed, error, .. } = self;
        let mut line = format!("{function}: {delivered} delivered");
        if !failed.is_empty() {
            let _ = write!(line, ", {} left", failed.len());
        }
        ui.data(line);
        for left in failed {
            ui.data(format_args!("! {function}: {}", told(left)));
        }
        if self.is_done() {
            return;
        }
        let times = count(*rounds, "time");
        let hint = format!(
            "`memoctl logs{} {function}` shows its log; `memoctl gc{}` goes on from there",
            session.place(),
            session.place()
        );
        let what = error.as_ref().map_or_else(|| "something is left".to_owned(), String::clone);
        ui.error(format_args!("{function}, version {version}, invoked {times}: {what}"), Some(&hint));
    }
}

/// The function's answer, or why there is none.
fn answer(output: &InvokeOutput) -> Result<Answer, String> {
    let payload = output.payload().map_or(&[][..], AsRef::as_ref);
    if let Some(kind) = output.function_error() {
        let told: Value = serde_json::from_slice(payload).unwrap_or_default();
        return Err(format!("it failed ({kind}): {}", told["errorMessage"].as_str().unwrap_or("it does not say why")));
    }
    serde_json::from_slice(payload).map_err(|error| {
        format!("its answer is not {{\"delivered\": NUMBER, \"failed\": [{{\"cause\": TEXT}}]}}: {error}")
    })
}

/// `user 01HF7YAT00AAAAAAAAAAAAAAAA: the memo service does not answer`.
fn told(left: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Some(members) = left.as_object() else { return text(left) };
    let others = members.iter().filter(|(name, _)| *name != "cause");
    let named: Vec<String> = others.map(|(name, value)| format!("{name} {}", text(value))).collect();
    let cause = members.get("cause").map_or_else(|| "it does not say why".to_owned(), text);
    format!("{}: {cause}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(payload: &Value, error: Option<&str>) -> InvokeOutput {
        InvokeOutput::builder()
            .payload(Blob::new(payload.to_string()))
            .set_function_error(error.map(str::to_owned))
            .build()
    }

    fn after(outputs: &[InvokeOutput]) -> Report {
        let mut report = Report::of("auth", 7);
        for output in outputs {
            report.take(Ok(output.clone()));
        }
        report
    }

    fn done() -> InvokeOutput {
        output(&json!({ "delivered": 2, "failed": [] }), None)
    }

    fn timed_out() -> InvokeOutput {
        output(&json!({ "errorMessage": "Task timed out after 10.00 seconds" }), Some("Unhandled"))
    }

    #[test]
    fn a_function_that_has_nothing_left_is_not_invoked_again() {
        let report = after(&[done()]);
        assert!(report.is_done() && !report.goes_on(20));
    }

    #[test]
    fn one_that_fails_is_invoked_again_and_what_it_delivers_is_added_up() {
        let report = after(&[done(), timed_out()]);
        assert!(!report.is_done() && report.goes_on(20));
        let report = after(&[done(), timed_out(), done()]);
        assert_eq!((report.is_done(), report.delivered, report.error), (true, 4, None));
    }

    #[test]
    fn one_that_fails_three_times_in_a_row_is_given_up() {
        assert!(after(&[timed_out(), timed_out()]).goes_on(20));
        let report = after(&[timed_out(), timed_out(), timed_out()]);
        assert!(!report.goes_on(20));
        assert_eq!(report.error.unwrap(), "it failed (Unhandled): Task timed out after 10.00 seconds");
    }

    #[test]
    fn one_that_finishes_nothing_three_times_in_a_row_is_given_up_and_not_one_that_gets_on() {
        let stuck = || output(&json!({ "delivered": 0, "failed": [{ "user": "A", "cause": "c" }] }), None);
        assert!(!after(&[stuck(), stuck(), stuck()]).goes_on(20));
        let some = output(&json!({ "delivered": 1, "failed": [{ "user": "A", "cause": "c" }] }), None);
        assert!(after(&[stuck(), stuck(), some, stuck()]).goes_on(20));
    }

    #[test]
    fn no_function_is_invoked_more_often_than_it_may() {
        let left = output(&json!({ "delivered": 1, "failed": [{ "user": "A", "cause": "c" }] }), None);
        assert!(after(std::slice::from_ref(&left)).goes_on(2));
        assert!(!after(&[left.clone(), left]).goes_on(2));
    }

    #[test]
    fn an_answer_that_says_something_else_is_an_error() {
        for answer in [json!({ "statusCode": 200 }), json!({ "delivered": 1 }), json!("done")] {
            let error = after(&[output(&answer, None)]).error.unwrap();
            assert!(error.starts_with("its answer is not "), "{error}");
        }
    }

    #[test]
    fn what_is_left_is_told_with_its_cause() {
        assert_eq!(told(&json!({ "user": "A", "cause": "no answer" })), "user A: no answer");
        assert_eq!(told(&json!("A")), "A");
    }
}
