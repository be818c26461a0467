"""Every operation that the local cloud implements was seen to succeed and to refuse, by the other judges of this run."""

import pytest
from conftest import SEEN

OPERATIONS = {
    "sts": "GetCallerIdentity AssumeRole",
    "iam": """CreateRole GetRole ListRoles UpdateRole UpdateAssumeRolePolicy DeleteRole PutRolePolicy GetRolePolicy
        ListRolePolicies DeleteRolePolicy AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies TagRole UntagRole
        ListRoleTags""",
    "ssm": """PutParameter GetParameter GetParameters GetParametersByPath DeleteParameter DeleteParameters
        DescribeParameters AddTagsToResource RemoveTagsFromResource ListTagsForResource""",
    "logs": """CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy TagResource
        UntagResource ListTagsForResource CreateLogStream DescribeLogStreams PutLogEvents GetLogEvents
        FilterLogEvents""",
    "s3": """CreateBucket HeadBucket DeleteBucket ListBuckets GetBucketLocation PutObject GetObject HeadObject
        DeleteObject DeleteObjects ListObjectsV2 PutPublicAccessBlock GetPublicAccessBlock DeletePublicAccessBlock
        PutBucketEncryption GetBucketEncryption PutBucketTagging GetBucketTagging DeleteBucketTagging
        GetBucketVersioning""",
    "dynamodb": """CreateTable DeleteTable DescribeTable ListTables UpdateTable UpdateTimeToLive DescribeTimeToLive
        UpdateContinuousBackups DescribeContinuousBackups TagResource UntagResource ListTagsOfResource PutItem GetItem
        UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems
        ExecuteStatement BatchExecuteStatement ExecuteTransaction""",
    "lambda": """CreateFunction GetFunction GetFunctionConfiguration ListFunctions UpdateFunctionCode
        UpdateFunctionConfiguration DeleteFunction PublishVersion ListVersionsByFunction CreateAlias GetAlias
        UpdateAlias DeleteAlias ListAliases AddPermission RemovePermission GetPolicy PutFunctionConcurrency
        GetFunctionConcurrency DeleteFunctionConcurrency TagResource UntagResource ListTags Invoke
        GetAccountSettings""",
    "apigateway": """CreateRestApi GetRestApi GetRestApis UpdateRestApi DeleteRestApi ImportRestApi PutRestApi
        GetResources GetResource GetMethod GetIntegration GetAuthorizers GetAuthorizer GetRequestValidators
        GetRequestValidator GetModels GetModel GetGatewayResponses GetGatewayResponse CreateDeployment GetDeployments
        GetDeployment UpdateDeployment DeleteDeployment CreateStage GetStage GetStages UpdateStage DeleteStage
        FlushStageAuthorizersCache TagResource UntagResource GetTags GetAccount UpdateAccount""",
    "dynamodbstreams": "ListStreams DescribeStream GetShardIterator GetRecords",
}
ALL = [(service, name) for service, names in OPERATIONS.items() for name in names.split()]


@pytest.mark.last
@pytest.mark.parametrize(("service", "operation"), ALL)
def test_an_operation_was_seen_to_succeed_and_to_refuse(request, service, operation):
    modules = {item.path.name for item in request.session.items}
    judges = ("iam", "ssm", "logs", "s3", "dynamodb", "lambda", "apigateway")
    if not {f"test_local_{name}.py" for name in judges} <= modules:
        pytest.skip("the other judges were not run")
    outcomes = SEEN.get((service, operation), set())
    refusals = outcomes - {"success", "NotImplemented", "InvalidSignatureException"}
    assert "success" in outcomes and refusals, f"seen: {outcomes or 'nothing'}"
