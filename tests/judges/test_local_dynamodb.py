"""DynamoDB of the local cloud, judged by boto3."""

import pytest
from conftest import ACCOUNT, refused

TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ],
}
NOWHERE = "ResourceNotFoundException"


@pytest.fixture
def dynamodb(cloud):
    return cloud.client("dynamodb")


@pytest.fixture
def table(dynamodb, request):
    """The name of a table, made for the test."""
    name = f"judge-{abs(hash(request.node.name))}"
    dynamodb.create_table(TableName=name, **TABLE)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    yield name
    dynamodb.delete_table(TableName=name)


def item(sk, **attributes):
    return {"pk": {"S": "p"}, "sk": {"S": sk}, **attributes}


def test_a_table_is_made_described_listed_and_deleted(cloud, dynamodb):
    made = dynamodb.create_table(TableName="judge-one", **TABLE, Tags=[{"Key": "a", "Value": "b"}])["TableDescription"]
    assert made["TableStatus"] == "CREATING"
    arn = f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/judge-one"
    assert made["TableArn"] == arn
    assert dynamodb.describe_table(TableName=arn)["Table"]["TableStatus"] == "ACTIVE"
    assert "judge-one" in dynamodb.list_tables()["TableNames"]
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    refused("ResourceInUseException", 400, dynamodb.create_table, TableName="judge-one", **TABLE)
    dynamodb.delete_table(TableName="judge-one")
    refused(NOWHERE, 400, dynamodb.describe_table, TableName="judge-one")
    refused(NOWHERE, 400, dynamodb.delete_table, TableName="judge-one")
    refused("ValidationException", 400, dynamodb.create_table, TableName="x", **TABLE)
    refused("ValidationException", 400, dynamodb.list_tables, Limit=101)


def test_what_is_not_done_is_refused_by_name(dynamodb, table):
    assert "DescribeLimits" in refused("NotImplemented", 501, dynamodb.describe_limits)
    message = refused("NotImplemented", 501, dynamodb.create_table, TableName="judge-x", **TABLE, ResourcePolicy="{}")
    assert "ResourcePolicy" in message
    updates = [{"Create": {"RegionName": "eu-west-2"}}]
    message = refused("NotImplemented", 501, dynamodb.update_table, TableName=table, ReplicaUpdates=updates)
    assert "ReplicaUpdates" in message


def test_a_protected_table_is_not_deleted(dynamodb, table):
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    refused("ValidationException", 400, dynamodb.delete_table, TableName=table)
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    refused(NOWHERE, 400, dynamodb.update_table, TableName="judge-none", DeletionProtectionEnabled=True)


def test_an_index_is_added_queried_and_dropped(cloud, dynamodb, table):
    create = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    definitions = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "kind")]
    dynamodb.put_item(TableName=table, Item=item("1", kind={"S": "note"}))
    dynamodb.update_table(
        TableName=table, AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=[{"Create": create}]
    )
    [index] = dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]
    assert index["IndexArn"] == f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/{table}/index/by-kind"
    found = dynamodb.query(
        TableName=table,
        IndexName="by-kind",
        KeyConditionExpression="kind = :k",
        ExpressionAttributeValues={":k": {"S": "note"}},
    )
    assert found["Count"] == 1
    dynamodb.update_table(TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-kind"}}])
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName=table)["Table"]


def test_items_are_put_read_updated_and_deleted(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=item("1", n={"N": "1"}))
    key = {"TableName": table, "Key": item("1")}
    assert dynamodb.get_item(**key, ConsistentRead=True)["Item"] == item("1", n={"N": "1"})
    updated = dynamodb.update_item(
        **key, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}}, ReturnValues="ALL_NEW"
    )
    assert updated["Attributes"]["n"] == {"N": "2"}
    assert dynamodb.delete_item(**key, ReturnValues="ALL_OLD")["Attributes"]["n"] == {"N": "2"}
    assert "Item" not in dynamodb.get_item(**key)


@pytest.mark.parametrize("operation", ["put_item", "update_item", "delete_item"])
def test_a_condition_that_fails_shows_the_item(dynamodb, table, operation):
    dynamodb.put_item(TableName=table, Item=item("1"))
    what = {"Item": item("1")} if operation == "put_item" else {"Key": item("1")}
    wanted = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    code = "ConditionalCheckFailedException"
    assert refused(code, 400, getattr(dynamodb, operation), TableName=table, **what, **wanted) == (
        "The conditional request failed"
    )


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("put_item", {"Item": item("1")}),
        ("get_item", {"Key": item("1")}),
        ("update_item", {"Key": item("1")}),
        ("delete_item", {"Key": item("1")}),
        ("query", {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}),
        ("scan", {}),
        ("describe_time_to_live", {}),
        ("update_time_to_live", {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "t"}}),
    ],
)
def test_a_table_that_is_not_there_is_not_found(dynamodb, operation, parameters):
    refused(NOWHERE, 400, getattr(dynamodb, operation), TableName="judge-none", **parameters)


def test_a_key_must_be_of_its_type_and_not_empty(dynamodb, table):
    wrong = {"pk": {"N": "1"}, "sk": {"S": "1"}}
    refused("ValidationException", 400, dynamodb.put_item, TableName=table, Item=wrong)
    empty = {"pk": {"S": ""}, "sk": {"S": "1"}}
    refused("ValidationException", 400, dynamodb.put_item, TableName=table, Item=empty)
    refused("ValidationException", 400, dynamodb.get_item, TableName=table, Key={"pk": {"S": "p"}})
    refused("SerializationException", 400, dynamodb.put_item, TableName=table, Item={"pk": {"S": 1}, "sk": {"S": "1"}})


