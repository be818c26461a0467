"""The README's commands and its conversation, run as written.

Blocks marked `console` are a conversation: each line that starts with `$ ` is run in one shell, and what follows is what
it prints, where `…` stands for any text.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S)
CODE = re.findall(r"`([^`\n]+)`", PROSE)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)
LONGEST = 1800  # seconds that the first command may take where nothing is built
PORT = "8901"  # which the README gives to a service that runs already; here it gets a free one


def blocks(kind):
    return [text for found, text in BLOCKS if found == kind]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The caller's environment, with the local cloud's state in a folder of its own and on a free port.

    Cargo builds the handlers, as on the machine that the README speaks of, which has no cargo-lambda.
    """
    state = tmp_path_factory.mktemp("readme")
    return os.environ | {"MEMOCTL_STATE": str(state / "state"), "MEMOCTL_PORT": "0", "MEMOCTL_BUILDER": "cargo", "CI": "true"}


@pytest.fixture(scope="module")
def dev(environment, tmp_path_factory):
    """The README's first command, once it serves."""
    command = blocks("sh")[0].strip()
    assert command == "cargo run -- dev"
    log = tmp_path_factory.mktemp("dev") / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command.split(), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            deadline = time.monotonic() + LONGEST
            while not re.search(r"^url = ", log.read_text(), re.M):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            yield process
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


def conversation(text):
    """The commands of a conversation, each with what it is to print."""
    turns = re.split(r"^\$ ", text, flags=re.M)[1:]
    return [(command, expected.strip()) for command, _, expected in (turn.partition("\n") for turn in turns)]


def matches(expected, printed):
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), printed.strip(), re.S)


def test_the_conversation_goes_as_written(dev, environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    turns = [turn for text in blocks("console") for turn in conversation(text.replace(PORT, port))]
    assert len(turns) >= 6
    mark = "end-of-turn"
    script = "".join(f"{command}\nstatus=$?; echo; echo {mark} $status\n" for command, _ in turns)
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, text=True, capture_output=True, timeout=LONGEST)
    printed = re.split(rf"^{mark} (\d+)\n", done.stdout, flags=re.M)
    for (command, expected), answer, status in zip(turns, printed[0::2], printed[1::2], strict=False):
        assert status == "0", (command, answer, done.stderr)
        assert matches(expected, answer), f"$ {command}\n{answer}\nis not what the README says:\n{expected}"


def test_the_second_command_is_the_one_that_runs_this(environment):
    command = ROOT / blocks("sh")[1].strip()
    assert os.access(command, os.X_OK)
    assert "pytest" in command.read_text()


def test_every_verb_and_flag_that_the_readme_names_is_there(environment):
    memoctl = os.environ["MEMOCTL"]
    overview = subprocess.run([memoctl, "--help"], text=True, capture_output=True, check=True).stdout
    verbs = set(re.findall(r"^  ([a-z]+) ", overview.split("Commands:\n")[1].split("\n\n")[0], re.M))
    named = re.findall(r"\bmemoctl (?:--\S+ )*([a-z]+)\b", "\n".join(CODE + blocks("sh") + blocks("yaml")))
    assert named and set(named) <= verbs | {"help"}
    def help_of(*verb):
        text = subprocess.run([memoctl, *verb, "--help"], text=True, capture_output=True, check=True).stdout
        below = re.findall(r"^  ([a-z]+) ", text.split("Commands:\n")[1].split("\n\n")[0], re.M) if "Commands:\n" in text else []
        return text + "".join(help_of(*verb, sub) for sub in below if sub != "help")

    help_texts = "".join(help_of(verb) for verb in sorted(verbs - {"help"}))
    flags = {flag for code in CODE if not code.startswith("cargo") for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code)}
    missing = {flag for flag in flags if flag not in help_texts}
    assert not missing


def test_the_stack_reference_names_every_key_of_the_schema():
    schema = subprocess.run([os.environ["MEMOCTL"], "check", "--schema"], text=True, capture_output=True, check=True).stdout
    keys = set()

    def walk(node):
        if isinstance(node, dict):
            keys.update(node.get("properties", {}))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(schema))
    reference = README.split("## stack.toml")[1].split("\n## ")[0]
    assert not {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", reference)}
