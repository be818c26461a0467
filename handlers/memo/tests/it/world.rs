//! A service of its own for each test.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use memo::Memos;
use serde_json::{Value, json};
use service::event::Reply;
use service::keys::{KeySet, MacKeys};
use service::store::Table;
use service::{Deadline, Request, answer};
use testing::{Backend, Reads};

use super::call::{Call, USER, list, post};

const TABLE: &str = "memos";

/// The service, its cloud, and the time as it sees it.
pub(crate) struct World {
    memos: Memos,
    backend: Backend,
    now: Timestamp,
    /// How long Lambda waits for an answer; for ever where it is none.
    pub(crate) left: Option<Duration>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::counted(&Reads::default()).await
    }

    /// A world of which `reads` tells what items the service reads.
    pub(crate) async fn counted(reads: &Reads) -> Self {
        let backend = Backend::start().await;
        backend.create_table(TABLE).await;
        backend.put_secret("/keys/cursor/private", &testing::mac_keys().to_string()).await;
        let keys = KeySet::private(backend.aws.ssm(), "/keys/cursor", MacKeys::parse);
        let memos = Memos::new(Table::new(backend.dynamodb_counted(reads), TABLE.to_owned()), keys);
        Self { memos, backend, now: Timestamp::from_second(1_800_000_000).unwrap(), left: None }
    }

    /// The same world, `seconds` later.
    pub(crate) fn later(mut self, seconds: i64) -> Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    pub(crate) async fn send(&self, call: &Call) -> Reply {
        let deadline = self.left.map(Deadline::after).unwrap_or_default();
        let request = Request::new(call.event(), self.now).until(deadline);
        answer(request, async |request| self.memos.handle(request).await).await
    }

    pub(crate) async fn status(&self, call: &Call) -> u16 {
        self.send(call).await.status_code
    }

    /// Makes a memo with `members` beside a title, and gives it.
    pub(crate) async fn memo(&self, mut members: Value) -> Value {
        members.as_object_mut().unwrap().entry("title").or_insert(json!("t"));
        let reply = self.send(&post(&members)).await;
        assert_eq!(reply.status_code, 201, "{}", reply.body);
        body(&reply)
    }

    /// Makes a memo and gives its id.
    pub(crate) async fn id(&self) -> String {
        id(&self.memo(json!({})).await)
    }

    /// The ids of the memos that the list with `query` shows, page by page to its end, from its cursor if it has one.
    pub(crate) async fn pages(&self, query: &[(&str, &str)]) -> Vec<Vec<String>> {
        let (mut pages, mut next) = (Vec::new(), list(query));
        loop {
            let reply = self.send(&next).await;
            assert_eq!(reply.status_code, 200, "{}", reply.body);
            let body = body(&reply);
            pages.push(body["memos"].as_array().unwrap().iter().map(id).collect());
            let Some(cursor) = body["next_cursor"].as_str() else { return pages };
            assert!(pages.len() < 1_000, "the list has no end");
            let filter: Vec<_> = query.iter().copied().filter(|(name, _)| *name != "cursor").collect();
            next = list(&filter).query("cursor", cursor);
        }
    }

    /// Stores `keys` as the set that authenticates cursors, as a rotation does.
    pub(crate) async fn put_keys(&self, keys: &[Value]) {
        self.backend.put_secret("/keys/cursor/private", &json!({ "keys": keys }).to_string()).await;
    }

    /// Has the answer to the `number`th call of AWS from now on be lost.
    pub(crate) fn lose_answer(&self, number: u64) {
        self.backend.lose_answer(number);
    }

    /// The same for all calls of those `numbers`.
    pub(crate) fn lose_answers(&self, numbers: RangeInclusive<u64>) {
        self.backend.lose_answers(numbers);
    }

    /// Has the `number`th call of AWS from now on take effect and never be answered.
    pub(crate) fn hold_answer(&self, number: u64) {
        self.backend.hold_answer(number);
    }

    /// Has all answers of AWS come `late` from now on.
    pub(crate) fn slow_down(&self, late: Duration) {
        self.backend.slow_down(late);
    }

    /// Has nothing go wrong with AWS from now on.
    pub(crate) fn heal(&self) {
        self.backend.heal();
    }

    /// How many calls of DynamoDB there were so far.
    pub(crate) fn calls(&self) -> u64 {
        self.backend.calls()
    }

    /// Does a task of the service.
    pub(crate) async fn task(&self, task: Value) -> Result<Value, String> {
        self.memos.task(&task).await
    }

    /// The sort keys of the partition of `user`.
    pub(crate) async fn keys(&self, user: &str) -> Vec<String> {
        let query = self.backend.dynamodb.query().table_name(TABLE).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk").projection_expression("sk");
        let items = query.expression_attribute_values(":pk", text(&format!("U#{user}"))).send().await.unwrap();
        items.items().iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
    }

    /// The counts of the user's tags, as the table has them.
    pub(crate) async fn tag_counts(&self) -> BTreeMap<String, u64> {
        let query = self.backend.dynamodb.query().table_name(TABLE).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :tag)");
        let query = query.expression_attribute_values(":pk", text(&partition()));
        let items = query.expression_attribute_values(":tag", text("TAG#")).send().await.unwrap().items.unwrap();
        let count = |item: &std::collections::HashMap<String, AttributeValue>| {
            let tag = item["sk"].as_s().unwrap().strip_prefix("TAG#").unwrap().to_owned();
            (tag, number(&item["memo_count"]))
        };
        items.iter().map(count).collect()
    }

    /// The user's numbers of memos and of distinct tags, as the table has them.
    pub(crate) async fn numbers(&self) -> (u64, u64) {
        let get = self.backend.dynamodb.get_item().table_name(TABLE).consistent_read(true);
        let item = get.key("pk", text(&partition())).key("sk", text("META")).send().await.unwrap().item.unwrap();
        (number(&item["memo_count"]), number(&item["tag_count"]))
    }

    /// Writes `value` into the user's numbers as `name`.
    pub(crate) async fn set_number(&self, name: &str, value: u64) {
        let update = self.backend.dynamodb.update_item().table_name(TABLE);
        let update = update.key("pk", text(&partition())).key("sk", text("META"));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        let value = AttributeValue::N(value.to_string());
        update.expression_attribute_values(":value", value).send().await.unwrap();
    }
}

fn partition() -> String {
    format!("U#{USER}")
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(value: &AttributeValue) -> u64 {
    value.as_n().unwrap().parse().unwrap()
}

pub(crate) fn body(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

pub(crate) fn id(memo: &Value) -> String {
    memo["id"].as_str().unwrap().to_owned()
}

/// The header `name` of `reply`; empty when it has none.
pub(crate) fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers.get(name).map_or("", String::as_str)
}
