"""SSM Parameter Store of the local cloud, judged by boto3."""

import pytest
from conftest import ACCOUNT, refused


@pytest.fixture
def ssm(cloud):
    return cloud.client("ssm")


@pytest.fixture
def prefix(ssm, request):
    """A path of the test's own; what was put below it is deleted."""
    path = "/judge/" + str(abs(hash(request.node.name)))
    yield path
    while found := ssm.get_parameters_by_path(Path=path, Recursive=True)["Parameters"]:
        ssm.delete_parameters(Names=[parameter["Name"] for parameter in found])


def test_a_parameter_is_put_and_read_back(cloud, ssm, prefix):
    put = ssm.put_parameter(Name=f"{prefix}/a", Value="one", Type="String", Description="d")
    assert (put["Version"], put["Tier"]) == (1, "Standard")
    read = ssm.get_parameter(Name=f"{prefix}/a")["Parameter"]
    assert (read["Value"], read["Type"], read["Version"], read["DataType"]) == ("one", "String", 1, "text")
    assert read["ARN"] == f"arn:aws:ssm:{cloud.region}:{ACCOUNT}:parameter{prefix}/a"
    assert ssm.get_parameter(Name=read["ARN"])["Parameter"]["Value"] == "one"


def test_a_secure_string_shows_its_value_only_when_decrypted(ssm, prefix):
    ssm.put_parameter(Name=f"{prefix}/s", Value="secret", Type="SecureString")
    assert "secret" not in ssm.get_parameter(Name=f"{prefix}/s")["Parameter"]["Value"]
    assert ssm.get_parameter(Name=f"{prefix}/s", WithDecryption=True)["Parameter"]["Value"] == "secret"


def test_each_put_is_a_version(ssm, prefix):
    name = f"{prefix}/v"
    ssm.put_parameter(Name=name, Value="one", Type="String")
    assert ssm.put_parameter(Name=name, Value="two", Overwrite=True)["Version"] == 2
    read = ssm.get_parameter(Name=f"{name}:1")["Parameter"]
    assert (read["Value"], read["Selector"]) == ("one", ":1")
    refused("ParameterVersionNotFound", 400, ssm.get_parameter, Name=f"{name}:3")
    refused("ParameterAlreadyExists", 400, ssm.put_parameter, Name=name, Value="three", Type="String")
    refused("HierarchyTypeMismatchException", 400, ssm.put_parameter, Name=name, Value="x", Type="StringList", Overwrite=True)


def test_the_oldest_of_a_hundred_versions_goes(ssm, prefix):
    name = f"{prefix}/many"
    for _ in range(101):
        ssm.put_parameter(Name=name, Value="x", Type="String", Overwrite=True)
    refused("ParameterVersionNotFound", 400, ssm.get_parameter, Name=f"{name}:1")
    assert ssm.get_parameter(Name=f"{name}:2")["Parameter"]["Version"] == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Overwrite": True, "Tags": [{"Key": "a", "Value": "b"}]}, "ValidationException"),
        ({"Value": "x" * 4097}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Advanced"}, "ValidationException"),
        ({"Value": ""}, "ValidationException"),
        ({"Name": "a/b"}, "ValidationException"),
        ({"Name": "/aws/x"}, "ValidationException"),
        ({"Name": "/a b"}, "ValidationException"),
        ({"Name": "/" + "/".join("abcdefghijklmnop")}, "HierarchyLevelLimitExceededException"),
        ({"Type": "Number"}, "ValidationException"),
        ({"Type": None}, "ValidationException"),
        ({"Tags": [{"Key": "aws:x", "Value": "b"}]}, "ValidationException"),
    ],
)
def test_a_parameter_that_aws_would_refuse_is_refused(ssm, changes, code):
    wanted = {"Name": "/judge-refused", "Value": "x", "Type": "String", **changes}
    refused(code, 400, ssm.put_parameter, **{name: value for name, value in wanted.items() if value is not None})


def test_what_is_not_done_is_refused_by_name(ssm):
    message = refused("NotImplemented", 501, ssm.put_parameter, Name="/x", Value="x", Type="String", Policies="[]")
    assert "Policies" in message
    assert "ssm:GetParameterHistory" in refused("NotImplemented", 501, ssm.get_parameter_history, Name="/x")


