//! What is live of a table, in our terms.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, IndexStatus, KeySchemaElement, KeyType as Role, PointInTimeRecoveryStatus,
    Projection as SdkProjection, ProjectionType, ProvisionedThroughputDescription, ScalarAttributeType,
    StreamViewType, TableDescription, TableStatus, TimeToLiveStatus,
};

use super::{READY, Table};
use crate::aws::{Aws, Error, Unless as _, idempotent, pages, retry_while, wait_until};
use crate::plan::Id;
use crate::resource::live::Whose;
use crate::resource::{Found, Kind as _};
use crate::scope::Tags;
use crate::stack::{self, Capacity, Index, Key, KeyType, Projection, StreamView};

/// How long the tags of a table just made may be unknown.
const TAGS: Duration = Duration::from_secs(20);

/// The tables that may be ours by their names.
pub(super) async fn nominated(aws: &Aws) -> Result<BTreeSet<String>, Error> {
    let tables = pages(async |token: Option<String>| {
        let list = || aws.dynamodb.list_tables().set_exclusive_start_table_name(token.clone()).send();
        let page = idempotent("list", &"the tables", list).await?;
        Ok((page.table_names.unwrap_or_default(), page.last_evaluated_table_name))
    });
    Ok(tables.await?.into_iter().filter(|name| aws.scope.nominates(name)).collect())
}

/// Reads one table, once it is settled.
pub(super) async fn read(name: &str, whose: Whose, aws: &Aws) -> Result<Option<Found<Table>>, Error> {
    let id = Id::new(Table::KIND, name);
    // All four take the name, so none waits for another; they count only when the table is there.
    let (table, owner, ttl, recovery) =
        tokio::join!(describe(name, aws), tags(name, aws), ttl(name, aws), recovery(name, aws));
    let (table, owner) = match (table?, owner) {
        (None, _) => return Ok(None),
        (Some(table), Err(error)) if error.is("ResourceNotFoundException") => {
            let tags = || tags(name, aws);
            (table, retry_while(|error| error.is("ResourceNotFoundException"), TAGS, tags).await?)
        }
        (Some(table), owner) => (table, owner?),
    };
    if !whose.takes(&owner, aws) {
        return Ok(Some(Found::Foreign(name.to_owned())));
    }
    let table = match state(&table) {
        State::Ready => table,
        State::Leaving => return wait_until(&id, "gone", READY, || gone(name, aws)).await.map(|()| None),
        State::Changing => wait_until(&id, "ACTIVE", READY, || settled(name, aws)).await?,
    };
    let config = config(&table, ttl?.flatten(), recovery?);
    Ok(Some(Found::Ours(Table { name: name.to_owned(), config, tags: owner })))
}

/// The table once it and its indexes are ready; `None` before.
pub(super) async fn settled(name: &str, aws: &Aws) -> Result<Option<TableDescription>, Error> {
    Ok(describe(name, aws).await?.filter(|table| matches!(state(table), State::Ready)))
}

/// `Some` when there is no such table.
pub(super) async fn gone(name: &str, aws: &Aws) -> Result<Option<()>, Error> {
    Ok(describe(name, aws).await?.is_none().then_some(()))
}

/// The attribute by which items expire, if any; `None` when there is no such table.
pub(super) async fn ttl(name: &str, aws: &Aws) -> Result<Option<Option<String>>, Error> {
    let id = Id::new(Table::KIND, name);
    let read = || aws.dynamodb.describe_time_to_live().table_name(name).send();
    let answer = idempotent("read the TTL of", &id, read).await.unless("ResourceNotFoundException")?;
    Ok(answer.map(|answer| {
        let ttl = answer.time_to_live_description?;
        let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
        ttl.time_to_live_status.is_some_and(|status| on.contains(&status)).then_some(ttl.attribute_name)?
    }))
}

/// Whether point-in-time recovery is on.
async fn recovery(name: &str, aws: &Aws) -> Result<bool, Error> {
    let id = Id::new(Table::KIND, name);
    let read = || aws.dynamodb.describe_continuous_backups().table_name(name).send();
    let answer = idempotent("read the backups of", &id, read).await.unless("TableNotFoundException")?;
    let recovery = answer
        .and_then(|answer| answer.continuous_backups_description)
        .and_then(|backups| backups.point_in_time_recovery_description);
    Ok(recovery.and_then(|it| it.point_in_time_recovery_status) == Some(PointInTimeRecoveryStatus::Enabled))
}

async fn describe(name: &str, aws: &Aws) -> Result<Option<TableDescription>, Error> {
    let read = || aws.dynamodb.describe_table().table_name(name).send();
    let answer = idempotent("read", &Id::new(Table::KIND, name), read).await.unless("ResourceNotFoundException")?;
    Ok(answer.and_then(|answer| answer.table))
}

