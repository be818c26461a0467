use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::aws::lease::{Leavings, Seen, Taking};
use crate::aws::{Aws, Class, Error, wait_until};
use crate::history;
use crate::plan::{Action, Change, Id, Item as _, Plan};
use crate::resource::{self, KINDS, Live, Resource, Resources};
use crate::scope::Scope;
use crate::session::{BuildArgs, Connection, Exit, Failure, KeepArgs, LeaseArgs, Session, plan_between, wanted_ids};
use crate::stack::Stack;
use crate::ui;

/// Take in a resource that exists already: show how it differs from the stack file, ask, and tag it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The resource, as a plan names it: `table/memo-prod-memos`; an API by its id: `api/a1b2c3d4e5`
    id: String,
    #[command(flatten)]
    lease: LeaseArgs,
    #[command(flatten)]
    build: BuildArgs,
}

/// How long tags may take to be seen by all who read them.
const SEEN: Duration = Duration::from_mins(1);

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let named = parse(&args.id)?;
    let connection = Connection::open(session, &stack).await?;
    let adopted = adopt(&named, args, session, &stack, &connection.aws).await;
    connection.close().await;
    adopted
}

async fn adopt(named: &Id, args: &Args, session: &Session, stack: &Stack, aws: &Aws) -> Result<Exit, Failure> {
    let wanted = wanted_ids(stack, aws);
    let id = wanted_as(named, &wanted)?;
    // Only these two say what is built; of all others the stack file alone tells what is wanted.
    if matches!(id.kind, "function" | "api") {
        aws.artifacts.put(session.build(stack, &args.build, "release").await?.artifacts);
    }
    // Read before all else, so that it can be taken only if nobody changed anything since.
    let mut lease = session.interrupt.unless(Seen::reading(aws)).await??;
    while let Some(claim) = lease.held() {
        args.lease.wait(claim, session, aws).await?;
        lease = session.interrupt.unless(Seen::reading(aws)).await??;
    }
    let Live { ours: mut live, .. } = session.interrupt.unless(resource::live(&wanted, aws)).await??;
    let own_api = aws.directory.api(&id.name).is_some_and(|own| own == named.name);
    if live.contains_key(id) && (named == id || own_api) {
        return Ok(tell(named, &[], false, "is the stack's already", session));
    }
    let records = session.interrupt.unless(history::read(aws)).await??;
    let found = session.interrupt.unless(resource::look(named, aws)).await??;
    let found = found.ok_or_else(|| Failure::Other {
        error: format!("{named} does not exist"),
        hint: Some("`memoctl deploy` makes what the stack file wants".to_owned()),
    })?;
    unowned(named, &found, &aws.scope)?;
    live.insert(id.clone(), found);
    let plan = plan_between(stack, aws, (&live, records), &KeepArgs::default().permissions(false))?;
    let changes = changes(named, id, &plan, session)?;
    confirm(named, session, &aws.scope)?;
    let held = match lease.take(aws, "adopt").await? {
        Taking::Held(held) => held,
        Taking::First(_) => {
            return Err(Failure::Other {
                error: format!("cannot adopt {named}: somebody else changed {}/{} meanwhile", stack.name, stack.stage),
                hint: Some("run the same command again".to_owned()),
            });
        }
    };
    let tagged = tag(id, &plan, aws).await;
    // Of what went wrong halfway nobody knows what it left.
    let before = held.leavings().clone();
    let left = tagged.as_ref().ok().and_then(|live| Some(before.left?.with(id, live)));
    held.leaving(Leavings { left, ..before }).free().await?;
    tagged?;
    Ok(tell(named, &changes, true, "is the stack's now; `memoctl plan` shows what a deploy changes of it", session))
}

/// Reads `KIND/NAME`.
fn parse(text: &str) -> Result<Id, Failure> {
    let (kind, name) = text.split_once('/').unwrap_or((text, ""));
    match KINDS.iter().find(|known| **known == kind) {
        Some(kind) if !name.is_empty() => Ok(Id::new(kind, name)),
        Some(kind) => Err(Failure::Usage {
            error: format!("`{text}` names no resource"),
            hint: format!("`{kind}/NAME`, as `memoctl plan` shows it"),
        }),
        None => Err(Failure::Usage {
            error: format!("cannot adopt `{text}`: there is no kind `{kind}`"),
            hint: format!("the kinds are {}", KINDS.join(", ")),
        }),
    }
}

