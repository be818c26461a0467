"""What schemathesis cannot know of the services: users and their tokens, and rules that no schema tells.

MEMO_URL is where the API answers; MEMO_SEEN is a file, to be written: how often each operation answered
with which status.
"""

import atexit
import base64
import itertools
import json
import os
import threading
import time

import requests
import schemathesis
import urllib3.util.connection
from places import patiently, place
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario

URL = os.environ["MEMO_URL"]
PASSWORD = "a cat on the keyboard"
# Operations that can say that the client has what it asks for.
READS = {"getAuthorizationServer", "getCurrentUser", "getHealth", "getJwks", "getMemo", "listMemos", "listSessions", "listTags"}
# Operations after which a user, a session or a password is not what it was: each call gets a user of its own.
SPENDING = {"deleteCurrentUser", "changePassword", "endAllSessions", "endSession", "refreshTokens", "revokeToken"}
ALL = "memos:read memos:write account"
USERS, SEEN, LOCK, COUNTER = {}, {}, threading.Lock(), itertools.count()

# Each request has a connection of its own, and each connection comes from elsewhere.
connect, send = urllib3.util.connection.create_connection, requests.Session.send


def create_connection(address, timeout=None, source_address=None, socket_options=None):
    return connect(address, timeout, place() or source_address, socket_options)


def send_once(session, request, **options):
    request.headers["Connection"] = "close"
    return send(session, request, **options)


urllib3.util.connection.create_connection = create_connection
requests.Session.send = send_once


class User:
    """A user who is logged in."""

    def __init__(self, scope=ALL):
        self.email = f"user-{os.getpid()}-{next(COUNTER)}@example.com"
        credentials = {"email": self.email, "password": PASSWORD}
        # A registration that is answered too late may have been made.
        registered = patiently(lambda: requests.post(f"{URL}/v1/users", json=credentials, timeout=30))
        assert registered.status_code in (201, 409), registered.text
        answer = patiently(lambda: requests.post(f"{URL}/v1/sessions", json=credentials | {"scope": scope}, timeout=30))
        answer.raise_for_status()
        tokens = answer.json()
        self.access, self.refresh = tokens["access_token"], tokens["refresh_token"]
        payload = self.access.split(".")[1]
        self.session = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"]
        self.scope, self.since = scope, time.monotonic()
        USERS[self.access] = self

    def deleted_memo(self):
        """The id of a memo that can be restored."""
        headers = {"Authorization": f"Bearer {self.access}"}
        memo = patiently(lambda: requests.post(f"{URL}/v1/memos", json={"title": "Milk"}, headers=headers, timeout=30)).json()
        patiently(lambda: requests.delete(f"{URL}/v1/memos/{memo['id']}", headers=headers, timeout=30))
        return memo["id"]


def operation(case):
    return case.operation.definition.raw.get("operationId")


@schemathesis.auth(refresh_interval=None)
class Token:
    shared, uses = {}, itertools.count(1)

    def get(self, case, context):
        if operation(case) in SPENDING:
            return User().access
        asked = {scope for requirement in case.operation.definition.raw["security"] for scope in requirement.get("jwt", [])}
        # Now and then a token of a scope that does not open the operation.
        narrow = asked and next(self.uses) % 12 == 0
        return self.user(ALL if not narrow else "memos:read" if "account" in asked else "account").access

    def user(self, scope):
        """The user of such tokens, whose token has some time left."""
        with LOCK:
            if scope not in self.shared or time.monotonic() - self.shared[scope].since > 300:
                self.shared[scope] = User(scope)
            return self.shared[scope]

    def set(self, case, token, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(context, case, kwargs):
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if positive and "Idempotency-Key" in (case.headers or {}):
        # A key that was used is valid and refused.
        case.headers["Idempotency-Key"] = f"{case.headers['Idempotency-Key'][:200]}-{os.getpid()}-{next(COUNTER)}"
    # Every other request stays as it was generated.
    if not positive or next(COUNTER) % 2:
        return
    name, body = operation(case), case.body
    user = USERS.get((case.headers or {}).get("Authorization", "").removeprefix("Bearer "))
    if name == "createSession":
        user = User()
        case.body = {**body, "email": user.email, "password": PASSWORD}
    elif user and name in ("refreshTokens", "revokeToken", "introspectToken"):
        token = "refresh_token" if name == "refreshTokens" else "token"
        case.body = {**body, token: user.access if name == "introspectToken" and next(COUNTER) % 2 else user.refresh}
    elif user and name == "deleteCurrentUser":
        case.body = {"password": PASSWORD}
    elif user and name == "changePassword":
        case.body = {**body, "current": PASSWORD}
    elif user and name == "endSession":
        case.path_parameters = {"id": user.session}
    elif user and user.scope == ALL and name == "restoreMemo":
        case.path_parameters = {"id": user.deleted_memo()}
    elif name in ("listMemos", "listTags") and case.query:
        case.query.pop("cursor", None)
    if user:
        # Few generated tags are those of a version.
        case.headers.pop("If-Match", None)
        if name not in READS and name != "replaceMemo":
            # It refuses whatever is written to.
            case.headers.pop("If-None-Match", None)
    if "If-None-Match" in (case.headers or {}):
        case.headers["If-None-Match"] = "*"


@schemathesis.hook
def after_call(context, case, response):
    seen = SEEN.setdefault(operation(case), {})
    seen[response.status_code] = seen.get(response.status_code, 0) + 1


@atexit.register
def tell():
    with open(os.environ["MEMO_SEEN"], "w") as file:
        json.dump(SEEN, file)


@schemathesis.check
def common_headers(ctx, response, case):
    """What every answer has."""
    headers = {name: values[0] for name, values in response.headers.items()}
    assert headers.get("x-content-type-options") == "nosniff", headers
    assert headers.get("strict-transport-security", "").startswith("max-age=63072000"), headers
    assert headers.get("x-request-id"), headers
    assert headers.get("cache-control"), headers
    assert headers.get("access-control-allow-origin") == "*", headers
    if response.status_code not in (200, 304):
        assert headers["cache-control"] == "no-store", headers


@schemathesis.check
def problems(ctx, response, case):
    """An error tells its own status, and names the request as the header does."""
    if response.status_code < 400 or not response.headers["content-type"][0].startswith("application/problem+json"):
        return
    problem = response.json()
    assert problem.get("status", response.status_code) == response.status_code, problem
    assert problem["instance"] == f"urn:uuid:{response.headers['x-request-id'][0]}", problem


@schemathesis.check
def undescribed_methods(ctx, response, case):
    """A method that a path lacks is as unknown as a path."""
    data = case.meta.phase.data if case.meta else None
    if not isinstance(data, CoveragePhaseData) or data.scenario != CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return
    if response.request.method == "OPTIONS":
        # A browser's preflight has no body; one of another type than JSON finds no template in a mock.
        assert response.status_code in (204, 415), response.status_code
    else:
        assert response.status_code == 404, response.status_code
        assert response.json()["code"] == "not-found", response.text
