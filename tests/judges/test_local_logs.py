"""CloudWatch Logs of the local cloud, judged by boto3."""

import time

import pytest
from conftest import ACCOUNT, refused


@pytest.fixture
def logs(cloud):
    return cloud.client("logs")


@pytest.fixture
def group(logs, request):
    """The name of a group, made for the test."""
    name = f"/judge/{abs(hash(request.node.name))}"
    logs.create_log_group(logGroupName=name, tags={"a": "1"})
    yield name
    logs.delete_log_group(logGroupName=name)


def now():
    return int(time.time() * 1000)


def put(logs, group, stream, *messages, at=None):
    """Makes the stream and puts the messages, a millisecond apart; gives the first one's time."""
    at = at or now()
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [{"timestamp": at + index, "message": message} for index, message in enumerate(messages)]
    if events:
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return at


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_a_group_is_made_listed_and_deleted(cloud, logs):
    logs.create_log_group(logGroupName="/judge/one")
    refused("ResourceAlreadyExistsException", 400, logs.create_log_group, logGroupName="/judge/one")
    [found] = logs.describe_log_groups(logGroupNamePrefix="/judge/one")["logGroups"]
    arn = f"arn:aws:logs:{cloud.region}:{ACCOUNT}:log-group:/judge/one"
    assert (found["arn"], found["logGroupArn"], found["logGroupClass"]) == (f"{arn}:*", arn, "STANDARD")
    assert "retentionInDays" not in found and found["storedBytes"] == 0
    logs.delete_log_group(logGroupName="/judge/one")
    refused("ResourceNotFoundException", 400, logs.delete_log_group, logGroupName="/judge/one")
    assert logs.describe_log_groups(logGroupNamePrefix="/judge/one")["logGroups"] == []


@pytest.mark.parametrize("name", ["", "a b", "x" * 513])
def test_a_group_has_a_plain_name(logs, name):
    refused("InvalidParameterException", 400, logs.create_log_group, logGroupName=name)


def test_what_is_not_done_is_refused_by_name(logs, group):
    message = refused("NotImplemented", 501, logs.create_log_group, logGroupName="x", kmsKeyId="arn:aws:kms:::key/x")
    assert "kmsKeyId" in message
    assert "logs:StartQuery" in refused("NotImplemented", 501, logs.start_query, logGroupName=group, startTime=0, endTime=1, queryString="x")
    message = refused("NotImplemented", 501, logs.filter_log_events, logGroupName=group, filterPattern='{ $.a = "b" }')
    assert "JSON filter patterns" in message


def test_groups_are_listed_by_pages(logs):
    names = [f"/pages/{letter}" for letter in "abc"]
    for name in names:
        logs.create_log_group(logGroupName=name)
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/pages/", PaginationConfig={"PageSize": 2}
    )
    assert [[found["logGroupName"] for found in page["logGroups"]] for page in pages] == [names[:2], names[2:]]
    for name in names:
        logs.delete_log_group(logGroupName=name)
    refused("InvalidParameterException", 400, logs.describe_log_groups, limit=51)


def test_a_retention_is_one_of_the_known_numbers_of_days(logs, group):
    logs.put_retention_policy(logGroupName=group, retentionInDays=14)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 14
    refused("InvalidParameterException", 400, logs.put_retention_policy, logGroupName=group, retentionInDays=2)
    refused("ResourceNotFoundException", 400, logs.put_retention_policy, logGroupName="nowhere", retentionInDays=1)
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    refused("ResourceNotFoundException", 400, logs.delete_retention_policy, logGroupName="nowhere")


def test_tags_are_set_listed_and_removed(cloud, logs, group):
    arn = f"arn:aws:logs:{cloud.region}:{ACCOUNT}:log-group:{group}"
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    nowhere = arn + "-nowhere"
    refused("ResourceNotFoundException", 400, logs.tag_resource, resourceArn=nowhere, tags={"b": "2"})
    refused("ResourceNotFoundException", 400, logs.untag_resource, resourceArn=nowhere, tagKeys=["a"])
    refused("ResourceNotFoundException", 400, logs.list_tags_for_resource, resourceArn=nowhere)
    many = {f"k{index}": "" for index in range(50)}
    refused("TooManyTagsException", 400, logs.tag_resource, resourceArn=arn, tags=many)


def test_streams_are_made_and_listed_by_name_and_by_time(logs, group):
    at = now()
    put(logs, group, "old", "x", at=at - 1000)
    put(logs, group, "new", "x", at=at)
    by_name = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [stream["logStreamName"] for stream in by_name] == ["new", "old"]
    by_time = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True, limit=1)
    assert [stream["lastEventTimestamp"] for stream in by_time["logStreams"]] == [at]
    rest = logs.describe_log_streams(
        logGroupName=group, orderBy="LastEventTime", descending=True, nextToken=by_time["nextToken"]
    )
    assert [stream["logStreamName"] for stream in rest["logStreams"]] == ["old"]
    refused("ResourceAlreadyExistsException", 400, logs.create_log_stream, logGroupName=group, logStreamName="old")
    refused("InvalidParameterException", 400, logs.create_log_stream, logGroupName=group, logStreamName="a:b")
    refused("ResourceNotFoundException", 400, logs.create_log_stream, logGroupName="nowhere", logStreamName="x")
    refused("ResourceNotFoundException", 400, logs.describe_log_streams, logGroupName="nowhere")