/// The wanted resource that `named` is to become. An API has its name only once it is adopted.
fn wanted_as<'a>(named: &Id, wanted: &'a BTreeSet<Id>) -> Result<&'a Id, Failure> {
    let same = |id: &&Id| *id == named || (named.kind == "api" && id.kind == "api");
    wanted.iter().find(same).ok_or_else(|| {
        let known: Vec<String> = wanted.iter().filter(|id| id.kind == named.kind).map(ToString::to_string).collect();
        Failure::Usage {
            error: format!(
                "cannot adopt {named}: the stack file wants no resource of that name, and a deploy would delete it"
            ),
            hint: match known.as_slice() {
                [] => format!("the stack file wants no {} at all: add it first", named.kind),
                known => {
                    format!("it wants {}: names are `<stack>-<stage>-<name>`, and cannot be chosen", known.join(", "))
                }
            },
        }
    })
}

/// Refuses what another stack owns.
fn unowned(named: &Id, found: &Resource, scope: &Scope) -> Result<(), Failure> {
    match Scope::owner(found.tags()) {
        Some(owner) if !scope.owns(found.tags()) => {
            let error = Error::refused("adopt", named, format!("it belongs to {owner}"));
            let hint = "once that stack has let go of it, take the tags memoctl:stack and memoctl:stage off it";
            Err(Error { class: Class::Foreign, ..error }.hint(hint).into())
        }
        Some(_) | None => Ok(()),
    }
}

/// Shows what a deploy would change of it, and refuses what no deploy can.
fn changes(named: &Id, id: &Id, plan: &Plan<Resource>, session: &Session) -> Result<Vec<Change>, Failure> {
    let mut changes = Vec::new();
    let mut fixed = Vec::new();
    for (_, step) in plan.work().filter(|((of, _), _)| of == id) {
        match &step.action {
            Action::Update { changes: some, .. } => changes.extend(some.iter().cloned()),
            Action::Replace { changes: some, forced_by, .. } => {
                changes.extend(some.iter().cloned());
                fixed.extend(forced_by.iter().cloned());
            }
            Action::Keep { .. } | Action::Create { .. } | Action::Delete { .. } => {}
        }
    }
    session.ui.talk(ui::plan::difference(named, &changes));
    if fixed.is_empty() {
        return Ok(changes);
    }
    Err(Failure::Other {
        error: format!("cannot adopt {named}: {} cannot be changed in place", fixed.join(", ")),
        hint: Some(
            "where the stack file has a key for that, let it say what the resource has; else leave the resource alone, and \
             use another stage or stack name, with which all names are others"
                .to_owned(),
        ),
    })
}

/// Puts the tags on it, waits until they are seen, and gives what is live then.
async fn tag(id: &Id, plan: &Plan<Resource>, aws: &Aws) -> Result<Resources, Error> {
    if let Some(wanted) = wanted_of(id, plan) {
        wanted.tag(aws).await?;
    }
    wait_until(id, "tagged", SEEN, || async {
        let found = resource::live(&BTreeSet::from([id.clone()]), aws).await?.ours;
        Ok(found.contains_key(id).then_some(found))
    })
    .await
}

fn wanted_of<'a>(id: &Id, plan: &'a Plan<Resource>) -> Option<&'a Resource> {
    plan.steps.iter().find_map(|((of, _), step)| match &step.action {
        Action::Update { new, .. } if of == id && new.id() == *id => Some(new),
        _ => None,
    })
}

fn confirm(named: &Id, session: &Session, scope: &Scope) -> Result<(), Failure> {
    let into = format!("{}/{} in {}, account {}", scope.stack, scope.stage, scope.region, scope.account);
    match session
        .ui
        .confirm(format_args!("Adopt {named} into {into}? A deploy will change it, and a destroy take it away."))
    {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::Other { error: format!("{named} stays as it is"), hint: None }),
        None => Err(Failure::Usage {
            error: format!("adopting {named} needs a yes, and nobody is here to give it"),
            hint: "look at the difference, then add `--yes`".to_owned(),
        }),
    }
}

fn tell(named: &Id, changes: &[Change], adopted: bool, what: &str, session: &Session) -> Exit {
    if session.ui.is_json() {
        session.ui.document(&json!({ "id": named, "adopted": adopted, "changes": changes }));
    } else {
        session.ui.data(format_args!("{named} {what}"));
    }
    Exit::Done
}
