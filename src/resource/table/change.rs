//! Changes a table by `UpdateTable`, which takes one kind of change a call, one index a time, and none while another is
//! under way: so the table is read, the next change is told from it, made, and waited for, until nothing is left.

use std::cell::Cell;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, TableDescription,
    UpdateGlobalSecondaryIndexAction,
};
use aws_smithy_types::error::operation::BuildError;

use super::{READY, Table, read, shape};
use crate::aws::{Aws, Class, Error, once, wait_until};
use crate::resource::Kind as _;
use crate::stack::{Capacity, Index, StreamView};

/// How long a change may stay unseen on a table that is ACTIVE, since reads are eventually consistent.
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
            let outcome = match self.make(&change, aws).await {
                Err(error) if error.class != Class::Unknown => return Err(error),
                outcome => outcome,
            };
            let unseen = Cell::new(None);
            live = wait_until(&id, "changed and ACTIVE", READY, || async {
                let Some(table) = read::settled(&self.name, aws).await? else { return Ok(None) };
                if self.next(&table).as_ref() != Some(&change) {
                    return Ok(Some(table));
                }
                let since = unseen.get().unwrap_or_else(Instant::now);
                unseen.set(Some(since));
                if since.elapsed() < UNSEEN {
                    return Ok(None);
                }
                outcome.clone()?;
                Err(Error::refused("change", &id, format!("{change:?} was accepted, and does not show")))
            })
            .await?;
        }
        Ok(())
    }

    /// The next change from `live` to the table: what frees room first, new indexes last.
    pub(super) fn next(&self, live: &TableDescription) -> Option<Change> {
        let indexes = read::indexes(live);
        if let Some(index) = indexes.keys().find(|index| !self.config.indexes.contains_key(*index)) {
            return Some(Change::DropIndex(index.clone()));
        }
        let table = read::capacity(live) != self.config.capacity;
        let others = indexes.iter().filter(|(_, capacity)| {
            // An index has at least one unit: none is told on demand, and by servers that do not tell.
            let told = **capacity != Capacity::Provisioned { read: 0, write: 0 };
            self.config.capacity != Capacity::OnDemand && **capacity != self.config.capacity && (table || told)
        });
        let others: Vec<String> = others.map(|(index, _)| index.clone()).collect();
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
                let call = call.set_billing_mode(table.then(|| self.billing_mode()));
                let call = call.set_provisioned_throughput(self.throughput().filter(|_| *table));
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

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::{
        BillingMode, BillingModeSummary, GlobalSecondaryIndexDescription, ProvisionedThroughputDescription,
        StreamSpecification, StreamViewType,
    };

    use super::*;
    use crate::stack::{self, Key, KeyType, Projection};

    fn index(partition: &str) -> Index {
        let partition_key = Key { name: partition.to_owned(), kind: KeyType::S };
        Index { partition_key, sort_key: None, projection: Projection::All }
    }

    fn table(indexes: &[&str]) -> Table {
        let config = stack::Table {
            partition_key: Key { name: "pk".to_owned(), kind: KeyType::S },
            sort_key: None,
            indexes: indexes.iter().map(|name| ((*name).to_owned(), index(name))).collect(),
            ttl: None,
            stream: None,
            point_in_time_recovery: false,
            deletion_protection: false,
            capacity: Capacity::OnDemand,
        };
        Table { name: "memo-dev-memos".to_owned(), config, tags: crate::scope::Tags::new() }
    }

    fn throughput(units: i64) -> ProvisionedThroughputDescription {
        ProvisionedThroughputDescription::builder().read_capacity_units(units).write_capacity_units(units).build()
    }

    fn live(mode: BillingMode, units: i64, indexes: &[(&str, i64)]) -> TableDescription {
        let indexes = indexes.iter().map(|(name, units)| {
            let index = GlobalSecondaryIndexDescription::builder().index_name(*name);
            index.provisioned_throughput(throughput(*units)).build()
        });
        TableDescription::builder()
            .billing_mode_summary(BillingModeSummary::builder().billing_mode(mode).build())
            .provisioned_throughput(throughput(units))
            .set_global_secondary_indexes(Some(indexes.collect()))
            .build()
    }

    fn provisioned(units: u64, indexes: &[&str]) -> Table {
        let mut table = table(indexes);
        table.config.capacity = Capacity::Provisioned { read: units, write: units };
        table
    }

    #[test]
    fn a_table_as_wanted_needs_no_change() {
        assert_eq!(table(&["a"]).next(&live(BillingMode::PayPerRequest, 0, &[("a", 0)])), None);
    }

    #[test]
    fn indexes_are_dropped_before_others_are_added_and_one_at_a_time() {
        let (mut live_indexes, wanted) = (vec![("a", 0), ("b", 0)], table(&["c", "d"]));
        let mut changes = Vec::new();
        while let Some(change) = wanted.next(&live(BillingMode::PayPerRequest, 0, &live_indexes)) {
            match &change {
                Change::DropIndex(name) => live_indexes.retain(|(live, _)| live != name),
                Change::AddIndex(name, _) => live_indexes.push((if name == "c" { "c" } else { "d" }, 0)),
                other => panic!("{other:?}"),
            }
            changes.push(change);
        }
        let expected = [
            Change::DropIndex("a".to_owned()),
            Change::DropIndex("b".to_owned()),
            Change::AddIndex("c".to_owned(), index("c")),
            Change::AddIndex("d".to_owned(), index("d")),
        ];
        assert_eq!(changes, expected);
    }

    #[test]
    fn a_table_that_leaves_on_demand_takes_its_indexes_along() {
        let change = provisioned(5, &["a"]).next(&live(BillingMode::PayPerRequest, 0, &[("a", 0)]));
        assert_eq!(change, Some(Change::Capacity { table: true, indexes: vec!["a".to_owned()] }));
    }

    #[test]
    fn an_equal_capacity_is_not_sent_again() {
        let change = provisioned(5, &["a", "b"]).next(&live(BillingMode::Provisioned, 5, &[("a", 5), ("b", 4)]));
        assert_eq!(change, Some(Change::Capacity { table: false, indexes: vec!["b".to_owned()] }));
    }

    #[test]
    fn a_stream_with_another_view_is_switched_off_first() {
        let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::KeysOnly);
        let mut live = live(BillingMode::PayPerRequest, 0, &[]);
        live.stream_specification = Some(stream.build().unwrap());
        let mut wanted = table(&[]);
        wanted.config.stream = Some(StreamView::NewImage);
        assert_eq!(wanted.next(&live), Some(Change::Stream(None)));
    }

    #[test]
    fn an_index_whose_keys_differ_is_refused_with_the_way_out() {
        let (old, mut new) = (table(&["a"]), table(&["a"]));
        new.config.indexes.insert("a".to_owned(), index("other"));
        let why = old.refuses(Some(&new)).unwrap();
        assert!(why.contains("`a`") && why.contains("another name"), "{why}");
    }

    #[test]
    fn the_attribute_of_the_ttl_cannot_change_at_once() {
        let (mut old, mut new) = (table(&[]), table(&[]));
        old.config.ttl = Some("expires_at".to_owned());
        assert_eq!(old.refuses(Some(&new)), None);
        new.config.ttl = Some("gone_at".to_owned());
        assert!(old.refuses(Some(&new)).unwrap().contains("wait an hour"));
    }

    #[test]
    fn a_protected_table_refuses_to_be_deleted() {
        let mut table = table(&[]);
        assert_eq!(table.refuses(None), None);
        table.config.deletion_protection = true;
        assert!(table.refuses(None).unwrap().contains("deletion_protection = false"));
    }
}
