//! `memoctl keys`: the keys in the key sets of the stack.

mod list;
mod retire;
mod rotate;
mod set;

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use self::set::Set;
use super::outputs::not_deployed;
use crate::aws::Aws;
use crate::aws::lease::{Holder, Seen};
use crate::history::{self, Record};
use crate::plan::{Action, Change as Difference, Id, Phase, Plan, Step};
use crate::resource::signing_key::{Contents, Orders, SigningKey};
use crate::resource::{Kind as _, Resource, Resources};
use crate::session::{Change, Connection, Exit, Failure, LeaseArgs, Session, live, wanted_ids};
use crate::stack::{self, Stack};
use crate::ui;

/// List the keys that sign and verify, make the next one, drop old ones
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    List(list::Args),
    Rotate(rotate::Args),
    Retire(retire::Args),
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::List(args) => list::run(args, session).await,
        Verb::Rotate(args) => rotate::run(args, session).await,
        Verb::Retire(args) => retire::run(args, session).await,
    }
}

/// A signing key that is to be changed, and all that is live beside it.
struct Found<'a> {
    name: &'a str,
    declared: &'a stack::SigningKey,
    key: SigningKey,
    contents: Contents,
    live: Resources,
    records: Vec<Record>,
    /// Since when a run of this very caller was retiring keys that was killed a short time ago: this one may be its
    /// repetition.
    cut_short: Option<Timestamp>,
}

/// What a plan was made for.
#[derive(Default)]
struct Purpose {
    /// What is told of why no more is to be done.
    note: Option<String>,
    /// The question that has to be answered with yes.
    question: Option<String>,
    /// Why it cannot all be done.
    stuck: Option<String>,
}

/// A change of the keys of one set.
struct Changing<'a> {
    /// The set's name in the stack file.
    name: &'a str,
    verb: &'static str,
    lease: &'a LeaseArgs,
    session: &'a Session,
}

impl Changing<'_> {
    /// Makes the change that `decide` wants of what is found, and tells what the keys are then.
    async fn make(
        self,
        decide: impl Fn(Found<'_>, &Aws) -> Result<(Plan<Resource>, Purpose), Failure>,
    ) -> Result<Exit, Failure> {
        let (session, stack) = (self.session, self.session.stack()?);
        declared(self.name, &stack)?;
        let connection = Connection::ahead(session, &stack).await?;
        let changed = self.change(&stack, &connection.aws, decide).await;
        connection.close().await;
        changed
    }

    async fn change(
        self,
        stack: &Stack,
        aws: &Aws,
        decide: impl Fn(Found<'_>, &Aws) -> Result<(Plan<Resource>, Purpose), Failure>,
    ) -> Result<Exit, Failure> {
        let Self { name, session, .. } = self;
        let (ui, halted) = (&session.ui, RefCell::new(None));
        let plan = async |aws: &Aws, _: &_| {
            let (plan, purpose) = decide(find(name, stack, session, aws).await?, aws)?;
            halted.replace(purpose.stuck.clone());
            Ok((plan, purpose))
        };
        let approve = |plan: &Plan<Resource>, purpose: &Purpose, _: &Aws| {
            if let Some(note) = &purpose.note {
                ui.talk(note);
            }
            if plan.is_empty() {
                return Ok(());
            }
            ui.talk(ui::plan::human(plan, ui.verbose));
            plan.accepted().map_err(|refusals| Failure::Refused { refusals })?;
            purpose.question.as_ref().map_or(Ok(()), |question| consent(name, question, session))
        };
        let look = async |_: &_, _: &_| set(name, stack, aws).await;
        let change = Change { session, aws, verb: self.verb, lease: self.lease };
        let (changed, set) = change.make_and_look(plan, approve, look).await?;
        changed.summary.tell(ui);
        let set = set?;
        if ui.is_json() {
            ui.event(&json!({ "event": "keys", "set": set }));
        } else {
            set.lines().into_iter().for_each(|line| ui.data(line));
        }
        match halted.take() {
            Some(why) if changed.outcome.succeeded() => Err(Failure::Other {
                error: format!("the keys of {name} are dropped, but what runs does not start afresh: {why}"),
                hint: Some(format!(
                    "what runs learns of it within 5 minutes; `memoctl deploy{0}` makes a release that starts afresh (a \
                     canary is first to be ended, by `memoctl promote{0}` or `memoctl rollback{0}`)",
                    session.place()
                )),
            }),
            Some(_) | None => Ok(changed.exit()),
        }
    }
}

/// What the stack file says of a set.
fn declared<'a>(name: &str, stack: &'a Stack) -> Result<&'a stack::SigningKey, Failure> {
    stack.signing_keys.get(name).ok_or_else(|| {
        let known: Vec<&str> = stack.signing_keys.keys().map(String::as_str).collect();
        Failure::Usage {
            error: format!("the stack has no signing key `{name}`"),
            hint: if known.is_empty() { "it has none".to_owned() } else { format!("it has: {}", known.join(", ")) },
        }
    })
}

