"""Who asks the services in `scripts/bench handlers`: every endpoint, by one caller and by 16 at once."""

import json
import socket
import statistics
import sys
import threading
import time
import urllib.parse

# Seconds that an endpoint is asked for; those that count attempts are asked a few times by each caller.
SECONDS = 1.5
CALLERS = (1, 16)
PASSWORD = "a cat on the keyboard"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Caller:
    """A user with an address of their own, as the services count attempts by address. One connection, kept open."""

    def __init__(self, url, number):
        self.url, self.number = urllib.parse.urlsplit(url), number
        self.email = f"bench-{number}@example.com"
        self.stream = self.connect()
        self.token = self.refresh = self.memo = None

    def connect(self):
        address = f"127.0.{1 + self.number // 200}.{1 + self.number % 200}"
        stream = socket.create_connection((self.url.hostname, self.url.port), timeout=60, source_address=(address, 0))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream

    def ask(self, method, path, body=None, headers=None, base=None):
        """Status, document and seconds of an answer."""
        if isinstance(body, dict):
            form = (headers or {}).get("Content-Type") == FORM["Content-Type"]
            body = urllib.parse.urlencode(body) if form else json.dumps(body)
        body = (body or "").encode()
        url = urllib.parse.urlsplit(base) if base else self.url
        lines = [f"{method} {url.path}{path} HTTP/1.1", f"Host: {url.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        begun = time.perf_counter()
        self.stream.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.more(method, path)
        head, said = answer.split(b"\r\n\r\n", 1)
        length = int((head.lower() + b"\r\n").partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(said) < length:
            said += self.more(method, path)
        seconds = time.perf_counter() - begun
        return int(head.split(b" ", 2)[1]), json.loads(said) if said[:1] in (b"{", b"[") else said.decode(), seconds

    def more(self, method, path):
        if data := self.stream.recv(1 << 16):
            return data
        sys.exit(f"{method} {path}: the gateway closed the connection")

    def bearer(self, **headers):
        return {"Authorization": f"Bearer {self.token}", **headers}

    def person(self):
        return {"email": self.email, "password": PASSWORD}

    def enter(self):
        """Logs in anew: an access token lives ten minutes."""
        status, session, _ = self.ask("POST", "/v1/sessions", self.person(), JSON)
        if status != 200:
            sys.exit(f"POST /v1/sessions: {status} {session}")
        self.token, self.refresh = session["access_token"], session["refresh_token"]


def once(method, path, status, body=None, headers=None, base=None):
    """A flow of one request again and again; what depends on the caller is made by a function of it."""

    def flow(caller):
        given = lambda value: value(caller) if callable(value) else value
        while True:
            asked = (method, given(path), given(body), given(headers), base)
            yield f"{method} {path if isinstance(path, str) else PATHS[path]}", status, asked

    return flow


own_memo = lambda caller: f"/v1/memos/{caller.memo}"
PATHS = {own_memo: "/v1/memos/{id}"}
bearer = lambda caller: caller.bearer()
sending = lambda caller: caller.bearer(**JSON)


def deleting(caller):
    while True:
        yield "DELETE /v1/memos/{id}", 204, ("DELETE", own_memo(caller), None, caller.bearer())
        yield "POST /v1/memos/{id}/restore", 200, ("POST", own_memo(caller) + "/restore", None, caller.bearer())


def sessions(caller):
    """Login, refresh and logout: ten rounds, as a place may log in fifty times an hour."""
    login = "POST /v1/sessions", 200, ("POST", "/v1/sessions", caller.person(), JSON)
    for _ in range(10):
        session = yield login
        form = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
        session = yield "POST /oauth/token", 200, ("POST", "/oauth/token", form, FORM)
        yield "POST /oauth/revoke", 200, ("POST", "/oauth/revoke", {"token": session["refresh_token"]}, FORM)
        yield login
        listed = yield "GET /v1/sessions", 200, ("GET", "/v1/sessions", None, caller.bearer())
        other = next(one["id"] for one in listed["sessions"] if not one["current"])
        yield "DELETE /v1/sessions/{id}", 204, ("DELETE", f"/v1/sessions/{other}", None, caller.bearer())


def accounts(caller):
    """Accounts that come and go; twenty registrations an hour are let through from one place."""
    for round_ in range(8):
        person = {"email": f"guest-{caller.number}-{round_}@example.com", "password": PASSWORD}
        yield "POST /v1/users", 201, ("POST", "/v1/users", person, JSON)
        for last in (False, True):
            session = yield "POST /v1/sessions", 200, ("POST", "/v1/sessions", person, JSON)
            headers = {"Authorization": f"Bearer {session['access_token']}", **JSON}
            if last:
                yield "DELETE /v1/users/me", 204, ("DELETE", "/v1/users/me", {"password": person["password"]}, headers)
            else:
                change = {"current": PASSWORD, "new": PASSWORD + " again"}
                yield "PUT /v1/users/me/password", 204, ("PUT", "/v1/users/me/password", change, headers)
                person["password"] = change["new"]
                yield "DELETE /v1/sessions", 204, ("DELETE", "/v1/sessions", None, headers)


def flows(hello):
    memo = {"title": "Milk", "content": "2 l", "tags": ["shopping"]}
    return [
        once("GET", "/hello", 200, base=hello),
        once("GET", "/healthz", 200),
        once("GET", "/.well-known/jwks.json", 200),
        once("GET", "/.well-known/oauth-authorization-server", 200),
        accounts,
        sessions,
        once("GET", "/v1/users/me", 200, headers=bearer),
        once("PATCH", "/v1/users/me", 200, {"name": "Ada"}, sending),
        once("POST", "/oauth/introspect", 200, lambda caller: {"token": caller.token}, lambda caller: caller.bearer(**FORM)),
        once("POST", "/v1/memos", 201, memo, sending),
        once("GET", "/v1/memos", 200, headers=bearer),
        once("GET", own_memo, 200, headers=bearer),
        once("PATCH", own_memo, 200, {"pinned": True}, sending),
        once("PUT", own_memo, 200, memo, sending),
        deleting,
        once("GET", "/v1/tags", 200, headers=bearer),
    ]


def follow(flow, caller, until, seen):
    """Asks for what a flow wants until the time is over, or the flow is."""
    steps, answer = flow(caller), None
    while time.monotonic() < until:
        try:
            name, wanted, asked = steps.send(answer)
        except StopIteration:
            return
        status, answer, seconds = caller.ask(*asked)
        seen.setdefault(name, []).append(seconds * 1e3)
        if status != wanted:
            seen["failed"] = f"{name}: {status} {answer}"
            return


def measured(flow, callers):
    """Milliseconds of each answer, by endpoint."""
    # Flows that end by themselves may take longer.
    seconds = 60 if flow in (accounts, sessions) else SECONDS
    each = [{} for _ in callers]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=follow, args=(flow, caller, until, seen)) for caller, seen in zip(callers, each)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seen in each:
        if failure := seen.pop("failed", None):
            sys.exit(failure)
    return {name: [ms for seen in each for ms in seen.get(name, [])] for name in each[0]}


def bench(url, hello):
    """Prints how long every endpoint takes; gives what logs in anew, for a token."""
    everyone, taken = [], {}
    for number in range(sum(CALLERS)):
        caller = Caller(url, number)
        status, said, _ = caller.ask("POST", "/v1/users", caller.person(), JSON)
        if status != 201:
            sys.exit(f"POST /v1/users: {status} {said}")
        everyone.append(caller)
    for flow in flows(hello):
        first = 0
        for count in CALLERS:
            callers = everyone[first : first + count]
            first += count
            for caller in callers:
                if caller.token is None:
                    caller.enter()
                    caller.memo = caller.ask("POST", "/v1/memos", {"title": "Milk"}, sending(caller))[1]["id"]
            for name, times in measured(flow, callers).items():
                taken.setdefault(name, {}).setdefault(count, []).extend(times)
    base = {count: statistics.median(taken["GET /hello"][count]) for count in CALLERS}
    for name, seen in taken.items():
        told = (
            f"{count:>2} at once p50 {statistics.median(times):>6.2f} ms ({statistics.median(times) / base[count]:>5.1f} of hello's) "
            f"p99 {sorted(times)[int(0.99 * (len(times) - 1))]:>6.2f} ms of {len(times)}"
            for count, times in sorted(seen.items())
        )
        print(f"handlers: {name:<44} {', '.join(told)}")

    def token():
        everyone[0].enter()
        return everyone[0].token

    return token
