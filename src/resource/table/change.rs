//! Changes a table by `UpdateTable`, which takes one kind of change a call, one index a time, and none while another is
//! under way: so the table is read, the next change is told from it, made, and waited for, until nothing is left.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, TableDescription,
    UpdateGlobalSecondaryIndexAction,
};
use aws_smithy_types::error::operation::BuildError;

use super::{READY, Table, read, shape};
use crate::aws::{Aws, Class, Error, once, wait_until};
use crate::resource::Kind as _;
use crate::stack::{Capacity, Index, StreamView};

/// How long a change may stay unseen whose answer got lost, before it counts as not made.
const UNSEEN: Duration = Duration::from_secs(15);

/// One call's worth of change.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    DropIndex(String),
    /// Of the table, and of the indexes named: an equal throughput is an error.
    Capacity { table: bool, indexes: Vec<String> },
    /// `None` switches the stream off: a view cannot be changed, and a new stream has a new ARN.
    Stream(Option<StreamView>),
    DeletionProtection(bool),
    AddIndex(String, Index),
}

impl Table {
    /// Makes the changes of `UpdateTable` that the table needs.
    pub(super) async fn change(&self, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        let mut live = wait_until(&id, "ACTIVE", READY, || read::settled(&self.name, aws)).await?;
        while let Some(change) = self.next(&live) {
            let (limit, error) = match self.make(&change, aws).await {
                Ok(()) => (READY, None),
                Err(error) if error.class == Class::Unknown => (UNSEEN, Some(error)),
                Err(error) => return Err(error),
            };
            let made = wait_until(&id, "ACTIVE and changed", limit, || async {
                let table = read::settled(&self.name, aws).await?;
                Ok(table.filter(|table| self.next(table).as_ref() != Some(&change)))
            });
            live = made.await.map_err(|late| error.unwrap_or(late))?;
        }
        Ok(())
    }

    /// The next change from `live` to the table: what frees room first, new indexes last.
    pub(super) fn next(&self, live: &TableDescription) -> Option<Change> {
        let indexes = read::index_names(live);
        if let Some(index) = indexes.keys().find(|index| !self.config.indexes.contains_key(*index)) {
            return Some(Change::DropIndex(index.clone()));
        }
        let provisioned = matches!(self.config.capacity, Capacity::Provisioned { .. });
        let others = indexes.iter().filter(|(_, capacity)| provisioned && **capacity != self.config.capacity);
        let others: Vec<String> = others.map(|(index, _)| index.clone()).collect();
        let table = read::capacity(live) != self.config.capacity;
        if table || !others.is_empty() {
            return Some(Change::Capacity { table, indexes: others });
        }
        match (read::stream(live), self.config.stream) {
            (from, to) if from == to => {}
            (Some(_), _) => return Some(Change::Stream(None)),
            (None, to) => return Some(Change::Stream(to)),
        }
        if live.deletion_protection_enabled.unwrap_or_default() != self.config.deletion_protection {
            return Some(Change::DeletionProtection(self.config.deletion_protection));
        }
        let missing = self.config.indexes.iter().find(|(index, _)| !indexes.contains_key(*index));
        missing.map(|(name, index)| Change::AddIndex(name.clone(), index.clone()))
    }

    async fn make(&self, change: &Change, aws: &Aws) -> Result<(), Error> {
        let call = aws.dynamodb.update_table().table_name(&self.name);
        let (act, call) = match change {
            Change::DropIndex(index) => {
                let updates = self.sdk(dropped(index))?;
                (format!("drop the index {index} of"), call.global_secondary_index_updates(updates))
            }
            Change::Capacity { table, indexes } => {
                let updates: Result<Vec<_>, _> = indexes.iter().map(|index| self.resized(index)).collect();
                let updates = self.sdk(updates)?;
                let call = call.set_global_secondary_index_updates((!updates.is_empty()).then_some(updates));
                let throughput = self.throughput().filter(|_| *table);
                let call = call.billing_mode(self.billing_mode()).set_provisioned_throughput(throughput);
                ("set the capacity of".to_owned(), call)
            }
            Change::Stream(view) => {
                ("set the stream of".to_owned(), call.stream_specification(self.sdk(shape::stream(*view))?))
            }
            Change::DeletionProtection(on) => {
                ("set the deletion protection of".to_owned(), call.deletion_protection_enabled(*on))
            }
            Change::AddIndex(name, index) => {
                let updates = self.sdk(self.added(name, index))?;
                let call = call.set_attribute_definitions(Some(self.definitions()?));
                (format!("add the index {name} to"), call.global_secondary_index_updates(updates))
            }
        };
        once(&act, &self.id(), || call.clone().send()).await.map(drop)
    }

    fn resized(&self, index: &str) -> Result<GlobalSecondaryIndexUpdate, BuildError> {
        let resize = UpdateGlobalSecondaryIndexAction::builder().index_name(index);
        let resize = resize.set_provisioned_throughput(self.throughput()).build()?;
        Ok(GlobalSecondaryIndexUpdate::builder().update(resize).build())
    }

    fn added(&self, name: &str, index: &Index) -> Result<GlobalSecondaryIndexUpdate, BuildError> {
        let add = CreateGlobalSecondaryIndexAction::builder()
            .index_name(name)
            .set_key_schema(Some(shape::schema(&index.partition_key, index.sort_key.as_ref())?))
            .projection(shape::projection(index))
            .set_provisioned_throughput(self.throughput())
            .build()?;
        Ok(GlobalSecondaryIndexUpdate::builder().create(add).build())
    }
}

fn dropped(index: &str) -> Result<GlobalSecondaryIndexUpdate, BuildError> {
    let drop = DeleteGlobalSecondaryIndexAction::builder().index_name(index).build()?;
    Ok(GlobalSecondaryIndexUpdate::builder().delete(drop).build())
}
