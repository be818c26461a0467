"""What the services answer, against their OpenAPI description, by schemathesis.

SCHEMATHESIS has further options for it, for a longer look by hand:

    SCHEMATHESIS='--max-examples 400 --seed 7' scripts/test judges -k openapi
"""

import json
import os
import pathlib
import shlex
import subprocess
import sys

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The caller's environment, with the local cloud's state in a folder of its own."""
    state = tmp_path_factory.mktemp("openapi") / "state"
    return os.environ | {"MEMOCTL_STATE": str(state), "MEMOCTL_BUILDER": "cargo", "CI": "true"}


def memoctl(environment, *arguments):
    """Runs memoctl on the local cloud, and gives what it prints."""
    command = [os.environ["MEMOCTL"], *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def served(environment):
    """The description of the stack, which is deployed to a local cloud and served."""
    command = [os.environ["MEMOCTL"], "local", "--port", "0", "--output", "json"]
    cloud = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert cloud.stdout.readline(), f"the local cloud did not start: exit code {cloud.wait()}"
        memoctl(environment, "deploy", "--local", "--yes", "--cargo-profile", "dev")
        yield json.loads(memoctl(environment, "openapi", "--local"))
    finally:
        cloud.kill()
        cloud.wait()


def test_the_description_is_valid_openapi():
    document = json.loads(memoctl(os.environ, "openapi", "--server", "/"))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def closed(document):
    """The document with no room in an answer for what it does not describe."""
    for schema in document["components"]["schemas"].values():
        if schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    return document


def successes(document):
    """The operations' names, each with the statuses below 400 that it is described with."""
    operations = [item[method] for item in document["paths"].values() for method in item.keys() - {"parameters"}]
    return {operation["operationId"]: {int(status) for status in operation["responses"] if status < "400"} for operation in operations}


def test_schemathesis_finds_nothing(served, environment, tmp_path):
    url = served["servers"][0]["url"]
    description, seen = tmp_path / "openapi.json", tmp_path / "seen.json"
    description.write_text(json.dumps(closed(served)))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    more = shlex.split(os.environ.get("SCHEMATHESIS", ""))
    done = subprocess.run(
        [*command, str(description), "--url", url, "--no-color", *more],
        cwd=tmp_path,
        env=environment | {"MEMO_URL": url, "MEMO_SEEN": str(seen), "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Nothing was found because all of it was looked at, not because nothing got through.
    answered = json.loads(seen.read_text())
    assert {name: statuses - set(answered[name]) for name, statuses in successes(served).items() if not statuses <= set(answered[name])} == {}
