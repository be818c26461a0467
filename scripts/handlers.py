"""`scripts/bench handlers`: the services beside a hello-world function on Lambda's stock runtime (benches/hello).

All are built as they are shipped and deployed to one local cloud. Answers are asked for through its gateway by one caller
and by 16, each with its own user and address, as the services count attempts by both; the authorizer's answers are cached
as on AWS. Then each function runs under a stand-in for Lambda's Runtime API, as its role, with the environment that the
cloud gave it: from the start of its process to its first poll, and through many invocations, each with another trace id.

MEMOCTL_BENCH_INVOCATIONS says how many (40000).
"""

import base64
import itertools
import json
import os
import pathlib
import signal
import socket
import statistics
import tempfile
import time

import callers
from harness import MEMOCTL, PROFILE, local_cloud, resident, run, stack_copy

STARTS = 101
INVOCATIONS = int(os.environ.get("MEMOCTL_BENCH_INVOCATIONS", "40000"))
# Until then a process gets its connections, keys and buffers.
WARM = INVOCATIONS // 10
SERVICES = ["authorizer", "auth", "memo"]
FUNCTIONS = ["hello", *SERVICES]
# The most that is wanted: MB of a zip, and a start in ms or as a multiple of hello's.
ZIP = {"authorizer": 1.5, "auth": 3.0, "memo": 3.0}
START = {"authorizer": (1.5, "of hello's"), "auth": (10, "ms"), "memo": (10, "ms")}

HELLO_STACK = """
name = "hello"

[functions.hello]

[api.routes]
"GET /hello" = "hello"
"""


