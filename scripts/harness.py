"""What the benches share: memoctl, what it serves, and who asks it."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROFILE = os.environ.get("MEMOCTL_BENCH_PROFILE", "release")
BINARIES = TARGET / ("debug" if PROFILE == "dev" else PROFILE)
MEMOCTL = pathlib.Path(os.environ.get("MEMOCTL_BIN", BINARIES / "memoctl")).absolute()
LOAD = BINARIES / "load"
ENV = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"CI": "true", "CARGO_TARGET_DIR": str(TARGET), "MEMOCTL_BUILDER": "cargo"}


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], text=True, env=ENV, capture_output=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def prepare(binaries):
    """Builds what is measured, and what measures."""
    wanted = binaries - ({"memoctl"} if "MEMOCTL_BIN" in os.environ else set())
    flags = [flag for name in sorted(wanted) for flag in ("--bin", name)]
    if flags:
        subprocess.run(["cargo", "build", "--profile", PROFILE, "--quiet", *flags], check=True, cwd=ROOT)


def load(url, connections, seconds=5, headers=()):
    extra = [x for header in headers for x in ("--header", header)]
    seen = json.loads(run(LOAD, url, "--connections", connections, "--seconds", seconds, *extra))
    if seen["failed"]:
        sys.exit(f"{seen['failed']} of {seen['requests']} requests to {url} failed")
    return seen


@contextlib.contextmanager
def serving(command, cwd, ready, pause=0.05):
    """Runs a server in its own process group until the block ends; `ready` gives its URL, or None while it starts."""
    with open(pathlib.Path(cwd) / "server.log", "w+") as log:
        process = subprocess.Popen([str(c) for c in command], cwd=cwd, env=ENV, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            deadline = time.monotonic() + 1200
            while (url := ready(process)) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    sys.exit(f"{command[0]} did not start:\n{log.read()}")
                time.sleep(pause)
            yield url, process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stack_copy(folder, page=True):
    """The shipped stack in a folder of its own, building into the shared target folder; its page is one that is built, or there is none."""
    for name in ["Cargo.toml", "Cargo.lock", "stack.toml", "src", "client", "handlers", "benches", "rust-toolchain.toml"]:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, pathlib.Path(folder) / name)
    stack = pathlib.Path(folder) / "stack.toml"
    lines = stack.read_text().splitlines(keepends=True)
    built = [line for line in lines if not line.startswith(("build = ", "output = "))]
    assert len(built) == len(lines) - 2, "the page is built otherwise"
    text = "".join(built)
    if not page:
        text, count = re.subn(r"^\[site(\.headers)?\]\n(?:(?!\[).*\n)*", "", text, flags=re.MULTILINE)
        assert count == 2, "the page is declared otherwise"
    stack.write_text(text)
    assets = pathlib.Path(folder) / "site" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text("<script src=/assets/memo-1.js></script>")
    (assets / "memo-1.js").write_text("'memo'")
    return folder


def dev(folder, path, *flags):
    """`memoctl dev` on a stack; yields the base URL of its API and the process."""

    def ready(_process):
        try:
            base = json.loads(run(MEMOCTL, "outputs", "--local", "--output", "json", cwd=folder))["url"]
        except (subprocess.CalledProcessError, KeyError, json.JSONDecodeError):
            return None
        return base if answers(base + path) else None

    return serving([MEMOCTL, "dev", "--cargo-profile", "release", "--port", "0", *flags], folder, ready)


@contextlib.contextmanager
def local_cloud(folder, *flags):
    """`memoctl local` in a process of its own; yields its endpoint."""

    def ready(_process):
        said = (pathlib.Path(folder) / "server.log").read_text()
        return next((line.split(" = ")[1] for line in said.splitlines() if line.startswith("endpoint = ")), None)

    with serving([MEMOCTL, "local", "--port", "0", *flags], folder, ready) as (endpoint, _):
        yield endpoint


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def call(url, body, headers=()):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json", **dict(headers)})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
