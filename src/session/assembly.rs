//! From what is wanted and what is live to a plan, and the walk over it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Failure, Foresight, Session};
use crate::apply::{Because, Outcome, apply};
use crate::aws::{self, Aws};
use crate::finding::{Finding, findings};
use crate::history::{self, Kept, Record};
use crate::package::{Artifact, Artifacts};
use crate::plan::{Id, Item as _, Plan, Rules};
use crate::resource::distribution::Distribution;
use crate::resource::function::Function;
use crate::resource::release::{self, Release};
use crate::resource::signing_key::SigningKey;
use crate::resource::site::Site;
use crate::resource::{self, Blueprint, Doing, Kind as _, Live, Resource, Resources};
use crate::stack::{self, Stack};
use crate::ui::progress::Progress;

/// The ids of everything that `stack` wants: they are the same whatever is built and whatever is live.
pub fn wanted_ids(stack: &Stack, aws: &Aws) -> BTreeSet<Id> {
    let unbuilt: Artifacts = stack.functions.keys().map(|name| (name.clone(), Artifact::new(Vec::new()))).collect();
    let blueprint =
        Blueprint { stack, scope: &aws.scope, artifacts: &unbuilt, live: &Resources::new(), kept: &Kept::NOTHING };
    resource::desired(&blueprint).into_keys().collect()
}

/// Reads what is live, and stops at what is somebody else's.
pub async fn live(wanted: &BTreeSet<Id>, session: &Session, aws: &Aws) -> Result<Resources, Failure> {
    watched(wanted, session, aws, |_| {}).await
}

/// As [`live`]; `seen` gets what is live of each kind as soon as that is read.
async fn watched(
    wanted: &BTreeSet<Id>,
    session: &Session,
    aws: &Aws,
    seen: impl Fn(&Resources),
) -> Result<Resources, Failure> {
    let Live { ours, foreign } = session.interrupt.unless(resource::live_by_kind(wanted, aws, seen)).await??;
    if foreign.is_empty() { Ok(ours) } else { Err(Failure::Foreign { ids: foreign }) }
}

/// What the person allows and keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permissions {
    /// `--keep`: releases to keep, the new one included.
    pub keep: usize,
    pub delete_data: bool,
    pub allow_downtime: bool,
    /// `--canary`: the percentage of the calls that a new release gets at first.
    pub canary: Option<f64>,
}

/// The plan that makes the cloud what `stack` wants, with the handlers that are built; and what was found beside it.
pub async fn plan_deploy(
    stack: &Stack,
    session: &Session,
    aws: &Aws,
    foresight: &Foresight,
    permissions: &Permissions,
) -> Result<(Plan<Resource>, Vec<Finding>), Failure> {
    let (live, records) = read(stack, session, aws, foresight).await?;
    planned(stack, aws, (&live, records), permissions)
}

/// The plan of a deploy and what was found beside it, from what was read.
pub fn planned(
    stack: &Stack,
    aws: &Aws,
    (live, records): (&Resources, Vec<Record>),
    permissions: &Permissions,
) -> Result<(Plan<Resource>, Vec<Finding>), Failure> {
    let findings = findings(stack, &aws.scope, live, &records);
    Ok((plan_between(stack, aws, (live, records), permissions)?, findings))
}

/// All that `stack` wants, as far as that is known when of what is live only `seen` was read.
pub(super) fn anew(stack: &Stack, aws: &Aws, seen: &Resources) -> Resources {
    let artifacts = aws.artifacts.all();
    let blueprint = Blueprint { stack, scope: &aws.scope, artifacts: &artifacts, live: seen, kept: &Kept::NOTHING };
    let mut anew = resource::desired(&blueprint);
    // Which code is wanted is not known before it is built, nor what a function is told of its keys before they are read.
    let is_known = |function: &stack::Function| {
        let mut keys = function.signing_keys.keys();
        !artifacts.is_empty() && keys.all(|key| SigningKey::find(&aws.scope.signing_key(key), seen).is_some())
    };
    let unknown = stack.functions.iter().filter(|(_, function)| !is_known(function));
    for (name, _) in unknown {
        anew.remove(&Id::new(Function::KIND, aws.scope.function(name)));
    }
    // Nor of what the page is made.
    if artifacts.files.is_empty() {
        anew.remove(&Id::new(Site::KIND, aws.scope.site_bucket()));
        anew.remove(&Id::new(Distribution::KIND, aws.scope.site()));
    }
    anew
}

