"""What sessions of roles may do, in the words, codes and statuses of each service."""

import pytest
from conftest import ACCOUNT, allow, refused

USER = f"arn:aws:sts::{ACCOUNT}:assumed-role/judge-access/session"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource", "code", "status"),
    [
        ("dynamodb", "get_item", {"TableName": "t", "Key": {"k": {"S": "1"}}}, "dynamodb:GetItem",
         "arn:aws:dynamodb:{region}:{account}:table/t", "AccessDeniedException", 400),
        ("ssm", "get_parameter", {"Name": "/a/b"}, "ssm:GetParameter",
         "arn:aws:ssm:{region}:{account}:parameter/a/b", "AccessDeniedException", 400),
        ("logs", "create_log_group", {"logGroupName": "g"}, "logs:CreateLogGroup",
         "arn:aws:logs:{region}:{account}:log-group:g:log-stream:", "AccessDeniedException", 400),
        ("iam", "get_role", {"RoleName": "judge-access"}, "iam:GetRole",
         "arn:aws:iam::{account}:role/judge-access", "AccessDenied", 403),
        ("s3", "get_object", {"Bucket": "bucket", "Key": "key"}, "s3:GetObject",
         '"arn:aws:s3:::bucket/key"', "AccessDenied", 403),
        ("sts", "assume_role", {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/x", "RoleSessionName": "session"},
         "sts:AssumeRole", "arn:aws:iam::{account}:role/x", "AccessDenied", 403),
    ],
)
def test_a_missing_grant_is_denied_in_aws_words(
    cloud, assume, service, operation, parameters, action, resource, code, status
):
    client = assume("judge-access")(service)
    message = refused(code, status, getattr(client, operation), **parameters)
    resource = resource.format(region=cloud.region, account=ACCOUNT)
    assert message == (
        f"User: {USER} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


def test_an_explicit_deny_is_named(assume):
    deny = {"Effect": "Deny", "Action": "ssm:*", "Resource": "*"}
    client = assume("judge-deny", allow("*", "*"), deny)("ssm")
    message = refused("AccessDeniedException", 400, client.get_parameter, Name="/a")
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_a_grant_holds_for_its_resource_alone(cloud, assume):
    mine = f"arn:aws:ssm:{cloud.region}:{ACCOUNT}:parameter/mine/*"
    client = assume("judge-grant", allow("ssm:GetParameter*", mine))("ssm")
    refused("ParameterNotFound", 400, client.get_parameter, Name="/mine/x")
    refused("AccessDeniedException", 400, client.get_parameter, Name="/yours/x")
    refused("AccessDeniedException", 400, client.get_parameters, Names=["/mine/x", "/yours/x"])


def test_each_part_of_a_transaction_needs_its_own_grant(cloud, assume):
    table = f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/judge"
    client = assume("judge-transaction", allow("dynamodb:PutItem", table))("dynamodb")
    put = {"Put": {"TableName": "judge", "Item": {"k": {"S": "1"}}}}
    check = {"ConditionCheck": {"TableName": "judge", "Key": {"k": {"S": "2"}}, "ConditionExpression": "attribute_exists(k)"}}
    refused("ResourceNotFoundException", 400, client.transact_write_items, TransactItems=[put])
    message = refused("AccessDeniedException", 400, client.transact_write_items, TransactItems=[put, check])
    assert "dynamodb:ConditionCheckItem" in message


def test_an_index_needs_a_grant_of_its_own(cloud, assume):
    table = f"arn:aws:dynamodb:{cloud.region}:{ACCOUNT}:table/judge"
    client = assume("judge-index", allow("dynamodb:Query", table))("dynamodb")
    query = {
        "TableName": "judge",
        "KeyConditionExpression": "k = :k",
        "ExpressionAttributeValues": {":k": {"S": "1"}},
    }
    refused("ResourceNotFoundException", 400, client.query, **query)
    message = refused("AccessDeniedException", 400, client.query, **query, IndexName="index")
    assert f"{table}/index/index" in message


def test_objects_are_deleted_one_by_one_as_granted(cloud, assume):
    s3 = cloud.client("s3")
    where = {} if cloud.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}}
    s3.create_bucket(Bucket="judge-grants", **where)
    for key in ("mine", "yours"):
        s3.put_object(Bucket="judge-grants", Key=key, Body=b"x")
    client = assume("judge-s3", allow("s3:DeleteObject", "arn:aws:s3:::judge-grants/mine"))("s3")
    answer = client.delete_objects(Bucket="judge-grants", Delete={"Objects": [{"Key": "mine"}, {"Key": "yours"}]})
    assert [deleted["Key"] for deleted in answer["Deleted"]] == ["mine"]
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("yours", "AccessDenied")]
    s3.delete_object(Bucket="judge-grants", Key="yours")
    s3.delete_bucket(Bucket="judge-grants")
