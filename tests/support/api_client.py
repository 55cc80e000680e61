"""A client of the API for tests: every answer is held against the OpenAPI document of who asked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import inspect, literal_column, select, table
from werkzeug.test import TestResponse

from kith_platform.identity import Tokens
from kith_platform.identity.sessions import Sessions
from kith_runtime.actors import Actor
from kith_runtime.api.openapi_frame import document as frame_document
from kith_runtime.web.app import create_app
from support.yaml_workspace import YamlWorkspace

FRAME: dict[str, Any] = frame_document([])
SCOPES = ("read", "write", "admin")
SETTLING = frozenset({"last_used_at", "last_seen_at", "seen_at"})


@dataclass
class ApiSite:
    """An app over a workspace, with a way to get clients of people."""

    crm: YamlWorkspace
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        """Make the app."""
        self.app = create_app(self.crm.workspace)
        self.app.testing = False

    def token(self, actor: Actor, *scopes: str) -> str:
        """Make a token of a person and return its text."""
        with self.crm.workspace.database.write() as connection:
            chosen = scopes or SCOPES[:2]
            _, secret = Tokens(self.crm.workspace.clock).add(connection, actor.id, "test", chosen)
        return secret

    def client(self, actor: Actor, *scopes: str) -> Api:
        """Return a client with a new token of a person."""
        api = Api(self.app, self.token(actor, *scopes))
        api.get("/api/v1/me")
        return api

    def session(self, actor: Actor) -> str:
        """Begin a browser session of a person and return its secret."""
        with self.crm.workspace.database.write() as connection:
            _, secret = Sessions(self.crm.workspace.clock).begin(connection, actor.id, "test", "127.0.0.1")
        return secret


class Api:
    """Sends requests as one caller and checks each answer against the document that this caller gets."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.app = app
        self.http: FlaskClient = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.checks = True
        self._tag = ""
        self._document: dict[str, Any] = {"paths": {}}

    def get(self, path: str, **parameters: Any) -> TestResponse:
        """Read an address."""
        given = {"query_string": {name: str(value) for name, value in parameters.items()}} if parameters else {}
        return self.send("GET", path, **given)

    def post(self, path: str, json: Any = None, headers: dict[str, str] | None = None) -> TestResponse:
        """Post JSON to an address."""
        return self.send("POST", path, json=json, headers=headers)

    def patch(self, path: str, json: Any, headers: dict[str, str] | None = None) -> TestResponse:
        """Change something."""
        return self.send("PATCH", path, json=json, headers=headers)

    def put(self, path: str, json: Any) -> TestResponse:
        """Put JSON to an address."""
        return self.send("PUT", path, json=json)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        """Delete something."""
        return self.send("DELETE", path, headers=headers)

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """Send any request and check the answer."""
        if more.get("json", 0) is None:
            more.pop("json")
        response = self.http.open(path, method=method, headers={**self.headers, **(headers or {})}, **more)
        if self.checks:
            check_answer(self.document(), method, path, response)
        return response

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document of this caller, asked for anew but sent only when it changed."""
        headers = {**self.headers, "If-None-Match": self._tag}
        response = self.http.get("/api/v1/openapi.json", headers=headers)
        if response.status_code == 200:
            self._tag, self._document = response.headers["ETag"], response.get_json()
        elif response.status_code != 304:
            self._document = {"paths": {}, "components": FRAME["components"]}
        return self._document


def check_answer(document: dict[str, Any], method: str, path: str, response: TestResponse) -> None:
    """Fail when an answer is not what the document promises, or no problem where it promises nothing."""
    said = f"{method} {path} {response.status_code}: {response.get_data(as_text=True)[:500]}"
    assert response.status_code < 500, said
    plain = path.partition("?")[0]
    described = _operation(document, method.lower(), "/api/v1/" if plain == "/api/v1" else plain)
    if method == "HEAD" or method == "OPTIONS":
        return
    if described is None:
        assert response.status_code >= 400, f"The document does not know {said}"
        check_problem(response)
        return
    status = str(response.status_code)
    assert status in described["responses"] or status == "405", f"The document promises no {said}"
    if response.status_code >= 400:
        check_problem(response)
        return
    content = described["responses"][status].get("content")
    if content is None:
        assert response.get_data() == b"", said
        return
    assert response.content_type == "application/json", said
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    errors = [
        f"{error.json_path}: {error.message}" for error in validator(orjson.dumps(schema)).iter_errors(response.json)
    ]
    assert not errors, f"{said}\n" + "\n".join(errors)


def check_problem(response: TestResponse) -> None:
    """Fail when an answer is no problem document with code, title and the status of the answer."""
    assert response.content_type == "application/problem+json", response.headers
    body = orjson.loads(response.get_data())
    schema = {"$ref": "#/components/schemas/Problem", "components": FRAME["components"]}
    errors = [f"{error.json_path}: {error.message}" for error in validator(orjson.dumps(schema)).iter_errors(body)]
    assert not errors, errors
    assert body["status"] == response.status_code


@lru_cache(maxsize=500)
def validator(schema: bytes) -> Draft202012Validator:
    """Return the validator of a schema."""
    return Draft202012Validator(orjson.loads(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    exact = sorted(document["paths"], key=lambda known: known.count("{"))
    for known in exact:
        pattern = re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(known))
        if re.fullmatch(pattern, path) and method in document["paths"][known]:
            found: dict[str, Any] = resolved(document, document["paths"][known][method])
            return found
    return None


def resolved(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with its answers written out."""
    responses = {
        status: document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
        for status, answer in operation["responses"].items()
    }
    return {**operation, "responses": responses}


def database_hash(crm: YamlWorkspace) -> str:
    """Return a hash of all content of the database, without the moments at which somebody was last seen."""
    found = hashlib.sha256()
    with crm.workspace.database.read() as connection:
        # The index of parts holds no rows of its own: it follows the words, which are compared.
        for name in sorted(set(inspect(connection).get_table_names()) - {"kith_search_parts"}):
            rows = connection.execute(select(literal_column("*")).select_from(table(name))).mappings()
            kept = sorted(repr([row[column] for column in row if column not in SETTLING]) for row in rows)
            found.update(f"{name}{kept}".encode())
    return found.hexdigest()
