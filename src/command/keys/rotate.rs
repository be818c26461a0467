use jiff::Timestamp;

use super::{Changing, Found, Purpose, difference};
use crate::plan::Plan;
use crate::resource::Resource;
use crate::resource::signing_key::{Act, Standing};
use crate::session::{Exit, Failure, LeaseArgs, Session};

/// Make the next key, which is published at once and signs in 10 minutes; nothing is deployed
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The signing key's name in the stack file
    name: String,
    #[command(flatten)]
    lease: LeaseArgs,
}

pub(super) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let changing = Changing { name: &args.name, verb: "rotate a key", lease: &args.lease, session };
    changing.make(|found, aws| plan(&found, aws.skew.now())).await
}

fn plan(found: &Found<'_>, now: Timestamp) -> Result<(Plan<Resource>, Purpose), Failure> {
    found.settled()?;
    let keys = found.contents.keys(now);
    let under_way = keys.iter().find_map(|(id, standing)| match standing {
        Standing::Next { from: Some(from) } => Some((id, from)),
        Standing::Next { from: None } | Standing::Active { .. } | Standing::Retired { .. } => None,
    });
    let Some((id, from)) = under_way else {
        let made = difference("(new)", None, Some("next"));
        return Ok((found.plan(Some(found.contents.order(Act::Rotate)), vec![made]), Purpose::default()));
    };
    let note = format!("a rotation of {} is under way: {id} signs from {from:.0} on", found.name);
    Ok((found.mended(), Purpose { note: Some(note), ..Purpose::default() }))
}
