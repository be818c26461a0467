"""IAM and STS of the local cloud, judged by boto3."""

import json

import pytest
from conftest import ACCOUNT, allow, policy, refused, trust

LAMBDA = trust({"Service": "lambda.amazonaws.com"})
ANYTHING = policy(allow("*", "*"))


@pytest.fixture
def iam(cloud):
    return cloud.client("iam")


@pytest.fixture
def role(iam, request):
    """The name of a role, made for the test."""
    name = f"judge-{abs(hash(request.node.name))}"
    iam.create_role(RoleName=name, Path="/judges/", AssumeRolePolicyDocument=LAMBDA)
    yield name
    for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=inline)
    for managed in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=managed["PolicyArn"])
    iam.delete_role(RoleName=name)


def test_the_developer_is_a_user_of_the_account(cloud):
    identity = cloud.client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/developer")


def test_a_session_is_known_by_its_role_and_name(cloud, assume):
    identity = assume("judge-session")("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/judge-session/session"
    assert identity["UserId"].startswith("AROA") and identity["UserId"].endswith(":session")


def test_a_key_that_nobody_was_given_is_refused(cloud):
    stranger = cloud.client("sts", key="ASIAAAAAAAAAAAAAAAAA", token="x")
    refused("InvalidClientTokenId", 403, stranger.get_caller_identity)


def test_a_role_that_does_not_trust_the_caller_cannot_be_assumed(cloud, role):
    arn = f"arn:aws:iam::{ACCOUNT}:role/judges/{role}"
    sts = cloud.client("sts")
    message = refused("AccessDenied", 403, sts.assume_role, RoleArn=arn, RoleSessionName="session")
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/developer is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )


@pytest.mark.parametrize("parameters", [{"RoleSessionName": "a b"}, {"DurationSeconds": 60}])
def test_a_session_is_asked_for_in_bounds(cloud, parameters):
    asked = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/x", "RoleSessionName": "session", **parameters}
    refused("ValidationError", 400, cloud.client("sts").assume_role, **asked)


def test_a_role_is_made_with_all_that_was_asked_for(iam):
    made = iam.create_role(
        RoleName="Judge",
        Path="/a/b/",
        AssumeRolePolicyDocument=LAMBDA,
        Description="a role",
        MaxSessionDuration=7200,
        Tags=[{"Key": "k", "Value": "v"}],
    )["Role"]
    read = iam.get_role(RoleName="judge")["Role"]
    iam.delete_role(RoleName="JUDGE")
    assert read["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/a/b/Judge"
    assert read["RoleId"].startswith("AROA") and len(read["RoleId"]) == 21
    assert read["AssumeRolePolicyDocument"] == json.loads(LAMBDA)
    assert read["MaxSessionDuration"] == 7200 and read["Description"] == "a role"
    assert read["Tags"] == [{"Key": "k", "Value": "v"}]
    assert made["CreateDate"] == read["CreateDate"]


def test_a_role_name_is_unique_without_regard_to_case(iam, role):
    refused("EntityAlreadyExists", 409, iam.create_role, RoleName=role.upper(), AssumeRolePolicyDocument=LAMBDA)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"RoleName": "a b"}, "ValidationError"),
        ({"RoleName": "x" * 65}, "ValidationError"),
        ({"Path": "no-slashes"}, "ValidationError"),
        ({"MaxSessionDuration": 60}, "ValidationError"),
        ({"AssumeRolePolicyDocument": "{}"}, "MalformedPolicyDocument"),
        ({"AssumeRolePolicyDocument": ANYTHING}, "MalformedPolicyDocument"),
        ({"Tags": [{"Key": "aws:x", "Value": "v"}]}, "InvalidInput"),
        ({"Tags": [{"Key": "a", "Value": "v"}, {"Key": "A", "Value": "v"}]}, "InvalidInput"),
    ],
)
def test_a_role_that_aws_would_refuse_is_refused(iam, changes, code):
    refused(code, 400, iam.create_role, **{"RoleName": "judge", "AssumeRolePolicyDocument": LAMBDA, **changes})


def test_what_is_not_done_is_refused_by_name(iam):
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/b"
    message = refused(
        "NotImplemented", 501, iam.create_role, RoleName="x", AssumeRolePolicyDocument=LAMBDA, PermissionsBoundary=boundary
    )
    assert "PermissionsBoundary" in message
    assert "iam:ListUsers" in refused("NotImplemented", 501, iam.list_users)


