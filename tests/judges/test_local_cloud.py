"""The local cloud as a whole: who may talk to it, what it counts, and what survives it."""

import http.client
import json
import subprocess
import time
import urllib.parse

import pytest
from conftest import ACCOUNT, Cloud, refused, trust


def get(cloud, path="/", **headers):
    """A plain GET: status and body."""
    address = urllib.parse.urlsplit(cloud.endpoint)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    connection.putrequest("GET", path, skip_host="host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.headers["x-amzn-RequestId"]
    return answer.status, answer.read().decode()


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1.example.com:80", "localhost.evil.com", "169.254.169.254"])
def test_another_host_is_refused_in_clear_words(cloud, host):
    status, body = get(cloud, host=host)
    assert status == 403 and "answers only to the hosts 127.0.0.1, localhost, [::1] and *.localhost" in body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "[::1]", "api.execute-api.localhost"])
def test_the_names_of_this_machine_are_taken(cloud, host):
    assert "answers only" not in get(cloud, host=host)[1]


def test_a_call_from_a_foreign_web_page_is_refused(cloud):
    assert get(cloud, "/_aws/local", origin="https://example.com")[0] == 403
    assert get(cloud, "/_aws/local", origin="http://localhost:3000")[0] == 200


def test_an_unsigned_call_has_no_authentication_token(cloud):
    status, body = get(cloud)
    assert status == 403 and json.loads(body)["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    ("service", "call", "parameters", "code", "status"),
    [
        ("ssm", "get_parameter", {"Name": "x"}, "InvalidSignatureException", 400),
        ("dynamodb", "list_tables", {}, "InvalidSignatureException", 400),
        ("lambda", "list_functions", {}, "InvalidSignatureException", 403),
    ],
)
def test_another_region_is_refused(cloud, service, call, parameters, code, status):
    client = cloud.client(service, region="sa-east-1")
    assert cloud.region in refused(code, status, getattr(client, call), **parameters)


def test_another_region_is_refused_by_s3_too(cloud):
    # boto3 itself would follow the region that the error names, so that the URL is fetched without it.
    url = cloud.client("s3", region="sa-east-1").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    status, body = get(cloud, url.removeprefix(cloud.endpoint))
    assert status == 400 and "<Code>AuthorizationHeaderMalformed</Code>" in body
    assert f"<Region>{cloud.region}</Region>" in body


def test_a_service_that_is_not_there_is_refused_by_name(cloud):
    assert "sqs" in refused("NotImplemented", 501, cloud.client("sqs").list_queues)
    assert "ListTopics" in refused("NotImplemented", 501, cloud.client("sns").list_topics)


def test_calls_are_counted_at_the_socket(cloud, assume):
    def counted():
        return json.loads(get(cloud, "/_aws/local")[1])["calls"]

    role = assume("judge-count")("sts")
    before = counted()
    cloud.client("sts").get_caller_identity()
    cloud.client("ssm").put_parameter(Name="/counted", Value="x", Type="String", Overwrite=True)
    role.get_caller_identity()
    after = counted()

    def more(kind, operation):
        return after[kind].get(operation, 0) - before[kind].get(operation, 0)

    assert more("reading", "sts:GetCallerIdentity") == 1
    assert more("mutating", "ssm:PutParameter") == 1
    assert more("by_roles", "sts:GetCallerIdentity") == 1


def test_everything_survives_a_kill(start, tmp_path):
    cloud = start(tmp_path)
    arn = make_one_of_each(cloud)
    key = session_key(cloud, arn)
    cloud.kill()

    cloud = start(tmp_path)
    assert cloud.client("iam").get_role(RoleName="kept")["Role"]["Arn"] == arn
    assert cloud.client("ssm").get_parameter(Name="/kept")["Parameter"]["Value"] == "value"
    item = cloud.client("dynamodb").get_item(TableName="kept", Key={"k": {"S": "1"}})["Item"]
    assert item == {"k": {"S": "1"}, "n": {"N": "7"}}
    backups = cloud.client("dynamodb").describe_continuous_backups(TableName="kept")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert cloud.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"body"
    events = cloud.client("logs").filter_log_events(logGroupName="kept")["events"]
    assert [event["message"] for event in events] == ["line"]
    assert cloud.client("sts", **key).get_caller_identity()["Arn"].endswith("assumed-role/kept/session")


def make_one_of_each(cloud):
    role = cloud.client("iam").create_role(
        RoleName="kept", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    )
    cloud.client("ssm").put_parameter(Name="/kept", Value="value", Type="String")
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    dynamodb.put_item(TableName="kept", Item={"k": {"S": "1"}, "n": {"N": "7"}})
    dynamodb.update_continuous_backups(
        TableName="kept", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    where = {} if cloud.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="kept", **where)
    s3.put_object(Bucket="kept", Key="k", Body=b"body")
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="kept")
    logs.create_log_stream(logGroupName="kept", logStreamName="s")
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="kept", logStreamName="s", logEvents=[{"timestamp": now, "message": "line"}])
    return role["Role"]["Arn"]


def session_key(cloud, arn):
    keys = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    return {"key": keys["AccessKeyId"], "secret": keys["SecretAccessKey"], "token": keys["SessionToken"]}


def test_a_second_process_on_the_same_state_is_told_where_the_first_one_answers(start, command, tmp_path):
    cloud = start(tmp_path)
    second = subprocess.run(
        [*command, "--region", cloud.region, "--port", "0", "--state", str(tmp_path)], capture_output=True, text=True, timeout=30, cwd=tmp_path
    )
    assert second.returncode != 0 and cloud.endpoint in second.stdout + second.stderr


def test_the_lock_of_a_killed_process_is_nobodys(start, tmp_path):
    start(tmp_path).kill()
    assert isinstance(start(tmp_path), Cloud)
