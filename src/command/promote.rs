use super::history::{read, served};
use super::outputs::not_deployed;
use super::rollback::move_to;
use crate::session::{Connection, Exit, Failure, Session};
use crate::stack::Stack;

/// Give a canary all of the calls, in one call
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let mut connection = Connection::open(session, &stack).await?;
    let done = promote(session, &stack, &mut connection).await;
    connection.close().await;
    done
}

async fn promote(session: &Session, stack: &Stack, connection: &mut Connection) -> Result<Exit, Failure> {
    let (records, live) = read(session, connection).await?;
    let served = served(&live).ok_or_else(|| not_deployed(session, stack))?;
    let Some(promoted) = served.promoted() else {
        return Err(Failure::Other {
            error: "there is no canary to promote".to_owned(),
            hint: Some("`memoctl deploy --canary 10%` makes one".to_owned()),
        });
    };
    let record = records.iter().find(|record| promoted.serves.api() == Some(&record.api));
    if let Some(record) = record {
        connection.aws.author.revision.clone_from(&record.author.revision);
    }
    let released = promoted.contains(record);
    move_to(released, &live, session, connection).await
}
