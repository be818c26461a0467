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

from conftest import memoctl
from openapi_spec_validator import OpenAPIV31SpecValidator

HERE = pathlib.Path(__file__).parent


def test_the_description_is_valid_openapi():
    document = json.loads(memoctl("openapi", "--server", "/"))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def successes(document):
    """The operations' names, each with the statuses below 400 that it is described with."""
    operations = [item[method] for item in document["paths"].values() for method in item.keys() - {"parameters"}]
    return {operation["operationId"]: {status for status in operation["responses"] if status < "400"} for operation in operations}


def test_schemathesis_finds_nothing(served, tmp_path):
    url = served["servers"][0]["url"]
    description, seen = tmp_path / "openapi.json", tmp_path / "seen.json"
    description.write_text(json.dumps(served))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    more = shlex.split(os.environ.get("SCHEMATHESIS", ""))
    done = subprocess.run(
        [*command, str(description), "--url", url, "--no-color", *more],
        cwd=tmp_path,
        env=os.environ | {"MEMO_URL": url, "MEMO_SEEN": str(seen), "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Nothing was found because all of it was looked at, not because nothing got through.
    answered = json.loads(seen.read_text())
    assert {name: statuses - set(answered[name]) for name, statuses in successes(served).items() if not statuses <= set(answered[name])} == {}
    busy = sum(statuses.get("503", 0) for statuses in answered.values())
    assert busy * 100 <= sum(sum(statuses.values()) for statuses in answered.values()), f"{busy} answers are 503"