/// Reads what a deploy of `stack` is planned from: what is live, and the records of the releases.
pub async fn read(
    stack: &Stack,
    session: &Session,
    aws: &Aws,
    foresight: &Foresight,
) -> Result<(Resources, Vec<Record>), Failure> {
    let wanted = wanted_ids(stack, aws);
    let seen = |live: &Resources| foresight.compare(live, |seen| anew(stack, aws, seen));
    let records = async { Ok(session.interrupt.unless(history::read(aws)).await??) };
    tokio::try_join!(watched(&wanted, session, aws, seen), records)
}

/// The plan of a deploy, from what was read: what is live, and the records, newest first.
pub fn plan_between(
    stack: &Stack,
    aws: &Aws,
    (live, records): (&Resources, Vec<Record>),
    permissions: &Permissions,
) -> Result<Plan<Resource>, Failure> {
    let artifacts = aws.artifacts.all();
    let unkept = Blueprint { stack, scope: &aws.scope, artifacts: &artifacts, live, kept: &Kept::NOTHING };
    let kept = release::kept(&unkept, records, permissions.keep, permissions.canary.is_some());
    let mut wanted = resource::desired(&Blueprint { kept: &kept, ..unkept });
    if let Some(percent) = permissions.canary {
        as_canary(&mut wanted, live, percent)?;
    }
    Ok(Plan::between(&wanted, live, &permissions.rules(release::retained(&kept, live))))
}

/// Makes of the wanted release a canary beside the live one, unless that serves it already.
fn as_canary(wanted: &mut Resources, live: &Resources, percent: f64) -> Result<(), Failure> {
    for (id, resource) in wanted {
        if let (Resource::SigningKey(key), Some(Resource::SigningKey(live))) = (&mut *resource, live.get(id)) {
            // What started before keys were dropped goes on serving beside a canary.
            key.unsettled = live.unsettled;
        }
        let Resource::Release(release) = resource else { continue };
        let Some(Resource::Release(live)) = live.get(id) else {
            return Err(Failure::Usage {
                error: format!("{id} does not serve yet, so that a canary would have nothing beside it"),
                hint: "make the first release without --canary".to_owned(),
            });
        };
        if release.serves != live.serves {
            *release = release.clone().beside(live, percent);
        } else if release.page != live.page {
            return Err(Failure::Usage {
                error: "the page alone has changed, and a canary has no page of its own: all callers would get it"
                    .to_owned(),
                hint: "deploy without --canary".to_owned(),
            });
        }
    }
    Ok(())
}

/// The plan that moves the live release to `release`, and does nothing else.
pub fn plan_move(release: Release, live: &Resources) -> Plan<Resource> {
    let release = Resource::Release(release);
    let wanted: Resources = live.clone().into_iter().chain([(release.id(), release)]).collect();
    Plan::between(&wanted, live, &Rules::default()).of_live()
}

/// The plan that takes away all that the stack has. Those of `names`, which the stack file wants, are found without a
/// list.
pub async fn plan_destroy(
    session: &Session,
    names: &BTreeSet<Id>,
    aws: &Aws,
    foresight: &Foresight,
    permissions: &Permissions,
) -> Result<Plan<Resource>, Failure> {
    let seen = |live: &Resources| {
        // Data may stay, and what needs it; all else goes, if nobody can say no to that.
        if session.ui.agrees() && live.values().any(|resource| !resource.holds_data()) {
            foresight.work();
        }
    };
    // Somebody else's things under these names are none of a destroy's business.
    let live = session.interrupt.unless(resource::live_by_kind(names, aws, seen)).await??.ours;
    Ok(Plan::between(&Resources::new(), &live, &permissions.rules(BTreeSet::new())))
}

impl Permissions {
    fn rules(&self, retained: BTreeSet<Id>) -> Rules {
        Rules { delete_data: self.delete_data, allow_downtime: self.allow_downtime, retained }
    }
}

/// Walks `plan`, showing how it goes, until it is done, interrupted, or `stop` gives a reason to start nothing more.
pub(super) async fn walk(
    plan: &Plan<Resource>,
    session: &Session,
    aws: &Aws,
    stop: impl Fn() -> Option<Because>,
) -> Outcome<aws::Error> {
    let mut progress = Progress::new(session.ui);
    let stop = || stop().or_else(|| session.interrupt.requested().then_some(Because::Interrupted));
    apply(plan, &Doing::new(aws), stop, |event| progress.show(&event)).await
}
