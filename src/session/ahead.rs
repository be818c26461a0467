//! What a deploy does while the handlers are still being built: it makes the roles, which IAM lets work only some seconds
//! after they are made.

use futures_util::future::join_all;

use super::{Failure, Foresight, Permissions, assembly};
use crate::apply::Work as _;
use crate::aws::Aws;
use crate::history::Record;
use crate::plan::{Action, Key, Plan, Step};
use crate::resource::role::Role;
use crate::resource::{Doing, Kind as _, Resource, Resources};
use crate::stack::Stack;

/// Makes the roles that are not there yet, if the lease is to be had now, and nothing stands against the plan. Says
/// whether it holds the lease. What fails here is done again by the walk, which tells it.
pub async fn make_roles(
    stack: &Stack,
    aws: &Aws,
    (live, records): (&Resources, &[Record]),
    foresight: &Foresight,
    permissions: &Permissions,
) -> Result<bool, Failure> {
    let (plan, _) = assembly::planned(stack, aws, (live, records.to_vec()), permissions)?;
    let roles: Vec<_> = roles(&plan).collect();
    if roles.is_empty() || !plan.refusals.is_empty() || !foresight.lease().await {
        return Ok(false);
    }
    let doing = Doing::new(aws);
    let make = async |key: &Key, step: &Step<Resource>| {
        doing.begin(key, step).await?;
        doing.act(key, step).await?;
        doing.finish(key, step).await
    };
    join_all(roles.into_iter().map(async |(key, step)| {
        if make(key, step).await.is_ok() {
            aws.directory.put_made(key.0.clone());
        }
    }))
    .await;
    Ok(true)
}

fn roles(plan: &Plan<Resource>) -> impl Iterator<Item = (&Key, &Step<Resource>)> {
    plan.work().filter(|((id, _), step)| id.kind == Role::KIND && matches!(step.action, Action::Create { .. }))
}
