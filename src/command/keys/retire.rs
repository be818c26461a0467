use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::set::over;
use super::{Changing, Found, Purpose, difference};
use crate::aws::Aws;
use crate::plan::{Action, Phase, Plan, Rules};
use crate::resource::signing_key::{Act, SigningKey, Standing};
use crate::resource::{Resource, Resources, release};
use crate::session::{Exit, Failure, LeaseArgs, Session};

/// Drop retired keys whose overlap is over; with --emergency, keys in use, at once and everywhere
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The signing key's name in the stack file
    name: String,
    /// This key alone, by its id in `memoctl keys list`
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// Drop keys that are in use, at once and everywhere: without --key all of the set, which one new key replaces. A
    /// release is made that starts afresh, and what the dropped keys signed is refused from then on. Asks first
    #[arg(long)]
    emergency: bool,
    #[command(flatten)]
    lease: LeaseArgs,
}

/// As the lease tells it.
pub(super) const VERB: &str = "retire keys";

/// How long after a run was killed its caller repeats it, and does not ask anew.
pub(super) const REPEATED: Duration = Duration::from_hours(1);

pub(super) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let changing = Changing { name: &args.name, verb: VERB, lease: &args.lease, session };
    let decide = |found: Found<'_>, aws: &Aws| {
        if args.emergency { emergency(args, &found, aws) } else { plan(args, &found, aws.skew.now()) }
    };
    changing.make(decide).await
}

fn plan(args: &Args, found: &Found<'_>, now: Timestamp) -> Result<(Plan<Resource>, Purpose), Failure> {
    found.settled()?;
    let (name, overlap) = (found.name, found.declared.overlap);
    let keys = found.contents.keys(now);
    if let Some(gone) = found.gone(args.key.as_deref()) {
        return Ok(gone);
    }
    let named = args.key.as_deref().map(|id| found.named(id, now)).transpose()?;
    if let Some((id, standing @ (Standing::Active { .. } | Standing::Next { .. }))) = &named {
        return Err(Failure::Other {
            error: format!("cannot retire {id}: of {name} it is the {} key", standing.name()),
            hint: Some(format!("`memoctl keys rotate {name}` makes the next one; `--emergency` drops it at once")),
        });
    }
    let mut retired: Vec<(&str, Timestamp)> = Vec::new();
    for (id, standing) in &keys {
        let is_meant = named.as_ref().is_none_or(|(named, _)| named == id);
        match standing {
            Standing::Retired { since } if is_meant => retired.push((id, over(*since, overlap))),
            Standing::Retired { .. } | Standing::Active { .. } | Standing::Next { .. } => {}
        }
    }
    let due: BTreeSet<String> =
        retired.iter().filter(|(_, over)| *over <= now).map(|(id, _)| (*id).to_owned()).collect();
    if !due.is_empty() {
        let dropped = due.iter().map(|id| difference(id, Some("retired"), None)).collect();
        return Ok((found.plan(Some(found.contents.order(Act::Retire(due))), dropped), Purpose::default()));
    }
    let mended = found.mended();
    match retired.into_iter().min_by_key(|(_, over)| *over) {
        Some((id, over)) if mended.is_empty() => Err(Failure::Other {
            error: format!("cannot retire {id} of {name} before {over:.0}: until then what it signed is to verify"),
            hint: Some(format!(
                "run the same command from {over:.0} on; `--emergency` drops it now, and with it what it signed"
            )),
        }),
        Some(_) | None => {
            let note = format!("nothing to retire: no key of {name} is retired");
            Ok((mended, Purpose { note: Some(note), ..Purpose::default() }))
        }
    }
}

