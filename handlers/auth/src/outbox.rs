//! Deleted accounts, told to the memo service: at once, asynchronously; and again for as long as it has not followed.
//!
//! The outbox's item is the promise, the invocation only makes it quick: whichever side is killed, `deliver` finishes.

use serde_json::{Value, json};
use service::functions::Functions;
use service::store::StoreError;

use crate::Auth;
use crate::store::Departure;

/// How many departures are read at a time.
const PAGE: u16 = 25;
/// How often the memo service is asked about one account in one delivery: it works in bounded rounds.
const ROUNDS: usize = 50;
/// How many of its rounds the memo service works when nobody waits.
const UNHURRIED: usize = 16;

/// How departures are announced. To whom, the release says: `memo`, a version of the memo service's function.
#[derive(Debug)]
pub(crate) struct Outbox(Functions);

impl Outbox {
    pub(crate) fn by(functions: Functions) -> Self {
        Self(functions)
    }

    /// Tells `memo` without waiting for what it makes of it; nobody, if none is bound. A failure is logged: the outbox has
    /// the item.
    pub(crate) async fn announce(&self, departure: Departure, memo: Option<&str>) {
        let Some(memo) = memo else { return };
        if let Err(error) = self.0.announce(memo, &task(departure, UNHURRIED)).await {
            tracing::warn!(user = %departure.user, error, "the memo service will hear later of a deleted account");
        }
    }

    /// Has `memo` follow, and waits until nothing is left there.
    async fn follow(&self, departure: Departure, memo: Option<&str>) -> Result<(), String> {
        let memo = memo.ok_or("the event names no function memo: its stageVariables have no function_memo")?;
        let mut last = Value::Null;
        for _ in 0..ROUNDS {
            last = self.0.call(memo, &task(departure, 1)).await?;
            if last["finished"] == true {
                return Ok(());
            }
        }
        Err(format!("the memo service has not finished after {ROUNDS} rounds: {last}"))
    }
}

/// The task of the memo service, as an event of its function.
fn task(Departure { user, at }: Departure, rounds: usize) -> Value {
    json!({ "task": { "account_deleted": { "user": user.to_string(), "at": at, "rounds": rounds } } })
}

/// Has `memo` follow each departure of the outbox, and takes out those that it has.
pub(crate) async fn deliver(auth: &Auth, memo: Option<&str>) -> Result<Value, String> {
    let told = |error: StoreError| error.to_string();
    let (mut delivered, mut failed, mut after) = (0, Vec::new(), None);
    loop {
        let departures = Departure::list(&auth.table, after, PAGE).await.map_err(told)?;
        for departure in &departures {
            match auth.outbox.follow(*departure, memo).await {
                Ok(()) => {
                    auth.table.write(departure.done()).await.map_err(told)?;
                    delivered += 1;
                }
                Err(cause) => failed.push(json!({ "user": departure.user.to_string(), "cause": cause })),
            }
        }
        after = departures.last().map(|departure| departure.user);
        if departures.len() < usize::from(PAGE) {
            return Ok(json!({ "delivered": delivered, "failed": failed }));
        }
    }
}
