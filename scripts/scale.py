"""`scripts/bench scale`: how a deploy grows with the number of functions, under AWS's quotas, against what these allow.

A stack of N functions and N routes, all of one package, and beside them a table, a signing key and an authorizer, goes
to a local cloud with `--realism aws` at speed 1: what is measured are AWS's quotas as the local cloud has them, and a
fast clock would make the machine's own slowness look like AWS's. The cloud is another process, so that the memory is
the deployer's alone: its VmHWM. Builds are made before, and the time of one that has nothing to do is taken off.

    scripts/bench scale [N ...]       1, 10, 100 and 300 unless given

The optimum is the longest chain of stages, each bound by the quota that it draws on most,

    reads + max(IAM changes + settling, log groups + functions) + releasing

where n calls on a quota of a rate and a burst take (n - burst) / rate, and never less than a round trip. The local cloud
enforces the published rates; a rate that AWS does not publish is assumed, by the deployer itself, and marked so.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

CALL = 0.05  # s: a round trip of the local cloud, as src/local/realism/delays.rs has it
GRANT = 12  # s: from a grant until it surely works, a new role's for Lambda and a policy's for callers: seen are 7 to 12
READY = 2  # s: a new function is Pending
LAG = 20  # s: after a release the old authorizers may still be asked; then their cache is flushed again

# Calls a second, calls at once, and what of it is published.
QUOTAS = {
    "Lambda": (15, 15, "published, its burst assumed"),
    "GetFunction": (100, 100, "published, its burst assumed"),
    "CreateLogGroup": (10, 10, "published, its burst assumed"),
    "PutRetentionPolicy": (5, 5, "published, its burst assumed"),
    "Logs ListTagsForResource": (5, 5, "published, its burst assumed"),
    "IAM changes": (10, 20, "ASSUMED: AWS publishes none"),
    "IAM reads": (50, 100, "ASSUMED: AWS publishes none"),
}

HANDLER = r"""use std::io::{Read, Write};
use std::net::TcpStream;

