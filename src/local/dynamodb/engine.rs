//! The crate dynoxide-rs, driven by JSON: what its own HTTP server does, which would bring a second web framework.

use std::io;
use std::path::Path;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{invalid, unreadable};
use crate::call::Error;

/// The tables.
pub(super) struct Engine(Database);

/// One line an operation: its name, its method, whether it can change anything, whether it is on items (and its
/// request and answer may hold any text).
macro_rules! operations {
    ($($name:literal $method:ident $mutates:literal $items:literal;)*) => {
        /// Whether `operation` can change anything; `None` when the engine has none of that name.
        pub(super) fn mutates(operation: &str) -> Option<bool> {
            match operation {
                $($name => Some($mutates),)*
                _ => None,
            }
        }

        /// Whether `operation` reads or writes items.
        pub(super) fn is_on_items(operation: &str) -> bool {
            match operation {
                $($name => $items,)*
                _ => false,
            }
        }

        impl Engine {
            /// Carries out `operation`, whose request and answer are JSON.
            pub(super) fn run(&self, operation: &str, body: &str) -> Result<Vec<u8>, Error> {
                match operation {
                    $($name => answer(operation, body, |request| self.0.$method(request)),)*
                    other => Err(Error::not_implemented(&format!("dynamodb:{other}"))),
                }
            }
        }
    };
}

operations! {
    "CreateTable" create_table true false;
    "DeleteTable" delete_table true false;
    "DescribeTable" describe_table false false;
    "ListTables" list_tables false false;
    "UpdateTable" update_table true false;
    "UpdateTimeToLive" update_time_to_live true false;
    "DescribeTimeToLive" describe_time_to_live false false;
    "TagResource" tag_resource true false;
    "UntagResource" untag_resource true false;
    "ListTagsOfResource" list_tags_of_resource false false;
    "ListStreams" list_streams false false;
    "DescribeStream" describe_stream false false;
    "GetShardIterator" get_shard_iterator false false;
    "GetRecords" get_records false false;
    "PutItem" put_item true true;
    "GetItem" get_item false true;
    "UpdateItem" update_item true true;
    "DeleteItem" delete_item true true;
    "Query" query false true;
    "Scan" scan false true;
    "BatchGetItem" batch_get_item false true;
    "BatchWriteItem" batch_write_item true true;
    "TransactGetItems" transact_get_items false true;
    "TransactWriteItems" transact_write_items true true;
    "ExecuteStatement" execute_statement true true;
    "BatchExecuteStatement" batch_execute_statement true true;
    "ExecuteTransaction" execute_transaction true true;
}

impl Engine {
    /// Opens the database at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = path.to_str().ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))?;
        let database = Database::new(path).map_err(io::Error::other)?;
        // Sets SQLite's `synchronous = NORMAL`: with its write-ahead log a kill loses nothing, and no write waits for
        // the disk.
        database.disable_bulk_loading().map_err(io::Error::other)?;
        Ok(Self(database))
    }

    /// Deletes items whose time to live is over.
    pub(super) fn sweep(&self) {
        // What fails now is swept the next time.
        let _ = self.0.sweep_ttl();
    }
}

fn answer<I: DeserializeOwned, O: Serialize>(
    operation: &str,
    body: &str,
    call: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<Vec<u8>, Error> {
    let request = serde_json::from_str(body).map_err(|error| unread(operation, &error.to_string()))?;
    let answer = call(request).map_err(|error| refused(&error))?;
    Ok(serde_json::to_vec(&answer).map_err(io::Error::from)?)
}

/// The error of a request that could not be read: the engine marks its own texts with the kind of error they are.
fn unread(operation: &str, text: &str) -> Error {
    let at = text.rfind(" at line ").unwrap_or(text.len());
    let bare = &text[..at];
    if let Some(text) = bare.strip_prefix("VALIDATION_REQUEST:") {
        return match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => invalid(&format!("1 validation error detected: {text}")),
            _ => invalid(text),
        };
    }
    if let Some(text) = bare.strip_prefix("VALIDATION:").or(bare.strip_prefix("VALIDATION_AS_READ:")) {
        return invalid(text);
    }
    if let Some(text) = bare.strip_prefix("SERIALIZATION:").or(bare.strip_prefix("SERIALIZATION_AS_READ:")) {
        return Error { message: text.to_owned(), ..unreadable() };
    }
    if bare.contains("empty AttributeValue") {
        return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    }
    // An absent or null member, or a word that is not of an enumeration, is a failed validation; a value of another
    // type could not even be read.
    let is_validation = ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"];
    if is_validation.iter().any(|part| bare.contains(part)) {
        return invalid(bare);
    }
    Error { message: bare.to_owned(), ..unreadable() }
}

fn refused(error: &DynoxideError) -> Error {
    let body: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
    let members = ["Item", "CancellationReasons"];
    let members = members.into_iter().filter_map(|name| Some((name, body.get(name)?.clone())));
    Error {
        status: error.status_code(),
        code: error.error_type().to_owned(),
        message: error.to_string(),
        members: members.collect(),
    }
}