fn emergency(args: &Args, found: &Found<'_>, aws: &Aws) -> Result<(Plan<Resource>, Purpose), Failure> {
    let now = aws.skew.now();
    let contents = &found.contents;
    if let Some(gone) = found.gone(args.key.as_deref()).filter(|_| !contents.is_unsettled()) {
        return Ok(gone);
    }
    let act = match args.key.as_deref() {
        // It was dropped, and that is not over.
        Some(id) if contents.had(id) => Act::Finish,
        Some(id) => Act::Drop(Some(found.named(id, now)?.0)),
        // The repetition of a run that was killed. Whoever asks anew means the keys that are in use now, those too that an
        // earlier emergency has made, whether it is over or not.
        None if found.is_replaced() && contents.is_unsettled() => Act::Finish,
        // All but its end was done.
        None if found.is_replaced() => return Ok(found.ended()),
        None => Act::Drop(None),
    };
    let generation = contents.generation() + u32::from(act != Act::Finish);
    let dropped: Vec<(String, Standing)> = match &act {
        Act::Drop(id) => {
            contents.keys(now).into_iter().filter(|(key, _)| id.as_ref().is_none_or(|id| id == key)).collect()
        }
        Act::Finish | Act::Rotate | Act::Retire(_) => Vec::new(),
    };
    let key = SigningKey {
        generation,
        unsettled: false,
        public: true,
        orders: contents.order(act.clone()),
        ..found.key.clone()
    };
    let with = |key: &SigningKey| -> Resources {
        found.live.clone().into_iter().chain([(found.id(), Resource::SigningKey(key.clone()))]).collect()
    };
    let served = release::served(&found.live).and_then(|served| served.serves.api());
    let record = found.records.iter().find(|record| Some(&record.api) == served);
    let mut purpose = Purpose::default();
    let mut wanted = with(&key);
    match release::afresh(&wanted, record) {
        Ok(changed) => wanted.extend(changed),
        Err(why) => {
            wanted = with(&SigningKey { unsettled: true, ..key });
            purpose.stuck = Some(why);
        }
    }
    let mut plan = Plan::between(&wanted, &found.live, &Rules::default()).of_live();
    if let Some(step) = plan.steps.get_mut(&(found.id(), Phase::Prepare))
        && let Action::Update { changes, .. } = &mut step.action
    {
        changes.extend(dropped.iter().map(|(id, standing)| difference(id, Some(standing.name()), None)));
        if dropped.iter().any(|(_, standing)| matches!(standing, Standing::Active { .. })) {
            changes.push(difference("(new)", None, Some("active")));
        }
    }
    if !dropped.is_empty() {
        let ids: Vec<&str> = dropped.iter().map(|(id, _)| id.as_str()).collect();
        let (ids, name) = (ids.join(", "), found.name);
        let drop = match &args.key {
            Some(_) => format!("Drop the key {ids} of {name} now?"),
            None => format!("Replace all keys of {name} now, {ids}?"),
        };
        purpose.question =
            Some(format!("{drop} What was signed by what is dropped is refused from then on, everywhere."));
    }
    Ok((plan, purpose))
}

impl Found<'_> {
    /// The key with that id; an error that names the ids that there are.
    fn named(&self, id: &str, now: Timestamp) -> Result<(String, Standing), Failure> {
        let keys = self.contents.keys(now);
        let ids: Vec<String> = keys.iter().map(|(id, _)| id.clone()).collect();
        keys.into_iter().find(|(key, _)| key == id).ok_or_else(|| Failure::Usage {
            error: format!("{} has no key `{id}`", self.name),
            hint: format!("it has: {}", ids.join(", ")),
        })
    }

    /// Whether a run that was killed, and that this one repeats, has replaced all keys.
    fn is_replaced(&self) -> bool {
        self.cut_short.is_some_and(|since| self.contents.is_replaced_since(since))
    }

    /// The plan where the key `id` was dropped before: there is nothing to do but what is left of that.
    fn gone(&self, id: Option<&str>) -> Option<(Plan<Resource>, Purpose)> {
        let id = id.filter(|id| self.contents.had(id))?;
        let note = format!("nothing to retire: the key {id} of {} is gone already", self.name);
        Some((self.mended(), Purpose { note: Some(note), ..Purpose::default() }))
    }

    /// The plan where all keys were replaced by a run that was cut short before it ended: to end it, so that who repeats its
    /// command does not replace them once more, and who does so after that does.
    fn ended(&self) -> (Plan<Resource>, Purpose) {
        let note = format!("the keys of {} were replaced by the run that was cut short", self.name);
        let ended = difference("(cut short)", Some("replaced"), Some("done"));
        let plan = self.plan(Some(self.contents.order(Act::Finish)), vec![ended]);
        (plan, Purpose { note: Some(note), ..Purpose::default() })
    }

    /// Refuses to go on beside a drop that is not over.
    pub(super) fn settled(&self) -> Result<(), Failure> {
        if !self.contents.is_unsettled() {
            return Ok(());
        }
        Err(Failure::Other {
            error: format!("keys of {} were dropped at once, and that is not over", self.name),
            hint: Some(self.contents.finish(self.name)),
        })
    }

    /// The plan that publishes what belongs to the private set; nothing where that is published.
    pub(super) fn mended(&self) -> Plan<Resource> {
        let orders = (!self.contents.is_published()).then(|| self.contents.order(Act::Finish));
        let changes = orders.iter().map(|_| difference("(published)", Some("stale"), Some("derived"))).collect();
        self.plan(orders, changes)
    }
}
