//! What a destroy leaves: read again from the cloud by name, by tag and by path.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::{Outcome, Status};
use crate::aws::{Aws, Error};
use crate::plan::{Action, Id, Plan, Why};
use crate::resource::{self, Live, Resource, log_group};
use crate::session::Failure;
use crate::ui::progress::because;
use crate::ui::receipt::{Receipt, Stay, Staying};

/// Reads what is left. `names` are those that the stack file wants, `api` is the id of the API that was there before.
pub(super) async fn receipt(
    (plan, outcome): (&Plan<Resource>, &Outcome<Error>),
    names: &BTreeSet<Id>,
    api: Option<&str>,
    aws: &Aws,
) -> Result<Receipt, Failure> {
    aws.directory.forget_page();
    let before: BTreeSet<Id> = plan.live().into_keys().cloned().collect();
    let names: BTreeSet<Id> = names.union(&before).cloned().collect();
    let logs = async {
        match api {
            Some(api) => log_group::execution_logs(api, aws).await,
            None => Ok(Vec::new()),
        }
    };
    let (bucket, prefix) = (aws.bucket(), format!("{}/{}/", aws.scope.stack, aws.scope.stage));
    let (Live { ours, foreign }, logs, objects) =
        tokio::try_join!(resource::live(&names, aws), logs, bucket.list(&prefix))?;

    let mut stays: BTreeMap<String, Staying> = BTreeMap::new();
    stays.extend(foreign.iter().map(|id| (id.to_string(), Staying::Foreign)));
    stays.extend(ours.keys().map(|id| (id.to_string(), why(id, (plan, outcome), aws))));
    stays.extend(logs.into_iter().map(|name| {
        // As long as the API is there, so may be its logs: it is the API that says why.
        let api = ours.keys().find(|id| id.kind == "api");
        let why = api.map_or(Staying::WrittenAgain, |_| Staying::Needed);
        (Id::new("log_group", name).to_string(), why)
    }));
    let leavings = objects.iter().filter(|key| **key != aws.scope.lease_key());
    stays.extend(leavings.map(|key| (format!("{bucket}/{key}"), Staying::There)));
    if !objects.is_empty() {
        stays.insert(bucket.to_string(), Staying::Shared);
    }

    let gone = before.iter().filter(|id| !ours.contains_key(id) && !foreign.contains(id)).map(ToString::to_string);
    let removed = aws.directory.removed().into_iter().map(|group| Id::new("log_group", group).to_string());
    let gone: BTreeSet<String> = gone.chain(removed).filter(|id| !stays.contains_key(id)).collect();
    Ok(Receipt::new(gone.into_iter().collect(), stays.into_iter().map(|(id, why)| Stay { id, why }).collect()))
}

/// Why something of ours is still there.
fn why(id: &Id, (plan, outcome): (&Plan<Resource>, &Outcome<Error>), aws: &Aws) -> Staying {
    for (key, step) in plan.steps.iter().filter(|((of, _), _)| of == id) {
        if let Action::Keep { why, .. } = &step.action {
            return match why {
                Why::HoldsData => Staying::HoldsData(aws.scope.stage.clone()),
                Why::Needed | Why::KeptRelease => Staying::Needed,
                Why::Unchanged => Staying::There,
            };
        }
        match outcome.statuses.get(key) {
            Some(Status::Failed(error)) => return Staying::Failed(error.to_string()),
            Some(Status::Skipped(reason)) => return Staying::Skipped(because(reason)),
            Some(Status::Done(_)) | None => {}
        }
    }
    Staying::There
}