def test_a_query_ends_at_its_limit_and_goes_on(dynamodb, table):
    for sk in "abc":
        dynamodb.put_item(TableName=table, Item=item(sk))
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :p AND begins_with(sk, :s)",
        ExpressionAttributeValues={":p": {"S": "p"}, ":s": {"S": ""}},
        PaginationConfig={"PageSize": 2},
    )
    assert [[found["sk"]["S"] for found in page["Items"]] for page in pages] == [["a", "b"], ["c"]]
    assert dynamodb.scan(TableName=table)["Count"] == 3


def test_batches_are_written_and_read(dynamodb, table):
    puts = [{"PutRequest": {"Item": item(sk)}} for sk in "ab"]
    assert dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"] == {}
    read = dynamodb.batch_get_item(RequestItems={table: {"Keys": [item("a"), item("b"), item("c")]}})
    assert len(read["Responses"][table]) == 2
    refused("ValidationException", 400, dynamodb.batch_write_item, RequestItems={})
    refused(NOWHERE, 400, dynamodb.batch_get_item, RequestItems={"judge-none": {"Keys": [item("a")]}})


def test_a_transaction_is_done_whole_or_not_at_all(dynamodb, table):
    put = lambda sk, **more: {"Put": {"TableName": table, "Item": item(sk), **more}}  # noqa: E731
    dynamodb.transact_write_items(TransactItems=[put("a"), put("b")])
    once = put("a", ConditionExpression="attribute_not_exists(pk)")
    message = refused("TransactionCanceledException", 400, dynamodb.transact_write_items, TransactItems=[put("c"), once])
    assert "[None, ConditionalCheckFailed]" in message
    gets = [{"Get": {"TableName": table, "Key": item(sk)}} for sk in "abc"]
    found = dynamodb.transact_get_items(TransactItems=gets)["Responses"]
    assert ["Item" in one for one in found] == [True, True, False]
    refused("ValidationException", 400, dynamodb.transact_get_items, TransactItems=[])


def test_statements_are_carried_out(dynamodb, table):
    insert = f"INSERT INTO \"{table}\" VALUE {{'pk': 'p', 'sk': '1'}}"
    dynamodb.execute_statement(Statement=insert)
    refused("DuplicateItemException", 400, dynamodb.execute_statement, Statement=insert)
    select = f"SELECT * FROM \"{table}\" WHERE pk = 'p' AND sk = '1'"
    assert dynamodb.execute_statement(Statement=select)["Items"] == [item("1")]
    assert len(dynamodb.batch_execute_statement(Statements=[{"Statement": select}])["Responses"]) == 1
    assert len(dynamodb.execute_transaction(TransactStatements=[{"Statement": select}])["Responses"]) == 1
    refused("ValidationException", 400, dynamodb.batch_execute_statement, Statements=[])
    refused("ValidationException", 400, dynamodb.execute_transaction, TransactStatements=[])


def test_time_to_live_is_switched_on_once(dynamodb, table):
    on = {"Enabled": True, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=on)
    described = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    message = refused("ValidationException", 400, dynamodb.update_time_to_live, TableName=table, TimeToLiveSpecification=on)
    assert message == "TimeToLive is already enabled"
    off = {"Enabled": False, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=off)
    refused("ValidationException", 400, dynamodb.update_time_to_live, TableName=table, TimeToLiveSpecification=off)


def test_point_in_time_recovery_is_switched_on_and_off(dynamodb, table):
    def status():
        backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        return backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]

    assert status() == "DISABLED"
    wanted = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=wanted)
    assert status() == "ENABLED"
    wanted = {"PointInTimeRecoveryEnabled": False}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=wanted)
    assert status() == "DISABLED"
    refused("TableNotFoundException", 400, dynamodb.describe_continuous_backups, TableName="judge-none")
    refused(
        "ValidationException", 400, dynamodb.update_continuous_backups, TableName=table, PointInTimeRecoverySpecification={}
    )


def test_tags_are_set_listed_and_removed(cloud, dynamodb, table):
    arn = f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/{table}"
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    refused("AccessDeniedException", 400, dynamodb.list_tags_of_resource, ResourceArn=arn + "-none")
    refused("ValidationException", 400, dynamodb.tag_resource, ResourceArn="none", Tags=[{"Key": "a", "Value": "1"}])
    refused("ValidationException", 400, dynamodb.untag_resource, ResourceArn="none", TagKeys=["a"])


def test_a_stream_shows_what_was_written(cloud, dynamodb, table):
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName=table, StreamSpecification=specification)
    dynamodb.put_item(TableName=table, Item=item("1"))
    streams = cloud.client("dynamodbstreams")
    [stream] = streams.list_streams(TableName=table)["Streams"]
    arn = stream["StreamArn"]
    assert arn.startswith(f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/{table}/stream/")
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    at = {"StreamArn": arn, "ShardId": shard["ShardId"]}
    iterator = streams.get_shard_iterator(**at, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    [record] = streams.get_records(ShardIterator=iterator)["Records"]
    assert record["awsRegion"] == cloud.region and record["dynamodb"]["NewImage"] == item("1")
    refused(NOWHERE, 400, streams.describe_stream, StreamArn=arn.replace(table, "judge-none"))
    refused(NOWHERE, 400, streams.get_shard_iterator, **{**at, "StreamArn": arn.replace(table, "judge-none")}, ShardIteratorType="LATEST")
    refused("ValidationException", 400, streams.get_records, ShardIterator="none")
    refused("ValidationException", 400, streams.list_streams, Limit=0)