// Lambda's runtime API over a plain socket, so that the bench has nothing to compile but this.
fn exchange(api: &str, head: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(api)?;
    write!(stream, "{head} HTTP/1.1\r\nHost: {api}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn main() -> std::io::Result<()> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("Lambda names its runtime API");
    let name = std::env::var("NAME").unwrap_or_default();
    loop {
        let next = exchange(&api, "GET /2018-06-01/runtime/invocation/next", "")?;
        let header = |line: &str| line.to_lowercase().strip_prefix("lambda-runtime-aws-request-id:").map(|id| id.trim().to_owned());
        let id = next.lines().find_map(header).expect("an invocation has an id");
        let body = format!("{{\"statusCode\":200,\"body\":\"{name}\"}}");
        exchange(&api, &format!("POST /2018-06-01/runtime/invocation/{id}/response"), &body)?;
    }
}
"""


def takes(quota, calls):
    """Seconds that `calls` calls on `quota` take at the least."""
    rate, burst, _ = QUOTAS[quota]
    return max(0.0, (calls - burst) / rate)


def stack(n):
    """stack.toml of N functions and routes: 300 routes are the 300 resources that an API may have, the root included."""
    text = ['name = "scale"', "[tables.items]", 'partition_key = "pk"', "[signing_keys.jwt]", 'algorithm = "EdDSA"']
    text += ["[functions.authorizer]", 'package = "handler"', 'signing_keys = { jwt = "verify" }']
    for i in range(n):
        text += [f"[functions.f{i:03}]", 'package = "handler"', f'environment = {{ NAME = "f{i:03}" }}', 'tables = { items = "read" }']
    text += ["[api.authorizers.jwt]", 'function = "authorizer"', "[api.routes]", '"GET /" = "f000"']
    # What an authorizer answers names the routes behind it, and has a limit of its own: one in ten is behind it.
    guarded = '{{ function = "{0}", authorizer = "jwt" }}'
    text += [f'"GET /f{i:03}" = ' + (guarded.format(f"f{i:03}") if i % 10 == 0 else f'"f{i:03}"') for i in range(1, n)]
    return "\n".join(text) + "\n"


def write(folder, n):
    (folder / "stack.toml").write_text(stack(n))
    (folder / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["handler"]\n')
    (folder / "handler" / "src").mkdir(parents=True, exist_ok=True)
    (folder / "handler" / "Cargo.toml").write_text('[package]\nname = "handler"\nversion = "0.0.0"\nedition = "2024"\n')
    (folder / "handler" / "src" / "main.rs").write_text(HANDLER)


class Run:
    """One run of memoctl: its time, its own peak of memory, and what it printed."""

    def __init__(self, memoctl, env, folder, *verb):
        begun = time.monotonic()
        command = [str(memoctl), *verb, "--local", "--output", "json", "--state", str(folder / "cloud")]
        process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.peak = 0.0
        watcher = threading.Thread(target=self.watch, args=(process,))
        watcher.start()
        self.out, err = process.communicate()
        watcher.join()
        self.seconds = time.monotonic() - begun
        if process.returncode not in (0, 3):
            sys.exit(f"memoctl {' '.join(verb)} ended with {process.returncode}:\n{self.out[-4000:]}\n{err[-4000:]}")

    def watch(self, process):
        # VmHWM only grows, so the last look before the end is the peak, but for what happens after it.
        with contextlib.suppress(OSError):
            while process.poll() is None:
                seen = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
                self.peak = max(self.peak, int(seen[1]) / 1024 if seen else 0)
                time.sleep(0.02)


@contextlib.contextmanager
def cloud(memoctl, env, folder):
    """A local cloud of its own process; yields its endpoint."""
    command = [str(memoctl), "local", "--port", "0", "--realism", "aws", "--output", "json", "--state", str(folder / "cloud")]
    with open(folder / "cloud.log", "w+") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True)
        try:
            line = process.stdout.readline()
            if not line:
                log.seek(0)
                sys.exit(f"the local cloud did not start:\n{log.read()}")
            yield json.loads(line)["endpoint"]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


class Calls:
    """The calls that reached the cloud since the last look."""

    def __init__(self, endpoint):
        self.url, self.seen = endpoint + "/_aws/local", ({}, {})
        self.look()

    def look(self):
        with urllib.request.urlopen(self.url) as answer:
            calls = json.load(answer)["calls"]
        now = (calls["reading"], calls["mutating"])
        new = [{k: v - old.get(k, 0) for k, v in kind.items() if v > old.get(k, 0)} for kind, old in zip(now, self.seen)]
        self.seen = now
        return new


def cold(n):
    """The optimum of a first deploy: seconds, and how it comes about."""
    functions, roles = n + 1, n + 2
    reads = max(takes("IAM reads", roles), takes("GetFunction", functions))
    iam = takes("IAM changes", 2 * roles)
    logs = max(takes("CreateLogGroup", functions), takes("PutRetentionPolicy", functions))
    lambdas = max(takes("Lambda", functions), logs)
    assumable = takes("IAM changes", roles) + GRANT
    prepare = max(iam + GRANT, assumable + READY, lambdas + READY)
    # Who calls, what is live, the bucket, the lease; the stage, the lease again.
    trips = 6 * CALL
    total = reads + prepare + trips
    formula = (
        f"reads max(IAM reads ({roles}-100)/50, GetFunction ({functions}-100)/100) = {reads:.1f}"
        f" + max(IAM changes ({2 * roles}-20)/10 = {iam:.1f} + {GRANT} until the last grant works,"
        f" CreateRole ({roles}-20)/10 + {GRANT} until the last role does = {assumable:.1f} + {READY} until its function is ready,"
        f" max(CreateLogGroup ({functions}-10)/10, PutRetentionPolicy ({functions}-5)/5, Lambda ({functions}-15)/15) = {lambdas:.1f} + {READY} until ready)"
        f" + 6 round trips = {trips:.1f}: {total:.1f} s"
    )
    return total, formula


def warm(n):
    """The optimum of a deploy without a change."""
    functions = n + 1
    # Of more the tags are not read.
    tags = takes("Logs ListTagsForResource", functions) if functions <= 20 else 0.0
    reads, trips = max(takes("GetFunction", functions), tags), 4 * CALL
    formula = f"max(GetFunction ({functions}-100)/100, up to 20 functions Logs ListTagsForResource ({functions}-5)/5) = {reads:.1f}"
    return reads + trips, f"{formula} + 4 round trips = {trips:.1f}: {reads + trips:.1f} s"


def changed(n):
    """The optimum of a deploy after a change of the code that all functions share."""
    functions = n + 1
    unchanged, formula = warm(n)
    code, trips = takes("Lambda", functions), 5 * CALL
    total = unchanged + code + READY + LAG + trips
    formula += f" + UpdateFunctionCode ({functions}-15)/15 = {code:.1f} + {READY} until ready"
    return total, f"{formula} + {LAG} until the authorizers' cache is flushed again + 5 round trips = {trips:.2f}: {total:.1f} s"


def top(calls):
    both = sorted(((v, k) for kind in calls for k, v in kind.items()), reverse=True)
    return ", ".join(f"{k.split(':')[1]} {v}" for v, k in both[:8])


def answered(url):
    """Waits until the deployed stack answers, which a new stage does some seconds after the deploy."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                assert answer.read() == b"f000", "another function answers than the route names"
            return
        except urllib.error.HTTPError as error:
            if time.monotonic() > deadline:
                sys.exit(f"the deployed stack does not answer {url}: {error}")
            time.sleep(0.2)


def measure(memoctl, env, n):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write(folder, n)
        Run(memoctl, env, folder, "build")
        idle = min(Run(memoctl, env, folder, "build").seconds for _ in range(2))
        with cloud(memoctl, env, folder) as endpoint:
            calls = Calls(endpoint)
            rows = []
            for what, verb, bound in [("plan", ["plan"], None), ("deploy", ["deploy"], cold), ("again", ["deploy"], warm), ("code", ["deploy"], changed)]:
                if what == "code":
                    main = folder / "handler" / "src" / "main.rs"
                    main.write_text(HANDLER.replace(":200", ":203"))
                    Run(memoctl, env, folder, "build")
                if what == "deploy":
                    # The plan before has drawn on the reads' buckets: full again, as a first deploy finds them.
                    time.sleep(3)
                run = Run(memoctl, env, folder, *verb)
                counted = calls.look()
                reading, mutating = (sum(kind.values()) for kind in counted)
                seconds = run.seconds - idle
                line = f"scale: {n:>4} functions  {what:<7}{seconds:>7.2f} s {reading + mutating:>6} calls {mutating:>5} mutating {run.peak:>6.0f} MiB"
                if bound:
                    optimum, formula = bound(n)
                    line += f"   optimum {optimum:>6.1f} s, ratio {seconds / optimum:.2f}"
                    rows.append(f"       {what}: {formula}")
                print(line, flush=True)
                rows.append(f"       {what}: {top(counted)}")
            base = json.loads(Run(memoctl, env, folder, "outputs").out)["url"]
            answered(base + "/")
            print("\n".join(rows), flush=True)


def main(memoctl, env, numbers):
    for name, (rate, burst, source) in QUOTAS.items():
        print(f"scale: {name} {rate} calls a second, {burst} at once; {source}")
    for n in numbers:
        measure(memoctl, env, n)
