"""People at their browsers, without a browser: forms are sent with the token of the page, cookies are kept."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kith_platform.clock import FixedClock
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.store import bump_access
from kith_runtime.services import Services
from kith_runtime.web.app import create_app
from kith_runtime.web.state import Server
from support.yaml_workspace import YamlWorkspace, yaml_workspace

PASSWORD = "seven quiet harbours"
_MEMBER = "user: {read: all, update: id == me.id}"
_CLERKS = "\n---\n".join(
    f"role: {name}_clerk\nlabel: {name.title()} clerk\npermissions: [{name}]\n"
    f"grants:\n  user: {{read: all, create: true, update: all}}\n  team: {{read: all}}"
    for name in ("people", "roles", "tokens", "audit", "sessions", "publish")
)
OFFICE = {
    "base/clerks.yaml": _CLERKS + "\n",
    "base/member.yaml": f"role: member\nlabel: Member\ngrants:\n  {_MEMBER}\n  team: {{read: own}}\n",
    "base/boss.yaml": "role: boss\nlabel: Boss\nincludes: [people_clerk, roles_clerk]\n",
}
"""Roles that administer one thing each, members that administer nothing, and a boss of people and roles."""

CLERKS = {"people": "people", "roles": "roles", "access": "roles", "tokens": "tokens", "sessions": "sessions"}
CLERKS |= {"settings": "publish", "publishes": "publish", "audit": "audit"}
"""The sections of administration and the permission that each needs."""


class Visitor:
    """One browser. ``follow`` is never set, so that a test sees where it is sent."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **options)

    def text(self, path: str) -> str:
        """Open a page that must be there and return its text without markup."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, words(response))
        return words(response)

    def token(self, path: str = "/sign-in") -> str:
        """Return the form token that pages of this browser carry."""
        page = self.client.get(path, follow_redirects=True).get_data(as_text=True)
        return html.unescape(re.findall(r'name="csrf-token" content="([^"]+)"', page)[0])

    def post(self, path: str, **values: Any) -> TestResponse:
        """Send a form with the token of this browser."""
        return self.client.post(path, data={"csrf_token": self.token("/me"), **values})

    def sign_in(self, email: str, password: str = PASSWORD, **values: str) -> TestResponse:
        """Send the sign-in form."""
        return self.client.post(
            "/sign-in", data={"csrf_token": self.token(), "email": email, "password": password, **values}
        )


class Office:
    """A running app with people who have passwords."""

    def __init__(self, workspace: YamlWorkspace, clock: FixedClock) -> None:
        self.held, self.clock = workspace, clock
        self.app = create_app(workspace.workspace)

    @property
    def services(self) -> Services:
        """Identity and audit of the workspace."""
        server: Server = self.app.extensions["kith"]
        return server.services

    def person(self, name: str, *roles: str, password: str = PASSWORD) -> str:
        """Make a person who can sign in as ``name@example.com``; return the record's id."""
        actor = self.held.person(name, *(role if "." in role else f"base.{role}" for role in roles))
        with self.held.workspace.write(SYSTEM, "system") as ctx:
            self.services.accounts.add(ctx.connection, actor.id, f"{name.lower()}@example.com")
            if password:
                self.services.accounts.set_password(ctx.connection, actor.id, password)
            bump_access(ctx.connection)
        return actor.id

    def visitor(self) -> Visitor:
        """Open a browser."""
        return Visitor(self.app)

    def signed_in(self, name: str, *roles: str) -> Visitor:
        """Make a person and sign them in."""
        self.person(name, *roles)
        return self.again(name)

    def again(self, name: str) -> Visitor:
        """Sign somebody in who is there already, in another browser."""
        visitor = self.visitor()
        response = visitor.sign_in(f"{name.lower()}@example.com")
        assert response.status_code == 303, words(response)
        return visitor

    def audit(self) -> list[tuple[str, str, str]]:
        """Return the audit log as (actor, action, subject), oldest first."""
        with self.held.workspace.database.read() as connection:
            found = self.services.audit.entries(connection, limit=1000)
        return [(entry.actor, entry.action, entry.subject) for entry in reversed(found)]


def words(response: TestResponse) -> str:
    """Return the text of a page as one line, without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))).split())


@contextmanager
def office(database_url: str, folder: Path, clock: FixedClock) -> Iterator[Office]:
    """Yield an office in an empty database."""
    with yaml_workspace(database_url, folder, OFFICE, clock) as workspace:
        yield Office(workspace, clock)
