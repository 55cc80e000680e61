"""A running workspace for screen tests: all apps with their demo data, served on a free port, and ways to sign in.

Each engine is prepared once for the whole run; tests that write make records of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server
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
from support.postgres import PostgresServer

APPS = Path(__file__).resolve().parents[2] / "apps"
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


def prepare(url: str, var: Path) -> Site:
    """Return a workspace with all apps and their demo data in an empty database."""
    settings = Settings(database_url=url, apps=APPS, var=var)
    workspace = open_workspace(settings, prepare=True)
    checked = Environment(settings).check()
    assert checked.snapshot is not None, checked.issues
    publish(workspace, checked.snapshot, Request(SYSTEM, "Installed"))
    with workspace.write(SYSTEM, "import") as ctx:
        install_data(ctx, frozenset({"seed", "demo"}))
        ensure_administrator(ctx)
    return Site(workspace, create_app(workspace))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo workspace, once on each engine."""
    var = tmp_path_factory.mktemp(f"site_{request.param}")
    if request.param == "sqlite":
        site = prepare(f"sqlite:///{var / 'kith.db'}", var)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        site = prepare(server.url(server.create()), var)
    server_ = make_server("127.0.0.1", 0, site.app, threaded=True)
    site.address = f"http://127.0.0.1:{server_.server_port}"
    thread = Thread(target=server_.serve_forever)
    thread.start()
    yield site
    server_.shutdown()
    thread.join()
    server_.server_close()
    site.workspace.close()


@pytest.fixture
def sarah(site: Site) -> str:
    """An account executive: sees her team's deals and all accounts."""
    return site.person("sarah.lindqvist@kelda.example")


@pytest.fixture
def administrator(site: Site) -> str:
    """Somebody who may do everything."""
    return site.with_roles("Olga Admin", "base.administrator")


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A desktop page that reported nothing to the console, and broke no policy, when the test ends."""
    yield from open_page(chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address))


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    """The same at the width of a phone."""
    yield from open_page(
        chromium.new_context(viewport={"width": 390, "height": 844}, base_url=site.address, has_touch=True)
    )


def open_page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page of a context and hold that nothing was reported."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    yield page
    context.close()
    assert not problems
