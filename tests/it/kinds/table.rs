use aws_sdk_dynamodb::types::{AttributeDefinition, KeySchemaElement, KeyType as Role, ScalarAttributeType};
use aws_sdk_dynamodb::types::{
    BillingMode, PointInTimeRecoverySpecification, ProvisionedThroughput, StreamSpecification, StreamViewType, Tag,
    TimeToLiveSpecification,
};
use local::{FaultKind, Faults};
use memoctl::aws::Aws;
use memoctl::resource::table::Table;
use memoctl::resource::{Found, Kind as _};
use memoctl::stack::{self, Capacity, Index, Key, KeyType, Projection, Stack, StreamView};

use super::{Sample, create, life, versions};

life!(Table, moto shows no drift of &[]);

fn key(name: &str) -> Key {
    Key { name: name.to_owned(), kind: KeyType::S }
}

fn index(partition: &str) -> Index {
    Index { partition_key: key(partition), sort_key: Some(key("sk")), projection: Projection::All }
}

fn memos() -> stack::Table {
    stack::Table {
        partition_key: key("pk"),
        sort_key: Some(key("sk")),
        indexes: [("by_owner".to_owned(), index("owner"))].into(),
        ttl: None,
        stream: None,
        point_in_time_recovery: false,
        deletion_protection: false,
        capacity: Capacity::OnDemand,
    }
}

impl Sample for Table {
    const DRIFTS: &'static [&'static str] =
        &["ttl", "point_in_time_recovery", "stream", "deletion_protection", "capacity", "tags.memoctl:id"];

    fn first(stack: &mut Stack) {
        stack.tables.insert("memos".to_owned(), memos());
    }

    fn second(stack: &mut Stack) {
        let include = Projection::Include(["title".to_owned()].into());
        let second = stack::Table {
            indexes: [
                ("by_day".to_owned(), index("day")),
                ("by_title".to_owned(), Index { projection: include, sort_key: None, ..index("title_key") }),
            ]
            .into(),
            ttl: Some("expires_at".to_owned()),
            stream: Some(StreamView::NewAndOldImages),
            point_in_time_recovery: true,
            deletion_protection: true,
            capacity: Capacity::Provisioned { read: 5, write: 3 },
            ..memos()
        };
        stack.tables.insert("memos".to_owned(), second);
    }

    async fn make_foreign(&self, aws: &Aws) {
        let definition = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
        let element = KeySchemaElement::builder().attribute_name("id").key_type(Role::Hash);
        aws.dynamodb
            .create_table()
            .table_name(self.name())
            .attribute_definitions(definition.build().unwrap())
            .key_schema(element.build().unwrap())
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await
            .unwrap();
    }

    async fn drift(&self, field: &str, aws: &Aws) {
        let (dynamodb, name) = (&aws.dynamodb, self.name());
        let update = dynamodb.update_table().table_name(name);
        match field {
            "ttl" => {
                let ttl = TimeToLiveSpecification::builder().attribute_name("gone_at").enabled(true).build().unwrap();
                let call = dynamodb.update_time_to_live().table_name(name).time_to_live_specification(ttl);
                call.send().await.unwrap();
            }
            "point_in_time_recovery" => {
                let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
                let call = dynamodb.update_continuous_backups().table_name(name);
                call.point_in_time_recovery_specification(on.build().unwrap()).send().await.unwrap();
            }
            "stream" => {
                let on = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::KeysOnly);
                update.stream_specification(on.build().unwrap()).send().await.unwrap();
            }
            "deletion_protection" => {
                update.deletion_protection_enabled(true).send().await.unwrap();
            }
            "capacity" => {
                let units = ProvisionedThroughput::builder().read_capacity_units(1).write_capacity_units(1);
                let units = units.build().unwrap();
                let update = update.billing_mode(BillingMode::Provisioned).provisioned_throughput(units.clone());
                let resize = aws_sdk_dynamodb::types::UpdateGlobalSecondaryIndexAction::builder()
                    .index_name("by_owner")
                    .provisioned_throughput(units)
                    .build()
                    .unwrap();
                let resize = aws_sdk_dynamodb::types::GlobalSecondaryIndexUpdate::builder().update(resize).build();
                update.global_secondary_index_updates(resize).send().await.unwrap();
            }
            "tags.memoctl:id" => {
                let tag = Tag::builder().key("memoctl:id").value("other").build().unwrap();
                let arn = aws.scope.table_arn(name);
                dynamodb.tag_resource().resource_arn(arn).tags(tag).send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_change_of_ttl_that_is_cut_anywhere_is_made_all_the_same() {
    let cloud = TestCloud::local().await;
    let aws = &cloud.aws;
    let plain = Table { config: memos(), ..versions::<Table>(aws).0 };
    let expiring = Table { config: stack::Table { ttl: Some("expires".to_owned()), ..memos() }, ..plain.clone() };
    create(&plain, aws).await.unwrap();
    let (mut live, mut wanted) = (&plain, &expiring);
    for at in 1..=5 {
        for kind in [FaultKind::CutBefore, FaultKind::CutAfter, FaultKind::ErrorBefore, FaultKind::ErrorAfter] {
            cloud.inject(Faults::at(at, kind));
            wanted.update(live, aws).await.unwrap_or_else(|error| panic!("{kind:?} at {at}: {error}"));
            cloud.inject(Faults::none());
            let found = Table::list(&[wanted.name().to_owned()].into(), aws).await.unwrap();
            assert_eq!(found, [Found::Ours(wanted.clone())], "{kind:?} at {at}");
            (live, wanted) = (wanted, live);
        }
    }
}

#[tokio::test]
async fn a_first_change_of_ttl_that_is_cut_is_made_where_a_second_one_would_be_refused() {
    for kind in [FaultKind::CutBefore, FaultKind::CutAfter] {
        let cloud = TestCloud::rehearsal(100.0).await;
        let aws = &cloud.aws;
        let plain = Table { config: memos(), ..versions::<Table>(aws).0 };
        let expiring = Table { config: stack::Table { ttl: Some("expires".to_owned()), ..memos() }, ..plain.clone() };
        create(&plain, aws).await.unwrap();
        // The table and its TTL are read before.
        cloud.inject(Faults::at(3, kind));
        expiring.update(&plain, aws).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
}
