"""Fixtures shared by all tests: a fresh database on each engine, a clock that stands still, an empty var folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from kith_platform.clock import FixedClock
from kith_platform.database import Database, open_database
from kith_platform.database.system import prepare_system_tables
from support.chromium import chromium_browser
from support.postgres import PostgresServer

# Each run tries the same examples and gives each the time that it takes: a fault that was there before shows when
# somebody looks for it with more of them, and not by chance in the run of another change.
settings.register_profile(
    "steady",
    deadline=None,
    database=None,
    derandomize="KITH_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One private server for the whole run, started by the first test that wants it."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database; a test that asks for it runs once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kith.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, open database."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the whole run; each test opens a context of its own in it."""
    with chromium_browser() as browser:
        yield browser


@pytest.fixture
def platform_database(database: Database) -> Database:
    """An open database with the platform's own tables."""
    with database.write() as connection:
        prepare_system_tables(connection)
    return database


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at Tuesday 24 November 2026, 09:00 UTC."""
    return FixedClock(NOW)


@pytest.fixture
def tmp_var(tmp_path: Path) -> Path:
    """An empty var folder."""
    var = tmp_path / "var"
    var.mkdir()
    return var
