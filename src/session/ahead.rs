//! What a deploy does while the handlers are still being built: it reads what is live, and makes the roles, which IAM
//! lets work only some seconds after they are made.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::assembly::anew;
use super::{Failure, Foresight, Permissions, Session, planned, read};
use crate::apply::Work as _;
use crate::aws::Aws;
use crate::finding::Finding;
use crate::history::Record;
use crate::plan::{Action, Key, Plan, Step};
use crate::resource::role::Role;
use crate::resource::{Doing, Kind as _, Resource, Resources};
use crate::stack::Stack;

/// How long a plan may be made from what was read, when the lease was not held meanwhile.
const RECENT: Duration = Duration::from_secs(5);

/// The plan of a deploy, what was found beside it, and what `building` gives, which puts the handlers that it builds into
/// `aws`. What is live is read meanwhile.
pub async fn plan_beside<B>(
    building: impl Future<Output = Result<B, Failure>>,
    (stack, session, aws): (&Stack, &Session, &Aws),
    foresight: &Foresight,
    permissions: &Permissions,
) -> Result<(Plan<Resource>, Vec<Finding>, B), Failure> {
    let reading = async {
        let (live, records) = read(stack, session, aws, foresight).await?;
        let at = Instant::now();
        let builds = aws.artifacts.all().is_empty();
        let held = builds && make_roles(stack, aws, (&live, &records), foresight, permissions).await?;
        Ok((live, records, at, held))
    };
    let building = async {
        aws.author().await?;
        let built = building.await?;
        foresight.again(|seen| anew(stack, aws, seen));
        Ok::<_, Failure>(built)
    };
    let ((mut live, mut records, at, held), built) = tokio::try_join!(reading, building)?;
    if !held && at.elapsed() > RECENT {
        aws.directory.forget();
        (live, records) = read(stack, session, aws, foresight).await?;
    }
    let (plan, findings) = planned(stack, aws, (&live, records), permissions)?;
    Ok((plan, findings, built))
}

/// Makes the roles that are not there yet, if the lease is to be had now, and nothing stands against the plan. Says
/// whether it holds the lease. What fails here is done again by the walk, which tells it.
async fn make_roles(
    stack: &Stack,
    aws: &Aws,
    (live, records): (&Resources, &[Record]),
    foresight: &Foresight,
    permissions: &Permissions,
) -> Result<bool, Failure> {
    let (plan, _) = planned(stack, aws, (live, records.to_vec()), permissions)?;
    let roles: Vec<_> = roles(&plan).collect();
    if roles.is_empty() || !plan.refusals.is_empty() || !foresight.lease().await {
        return Ok(false);
    }
    let doing = Doing::new(aws);
    let make = async |key: &Key, step: &Step<Resource>| {
        doing.begin(key, step).await?;
        doing.act(key, step).await
    };
    // What it may do at an API that is not there yet the walk has to put.
    let awaits = |step: &Step<Resource>| matches!(&step.action, Action::Create { new: Resource::Role(role) } if role.awaits_api(aws));
    join_all(roles.into_iter().map(async |(key, step)| {
        if make(key, step).await.is_err() {
            return;
        }
        if awaits(step) {
            aws.directory.put_unfinished(key.0.clone());
        } else if doing.finish(key, step).await.is_ok() {
            aws.directory.put_made(key.0.clone());
        }
    }))
    .await;
    Ok(true)
}

fn roles(plan: &Plan<Resource>) -> impl Iterator<Item = (&Key, &Step<Resource>)> {
    plan.work().filter(|((id, _), step)| id.kind == Role::KIND && matches!(step.action, Action::Create { .. }))
}
