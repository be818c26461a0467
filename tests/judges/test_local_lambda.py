"""boto3 as the client of the local cloud's Lambda: what AWS's own SDK sends is taken, and what comes back is what it reads."""

import base64
import hashlib
import io
import json
import os
import signal
import time
import zipfile

import pytest
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

# A runtime in what every Linux has: one request after the other, each answered with its own payload.
BOOTSTRAP = r"""#!/usr/bin/env python3
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next", timeout=None) as response:
        id, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.load(response)
    print("got", json.dumps(event), flush=True)
    end, answer = "response", event
    if event == "fail":
        end, answer = "error", {"errorType": "Asked", "errorMessage": "as asked"}
    if event == "pid":
        answer = os.getpid()
    urllib.request.urlopen(urllib.request.Request(api + id + "/" + end, data=json.dumps(answer).encode()))
"""


def package(mark=""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap", (2026, 1, 1, 0, 0, 0))
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, BOOTSTRAP + "# " + mark)
    return buffer.getvalue()


@pytest.fixture
def cloud(start, tmp_path):
    """A cloud for each test: its functions are called what they are called."""
    return start(tmp_path)


@pytest.fixture
def awslambda(client):
    return client("lambda")


@pytest.fixture
def role(client):
    iam = client("iam")
    arn = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="function", PolicyName="all", PolicyDocument=json.dumps(ANYTHING))
    return arn


@pytest.fixture
def function(awslambda, role):
    awslambda.create_function(
        FunctionName="memo", Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": package()}, Timeout=10
    )
    awslambda.get_waiter("function_active_v2").wait(FunctionName="memo", WaiterConfig={"Delay": 1})
    return "memo"


