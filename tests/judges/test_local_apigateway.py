"""boto3 as the client of the local cloud's API Gateway: for every operation a success and an error, as AWS gives them."""

import datetime
import http.server
import json
import threading
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

REGION = "us-east-1"


def document(*paths, **members):
    """An OpenAPI document whose paths are mocks."""
    mock = {
        "responses": {"200": {"description": "200", "headers": {"X-Mock": {"schema": {"type": "string"}}}}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {
                "default": {"statusCode": "200", "responseParameters": {"method.response.header.X-Mock": "'yes'"}}
            },
        },
    }
    body = {"openapi": "3.0.1", "info": {"title": "judged", "version": "1"}, "paths": {p: {"get": mock} for p in paths}}
    return json.dumps(body | members).encode()


FULL = {
    "components": {
        "schemas": {"Memo": {"type": "object"}},
        "securitySchemes": {
            "guard": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {
                    "type": "request",
                    "identitySource": "method.request.header.Authorization",
                    "authorizerUri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/"
                    f"arn:aws:lambda:{REGION}:000000000000:function:guard:1/invocations",
                    "authorizerResultTtlInSeconds": 60,
                },
            }
        },
    },
    "x-amazon-apigateway-request-validators": {"params": {"validateRequestParameters": True}},
    "x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": "430"}},
}


@pytest.fixture
def gateway(client):
    return client("apigateway")


@pytest.fixture
def api(gateway):
    return gateway.import_rest_api(body=document("/memos", "/memos/{id}", **FULL))["id"]


@pytest.fixture
def deployment(gateway, api):
    return gateway.create_deployment(restApiId=api, description="first")["id"]


@pytest.fixture
def stage(gateway, api, deployment):
    return gateway.create_stage(restApiId=api, stageName="prod", deploymentId=deployment)