async fn find<'a>(name: &'a str, stack: &'a Stack, session: &Session, aws: &Aws) -> Result<Found<'a>, Failure> {
    let declared = declared(name, stack)?;
    let wanted = wanted_ids(stack, aws);
    let records = async { Ok(session.interrupt.unless(history::read(aws)).await??) };
    let lease = async { Ok(session.interrupt.unless(Seen::reading(aws)).await??) };
    let (live, records, lease) = tokio::try_join!(live(&wanted, session, aws), records, lease)?;
    if live.is_empty() {
        return Err(not_deployed(session, stack));
    }
    let key = SigningKey::find(&aws.scope.signing_key(name), &live).filter(|key| key.private);
    let key = key.cloned().ok_or_else(|| unmade(name, session))?;
    let contents = session.interrupt.unless(key.contents(aws)).await??;
    let cut_short = match lease.unfinished().filter(|claim| claim.doing == retire::VERB) {
        Some(claim) => {
            let holder = Holder::this_process(&session.interrupt.unless(aws.author()).await??.by);
            claim.is_recent_of(&holder, (retire::REPEATED, aws.skew.now())).then_some(claim.since)
        }
        None => None,
    };
    Ok(Found { name, declared, key, contents, live, records, cut_short })
}

/// The failure where a set that the stack file has is not there.
fn unmade(name: &str, session: &Session) -> Failure {
    Failure::Other {
        error: format!("the signing key {name} is not made yet"),
        hint: Some(format!("`memoctl deploy{}` makes it", session.place())),
    }
}

/// What the set is now.
async fn set(name: &str, stack: &Stack, aws: &Aws) -> Result<Set, Failure> {
    let path = aws.scope.signing_key(name);
    let found = SigningKey::look(&path, aws).await?;
    let key = found.ok_or_else(|| Failure::Other { error: format!("{path} is gone"), hint: None })?;
    let contents = key.contents(aws).await?;
    Ok(Set::of(name, &key, declared(name, stack)?.overlap, Some(&contents), aws.skew.now()))
}

fn consent(name: &str, question: &str, session: &Session) -> Result<(), Failure> {
    match session.ui.confirm(question) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::Other { error: format!("the keys of {name} stay as they are"), hint: None }),
        None => Err(Failure::Usage {
            error: format!("dropping keys of {name} that are in use needs a yes, and nobody is here to give it"),
            hint: "add `--yes`".to_owned(),
        }),
    }
}

impl Found<'_> {
    /// The plan that changes the key alone, by `orders`; nothing without any.
    fn plan(&self, orders: Option<Orders>, changes: Vec<Difference>) -> Plan<Resource> {
        let mut plan = Plan::between(&self.live, &self.live, &crate::plan::Rules::default()).of_live();
        if let Some(orders) = orders {
            let new = Resource::SigningKey(SigningKey { orders, public: true, ..self.key.clone() });
            let old = Resource::SigningKey(self.key.clone());
            let step = Step { action: Action::Update { old, new, changes }, after: BTreeSet::new() };
            plan.steps.insert((self.key.id(), Phase::Prepare), step);
        }
        plan
    }

    fn id(&self) -> Id {
        self.key.id()
    }
}

/// A key that changes, as a plan shows it: `keys.ID: "active" -> (none)`.
fn difference(id: &str, from: Option<&str>, to: Option<&str>) -> Difference {
    Difference { field: format!("keys.{id}"), from: json!(from), to: json!(to) }
}
