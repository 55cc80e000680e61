"""A running workspace for screen tests, once on each engine; tests that write make records of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from support.postgres import PostgresServer
from support.serving import served
from support.site import Site, open_page, prepare, reopen


@pytest.fixture(scope="session")
def sqlite_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo workspace whose database is the file ``kith.db`` in it; each site is a copy."""
    var = tmp_path_factory.mktemp("demo_sqlite")
    prepare(f"sqlite:///{var / 'kith.db'}", var).workspace.close()
    return var


@pytest.fixture(scope="session")
def postgresql_demo(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The database and the folder of a demo workspace; each site is a copy."""
    var, name = tmp_path_factory.mktemp("demo_postgresql"), postgres_server.create()
    prepare(postgres_server.url(name), var).workspace.close()
    return name, var


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo workspace, once on each engine."""
    var = tmp_path_factory.mktemp(f"site_{request.param}")
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_demo"), var, dirs_exist_ok=True)
        site = reopen(f"sqlite:///{var / 'kith.db'}", var)
    else:
        name, demo = request.getfixturevalue("postgresql_demo")
        server: PostgresServer = request.getfixturevalue("postgres_server")
        shutil.copytree(demo, var, dirs_exist_ok=True)
        site = reopen(server.url(server.create(name)), var)
    with served(site.app) as site.address:
        yield site
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
