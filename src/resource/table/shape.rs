//! A table in the SDK's types.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType as Role,
    PointInTimeRecoverySpecification, Projection as SdkProjection, ProjectionType, ProvisionedThroughput,
    ScalarAttributeType, StreamSpecification, StreamViewType, Tag, TimeToLiveSpecification,
};
use aws_smithy_types::error::operation::BuildError;

use super::Table;
use crate::aws::{Error, incomplete};
use crate::resource::Kind as _;
use crate::stack::{Capacity, Index, Key, KeyType, Projection, StreamView};

impl Table {
    /// The attributes that are keys, of the table or of an index: DynamoDB refuses others.
    pub(super) fn definitions(&self) -> Result<Vec<AttributeDefinition>, Error> {
        let of_indexes =
            self.config.indexes.values().flat_map(|index| [Some(&index.partition_key), index.sort_key.as_ref()]);
        let keys = [Some(&self.config.partition_key), self.config.sort_key.as_ref()].into_iter().chain(of_indexes);
        let kinds: BTreeMap<&str, KeyType> = keys.flatten().map(|key| (key.name.as_str(), key.kind)).collect();
        let definitions = kinds.into_iter().map(|(name, kind)| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(attribute_type(kind)).build()
        });
        self.sdk(definitions.collect())
    }

    pub(super) fn schema(&self) -> Result<Vec<KeySchemaElement>, Error> {
        self.sdk(schema(&self.config.partition_key, self.config.sort_key.as_ref()))
    }

    pub(super) fn indexes(&self) -> Result<Vec<GlobalSecondaryIndex>, Error> {
        let indexes = self.config.indexes.iter().map(|(name, index)| {
            GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(schema(&index.partition_key, index.sort_key.as_ref())?))
                .projection(projection(index))
                .set_provisioned_throughput(self.throughput())
                .build()
        });
        self.sdk(indexes.collect())
    }

    pub(super) fn billing_mode(&self) -> BillingMode {
        match self.config.capacity {
            Capacity::OnDemand => BillingMode::PayPerRequest,
            Capacity::Provisioned { .. } => BillingMode::Provisioned,
        }
    }

    /// The capacity of the table, and of each of its indexes.
    pub(super) fn throughput(&self) -> Option<ProvisionedThroughput> {
        match self.config.capacity {
            Capacity::OnDemand => None,
            Capacity::Provisioned { read, write } => {
                let units = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
                let throughput = ProvisionedThroughput::builder();
                throughput.read_capacity_units(units(read)).write_capacity_units(units(write)).build().ok()
            }
        }
    }

    /// What the SDK built for this table.
    pub(super) fn sdk<T>(&self, built: Result<T, BuildError>) -> Result<T, Error> {
        built.map_err(incomplete(&self.id()))
    }

    pub(super) fn sdk_tags(&self) -> Result<Vec<Tag>, Error> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        self.sdk(tags.collect())
    }
}

pub(super) fn schema(partition: &Key, sort: Option<&Key>) -> Result<Vec<KeySchemaElement>, BuildError> {
    let keys = [(Some(partition), Role::Hash), (sort, Role::Range)];
    let keys = keys.into_iter().filter_map(|(key, role)| Some((key?, role)));
    keys.map(|(key, role)| KeySchemaElement::builder().attribute_name(&key.name).key_type(role).build()).collect()
}

pub(super) fn projection(index: &Index) -> SdkProjection {
    let (kind, attributes) = match &index.projection {
        Projection::All => (ProjectionType::All, None),
        Projection::KeysOnly => (ProjectionType::KeysOnly, None),
        Projection::Include(names) => (ProjectionType::Include, Some(names.iter().cloned().collect())),
    };
    SdkProjection::builder().projection_type(kind).set_non_key_attributes(attributes).build()
}

/// `None` switches the stream off.
pub(super) fn stream(view: Option<StreamView>) -> Result<StreamSpecification, BuildError> {
    let kind = view.map(|view| match view {
        StreamView::KeysOnly => StreamViewType::KeysOnly,
        StreamView::NewImage => StreamViewType::NewImage,
        StreamView::OldImage => StreamViewType::OldImage,
        StreamView::NewAndOldImages => StreamViewType::NewAndOldImages,
    });
    StreamSpecification::builder().stream_enabled(kind.is_some()).set_stream_view_type(kind).build()
}

pub(super) fn ttl(attribute: &str, enabled: bool) -> Result<TimeToLiveSpecification, BuildError> {
    TimeToLiveSpecification::builder().attribute_name(attribute).enabled(enabled).build()
}

pub(super) fn recovery(enabled: bool) -> Result<PointInTimeRecoverySpecification, BuildError> {
    PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(enabled).build()
}

fn attribute_type(kind: KeyType) -> ScalarAttributeType {
    match kind {
        KeyType::S => ScalarAttributeType::S,
        KeyType::N => ScalarAttributeType::N,
        KeyType::B => ScalarAttributeType::B,
    }
}