def test_roles_are_listed_by_path_and_by_pages(iam):
    for name in "abc":
        iam.create_role(RoleName=f"page-{name}", Path="/pages/", AssumeRolePolicyDocument=LAMBDA)
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 2}))
    for name in "abc":
        iam.delete_role(RoleName=f"page-{name}")
    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [["page-a", "page-b"], ["page-c"]]
    refused("ValidationError", 400, iam.list_roles, PathPrefix="pages/")
    refused("ValidationError", 400, iam.list_roles, Marker="?")


def test_an_update_changes_only_what_it_names(iam, role):
    iam.update_role(RoleName=role, Description="new")
    iam.update_role(RoleName=role, MaxSessionDuration=3601)
    read = iam.get_role(RoleName=role)["Role"]
    assert (read["Description"], read["MaxSessionDuration"]) == ("new", 3601)
    refused("NoSuchEntity", 404, iam.update_role, RoleName="nobody", Description="x")


def test_a_trust_policy_can_be_replaced(iam, role):
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust({"Service": "apigateway.amazonaws.com"}))
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert document["Statement"][0]["Principal"] == {"Service": "apigateway.amazonaws.com"}
    refused("MalformedPolicyDocument", 400, iam.update_assume_role_policy, RoleName=role, PolicyDocument="x")


def test_inline_policies_are_put_read_listed_and_deleted(iam, role):
    iam.put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=ANYTHING)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["one"]
    assert iam.get_role_policy(RoleName=role, PolicyName="one")["PolicyDocument"] == json.loads(ANYTHING)
    refused("DeleteConflict", 409, iam.delete_role, RoleName=role)
    iam.delete_role_policy(RoleName=role, PolicyName="one")
    for call in (iam.get_role_policy, iam.delete_role_policy):
        refused("NoSuchEntity", 404, call, RoleName=role, PolicyName="one")
    refused("NoSuchEntity", 404, iam.list_role_policies, RoleName="nobody")


def test_inline_policies_together_have_a_limit_of_10240_characters_without_spaces(iam, role):
    def document(length):
        bare = policy(allow("s3:GetObject", "arn:aws:s3:::"))
        return policy(allow("s3:GetObject", "arn:aws:s3:::" + "x" * (length - len(bare.replace(" ", "")))))

    iam.put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=document(10_000))
    iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=document(240))
    message = refused(
        "LimitExceeded", 409, iam.put_role_policy, RoleName=role, PolicyName="two", PolicyDocument=document(241)
    )
    assert message.startswith("Maximum policy size of 10240 bytes exceeded")


@pytest.mark.parametrize(
    ("document", "code", "status"),
    [
        ("not json", "MalformedPolicyDocument", 400),
        (policy({"Effect": "Allow", "Action": "s3:GetObject"}), "MalformedPolicyDocument", 400),
        (policy(allow("s3:GetObject", "bucket")), "MalformedPolicyDocument", 400),
        (policy({**allow("*", "*"), "Condition": {"IpAddress": {"aws:SourceIp": "1.2.3.4"}}}), "NotImplemented", 501),
        (policy({**allow("*", "*"), "Condition": {"StringEquals": {"dynamodb:LeadingKeys": "x"}}}), "NotImplemented", 501),
    ],
)
def test_a_policy_that_cannot_be_evaluated_cannot_be_put(iam, role, document, code, status):
    refused(code, status, iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument=document)


def test_managed_policies_are_attached_and_detached(iam, role):
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": arn}]
    refused("DeleteConflict", 409, iam.delete_role, RoleName=role)
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    refused("NoSuchEntity", 404, iam.detach_role_policy, RoleName=role, PolicyArn=arn)
    unknown = f"arn:aws:iam::{ACCOUNT}:policy/unknown"
    refused("NoSuchEntity", 404, iam.attach_role_policy, RoleName=role, PolicyArn=unknown)
    refused("NoSuchEntity", 404, iam.list_attached_role_policies, RoleName="nobody")


def test_tags_are_set_listed_and_removed(iam, role):
    iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.tag_role(RoleName=role, Tags=[{"Key": "B", "Value": "3"}])
    iam.untag_role(RoleName=role, TagKeys=["a"])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "B", "Value": "3"}]
    refused("NoSuchEntity", 404, iam.tag_role, RoleName="nobody", Tags=[])
    refused("NoSuchEntity", 404, iam.untag_role, RoleName="nobody", TagKeys=["a"])
    refused("NoSuchEntity", 404, iam.list_role_tags, RoleName="nobody")
    many = [{"Key": f"k{index}", "Value": ""} for index in range(50)]
    refused("LimitExceeded", 409, iam.tag_role, RoleName=role, Tags=many)


def test_a_role_that_is_not_there_cannot_be_read_or_deleted(iam):
    refused("NoSuchEntity", 404, iam.get_role, RoleName="nobody")
    refused("NoSuchEntity", 404, iam.delete_role, RoleName="nobody")
