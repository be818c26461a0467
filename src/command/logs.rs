use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::outputs::not_deployed;
use crate::aws::{Aws, Error, idempotent};
use crate::plan::Id;
use crate::session::{Connection, Exit, Failure, Session};
use crate::stack::Stack;
use crate::ui::Ui;
use crate::ui::log::{Event, human};

/// Show the logs of functions
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Functions by their names in the stack file; all when none is named
    functions: Vec<String>,
    /// Go on with what comes, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// How far back: 90s, 10m, 2h, 1d, or a time such as 2026-11-20T08:00:00Z
    #[arg(long, default_value = "10m", value_parser = since)]
    since: Timestamp,
}

/// The time between two looks at a log.
const PAUSE: Duration = Duration::from_secs(1);

/// Events of one group may show in another order than they happened, this late.
const LATE: i64 = 5_000;

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let names =
        if args.functions.is_empty() { stack.functions.keys().cloned().collect() } else { args.functions.clone() };
    for name in &names {
        known(name, &stack)?;
    }
    let connection = Connection::open(session, &stack).await?;
    let mut follower = Follower::new(&names, args.since, &connection.aws);
    let read = session.interrupt.unless(follower.read(&session.ui, &connection.aws, args.follow)).await;
    connection.close().await;
    match read {
        // Each function's group is made before the function.
        Ok(Err(error)) if error.is("ResourceNotFoundException") => return Err(not_deployed(session, &stack)),
        Ok(done) => done?,
        // Ctrl-C is how following ends.
        Err(Failure::Interrupted) if args.follow => {}
        Err(failure) => return Err(failure),
    }
    Ok(Exit::Done)
}

/// The physical name of a function of the stack.
pub(super) fn physical(name: &str, stack: &Stack, aws: &Aws) -> Result<String, Failure> {
    known(name, stack).map(|()| aws.scope.function(name))
}

fn known(name: &str, stack: &Stack) -> Result<(), Failure> {
    if stack.functions.contains_key(name) {
        return Ok(());
    }
    let names: Vec<&str> = stack.functions.keys().map(String::as_str).collect();
    Err(Failure::Usage {
        error: format!("the stack file has no function `{name}`"),
        hint: format!("it has: {}", names.join(", ")),
    })
}

fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let wrong = || format!("{text:?} is neither a duration such as 10m nor a time such as 2026-11-20T08:00:00Z");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    Timestamp::now().checked_sub(SignedDuration::from_secs(number.saturating_mul(seconds))).map_err(|_| wrong())
}

/// Reads logs on from where it stands, each event once.
pub(super) struct Follower {
    groups: Vec<Group>,
}

struct Group {
    function: String,
    name: String,
    from: i64,
    /// The ids of events at or after `from` that were shown.
    seen: BTreeSet<(i64, String)>,
}

impl Follower {
    pub(super) fn new(functions: &[String], since: Timestamp, aws: &Aws) -> Self {
        let group = |function: &String| Group {
            function: function.clone(),
            name: aws.scope.log_group(function),
            from: since.as_millisecond(),
            seen: BTreeSet::new(),
        };
        Self { groups: functions.iter().map(group).collect() }
    }

    /// Shows what is there, and with `follow` what comes, for as long as it is polled.
    pub(super) async fn read(&mut self, ui: &Ui, aws: &Aws, follow: bool) -> Result<(), Error> {
        loop {
            let news = futures_util::future::try_join_all(self.groups.iter_mut().map(|group| group.news(aws))).await?;
            let mut events: Vec<Event> = news.into_iter().flatten().collect();
            events.sort_by_key(|event| event.timestamp);
            for event in events {
                if ui.is_json() {
                    ui.event(&event);
                } else if let Some(line) = human(&event, ui.verbose) {
                    ui.data(line);
                }
            }
            if !follow {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Group {
    async fn news(&mut self, aws: &Aws) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        let mut next = None;
        loop {
            let id = Id::new("log_group", &*self.name);
            let page = idempotent("read", &id, || {
                let request = aws.logs.filter_log_events().log_group_name(&self.name);
                request.start_time(self.from).set_next_token(next.clone()).send()
            });
            let page = page.await?;
            for event in page.events.unwrap_or_default() {
                let timestamp = event.timestamp.unwrap_or_default();
                let id = event.event_id.unwrap_or_default();
                if self.seen.insert((timestamp, id)) {
                    events.push(Event {
                        function: self.function.clone(),
                        timestamp,
                        stream: event.log_stream_name.unwrap_or_default(),
                        message: event.message.unwrap_or_default(),
                    });
                }
            }
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        if let Some((newest, _)) = self.seen.last() {
            self.from = self.from.max(newest - LATE);
            self.seen = self.seen.split_off(&(self.from, String::new()));
        }
        Ok(events)
    }
}
