"""`scripts/bench deploy` and `realism`: the shipped stack to a slow local cloud, its calls and its time."""

import contextlib
import json
import pathlib
import shutil
import statistics
import tempfile
import time
import urllib.request

from harness import ENV, MEMOCTL, PROFILE, local_cloud, run, stack_copy


def traced(endpoint, after=0):
    with urllib.request.urlopen(f"{endpoint}/_aws/local/trace?after={after}") as answer:
        return json.load(answer)


def counted(endpoint):
    with urllib.request.urlopen(f"{endpoint}/_aws/local") as answer:
        calls = json.load(answer)["calls"]
    return {kind: sum(calls[kind].values()) for kind in ("reading", "mutating")}


# Each row: what is done, and the most that is wanted of it: calls that wait for each other, and seconds at 50 ms a call.
DEPLOYS = {
    "without a page": [("cold", 11, 0.8), ("no change", 4, 0.3), ("one function", 8, 0.45), ("destroy", 9, 0.55)],
    "with a page": [("cold", 14, 0.95), ("no change", 4, 0.3), ("one function", 8, 0.5), ("the page", 9, 0.55), ("destroy", 14, 0.85)],
}


def under_way(calls):
    """Seconds in which at least one of the calls had no answer yet."""
    total = until = 0.0
    for call in sorted(calls, key=lambda call: call["arrived"]):
        total += max(0.0, call["answered"] - max(call["arrived"], until))
        until = max(until, call["answered"])
    return total / 1e3


def cargo_player(folder):
    """A stand-in for cargo that answers as cargo did before: what is built already takes it a second to find out."""
    player, records = pathlib.Path(folder) / "cargo-player", pathlib.Path(folder) / "records"
    records.mkdir()
    player.write_text(f"""#!/bin/sh
record={records}/$1
[ -f "$record" ] || {{ cargo "$@" > "$record.new" || exit; mv "$record.new" "$record"; }}
exec cat "$record"
""")
    player.chmod(0o755)
    return player


# The function that changes: not the authorizer, whose answers API Gateway caches.
HANDLER = pathlib.Path("handlers") / "memo" / "src" / "main.rs"


def rebuild(folder, profile, handler):
    """Has the stack in `folder` built with this source of the handler, and the player answer as cargo did."""
    (pathlib.Path(folder) / HANDLER).write_text(handler)
    shutil.rmtree(pathlib.Path(folder) / "records")
    (pathlib.Path(folder) / "records").mkdir()
    run(MEMOCTL, "build", "--local", *profile, cwd=folder)


def measured(folder, endpoint, *command):
    """Runs memoctl, and tells its calls, their longest chain, its time and how much of that no call was under way."""
    before = counted(endpoint)
    last = max((call["number"] for call in traced(endpoint)["calls"]), default=0)
    begun = time.perf_counter()
    run(MEMOCTL, *command, "--local", "--yes", cwd=folder)
    seconds = time.perf_counter() - begun
    after, trace = counted(endpoint), traced(endpoint, last)
    calls = {kind: after[kind] - before[kind] for kind in after}
    return {"seconds": seconds, "outside": seconds - under_way(trace["calls"]), "chain": trace["chain"], "calls": trace["calls"], **calls}


@contextlib.contextmanager
def shipped(*flags, page=False):
    """The shipped stack, built, and a cloud with the flags; yields what deploys it, changes a handler or the page, destroys it."""
    profile = [] if PROFILE == "release" else ["--cargo-profile", PROFILE]
    with tempfile.TemporaryDirectory() as folder:
        stack_copy(folder, page)
        index = pathlib.Path(folder) / "site" / "index.html"
        ENV["CARGO"] = str(cargo_player(folder))
        handler = (pathlib.Path(folder) / HANDLER).read_text()
        begin = "    service::log::start();\n"
        assert begin in handler, "the handler has changed"
        rebuild(folder, profile, handler)
        with local_cloud(folder, *flags) as endpoint:
            yield {
                "deploy": lambda: measured(folder, endpoint, "deploy", *profile),
                "change": lambda: rebuild(folder, profile, handler.replace(begin, begin + "    std::hint::black_box(1);\n")),
                "change the page": lambda: index.write_text(index.read_text() + "<!-- changed -->"),
                "destroy": lambda: measured(folder, endpoint, "destroy"),
            }
        del ENV["CARGO"]


def bench_deploy():
    for kind, rows in DEPLOYS.items():
        deployed(kind, rows)


def deployed(kind, rows):
    page = kind == "with a page"
    rounds = []
    for _ in range(3):
        with shipped("--faults", "slow=50ms", page=page) as stack:
            done = {"cold": stack["deploy"](), "no change": stack["deploy"]()}
            stack["change"]()
            done["one function"] = stack["deploy"]()
            if page:
                stack["change the page"]()
                done["the page"] = stack["deploy"]()
            rounds.append(done | {"destroy": stack["destroy"]()})
    print(f"deploy: the shipped stack {kind}, built before, 50 ms a call, medians of 3")
    for name, depth, limit in rows:
        seen = [done[name] for done in rounds]
        middle = lambda key: statistics.median(one[key] for one in seen)
        chain = min((one["chain"] for one in seen), key=len)
        print(
            f"deploy: {name:<13} {middle('reading') + middle('mutating'):>4.0f} calls {middle('mutating'):>3.0f} mutating "
            f"{len(chain):>3} deep (at most {depth}) {middle('seconds'):.2f} s (under {limit}), {middle('outside'):.2f} s outside its calls"
        )
        print(f"deploy: {'':<13} {', '.join(chain)}")


# Seconds that AWS imposes, as `--realism aws` does: a call, one on S3, a change of an API or its stage, a function's wait.
CALL, OBJECT, API, PENDING = 0.05, 0.03, 0.55, 2.0


def imposed_on_cold(calls):
    """What a first deploy cannot do sooner. IAM's time is drawn: it was not over yet at the last try that Lambda refused."""
    made = max(call["answered"] for call in calls if call["call"] == "iam:CreateRole")
    refused = (call["arrived"] for call in calls if call["call"] == "lambda:CreateFunction" and call["status"] >= 400)
    role = (max(refused) - made) / 1e3
    formula = f"STS + reads + bucket + lease + role + {role:.1f} s until Lambda no longer refuses it + function + 2 s Pending + deployment + stage"
    return formula, 4 * CALL + 2 * OBJECT + role + PENDING + 2 * API


def imposed_on_change(_calls):
    return "update + 2 s until it is published + deployment + stage", CALL + PENDING + 2 * API


def bench_realism():
    with shipped("--realism", "aws") as stack:
        done = {"cold": (stack["deploy"](), imposed_on_cold)}
        stack["change"]()
        # A stage that was just made, and what was just read, are still settling.
        time.sleep(6)
        done["one function"] = (stack["deploy"](), imposed_on_change)
    for name, (seen, imposed) in done.items():
        formula, least = imposed(seen["calls"])
        print(f"realism: {name:<13} {seen['seconds']:.2f} s, AWS imposes {least:.2f} s, ratio {seen['seconds'] / least:.2f} (at most 1.15): {formula}")
