"""`scripts/bench downtime`: callers of the API and of the page through a release and its rollback."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from harness import LOAD, MEMOCTL, free_port, load, run, serving

# Each answer tells code and environment of the function that gave it, and of the authorizer that let its caller in.
SAYING = """
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let own = format!("RELEASE {}", std::env::var("RELEASE")?);
    if event.payload["methodArn"].is_string() {
        let statement = json!({ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        return Ok(json!({ "principalId": "anybody", "policyDocument": policy, "context": { "own": own } }));
    }
    let authorizer = event.payload["requestContext"]["authorizer"]["own"].as_str().unwrap_or("nobody");
    Ok(json!({ "statusCode": 200, "body": format!("{own}, let in by {authorizer}") }))
}
"""

SAYING_STACK = """
name = "downtime"
region = "eu-central-1"

[functions.hello]
environment.RELEASE = "RELEASE"
memory = MEMORY
tables.notes = "ACCESS"

[functions.door]
environment.RELEASE = "RELEASE"

[tables.notes]
partition_key = "pk"

# AWS documents that cached answers of an authorizer outlive a release for their ttl.
[api.authorizers.door]
function = "door"
ttl = 0

[api.routes]
"GET /hello" = { function = "hello", authorizer = "door" }
"GET /hello/{name}" = { function = "hello", authorizer = "door" }
# Below a path that the distribution knows already: another would be under way for minutes.
"GET /more/ROUTE" = "hello"

[site]
path = "page"
"""


def saying(stack, release, memory, access, route):
    """Makes the stack in a folder the release of that name: its code, configuration, permission, routes, authorizer."""
    for handler in ["hello", "door"]:
        (stack / "handlers" / handler / "src" / "main.rs").write_text(SAYING.replace("RELEASE {}", f"{release} {{}}"))
    text = SAYING_STACK.replace('"RELEASE"', f'"{release}"').replace("MEMORY", str(memory)).replace("ACCESS", access).replace("ROUTE", route)
    (stack / "stack.toml").write_text(text)
    (stack / "page").mkdir(exist_ok=True)
    (stack / "page" / "index.html").write_text(f"the page of {release}")
    run(MEMOCTL, "build", "--local", cwd=stack)


def bench_downtime():
    rate = 250
    with tempfile.TemporaryDirectory() as parent:
        run(MEMOCTL, "init", "hello", cwd=parent)
        stack = pathlib.Path(parent) / "hello"
        shutil.copytree(stack / "handlers" / "hello", stack / "handlers" / "door")
        manifest = stack / "handlers" / "door" / "Cargo.toml"
        manifest.write_text(manifest.read_text().replace('name = "hello"', 'name = "door"'))
        saying(stack, "old", 256, "read", "before")

        def ready(_process):
            return "AWS_ENDPOINT_URL" in (stack / "server.log").read_text() or None

        cloud = [MEMOCTL, "local", "--port", free_port()]
        # A new distribution is under way for minutes, which are no matter here.
        with serving(cloud, stack, ready):
            run(MEMOCTL, "deploy", "--local", "--yes", cwd=stack)
        with serving([*cloud, "--realism", "aws"], stack, ready):
            outputs = json.loads(run(MEMOCTL, "outputs", "--local", "--output", "json", cwd=stack))
            base, site = outputs["url"], outputs["site"]
            urls = [base + "/hello", base + "/hello/ada", site + "/hello", site + "/"]
            # A new stage is not served at once, and the first requests start the functions.
            time.sleep(6)
            load(urls[0], 8, 2, ["Authorization: anybody"])
            saying(stack, "new", 512, "read-write", "after")
            asking = [LOAD, *urls, "--connections", 16, "--rate", rate, "--until-eof", "--bodies", "--header", "Authorization: anybody"]
            callers = subprocess.Popen([str(c) for c in asking], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            took = {}
            for name, command in [("deploy", ["deploy"]), ("rollback", ["rollback"])]:
                time.sleep(2)
                begun = time.monotonic()
                run(MEMOCTL, *command, "--local", "--yes", cwd=stack)
                took[name] = time.monotonic() - begun
                # The stage serves the old deployment for some seconds more.
                time.sleep(6)
            seen = json.loads(callers.communicate()[0])
    releases = ["old", "new"]
    whole = {f"{release} {release}, let in by {release} {release}": f"{release}'s functions" for release in releases}
    whole |= {f"the page of {release}": f"{release}'s page" for release in releases}
    mixed = {body: count for body, count in seen["bodies"].items() if body not in whole}
    served = ", ".join(f"{seen['bodies'].get(body, 0)} by {whose}" for body, whose in whole.items())
    print(f"downtime: {seen['requests']} requests in {seen['seconds']:.0f} s, {seen['requests_per_second']:.0f}/s of {rate}/s, through a deploy ({took['deploy']:.1f} s) and a rollback ({took['rollback']:.1f} s)")
    print(f"downtime: failed {seen['failed']}, of two releases {sum(mixed.values())}; served {served}; p50 {seen['p50_ms']:.1f} ms, p99 {seen['p99_ms']:.1f} ms from when each was due; each call of a function asked the authorizer")
    if seen["failed"] or mixed or not all(seen["bodies"].get(body) for body in whole):
        sys.exit(f"downtime: {seen['failures']} {mixed}")