class Lambda:
    """The Runtime API of one function's process."""

    def __init__(self, executable, environment):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = "%s:%d" % listener.getsockname()
            silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
            begun = time.perf_counter()
            self.pid = os.posix_spawn(executable, [executable], environment | {"AWS_LAMBDA_RUNTIME_API": address}, file_actions=silent)
            self.stream, _ = listener.accept()
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert self.heard().startswith(b"GET ")
        self.started = time.perf_counter() - begun
        self.polled = resident(self.pid)

    def heard(self):
        """The next request, whole."""
        request = b""
        while b"\r\n\r\n" not in request:
            request += self.more()
        head, body = request.split(b"\r\n\r\n", 1)
        length = int((head.lower() + b"\r\n").partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += self.more()
        return head + b"\r\n\r\n" + body

    def more(self):
        if data := self.stream.recv(1 << 16):
            return data
        raise SystemExit("a function ended: see what its start says without the bench")

    def invoke(self, number, event):
        """Gives the function an event, and takes its answer and its next poll; the answer."""
        head = (
            f"HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: {number:08}\r\nlambda-runtime-deadline-ms: 4000000000000\r\n"
            f"lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:000000000000:function:bench\r\n"
            f"lambda-runtime-trace-id: Root=1-{number:08x}-0123456789abcdef01234567;Parent={number:016x};Sampled=1\r\n"
            f"content-type: application/json\r\ncontent-length: {len(event)}\r\n\r\n"
        )
        self.stream.sendall(head.encode() + event)
        answer = self.heard()
        self.stream.sendall(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        assert self.heard().startswith(b"GET ")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def processes(endpoint):
    """By function of the local cloud at `endpoint`: a process's binary and environment."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            pairs = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
            environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
            if environment.get("AWS_ENDPOINT_URL") == endpoint and "AWS_LAMBDA_FUNCTION_NAME" in environment:
                name = environment["AWS_LAMBDA_FUNCTION_NAME"].rsplit("-", 1)[1]
                found[name] = (os.readlink(entry / "exe"), environment)
        except OSError:
            continue
    assert set(found) == set(FUNCTIONS), f"running are {sorted(found)}"
    return found


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def events(token):
    """By function: an event that takes it through its usual work."""
    claims = claims_of(token)
    stage = {"stageVariables": {"issuer": claims["iss"], "base_url": claims["iss"]}}
    context = {"principalId": claims["sub"], **{name: str(claims[name]) for name in ("sub", "sid", "jti", "client_id", "scope", "exp")}}

    def proxy(resource):
        request = {"requestId": "bench", "identity": {"sourceIp": "127.0.0.1"}, "authorizer": context}
        return {"resource": resource, "path": resource, "httpMethod": "GET", "requestContext": request, **stage}

    bearer = f"Bearer {token}"
    judged = {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-west-1:000000000000:bench/dev/GET/v1/memos",
        "headers": {"Authorization": bearer},
        "multiValueHeaders": {"Authorization": [bearer]},
        **stage,
    }
    named = {"hello": proxy("/hello"), "authorizer": judged, "auth": proxy("/v1/users/me"), "memo": proxy("/v1/memos")}
    return {name: json.dumps(event).encode() for name, event in named.items()}


def sizes(folder):
    flags = [] if PROFILE == "release" else ["--cargo-profile", PROFILE]
    built = {}
    for stack in ["stack.toml", "hello.toml"]:
        document = json.loads(run(MEMOCTL, "build", "--local", "--stack", stack, "--output", "json", *flags, cwd=folder))
        built |= document["functions"]
    for name in FUNCTIONS:
        zipped, binary = built[name]["zip"] / 1e6, built[name]["binary"] / 1e6
        wanted = f"(at most {ZIP[name]} MB)" if name in ZIP else ""
        print(f"handlers: {name:<10} {zipped:.2f} MB zipped, {binary:.2f} MB {wanted}")
    return flags


def starts(functions):
    seen = {name: [] for name in FUNCTIONS}
    memory = {name: [] for name in FUNCTIONS}
    for _, name in itertools.product(range(STARTS), FUNCTIONS):
        with Lambda(*functions[name]) as process:
            seen[name].append(process.started * 1e3)
            memory[name].append(process.polled)
    hello = statistics.median(seen["hello"])
    for name in FUNCTIONS:
        middle, slow = statistics.median(seen[name]), statistics.quantiles(seen[name], n=10)[8]
        wanted = "(at most {} {})".format(*START[name]) if name in START else ""
        print(
            f"handlers: {name:<10} first poll {middle:.2f} ms after the start, 9 of 10 within {slow:.2f}, {middle / hello:.2f} of hello's {wanted}, "
            f"{statistics.median(memory[name]):.1f} MiB resident"
        )


def growth(functions, token):
    for name in FUNCTIONS:
        event = events(token())[name]
        with Lambda(*functions[name]) as process:
            begun = time.perf_counter()
            answer = process.invoke(0, event)
            first = (time.perf_counter() - begun) * 1e3
            assert b"/response HTTP" in answer and (name == "authorizer" or b'"statusCode":200' in answer), answer
            for number in range(1, WARM):
                process.invoke(number, event)
            warm = resident(process.pid)
            for number in range(WARM, INVOCATIONS):
                process.invoke(number, event)
            end = resident(process.pid)
        each = (end - warm) * 1024 * 1024 / (INVOCATIONS - WARM)
        print(
            f"handlers: {name:<10} first answer {first:.1f} ms, {warm:.1f} MiB after {WARM} invocations, {end:.1f} MiB after {INVOCATIONS}: "
            f"{each:+.0f} bytes an invocation"
        )


def bench_handlers():
    with tempfile.TemporaryDirectory() as folder:
        stack_copy(folder)
        (pathlib.Path(folder) / "hello.toml").write_text(HELLO_STACK)
        flags = sizes(folder)
        with local_cloud(folder) as endpoint:
            urls = []
            for stack in ["stack.toml", "hello.toml"]:
                run(MEMOCTL, "deploy", "--local", "--yes", "--stack", stack, *flags, cwd=folder)
                urls.append(json.loads(run(MEMOCTL, "outputs", "--local", "--stack", stack, "--output", "json", cwd=folder))["url"])
            token = callers.bench(*urls)
            functions = processes(endpoint)
            starts(functions)
            growth(functions, token)