def test_several_are_read_and_the_unknown_named(ssm, prefix):
    ssm.put_parameter(Name=f"{prefix}/a", Value="x", Type="String")
    answer = ssm.get_parameters(Names=[f"{prefix}/a", f"{prefix}/b"])
    assert [found["Name"] for found in answer["Parameters"]] == [f"{prefix}/a"]
    assert answer["InvalidParameters"] == [f"{prefix}/b"]
    refused("ValidationException", 400, ssm.get_parameters, Names=["x"] * 11)
    refused("ValidationException", 400, ssm.get_parameters, Names=["x", "x"])


def test_a_path_is_read_flat_or_whole_and_by_pages(ssm, prefix):
    for name in ("a", "b", "c/d"):
        ssm.put_parameter(Name=f"{prefix}/{name}", Value="x", Type="String")
    flat = ssm.get_parameters_by_path(Path=prefix)["Parameters"]
    assert [found["Name"] for found in flat] == [f"{prefix}/a", f"{prefix}/b"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=prefix, Recursive=True, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Parameters"]) for page in pages] == [2, 1]
    refused("ValidationException", 400, ssm.get_parameters_by_path, Path="judge")
    refused("ValidationException", 400, ssm.get_parameters_by_path, Path="/judge", MaxResults=11)


def test_parameters_are_described_by_filters(ssm, prefix):
    ssm.put_parameter(Name=f"{prefix}/a", Value="x", Type="SecureString", Tags=[{"Key": "stack", "Value": prefix}])
    ssm.put_parameter(Name=f"{prefix}/b", Value="x", Type="String")

    def described(key, option, value):
        filters = [{"Key": key, "Option": option, "Values": [value]}]
        return [found["Name"] for found in ssm.describe_parameters(ParameterFilters=filters)["Parameters"]]

    assert described("Path", "Recursive", prefix) == [f"{prefix}/a", f"{prefix}/b"]
    assert described("Name", "BeginsWith", f"{prefix}/b") == [f"{prefix}/b"]
    assert described("tag:stack", "Equals", prefix) == [f"{prefix}/a"]
    refused("InvalidFilterKey", 400, ssm.describe_parameters, ParameterFilters=[{"Key": "Colour", "Values": ["x"]}])


def test_parameters_are_deleted_one_by_one_and_together(ssm, prefix):
    for name in ("a", "b"):
        ssm.put_parameter(Name=f"{prefix}/{name}", Value="x", Type="String")
    ssm.delete_parameter(Name=f"{prefix}/a")
    refused("ParameterNotFound", 400, ssm.delete_parameter, Name=f"{prefix}/a")
    refused("ParameterNotFound", 400, ssm.get_parameter, Name=f"{prefix}/a")
    answer = ssm.delete_parameters(Names=[f"{prefix}/a", f"{prefix}/b"])
    assert (answer["DeletedParameters"], answer["InvalidParameters"]) == ([f"{prefix}/b"], [f"{prefix}/a"])
    refused("ValidationException", 400, ssm.delete_parameters, Names=["x"] * 11)


def test_tags_are_added_listed_and_removed(ssm, prefix):
    name = f"{prefix}/tagged"
    ssm.put_parameter(Name=name, Value="x", Type="String", Tags=[{"Key": "a", "Value": "1"}])
    at = {"ResourceType": "Parameter", "ResourceId": name}
    ssm.add_tags_to_resource(**at, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**at, TagKeys=["a"])
    assert ssm.list_tags_for_resource(**at)["TagList"] == [{"Key": "b", "Value": "2"}]
    nowhere = {"ResourceType": "Parameter", "ResourceId": "/nowhere"}
    refused("InvalidResourceId", 400, ssm.add_tags_to_resource, **nowhere, Tags=[])
    refused("InvalidResourceId", 400, ssm.remove_tags_from_resource, **nowhere, TagKeys=["a"])
    refused("InvalidResourceId", 400, ssm.list_tags_for_resource, **nowhere)
    refused("InvalidResourceType", 400, ssm.list_tags_for_resource, ResourceType="Document", ResourceId="x")
    many = [{"Key": f"k{index}", "Value": ""} for index in range(50)]
    refused("TooManyTagsError", 400, ssm.add_tags_to_resource, **at, Tags=many)
