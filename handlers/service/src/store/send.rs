//! Writes in the form of DynamoDB's requests.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};

use super::error::{StoreError, Trouble};
use super::table::Table;
use super::write::{Verb, Write};

/// Sets what all kinds of conditional requests have; their builders share no trait.
macro_rules! conditional {
    ($builder:expr, $table:expr, $write:expr) => {
        $builder
            .table_name(&$table.name)
            .set_condition_expression($write.condition)
            .set_expression_attribute_names((!$write.names.is_empty()).then_some($write.names))
            .set_expression_attribute_values((!$write.values.is_empty()).then_some($write.values))
            .return_values_on_condition_check_failure(OnFailure::AllOld)
    };
}

/// Sends one write by itself.
pub(super) async fn send(table: &Table, write: Write) -> Result<(), Trouble> {
    let client = &table.client;
    match write.verb.clone() {
        Verb::Put(item) => {
            let request = conditional!(client.put_item(), table, write).set_item(Some(item.0));
            request.send().await.map(drop).map_err(|error| Trouble::of(&table.name, error))
        }
        Verb::Update(key, set) => {
            let request = conditional!(client.update_item(), table, write).set_key(Some(key.0)).update_expression(set);
            request.send().await.map(drop).map_err(|error| Trouble::of(&table.name, error))
        }
        Verb::Delete(key) => {
            let request = conditional!(client.delete_item(), table, write).set_key(Some(key.0));
            request.send().await.map(drop).map_err(|error| Trouble::of(&table.name, error))
        }
        // DynamoDB knows a check only in a transaction.
        Verb::Check(_) => {
            let request = client.transact_write_items().transact_items(part(table, write)?);
            request.send().await.map(drop).map_err(|error| Trouble::of(&table.name, error))
        }
    }
}

/// Sends `writes` as one transaction that `token` tells from others: DynamoDB carries it out once.
pub(super) async fn send_all(table: &Table, writes: Vec<Write>, token: &str) -> Result<(), Trouble> {
    let parts = writes.into_iter().map(|write| part(table, write)).collect::<Result<_, _>>()?;
    let request = table.client.transact_write_items().set_transact_items(Some(parts)).client_request_token(token);
    request.send().await.map(drop).map_err(|error| Trouble::of(&table.name, error))
}

fn part(table: &Table, write: Write) -> Result<TransactWriteItem, Trouble> {
    let part = TransactWriteItem::builder();
    let part = match write.verb {
        Verb::Put(item) => {
            conditional!(Put::builder(), table, write).set_item(Some(item.0)).build().map(|put| part.put(put))
        }
        Verb::Update(key, set) => conditional!(Update::builder(), table, write)
            .set_key(Some(key.0))
            .update_expression(set)
            .build()
            .map(|update| part.update(update)),
        Verb::Delete(key) => {
            conditional!(Delete::builder(), table, write).set_key(Some(key.0)).build().map(|delete| part.delete(delete))
        }
        Verb::Check(key) => conditional!(ConditionCheck::builder(), table, write)
            .set_key(Some(key.0))
            .build()
            .map(|check| part.condition_check(check)),
    };
    let incomplete = |error: BuildError| {
        Trouble::Fatal(StoreError::Failed { act: "write to", table: table.name.clone(), cause: error.to_string() })
    };
    Ok(part.map_err(incomplete)?.build())
}
