//! The table itself: reads, writes, transactions, and what of their failures is worth another try.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::error::{StoreError, Trouble};
use super::item::Item;
use super::send::{send, send_all};
use super::write::{NONCE, Outcome, Write};
use crate::random;

/// How often a write is tried while other transactions hold its items or the table throttles it.
const ATTEMPTS: u32 = 6;

/// A table of DynamoDB.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

/// Which items of a partition to read, in the order of `sk`.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    pub pk: &'a str,
    /// Only sort keys with this prefix.
    pub prefix: &'a str,
    /// Only sort keys behind this one, in the order of reading.
    pub after: Option<&'a str>,
    pub descending: bool,
    /// At most so many items; a page may end before, at 1 MB read.
    pub limit: u16,
}

/// A part of a partition.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub items: Vec<Item>,
    /// The sort key behind which there may be more.
    pub last: Option<String>,
}

impl Table {
    /// The table of the physical name `name`.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// The table's physical name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the item (`pk`, `sk`) as the last write left it.
    pub async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        let key = Some(Item::new(pk, sk).0);
        let request = self.client.get_item().table_name(&self.name).set_key(key).consistent_read(true);
        let answer = Box::pin(request.send()).await.map_err(|error| StoreError::of("read", &self.name, &error))?;
        Ok(answer.item.map(Item))
    }

    /// Reads the items of `range` as the last writes left them: one Query.
    pub async fn query(&self, range: &Range<'_>) -> Result<Page, StoreError> {
        let request = self
            .select(range.pk, range.prefix, range.limit)
            .set_exclusive_start_key(range.after.map(|sk| Item::new(range.pk, sk).0))
            .scan_index_forward(!range.descending);
        let answer = Box::pin(request.send()).await.map_err(|error| StoreError::of("query", &self.name, &error))?;
        let last = answer.last_evaluated_key.map(Item);
        Ok(Page {
            items: answer.items.unwrap_or_default().into_iter().map(Item).collect(),
            last: last.map(|key| key.text("sk").map(str::to_owned)).transpose()?,
        })
    }

    /// The sort keys of at most `limit` items of the partition `pk` that begin with `prefix`.
    pub async fn keys(&self, pk: &str, prefix: &str, limit: u16) -> Result<Vec<String>, StoreError> {
        let request = self.select(pk, prefix, limit).projection_expression("sk");
        let answer = Box::pin(request.send()).await.map_err(|error| StoreError::of("query", &self.name, &error))?;
        let items = answer.items.unwrap_or_default().into_iter().map(Item);
        items.map(|item| Ok(item.text("sk")?.to_owned())).collect()
    }

    /// The Query of at most `limit` items of the partition `pk` whose sort keys begin with `prefix`.
    fn select(&self, pk: &str, prefix: &str, limit: u16) -> QueryFluentBuilder {
        let value = |text: &str| AttributeValue::S(text.to_owned());
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", value(pk))
            .expression_attribute_values(":prefix", value(prefix))
            .limit(i32::from(limit))
            .consistent_read(true)
    }

    /// Carries out one write.
    pub async fn write(&self, write: Write) -> Result<Outcome, StoreError> {
        let nonce = nonce()?;
        let write = write.signed(&nonce);
        let attempt = async || Box::pin(send(self, write.clone())).await;
        self.settle((&nonce, write.stores()), attempt).await
    }

    /// Carries out all of `writes` or none: one transaction.
    pub async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        let nonce = nonce()?;
        let writes: Vec<_> = writes.into_iter().map(|write| write.signed(&nonce)).collect();
        let attempt = async || Box::pin(send_all(self, writes.clone(), &nonce)).await;
        self.settle((&nonce, writes.iter().find_map(Write::stores)), attempt).await
    }

    /// Tries `attempt` until its items are not held by other transactions and the table takes it, and tells what came of
    /// it. `stored` is an item that it stores, with the `nonce`.
    async fn settle(
        &self,
        (nonce, stored): (&str, Option<&Item>),
        attempt: impl AsyncFn() -> Result<(), Trouble>,
    ) -> Result<Outcome, StoreError> {
        let mut retry = 0;
        let error = loop {
            match attempt().await {
                Ok(()) => return Ok(Outcome::Written),
                Err(Trouble::Refused(held)) => return Ok(Outcome::of(held, nonce)),
                Err(Trouble::Passing(error)) if retry + 1 == ATTEMPTS => break error,
                Err(Trouble::Passing(_)) => tokio::time::sleep(pause(retry)?).await,
                Err(Trouble::Fatal(error)) => break error,
            }
            retry += 1;
        };
        match stored {
            // It may be the answers alone that were lost.
            Some(item) if error.may_have_written() && self.shows(item, nonce).await => Ok(Outcome::Written),
            Some(_) | None => Err(error),
        }
    }

    /// Whether the item with the key of `item` is the one that was written with `nonce`, as far as it can be read.
    async fn shows(&self, item: &Item, nonce: &str) -> bool {
        let (Ok(pk), Ok(sk)) = (item.text("pk"), item.text("sk")) else { return false };
        let read =
            Box::pin(self.get(pk, sk)).await.inspect_err(|error| tracing::warn!(%error, "cannot read back a write"));
        read.is_ok_and(|found| found.is_some_and(|found| found.text(NONCE).is_ok_and(|shown| shown == nonce)))
    }
}

fn nonce() -> Result<String, StoreError> {
    let bytes = random::bytes().map_err(|_| StoreError::NoRandomness)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// How long to wait before another try: random, up to 20 ms doubled with each.
fn pause(retry: u32) -> Result<Duration, StoreError> {
    let bytes = random::bytes().map_err(|_| StoreError::NoRandomness)?;
    Ok(Duration::from_millis(u64::from_be_bytes(bytes) % (20 << retry)))
}
