"""The local cloud as a process of its own, and boto3 as its client.

MEMOCTL names the memoctl binary to test; without it, the example `serve` of the crate `local` is built and used.
"""

import json
import os
import pathlib
import subprocess

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "000000000000"
REGION = "us-east-1"

# (service, operation) -> the outcomes that were seen: "success", or an error's code.
SEEN = {}


class Cloud:
    """A local cloud on the state in `state`, started and ready."""

    def __init__(self, command, state):
        self.state = state
        self.process = subprocess.Popen(
            [*command, "--region", REGION, "--port", "0", "--state", str(state)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=state,
        )
        line = self.process.stdout.readline()
        assert line, f"the local cloud did not start: exit code {self.process.wait()}"
        ready = json.loads(line)
        self.endpoint, self.region = ready["endpoint"], ready["region"]

    def client(self, service, key="AKIDEXAMPLE", secret="secret", token=None, region=None):
        """A boto3 client that does not retry, so that each call is one call."""
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region or self.region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                retries={"total_max_attempts": 1},
                connect_timeout=5,
                read_timeout=30,
                parameter_validation=False,
                signature_version="s3v4" if service == "s3" else None,
                s3={"addressing_style": "path"},
            ),
        )
        client.meta.events.register("after-call", record)
        return client

    def kill(self):
        """Kills the process, as `kill -9` does."""
        self.process.kill()
        self.process.wait()


def record(http_response, parsed, model, **_):
    error = parsed.get("Error", {}).get("Code")
    SEEN.setdefault((model.service_model.service_name, model.name), set()).add(error or "success")


@pytest.fixture(scope="session")
def command():
    """The command that starts a local cloud."""
    memoctl = os.environ.get("MEMOCTL")
    if memoctl:
        return [str(pathlib.Path(memoctl).resolve()), "local", "--output", "json"]
    subprocess.run(["cargo", "build", "-q", "-p", "local", "--example", "serve"], check=True, cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return [str(target / "debug" / "examples" / "serve")]


@pytest.fixture(scope="session")
def cloud(command, tmp_path_factory):
    """One local cloud for all tests that do not kill it."""
    cloud = Cloud(command, tmp_path_factory.mktemp("cloud"))
    yield cloud
    cloud.kill()


@pytest.fixture
def start(command):
    """Starts local clouds that end with the test."""
    clouds = []

    def start(state):
        clouds.append(Cloud(command, state))
        return clouds[-1]

    yield start
    for cloud in clouds:
        cloud.kill()


@pytest.fixture
def client(cloud):
    """A function from service to client."""
    return cloud.client


@pytest.fixture
def assume(cloud):
    """Makes a role with the given statements, and a session of it: a function from service to client."""
    iam, made = cloud.client("iam"), []

    def assume(name, *statements):
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
        made.append(name)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        session = cloud.client("sts").assume_role(RoleArn=arn["Role"]["Arn"], RoleSessionName="session")
        keys = session["Credentials"]
        return lambda service: cloud.client(
            service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
        )

    yield assume
    for name in made:
        for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=inline)
        iam.delete_role(RoleName=name)


def memoctl(*arguments, **environment):
    """Runs the memoctl that MEMOCTL names in this repository, and gives what it prints."""
    command = [os.environ["MEMOCTL"], *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The OpenAPI description of the repository's stack, which is deployed to a local cloud and served.

    It leaves no room in an answer for what it does not describe.
    """
    environment = {"MEMOCTL_STATE": str(tmp_path_factory.mktemp("served") / "state"), "MEMOCTL_BUILDER": "cargo", "CI": "true"}
    command = [os.environ["MEMOCTL"], "local", "--port", "0", "--output", "json"]
    cloud = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    try:
        assert cloud.stdout.readline(), f"the local cloud did not start: exit code {cloud.wait()}"
        memoctl("deploy", "--local", "--yes", "--cargo-profile", "dev", **environment)
        document = json.loads(memoctl("openapi", "--local", **environment))
        for schema in document["components"]["schemas"].values():
            if schema.get("type") == "object":
                schema.setdefault("additionalProperties", False)
        yield document
    finally:
        cloud.kill()
        cloud.wait()


def trust(principal):
    """A trust policy for one principal."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy(*statements):
    """A policy with the given statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def refused(code, status, call, **parameters):
    """Calls, and expects to be refused with AWS's `code` and HTTP `status`; gives the error's message."""
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    response = refusal.value.response
    answer = (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
    assert answer == (code, status), response
    assert response["ResponseMetadata"].get("RequestId"), "every answer has a request id"
    return response["Error"].get("Message", "")


def pytest_configure(config):
    config.addinivalue_line("markers", "last: runs after all other tests")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