def test_events_are_read_forward_and_backward(logs, group):
    put(logs, group, "s", "one", "two", "three")
    at = {"logGroupName": group, "logStreamName": "s"}
    assert messages(logs.get_log_events(**at)) == ["one", "two", "three"]
    last = logs.get_log_events(**at, limit=1)
    assert messages(last) == ["three"]
    before = logs.get_log_events(**at, limit=1, nextToken=last["nextBackwardToken"])
    assert messages(before) == ["two"]
    first = logs.get_log_events(**at, limit=2, startFromHead=True)
    rest = logs.get_log_events(**at, limit=2, nextToken=first["nextForwardToken"])
    assert (messages(first), messages(rest)) == (["one", "two"], ["three"])
    end = logs.get_log_events(**at, nextToken=rest["nextForwardToken"])
    assert end["events"] == [] and end["nextForwardToken"] == rest["nextForwardToken"]
    refused("ResourceNotFoundException", 400, logs.get_log_events, logGroupName=group, logStreamName="nowhere")
    refused("InvalidParameterException", 400, logs.get_log_events, **at, nextToken="x")


def test_the_end_of_a_time_is_exclusive_for_one_stream_and_inclusive_for_a_filter(logs, group):
    at = put(logs, group, "s", "one", "two", "three")
    within = {"startTime": at, "endTime": at + 1}
    assert messages(logs.get_log_events(logGroupName=group, logStreamName="s", **within)) == ["one"]
    assert messages(logs.filter_log_events(logGroupName=group, **within)) == ["one", "two"]


def test_a_filter_reads_all_streams_in_the_order_of_time_and_by_pages(logs, group):
    at = now()
    put(logs, group, "a", "1 ERROR", "3 INFO", at=at)
    put(logs, group, "b", "2 ERROR", at=at)
    assert sorted(messages(logs.filter_log_events(logGroupName=group))) == ["1 ERROR", "2 ERROR", "3 INFO"]
    assert messages(logs.filter_log_events(logGroupName=group, filterPattern="INFO")) == ["3 INFO"]
    assert messages(logs.filter_log_events(logGroupName=group, filterPattern='ERROR -"2"')) == ["1 ERROR"]
    assert messages(logs.filter_log_events(logGroupName=group, logStreamNames=["b"])) == ["2 ERROR"]
    assert messages(logs.filter_log_events(logGroupName=group, logStreamNamePrefix="b")) == ["2 ERROR"]
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2}))
    assert [len(page["events"]) for page in pages] == [2, 1]
    assert len({event["eventId"] for page in pages for event in page["events"]}) == 3
    refused("ResourceNotFoundException", 400, logs.filter_log_events, logGroupName="nowhere")
    refused("InvalidParameterException", 400, logs.filter_log_events, logGroupName=group, filterPattern="a:b")


def test_what_is_too_old_or_too_new_is_rejected_and_said(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    hour, day = 3_600_000, 86_400_000

    def put_one(at):
        event = {"timestamp": now() + at, "message": "x"}
        answer = logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
        return answer.get("rejectedLogEventsInfo")

    assert put_one(0) is None
    assert put_one(3 * hour) == {"tooNewLogEventStartIndex": 0}
    assert put_one(-15 * day) == {"tooOldLogEventEndIndex": 1}
    assert len(logs.get_log_events(logGroupName=group, logStreamName="s")["events"]) == 1


@pytest.mark.parametrize(
    "events",
    [
        [],
        [{"timestamp": 2, "message": "x"}, {"timestamp": 1, "message": "x"}],
        [{"timestamp": 0, "message": "x"}, {"timestamp": 86_400_001, "message": "x"}],
        [{"timestamp": 1, "message": ""}],
        [{"timestamp": 1, "message": "x" * 600_000}] * 2,
    ],
    ids=["empty", "unordered", "over a day", "empty message", "over a megabyte"],
)
def test_a_batch_that_aws_would_refuse_is_refused(logs, group, events):
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    refused(
        "InvalidParameterException", 400, logs.put_log_events, logGroupName=group, logStreamName="s", logEvents=events
    )


def test_events_are_put_into_a_stream_that_is_there(logs, group):
    event = [{"timestamp": now(), "message": "x"}]
    refused(
        "ResourceNotFoundException", 400, logs.put_log_events, logGroupName=group, logStreamName="x", logEvents=event
    )