def refused(call, **parameters):
    """Status and code of the error that a call ends in."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def test_create_and_get_function(awslambda, function, role):
    answer = awslambda.get_function(FunctionName=function)
    assert answer["Configuration"]["CodeSha256"] == base64.b64encode(hashlib.sha256(package()).digest()).decode()
    assert answer["Configuration"]["Role"] == role
    assert refused(awslambda.get_function, FunctionName="other") == (404, "ResourceNotFoundException")
    again = dict(FunctionName="memo", Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": package()})
    assert refused(awslambda.create_function, **again) == (409, "ResourceConflictException")


def test_a_role_that_is_not_there_is_named_as_on_aws(awslambda, client):
    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda."):
        awslambda.create_function(
            FunctionName="memo", Runtime="provided.al2023", Handler="bootstrap", Role="arn:aws:iam::000000000000:role/nobody",
            Code={"ZipFile": package()},
        )


def test_invoke_with_its_log(awslambda, function):
    answer = awslambda.invoke(FunctionName=function, Payload=json.dumps({"a": 1}), LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"], json.load(answer["Payload"])) == (200, "$LATEST", {"a": 1})
    assert 'got {"a": 1}\n' in base64.b64decode(answer["LogResult"]).decode()
    assert answer["ResponseMetadata"]["RequestId"] in base64.b64decode(answer["LogResult"]).decode()


def test_invoke_that_fails(awslambda, function):
    answer = awslambda.invoke(FunctionName=function, Payload=json.dumps("fail"))
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorMessage"] == "as asked"
    assert refused(awslambda.invoke, FunctionName="other") == (404, "ResourceNotFoundException")


def test_invoke_for_an_event_and_as_a_dry_run(awslambda, function):
    assert awslambda.invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
    assert awslambda.invoke(FunctionName=function, InvocationType="DryRun", Payload=b"{}")["StatusCode"] == 204


def test_updates_wait_as_the_sdk_waits(awslambda, function):
    updated = awslambda.update_function_code(FunctionName=function, ZipFile=package("new"))
    assert updated["LastUpdateStatus"] == "InProgress"
    awslambda.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    awslambda.update_function_configuration(FunctionName=function, MemorySize=256, Environment={"Variables": {"AA": "1"}})
    awslambda.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})
    live = awslambda.get_function_configuration(FunctionName=function)
    assert (live["MemorySize"], live["Environment"]["Variables"]) == (256, {"AA": "1"})
    old = dict(FunctionName=function, RevisionId="old")
    assert refused(awslambda.update_function_configuration, **old) == (412, "PreconditionFailedException")
    assert refused(awslambda.update_function_code, ZipFile=package(), **old) == (412, "PreconditionFailedException")


def test_versions(awslambda, function):
    assert awslambda.publish_version(FunctionName=function)["Version"] == "1"
    assert awslambda.publish_version(FunctionName=function)["Version"] == "1"
    awslambda.get_waiter("published_version_active").wait(FunctionName=function, Qualifier="1", WaiterConfig={"Delay": 1})
    versions = awslambda.list_versions_by_function(FunctionName=function)["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1"]
    wrong = dict(FunctionName=function, CodeSha256="other")
    assert refused(awslambda.publish_version, **wrong) == (400, "InvalidParameterValueException")
    assert refused(awslambda.list_versions_by_function, FunctionName="other") == (404, "ResourceNotFoundException")


def test_aliases(awslambda, function):
    awslambda.publish_version(FunctionName=function)
    awslambda.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    awslambda.update_alias(FunctionName=function, Name="live", Description="what serves")
    assert awslambda.get_alias(FunctionName=function, Name="live")["Description"] == "what serves"
    assert [alias["Name"] for alias in awslambda.list_aliases(FunctionName=function)["Aliases"]] == ["live"]
    again = dict(FunctionName=function, Name="live", FunctionVersion="1")
    assert refused(awslambda.create_alias, **again) == (409, "ResourceConflictException")
    assert refused(awslambda.get_alias, FunctionName=function, Name="other") == (404, "ResourceNotFoundException")
    assert refused(awslambda.update_alias, FunctionName=function, Name="other") == (404, "ResourceNotFoundException")
    assert refused(awslambda.delete_function, FunctionName=function, Qualifier="1") == (409, "ResourceConflictException")
    awslambda.delete_alias(FunctionName=function, Name="live")
    assert refused(awslambda.get_alias, FunctionName=function, Name="live") == (404, "ResourceNotFoundException")


def test_permissions(awslambda, function):
    permission = dict(
        FunctionName=function, StatementId="gateway", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    statement = json.loads(awslambda.add_permission(**permission)["Statement"])
    assert json.loads(awslambda.get_policy(FunctionName=function)["Policy"])["Statement"] == [statement]
    assert refused(awslambda.add_permission, **permission) == (409, "ResourceConflictException")
    awslambda.remove_permission(FunctionName=function, StatementId="gateway")
    assert refused(awslambda.get_policy, FunctionName=function) == (404, "ResourceNotFoundException")
    gone = dict(FunctionName=function, StatementId="gateway")
    assert refused(awslambda.remove_permission, **gone) == (404, "ResourceNotFoundException")


def test_concurrency(awslambda, function):
    awslambda.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    assert awslambda.get_function_concurrency(FunctionName=function)["ReservedConcurrentExecutions"] == 0
    assert refused(awslambda.invoke, FunctionName=function) == (429, "TooManyRequestsException")
    awslambda.delete_function_concurrency(FunctionName=function)
    assert "ReservedConcurrentExecutions" not in awslambda.get_function_concurrency(FunctionName=function)
    too_many = dict(FunctionName=function, ReservedConcurrentExecutions=901)
    assert refused(awslambda.put_function_concurrency, **too_many) == (400, "InvalidParameterValueException")
    for call in (awslambda.get_function_concurrency, awslambda.delete_function_concurrency):
        assert refused(call, FunctionName="other") == (404, "ResourceNotFoundException")


def test_tags(awslambda, function):
    arn = awslambda.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    awslambda.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    awslambda.untag_resource(Resource=arn, TagKeys=["a"])
    assert awslambda.list_tags(Resource=arn)["Tags"] == {"b": "2"}
    other = arn.replace("memo", "other")
    assert refused(awslambda.list_tags, Resource=other) == (404, "ResourceNotFoundException")
    assert refused(awslambda.tag_resource, Resource=other, Tags={}) == (404, "ResourceNotFoundException")
    assert refused(awslambda.untag_resource, Resource=other, TagKeys=["a"]) == (404, "ResourceNotFoundException")


def test_lists_are_paged(awslambda, function, role):
    awslambda.create_function(
        FunctionName="auth", Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": package()}
    )
    pages = awslambda.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    assert [[one["FunctionName"] for one in page["Functions"]] for page in pages] == [["auth"], ["memo"]]
    assert refused(awslambda.list_functions, FunctionVersion="SOME") == (400, "ValidationException")


def test_account_settings(awslambda, function):
    settings = awslambda.get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] == 1000
    assert settings["AccountUsage"]["FunctionCount"] == 1


def test_every_call_says_that_a_function_is_not_there(awslambda):
    for call, parameters in [
        (awslambda.get_function_configuration, {}),
        (awslambda.update_function_configuration, {"Timeout": 9}),
        (awslambda.update_function_code, {"ZipFile": package()}),
        (awslambda.publish_version, {}),
        (awslambda.create_alias, {"Name": "live", "FunctionVersion": "1"}),
        (awslambda.list_aliases, {}),
        (awslambda.delete_alias, {"Name": "live"}),
        (awslambda.add_permission, {"StatementId": "a", "Action": "lambda:*", "Principal": "s3.amazonaws.com"}),
        (awslambda.put_function_concurrency, {"ReservedConcurrentExecutions": 1}),
    ]:
        assert refused(call, FunctionName="other", **parameters) == (404, "ResourceNotFoundException"), call


def test_a_role_without_the_permission_is_denied(assume, awslambda, function):
    denied = assume("denied", {"Effect": "Allow", "Action": "lambda:GetFunction", "Resource": "*"})("lambda")
    assert denied.get_function(FunctionName=function)["Configuration"]["FunctionName"] == function
    assert refused(denied.get_account_settings) == (403, "AccessDeniedException")
    with pytest.raises(ClientError, match="not authorized to perform: lambda:InvokeFunction on resource: .*:function:memo:7"):
        denied.invoke(FunctionName=function, Qualifier="7")


def test_what_is_not_done_is_refused_by_name(awslambda, function):
    with pytest.raises(ClientError, match="CreateFunctionUrlConfig") as error:
        awslambda.create_function_url_config(FunctionName=function, AuthType="NONE")
    assert error.value.response["Error"]["Code"] == "NotImplemented"


def test_a_deleted_function_is_gone(awslambda, function):
    awslambda.delete_function(FunctionName=function)
    assert refused(awslambda.delete_function, FunctionName=function) == (404, "ResourceNotFoundException")


def test_a_process_does_not_outlive_a_cloud_that_is_killed(awslambda, function, cloud):
    pid = json.load(awslambda.invoke(FunctionName=function, Payload=json.dumps("pid"))["Payload"])
    os.kill(cloud.process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.01)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
