//! What takes its time with a table: it is `CREATING`, `UPDATING` and `DELETING` for some seconds, its backups cannot be
//! changed at first, and its time to live not again within an hour. A restart of the cloud completes all of it.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{engine, invalid};
use crate::call::Error;
use crate::realism::{Delays, Recent};

/// The tables on which something is under way, by name; not used where everything takes effect at once.
#[derive(Debug)]
pub(super) struct Phases {
    delays: Delays,
    tables: Mutex<HashMap<String, Table>>,
    recent: Recent,
}

#[derive(Debug, Default)]
struct Table {
    phase: Option<(Phase, Instant)>,
    created: Option<Instant>,
    ttl_changed: Option<Instant>,
}

#[derive(Clone, Debug)]
enum Phase {
    Creating,
    Updating,
    /// With the table's last description, in the engine's ARNs.
    Deleting(Value),
}

impl Phases {
    /// `None` where everything takes effect at once.
    pub(super) fn new(delays: &Delays) -> Option<Self> {
        (!delays.table.is_zero()).then(|| Self {
            delays: *delays,
            tables: Mutex::default(),
            recent: Recent::new(delays.listing),
        })
    }

    /// What an operation comes to before the engine has it: refused, answered, or (`None`) let through.
    pub(super) fn before(&self, operation: &str, body: &Value) -> Result<Option<Value>, Error> {
        let Some(name) = table_of(body) else { return Ok(None) };
        let mut tables = self.tables();
        let Some(table) = tables.get_mut(name) else { return Ok(None) };
        match (operation, table.phase()) {
            ("DescribeTable", Some(Phase::Creating)) if is_within(table.created, self.delays.table_sight) => {
                let error = not_found();
                Err(Error { message: format!("{}: Table: {name} not found", error.message), ..error })
            }
            ("DescribeTable", Some(Phase::Deleting(last))) => Ok(Some(json!({ "Table": last }))),
            ("DeleteTable", Some(Phase::Deleting(last))) => Ok(Some(json!({ "TableDescription": last }))),
            ("CreateTable", Some(Phase::Deleting(_))) => Err(in_use(name, "deleted")),
            (
                "CreateTable"
                | "DescribeTable"
                | "DescribeTimeToLive"
                | "DescribeContinuousBackups"
                | "ListTagsOfResource",
                _,
            ) => Ok(None),
            (operation, Some(Phase::Creating)) if engine::is_on_items(operation) => Err(not_found()),
            (_, Some(Phase::Creating)) => Err(in_use(name, "created")),
            ("UpdateTable" | "DeleteTable", Some(Phase::Updating)) => Err(in_use(name, "updated")),
            ("UpdateContinuousBackups", _) if is_within(table.created, self.delays.backups) => {
                let text = format!("Backups are being enabled for the table: {name}. Please retry later");
                Err(Error::new(400, "com.amazonaws.dynamodb.v20120810#ContinuousBackupsUnavailableException", text))
            }
            ("UpdateTimeToLive", _) if is_within(table.ttl_changed, self.delays.ttl) => {
                Err(invalid("Time to live has been modified multiple times within a fixed interval"))
            }
            _ => Ok(None),
        }
    }

    /// Notes what an operation that went well has begun, and has its answer tell so.
    pub(super) fn after(&self, operation: &str, body: &Value, answer: &mut Value) {
        if operation == "ListTables" {
            if let Some(names) = answer["TableNames"].as_array_mut() {
                names.retain(|name| !name.as_str().is_some_and(|name| self.recent.hides(name)));
            }
            return;
        }
        let Some(name) = table_of(body) else { return };
        let mut tables = self.tables();
        match operation {
            "CreateTable" => {
                self.recent.made(name);
                answer["TableDescription"]["TableStatus"] = "CREATING".into();
                let phase = Some((Phase::Creating, Instant::now() + self.delays.table));
                tables.insert(name.to_owned(), Table { phase, created: Some(Instant::now()), ttl_changed: None });
            }
            "UpdateTable" => {
                answer["TableDescription"]["TableStatus"] = "UPDATING".into();
                let table = tables.entry(name.to_owned()).or_default();
                table.phase = Some((Phase::Updating, Instant::now() + self.delays.table_change));
            }
            "DeleteTable" => {
                answer["TableDescription"]["TableStatus"] = "DELETING".into();
                let deleting = Phase::Deleting(answer["TableDescription"].clone());
                let phase = Some((deleting, Instant::now() + self.delays.table_change));
                tables.insert(name.to_owned(), Table { phase, ..Table::default() });
            }
            "UpdateTimeToLive" => {
                tables.entry(name.to_owned()).or_default().ttl_changed = Some(Instant::now());
            }
            "DescribeTable" => match tables.get_mut(name).and_then(Table::phase) {
                Some(Phase::Creating) => answer["Table"]["TableStatus"] = "CREATING".into(),
                Some(Phase::Updating) => answer["Table"]["TableStatus"] = "UPDATING".into(),
                Some(Phase::Deleting(_)) | None => {}
            },
            _ => {}
        }
    }

    fn tables(&self) -> MutexGuard<'_, HashMap<String, Table>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// What is under way at this moment.
    fn phase(&mut self) -> Option<Phase> {
        self.phase.take_if(|(_, end)| *end <= Instant::now());
        self.phase.as_ref().map(|(phase, _)| phase.clone())
    }
}

/// The table that a request names, by name or by the engine's ARN.
fn table_of(body: &Value) -> Option<&str> {
    let arn = || body["ResourceArn"].as_str()?.rsplit("table/").next();
    body["TableName"].as_str().or_else(arn)
}

fn is_within(since: Option<Instant>, delay: Duration) -> bool {
    since.is_some_and(|since| since.elapsed() < delay)
}

fn in_use(name: &str, what: &str) -> Error {
    let text = format!("Attempt to change a resource which is still in use: Table is being {what}: {name}");
    Error::new(400, "com.amazonaws.dynamodb.v20120810#ResourceInUseException", text)
}

fn not_found() -> Error {
    let code = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException";
    Error::new(400, code, "Requested resource not found")
}