async fn tags(name: &str, aws: &Aws) -> Result<Tags, Error> {
    let (id, arn) = (Id::new(Table::KIND, name), aws.scope.table_arn(name));
    let tags = pages(async |token: Option<String>| {
        let list = || aws.dynamodb.list_tags_of_resource().resource_arn(&arn).set_next_token(token.clone()).send();
        let page = idempotent("read the tags of", &id, list).await?;
        Ok((page.tags.unwrap_or_default(), page.next_token))
    });
    Ok(tags.await?.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

enum State {
    Ready,
    Changing,
    Leaving,
}

fn state(table: &TableDescription) -> State {
    let moving = |status: Option<&IndexStatus>| {
        matches!(status, Some(IndexStatus::Creating | IndexStatus::Updating | IndexStatus::Deleting))
    };
    let indexes = table.global_secondary_indexes();
    match table.table_status {
        Some(TableStatus::Deleting) => State::Leaving,
        Some(TableStatus::Creating | TableStatus::Updating) => State::Changing,
        _ if indexes.iter().any(|index| moving(index.index_status())) => State::Changing,
        // The rest (archived, key not accessible) does not end by itself, and shows in the call that it hinders.
        _ => State::Ready,
    }
}

fn config(table: &TableDescription, ttl: Option<String>, point_in_time_recovery: bool) -> stack::Table {
    let definitions = table.attribute_definitions();
    let indexes = table.global_secondary_indexes().iter().filter_map(|index| {
        let (partition_key, sort_key) = keys(index.key_schema(), definitions)?;
        let projection = projection(index.projection());
        Some((index.index_name.clone()?, Index { partition_key, sort_key, projection }))
    });
    let (partition_key, sort_key) = keys(table.key_schema(), definitions).unwrap_or_else(|| (key("", definitions), None));
    stack::Table {
        partition_key,
        sort_key,
        indexes: indexes.collect(),
        ttl,
        stream: stream(table),
        point_in_time_recovery,
        deletion_protection: table.deletion_protection_enabled.unwrap_or_default(),
        capacity: capacity(table),
    }
}

/// The partition key, and the sort key if any.
fn keys(schema: &[KeySchemaElement], definitions: &[AttributeDefinition]) -> Option<(Key, Option<Key>)> {
    let of = |role: &Role| {
        let element = schema.iter().find(|element| element.key_type == *role)?;
        Some(key(&element.attribute_name, definitions))
    };
    Some((of(&Role::Hash)?, of(&Role::Range)))
}

fn key(name: &str, definitions: &[AttributeDefinition]) -> Key {
    let definition = definitions.iter().find(|definition| definition.attribute_name == name);
    let kind = match definition.map(|definition| &definition.attribute_type) {
        Some(ScalarAttributeType::N) => KeyType::N,
        Some(ScalarAttributeType::B) => KeyType::B,
        _ => KeyType::S,
    };
    Key { name: name.to_owned(), kind }
}

fn projection(projection: Option<&SdkProjection>) -> Projection {
    let Some(projection) = projection else { return Projection::All };
    match projection.projection_type() {
        Some(ProjectionType::KeysOnly) => Projection::KeysOnly,
        Some(ProjectionType::Include) => Projection::Include(projection.non_key_attributes().iter().cloned().collect()),
        _ => Projection::All,
    }
}

/// The view of the stream that is on.
pub(super) fn stream(table: &TableDescription) -> Option<StreamView> {
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled)?;
    match stream.stream_view_type()? {
        StreamViewType::KeysOnly => Some(StreamView::KeysOnly),
        StreamViewType::NewImage => Some(StreamView::NewImage),
        StreamViewType::OldImage => Some(StreamView::OldImage),
        _ => Some(StreamView::NewAndOldImages),
    }
}

pub(super) fn capacity(table: &TableDescription) -> Capacity {
    // A table that was never on demand has no billing mode.
    let mode = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    if mode == Some(&BillingMode::PayPerRequest) { Capacity::OnDemand } else { units(table.provisioned_throughput()) }
}

/// The units of a table or an index.
fn units(throughput: Option<&ProvisionedThroughputDescription>) -> Capacity {
    let units = |units: Option<i64>| units.and_then(|units| u64::try_from(units).ok()).unwrap_or_default();
    let (read, write) = throughput.map(|it| (it.read_capacity_units, it.write_capacity_units)).unwrap_or_default();
    Capacity::Provisioned { read: units(read), write: units(write) }
}

/// The indexes, each with its capacity.
pub(super) fn indexes(table: &TableDescription) -> BTreeMap<String, Capacity> {
    let indexes = table.global_secondary_indexes().iter();
    indexes.filter_map(|index| Some((index.index_name.clone()?, units(index.provisioned_throughput())))).collect()
}
