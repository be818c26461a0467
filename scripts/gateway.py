"""`scripts/bench gateway`, `dev` and `memo`: requests through the local gateway."""

import pathlib
import shutil
import tempfile
import time

from harness import MEMOCTL, answers, call, dev, free_port, load, resident, run, serving, stack_copy


def bench_dev():
    with tempfile.TemporaryDirectory() as folder:
        with dev(stack_copy(folder), "/healthz") as (_, process):
            time.sleep(3)
            print(f"dev: {resident(process.pid):.0f} MiB resident at rest, children excluded")


def row(name, one, many):
    print(f"gateway: {name:<28} 1 connection {one['requests_per_second']:>7.0f}/s p50 {one['p50_ms']:.2f} ms   16 connections {many['requests_per_second']:>7.0f}/s p99 {many['p99_ms']:.1f} ms")


def first_answer(command, cwd, url):
    """Seconds from the start of a server to its first answer, the start of its function included."""
    begun = time.perf_counter()
    with serving(command, cwd, lambda _process: url if answers(url) else None, pause=0.001):
        return time.perf_counter() - begun


def hello(folder):
    """The template's stack with a handler that answers function URLs too, which is what `cargo lambda watch` serves."""
    run(MEMOCTL, "init", "hello", cwd=folder)
    stack = pathlib.Path(folder) / "hello"
    main = stack / "handlers" / "hello" / "src" / "main.rs"
    source = main.read_text()
    both = source.replace("    Ok(json!({", "    let mut answer = json!({").replace(
        "    }))\n", '    });\n    if event.payload["version"] == "2.0" {\n        answer["cookies"] = json!([]);\n    }\n    Ok(answer)\n'
    )
    assert "let mut answer" in both and "Ok(answer)" in both, "the template has changed"
    main.write_text(both)
    return stack


def bench_gateway():
    with tempfile.TemporaryDirectory() as parent:
        folder = hello(parent)
        with dev(folder, "/hello") as (base, _):
            ours = (load(base + "/hello", 1), load(base + "/hello", 16))
        ours_first = first_answer([MEMOCTL, "local"], folder, base + "/hello")
        row("memoctl dev", *ours)
        if shutil.which("cargo-lambda") is None:
            print(f"gateway: first answer {ours_first:.2f} s after the start")
            print("gateway: cargo-lambda is not installed, so there is nothing to compare with")
            return
        port = free_port()
        url = f"http://127.0.0.1:{port}/lambda-url/hello"
        ready = lambda _process: url if answers(url) else None
        command = ["cargo", "lambda", "watch", "--release", "--ignore-changes", "--invoke-port", port]
        with serving(command, folder, ready):
            theirs = (load(url, 1), load(url, 16))
        theirs_first = first_answer(command, folder, url)
        row("cargo lambda watch --release", *theirs)
        ratios = [ours[i]["requests_per_second"] / theirs[i]["requests_per_second"] for i in (0, 1)]
        print(f"gateway: memoctl / cargo lambda watch: {ratios[0]:.2f} at 1 connection, {ratios[1]:.2f} at 16 (above 1: memoctl is faster)")
        print(f"gateway: first answer {ours_first:.2f} s after the start of `memoctl local`, {theirs_first:.2f} s of `cargo lambda watch`, both built before")


def bench_memo():
    with tempfile.TemporaryDirectory() as folder:
        with dev(stack_copy(folder), "/healthz") as (base, _):
            person = {"email": "bench@example.com", "password": "correct horse battery"}
            call(base + "/v1/users", person)
            token = call(base + "/v1/sessions", person)["access_token"]
            bearer = f"Authorization: Bearer {token}"
            memo = call(base + "/v1/memos", {"title": "a", "content": "b"}, {"Authorization": f"Bearer {token}"})
            for name, path in [("GET /v1/memos/{id}", f"/v1/memos/{memo['id']}"), ("GET /v1/memos", "/v1/memos")]:
                for connections in (1, 16):
                    seen = load(base + path, connections, headers=[bearer])
                    print(f"memo: {name:<20} {connections:>2} connections {seen['requests_per_second']:>6.0f}/s p50 {seen['p50_ms']:.2f} ms p99 {seen['p99_ms']:.2f} ms failed {seen['failed']}")