def refused(call, **parameters):
    """Status, code and message of the error that a call ends in."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def status(answer):
    return answer["ResponseMetadata"]["HTTPStatusCode"]


NO_API = (404, "NotFoundException", "Invalid API identifier specified 000000000000:nothing")


def test_create_rest_api(gateway):
    api = gateway.create_rest_api(
        name="memo", description="d", tags={"owner": "me"}, endpointConfiguration={"types": ["REGIONAL"]}
    )
    assert status(api) == 201
    assert api["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert isinstance(api["createdDate"], datetime.datetime)
    error = refused(gateway.create_rest_api, name="memo", description="")
    assert error == (400, "BadRequestException", "Description cannot be an empty string")


def test_get_rest_api(gateway, api):
    assert gateway.get_rest_api(restApiId=api)["name"] == "judged"
    assert refused(gateway.get_rest_api, restApiId="nothing") == NO_API


def test_get_rest_apis(gateway):
    made = {gateway.create_rest_api(name=f"api-{n}", tags={"n": str(n)})["id"] for n in range(3)}
    pages = gateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 2})
    found = [item for page in pages for item in page["items"]]
    assert {item["id"] for item in found} >= made
    assert all("tags" in item for item in found if item["id"] in made)
    assert refused(gateway.get_rest_apis, position="nonsense")[:2] == (400, "BadRequestException")


def test_update_rest_api(gateway, api):
    rename = [{"op": "replace", "path": "/name", "value": "renamed"}]
    assert gateway.update_rest_api(restApiId=api, patchOperations=rename)["name"] == "renamed"
    wrong = [{"op": "add", "path": "/minimumCompressionSize", "value": "10"}]
    error = refused(gateway.update_rest_api, restApiId=api, patchOperations=wrong)
    assert error == (400, "BadRequestException", "Invalid patch operation specified. Must be one of: [replace]")


def test_delete_rest_api(gateway, api):
    assert status(gateway.delete_rest_api(restApiId=api)) == 202
    assert refused(gateway.delete_rest_api, restApiId="nothing") == NO_API


def test_import_rest_api(gateway):
    answer = gateway.import_rest_api(
        failOnWarnings=True, parameters={"endpointConfigurationTypes": "REGIONAL"}, body=document("/a")
    )
    assert (status(answer), answer["name"], answer["version"]) == (201, "judged", "1")
    assert answer["endpointConfiguration"]["types"] == ["REGIONAL"]
    error = refused(gateway.import_rest_api, body=document("/{a}", "/{b}"))
    assert error[:2] == (400, "BadRequestException") and "Errors found during import" in error[2]


def test_put_rest_api(gateway, api):
    answer = gateway.put_rest_api(restApiId=api, mode="overwrite", failOnWarnings=True, body=document("/other"))
    assert status(answer) == 200
    paths = {item["path"] for item in gateway.get_resources(restApiId=api)["items"]}
    assert paths == {"/", "/other"}
    assert refused(gateway.put_rest_api, restApiId="nothing", body=document("/a")) == NO_API


def test_get_resources_and_methods(gateway, api):
    pages = gateway.get_paginator("get_resources").paginate(
        restApiId=api, embed=["methods"], PaginationConfig={"PageSize": 1}
    )
    resources = {item["path"]: item for page in pages for item in page["items"]}
    assert set(resources) == {"/", "/memos", "/memos/{id}"}
    memo = resources["/memos/{id}"]
    method = memo["resourceMethods"]["GET"]
    assert method["methodIntegration"]["integrationResponses"]["200"]["responseParameters"] == {
        "method.response.header.X-Mock": "'yes'"
    }
    assert gateway.get_resource(restApiId=api, resourceId=memo["id"])["resourceMethods"] == {"GET": {}}
    named = {"restApiId": api, "resourceId": memo["id"], "httpMethod": "GET"}
    assert gateway.get_method(**named)["methodIntegration"] == method["methodIntegration"]
    assert gateway.get_integration(**named)["type"] == "MOCK"
    missing = (404, "NotFoundException", "Invalid Resource identifier specified")
    assert refused(gateway.get_resource, restApiId=api, resourceId="nothing") == missing
    other = named | {"httpMethod": "PUT"}
    assert refused(gateway.get_method, **other) == (404, "NotFoundException", "Invalid Method identifier specified")


def test_get_authorizers(gateway, api):
    (authorizer,) = gateway.get_authorizers(restApiId=api)["items"]
    assert (authorizer["type"], authorizer["authorizerResultTtlInSeconds"]) == ("REQUEST", 60)
    assert gateway.get_authorizer(restApiId=api, authorizerId=authorizer["id"])["name"] == "guard"
    error = refused(gateway.get_authorizer, restApiId=api, authorizerId="nothing")
    assert error == (404, "NotFoundException", "Invalid Authorizer identifier specified")


def test_get_request_validators(gateway, api):
    (validator,) = gateway.get_request_validators(restApiId=api)["items"]
    found = gateway.get_request_validator(restApiId=api, requestValidatorId=validator["id"])
    assert (found["validateRequestParameters"], found["validateRequestBody"]) == (True, False)
    assert refused(gateway.get_request_validator, restApiId=api, requestValidatorId="x")[:2] == (404, "NotFoundException")


def test_get_models(gateway, api):
    (model,) = gateway.get_models(restApiId=api)["items"]
    assert json.loads(model["schema"]) == {"type": "object"}
    assert gateway.get_model(restApiId=api, modelName="Memo")["id"] == model["id"]
    assert refused(gateway.get_model, restApiId=api, modelName="Nothing")[:2] == (404, "NotFoundException")


def test_get_gateway_responses(gateway, api):
    responses = {item["responseType"]: item for item in gateway.get_gateway_responses(restApiId=api)["items"]}
    assert (responses["THROTTLED"]["statusCode"], responses["THROTTLED"]["defaultResponse"]) == ("430", False)
    assert (responses["UNAUTHORIZED"]["statusCode"], responses["UNAUTHORIZED"]["defaultResponse"]) == ("401", True)
    assert "statusCode" not in responses["DEFAULT_4XX"]
    assert gateway.get_gateway_response(restApiId=api, responseType="THROTTLED")["statusCode"] == "430"
    assert refused(gateway.get_gateway_response, restApiId="nothing", responseType="THROTTLED") == NO_API


def test_deployments(gateway, api, deployment):
    assert [item["id"] for item in gateway.get_deployments(restApiId=api)["items"]] == [deployment]
    shown = gateway.get_deployment(restApiId=api, deploymentId=deployment, embed=["apisummary"])
    assert shown["apiSummary"]["/memos"]["GET"] == {"authorizationType": "NONE", "apiKeyRequired": False}
    change = [{"op": "replace", "path": "/description", "value": "second"}]
    changed = gateway.update_deployment(restApiId=api, deploymentId=deployment, patchOperations=change)
    assert changed["description"] == "second"
    assert status(gateway.delete_deployment(restApiId=api, deploymentId=deployment)) == 202
    missing = (404, "NotFoundException", "Invalid Deployment identifier specified")
    for call in (gateway.get_deployment, gateway.delete_deployment):
        assert refused(call, restApiId=api, deploymentId=deployment) == missing
    assert refused(gateway.create_deployment, restApiId="nothing") == NO_API


def test_a_deployment_in_use_cannot_be_deleted(gateway, api, deployment, stage):
    error = refused(gateway.delete_deployment, restApiId=api, deploymentId=deployment)
    assert error == (400, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")


def test_an_empty_api_cannot_be_deployed(gateway):
    api = gateway.create_rest_api(name="empty")["id"]
    error = refused(gateway.create_deployment, restApiId=api, stageName="prod")
    assert error == (400, "BadRequestException", "The REST API doesn't contain any methods")


def test_create_and_get_stage(gateway, api, deployment, stage):
    assert (status(stage), stage["deploymentId"], stage["methodSettings"]) == (201, deployment, {})
    assert isinstance(stage["lastUpdatedDate"], datetime.datetime)
    assert gateway.get_stage(restApiId=api, stageName="prod")["deploymentId"] == deployment
    assert [item["stageName"] for item in gateway.get_stages(restApiId=api)["item"]] == ["prod"]
    again = {"restApiId": api, "stageName": "prod", "deploymentId": deployment}
    assert refused(gateway.create_stage, **again) == (409, "ConflictException", "Stage already exists")
    missing = (404, "NotFoundException", "Invalid stage identifier specified")
    assert refused(gateway.get_stage, restApiId=api, stageName="nothing") == missing


def test_update_stage(gateway, api, deployment, stage):
    patches = [
        {"op": "replace", "path": "/deploymentId", "value": deployment},
        {"op": "replace", "path": "/variables/base_url", "value": "http://localhost:4567/x"},
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "100"},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "50"},
    ]
    updated = gateway.update_stage(restApiId=api, stageName="prod", patchOperations=patches)
    assert updated["variables"] == {"base_url": "http://localhost:4567/x"}
    assert updated["methodSettings"]["*/*"]["throttlingRateLimit"] == 100.0
    wrong = [{"op": "replace", "path": "/deploymentId", "value": "nothing"}]
    error = refused(gateway.update_stage, restApiId=api, stageName="prod", patchOperations=wrong)
    assert error == (400, "BadRequestException", "Deployment id does not exist")


def test_update_stage_with_a_canary(gateway, api, deployment, stage):
    def update(*patches):
        return {"restApiId": api, "stageName": "prod", "patchOperations": [dict(zip(("op", "path", "value"), patch)) for patch in patches]}

    percent = ("replace", "/canarySettings/percentTraffic", "12.5")
    variable = ("replace", "/canarySettings/stageVariableOverrides/base_url", "http://localhost:4567/y")
    updated = gateway.update_stage(**update(percent, variable))["canarySettings"]
    overrides = {"base_url": "http://localhost:4567/y"}
    assert updated == {"percentTraffic": 12.5, "deploymentId": deployment, "stageVariableOverrides": overrides, "useStageCache": False}
    too_much = update(("replace", "/canarySettings/percentTraffic", "101"))
    assert refused(gateway.update_stage, **too_much)[:2] == (400, "BadRequestException")
    absent = update(("replace", "/canarySettings/deploymentId", "nothing"))
    assert refused(gateway.update_stage, **absent) == (400, "BadRequestException", "Deployment id does not exist")
    whole = update(("replace", "/canarySettings", "{}"))
    assert refused(gateway.update_stage, **whole)[:2] == (400, "BadRequestException")
    assert "canarySettings" not in gateway.update_stage(**update(("remove", "/canarySettings")))


def test_delete_and_flush_stage(gateway, api, stage):
    assert status(gateway.flush_stage_authorizers_cache(restApiId=api, stageName="prod")) == 202
    assert status(gateway.delete_stage(restApiId=api, stageName="prod")) == 202
    missing = (404, "NotFoundException", "Invalid stage identifier specified")
    for call in (gateway.delete_stage, gateway.flush_stage_authorizers_cache):
        assert refused(call, restApiId=api, stageName="prod") == missing


def test_tags(gateway, api, stage):
    for arn in (f"arn:aws:apigateway:{REGION}::/restapis/{api}", f"arn:aws:apigateway:{REGION}::/restapis/{api}/stages/prod"):
        assert status(gateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})) == 204
        assert status(gateway.untag_resource(resourceArn=arn, tagKeys=["a"])) == 204
        assert gateway.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    nowhere = f"arn:aws:apigateway:{REGION}::/restapis/nothing"
    for call, more in ((gateway.tag_resource, {"tags": {}}), (gateway.untag_resource, {"tagKeys": ["a"]}), (gateway.get_tags, {})):
        assert refused(call, resourceArn=nowhere, **more) == NO_API
    assert refused(gateway.get_tags, resourceArn="arn:aws:s3:::b")[:2] == (400, "BadRequestException")


@pytest.mark.parametrize(
    "operation",
    """get_resources get_authorizers get_request_validators get_gateway_responses get_models get_deployments
    get_stages""".split(),
)
def test_a_list_of_an_api_that_is_not_there_is_refused(gateway, operation):
    assert refused(getattr(gateway, operation), restApiId="nothing") == NO_API


def test_an_integration_and_a_deployment_that_are_not_there_are_refused(gateway, api):
    root = gateway.get_rest_api(restApiId=api)["rootResourceId"]
    error = refused(gateway.get_integration, restApiId=api, resourceId=root, httpMethod="GET")
    assert error == (404, "NotFoundException", "Invalid Method identifier specified")
    error = refused(gateway.update_deployment, restApiId=api, deploymentId="nothing", patchOperations=[])
    assert error == (404, "NotFoundException", "Invalid Deployment identifier specified")


@pytest.fixture
def logger(client):
    """A role with which API Gateway may write logs."""
    iam = client("iam")
    principal = {"Service": "apigateway.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    documents = [json.dumps({"Version": "2012-10-17", "Statement": [statement]}) for statement in (trust, may)]
    arn = iam.create_role(RoleName="gateway-logger", AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName="gateway-logger", PolicyName="p", PolicyDocument=documents[1])
    yield arn
    iam.delete_role_policy(RoleName="gateway-logger", PolicyName="p")
    iam.delete_role(RoleName="gateway-logger")


def test_account(gateway, logger):
    patch = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": logger}]
    assert gateway.update_account(patchOperations=patch)["cloudwatchRoleArn"] == logger
    assert gateway.get_account()["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}
    nobody = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::000000000000:role/nobody"}]
    assert refused(gateway.update_account, patchOperations=nobody)[:2] == (400, "BadRequestException")


def test_a_role_needs_the_method_on_the_path(assume):
    reader = assume("gateway-reader")("apigateway")
    status, code, message = refused(reader.get_account)
    assert (status, code) == (403, "AccessDeniedException")
    assert f"not authorized to perform: apigateway:GET on resource: arn:aws:apigateway:{REGION}::/account" in message


def test_what_is_not_implemented_is_refused_by_name(gateway, api):
    for name, call, more in (
        ("CreateApiKey", gateway.create_api_key, {}),
        ("GetExport", gateway.get_export, {"restApiId": api, "stageName": "prod", "exportType": "oas30"}),
        ("PutMethod", gateway.put_method, {"restApiId": api, "resourceId": "r", "httpMethod": "GET", "authorizationType": "NONE"}),
    ):
        error = refused(call, **more)
        assert error[:2] == (501, "NotImplemented") and name in error[2]


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.headers["X-Mock"]
    except urllib.error.HTTPError as error:
        return error.code, error.headers["x-amzn-errortype"]


def test_a_stage_answers(gateway, api, stage):
    base = f"{gateway.meta.endpoint_url}/_aws/execute-api/{api}/prod"
    assert fetch(f"{base}/memos/1") == (200, "yes")
    assert fetch(f"{base}/nowhere") == (403, "MissingAuthenticationTokenException")


@pytest.fixture
def service():
    """A service of its own, which answers what it was sent."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            told = {"path": self.path, "caller": self.headers.get_all("x-caller"), "body": body.hex()}
            answer = json.dumps(told).encode()
            self.send_response(201)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_an_http_proxy_integration_passes_on_what_boto3_has_imported(cloud, gateway, service):
    integration = {
        "type": "http_proxy",
        "httpMethod": "ANY",
        "uri": service + "/{proxy}",
        "timeoutInMillis": 5000,
        "tlsConfig": {"insecureSkipVerification": True},
        "requestParameters": {
            "integration.request.path.proxy": "method.request.path.proxy",
            "integration.request.header.X-Caller": "'-'",
        },
    }
    method = {
        "parameters": [{"name": "proxy", "in": "path", "required": True}],
        "x-amazon-apigateway-integration": integration,
    }
    body = {"openapi": "3.0.1", "info": {"title": "joined", "version": "1"}}
    body["x-amazon-apigateway-binary-media-types"] = ["*/*"]
    body["paths"] = {"/legacy/{proxy+}": {"x-amazon-apigateway-any-method": method}}
    api = gateway.import_rest_api(failOnWarnings=True, body=json.dumps(body).encode())["id"]
    resources = gateway.get_resources(restApiId=api)["items"]
    resource = next(item["id"] for item in resources if item["path"] == "/legacy/{proxy+}")
    shown = gateway.get_integration(restApiId=api, resourceId=resource, httpMethod="ANY")
    assert (shown["type"], shown["uri"], shown["timeoutInMillis"]) == ("HTTP_PROXY", service + "/{proxy}", 5000)
    assert shown["requestParameters"] == integration["requestParameters"]
    assert shown["tlsConfig"] == {"insecureSkipVerification": True}
    gateway.create_deployment(restApiId=api, stageName="test")
    url = f"{cloud.endpoint}/_aws/execute-api/{api}/test/legacy/a/b?x=1&x=2"
    request = urllib.request.Request(url, b"\x00\xff", {"X-Caller": "admin"}, method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
        assert json.load(answer) == {"path": "/a/b?x=1&x=2", "caller": ["-"], "body": "00ff"}
