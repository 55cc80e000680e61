"""A workspace with all apps and their demo data, people who are signed in to it, and ways to look at its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page
from werkzeug.test import TestResponse

from kith_platform.identity import Accounts, Passwords, RoleAssignments
from kith_platform.settings import Settings
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import Environment
from kith_runtime.install.administrator import ensure_administrator
from kith_runtime.install.data import install_data
from kith_runtime.publish.apply import Request
from kith_runtime.publish.service import publish
from kith_runtime.publish.store import bump_access
from kith_runtime.queries import Query, select
from kith_runtime.services import services_of
from kith_runtime.web.app import create_app
from kith_runtime.workspace import Workspace, open_workspace

APPS = Path(__file__).resolve().parents[2] / "apps"
looks = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
"""For tests of how pages look and are gone through: that does not follow from the database, which other tests try."""

PASSWORD = "a long enough password"
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@dataclass
class Visitor:
    """One person at the app's public door, without a browser; forms carry the token as a page gave it."""

    client: FlaskClient

    def get(self, address: str, **more: Any) -> TestResponse:
        """Return the answer to an address."""
        return self.client.get(address, **more)

    def html(self, address: str) -> str:
        """Return a page that must be there."""
        answer = self.client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return answer.get_data(as_text=True)

    def post(self, address: str, values: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form."""
        token = _TOKEN.search(self.client.get("/").get_data(as_text=True))
        assert token is not None
        return self.client.post(address, data={"csrf_token": token[1], **(values or {})}, **more)


@dataclass
class Site:
    """The workspace, the app that serves it, and its address for browsers."""

    workspace: Workspace
    app: Flask
    address: str = ""
    people: dict[str, str] = field(default_factory=dict)

    def create(self, entity: str, **values: Any) -> str:
        """Write a record as the system and return its id."""
        with self.workspace.write(SYSTEM, "system") as ctx:
            return records.create(ctx, entity, values).id

    def person(self, email: str) -> str:
        """Return the id of a person by e-mail."""
        with self.workspace.read(SYSTEM, "system") as ctx:
            found = select(ctx, Query("base.user", ("id",), where=f'email == "{email}"'))
            assert found.ids, email
            return found.ids[0]

    def with_roles(self, name: str, *roles: str) -> str:
        """Return a person of that name with these roles, made on first use."""
        if name not in self.people:
            email = f"{name.lower().replace(' ', '.')}@test.example"
            self.people[name] = self.create("base.user", name=name, email=email)
            with self.workspace.write(SYSTEM, "system") as ctx:
                accounts = Accounts(ctx.clock, Passwords())
                if accounts.find(ctx.connection, self.people[name]) is None:
                    accounts.add(ctx.connection, self.people[name], email)
                assignments = RoleAssignments(ctx.clock, bump_access)
                assignments.replace(ctx.connection, self.people[name], roles, by="")
        return self.people[name]

    def today(self, person: str) -> date:
        """Return the day that it is for a person: where they live it begins at another hour than elsewhere."""
        with self.workspace.database.read() as connection:
            actor = self.workspace.actor_for(connection, person, 10**9)
        assert actor is not None
        with self.workspace.read(actor, "screen") as ctx:
            return ctx.locale.dates.today(ctx.now)

    def cookie(self, person: str) -> str:
        """Begin a session for a person and return what its cookie holds."""
        services = services_of(self.workspace)
        with self.workspace.database.write() as connection:
            _, secret = services.sessions.begin(connection, person, "test", "127.0.0.1")
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(serializer.dumps({"_user_id": secret, "_fresh": True}))

    def visitor(self, person: str) -> Visitor:
        """Return a person who is signed in, without a browser."""
        client = self.app.test_client()
        client.set_cookie("kith_session", self.cookie(person))
        return Visitor(client)


def signed_in(page: Page, site: Site, person: str) -> Page:
    """Sign a person in on a browser page."""
    page.context.add_cookies([{"name": "kith_session", "value": site.cookie(person), "url": site.address}])
    return page


def reopen(url: str, var: Path) -> Site:
    """Return the workspace of a database and a folder that were prepared before."""
    workspace = open_workspace(Settings(database_url=url, apps=APPS, var=var))
    return Site(workspace, create_app(workspace))


def prepare(url: str, var: Path, apps: Path = APPS) -> Site:
    """Return a workspace with all apps and their demo data in an empty database."""
    settings = Settings(database_url=url, apps=apps, var=var)
    workspace = open_workspace(settings, prepare=True)
    checked = Environment(settings).check()
    assert checked.snapshot is not None, checked.issues
    publish(workspace, checked.snapshot, Request(SYSTEM, "Installed"))
    with workspace.write(SYSTEM, "import") as ctx:
        install_data(ctx, frozenset({"seed", "demo"}), services_of(workspace).files)
        ensure_administrator(ctx)
    return Site(workspace, create_app(workspace))


def open_page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page of a context and hold that nothing was reported."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(error.stack or str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    yield page
    context.close()
    assert not problems, "The page reported: " + " | ".join(problems)
