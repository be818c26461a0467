"""Each status that the OpenAPI description names is answered, in the form that it says: one request for each.

Left out are 5xx and what only API Gateway throttles, which no request can bring about.
"""

import itertools
import json

import requests
import schemathesis
from places import elsewhere, patiently

ALL = "memos:read memos:write account"
PASSWORD = "a cat on the keyboard"
NOBODYS = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
# Operations after which the user, or the session, is not what it was.
SPENDING = {"deleteCurrentUser", "changePassword", "endAllSessions", "endSession", "refreshTokens", "revokeToken"}
# 429 of the service itself, by the attempts that it takes from one place.
THROTTLED = {"registerUser": 21, "createSession": 6, "deleteCurrentUser": 6, "changePassword": 6}
# Only requests that race each other get it.
RACING = {("createMemo", "409")}


class World:
    """The API, with users and memos to ask about."""

    def __init__(self, url):
        self.url, self.numbers = url, itertools.count()
        self.shared = self.user()
        self.narrow = {scope: self.login(self.shared["email"], scope) for scope in ("account", "memos:read")}

    def ask(self, method, path, token=None, headers=(), session=requests, **body):
        headers = {**dict(headers), **({"Authorization": f"Bearer {token}"} if token else {})}
        return patiently(lambda: session.request(method, self.url + path, headers=headers, timeout=30, **body))

    def user(self):
        user = {"email": f"status-{next(self.numbers)}@example.com", "password": PASSWORD}
        answer = self.ask("POST", "/v1/users", json=user, session=elsewhere())
        # One that is answered too late may have been made.
        assert answer.status_code in (201, 409), answer.text
        return self.login(user["email"], ALL)

    def login(self, email, scope):
        login = {"email": email, "password": PASSWORD, "scope": scope}
        answer = self.ask("POST", "/v1/sessions", json=login, session=elsewhere())
        assert answer.status_code == 200, answer.text
        return answer.json() | {"email": email}

    def memo(self, deleted=False):
        memo = self.ask("POST", "/v1/memos", self.shared["access_token"], json={"title": "Milk"}).json()["id"]
        if deleted:
            self.ask("DELETE", f"/v1/memos/{memo}", self.shared["access_token"])
        return memo

    def good(self, name):
        """What the operation takes, and answers with a success: its user, the id in its path, its body."""
        user = self.user() if name in SPENDING else self.shared
        body = {
            "registerUser": {"json": {"email": f"new-{next(self.numbers)}@example.com", "password": PASSWORD}},
            "createSession": {"json": {"email": user["email"], "password": PASSWORD}},
            "updateCurrentUser": {"json": {"name": "Ada"}},
            "deleteCurrentUser": {"json": {"password": PASSWORD}},
            "changePassword": {"json": {"current": PASSWORD, "new": "two cats on the keyboard"}},
            "refreshTokens": {"data": {"grant_type": "refresh_token", "refresh_token": user["refresh_token"]}},
            "revokeToken": {"data": {"token": user["refresh_token"]}},
            "introspectToken": {"data": {"token": user["refresh_token"]}},
            "createMemo": {"json": {"title": "Milk"}},
            "updateMemo": {"json": {"pinned": True}},
            "replaceMemo": {"json": {"title": "Milk"}},
        }.get(name, {})
        if name == "endSession":
            sessions = self.ask("GET", "/v1/sessions", user["access_token"]).json()["sessions"]
            return user, sessions[0]["id"], body
        return user, self.memo(deleted=name == "restoreMemo") if name.endswith("Memo") and name != "createMemo" else None, body


def provoked(world, method, path, operation, status):
    """An answer with `status`, if all is well."""
    name, security = operation["operationId"], operation["security"]
    user, place, body = world.good(name)
    token, headers, query = user["access_token"] if security else None, {}, ""
    match status:
        case "304":
            headers["If-None-Match"] = "*"
        case "201" if method == "PUT":
            headers["If-None-Match"], place = "*", NOBODYS
        case "400" if "data" in body:
            body = {"data": {"surprise": "1"}}
        case "400":
            query = "?surprise=1"
        case "401" if name == "createSession":
            body["json"]["password"] = "another cat"
        case "401":
            token = None
        case "403":
            token = world.narrow["memos:read" if {"jwt": ["account"]} in security else "account"]["access_token"]
        case "403" | "404":
            place = NOBODYS[:-1] + "W"
        case "409" if name == "registerUser":
            body["json"]["email"] = user["email"]
        case "409":
            place = world.memo()
        case "412":
            headers["If-Match"] = '"v999"'
        case "413":
            body = {"data": "x=" + "x" * 200_000} if "data" in body else {"json": {"title": "x" * 200_000}}
            headers["Content-Type"] = "application/x-www-form-urlencoded" if "data" in body else "application/json"
        case "415":
            headers["Content-Type"] = "text/plain"
        case "422":
            body = {"json": {"surprise": 1}}
        case "429":
            if name != "registerUser":
                body["json"]["current" if name == "changePassword" else "password"] = "another cat"
            for _ in range(THROTTLED[name]):
                body["json"].update({"email": f"new-{next(world.numbers)}@example.com"} if name == "registerUser" else {})
                world.ask(method, path, token, **body)
    return world.ask(method, path.replace("{id}", place or "") + query, token, headers, **body)


def faults(document, operation, status, answer):
    """How `answer` is not what the description has for `status`."""
    if str(answer.status_code) != status:
        return [f"{answer.status_code} {answer.text[:200]}"]
    described = operation.definition.raw["responses"][status]
    while "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
    found = []
    for name, header in described.get("headers", {}).items():
        required = document["components"]["headers"][header["$ref"].rsplit("/", 1)[1]].get("required")
        if required and name not in answer.headers:
            found.append(f"no {name}")
    media_types = list(described.get("content", {}))
    if media_types and answer.headers.get("Content-Type") not in media_types:
        found.append(f"{answer.headers.get('Content-Type')} is none of {media_types}")
    if not media_types and answer.content:
        found.append(f"a body: {answer.text[:200]}")
    try:
        operation.validate_response(answer)
    except Exception as error:  # what schemathesis raises has no common type
        found.append(str(error))
    return found


def test_every_status_is_answered_as_described(served):
    document = json.loads(json.dumps(served))
    schema = schemathesis.openapi.from_dict(document)
    world = World(served["servers"][0]["url"])
    found, asked = {}, 0
    for late, (path, item) in itertools.product([False, True], document["paths"].items()):
        for method in item.keys() - {"parameters"}:
            operation = schema[path][method.upper()]
            name = item[method]["operationId"]
            for status in item[method]["responses"]:
                is_late = status == "429"
                reachable = status < "500" and (not is_late or name in THROTTLED) and (name, status) not in RACING
                if is_late != late or not reachable:
                    continue
                answer = provoked(world, method.upper(), path, item[method], status)
                wrong = faults(document, operation, status, answer)
                asked += 1
                if wrong:
                    found[name, status] = wrong
    assert found == {} and asked > 100
