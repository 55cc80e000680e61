"""The small app with records in it, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kith_metadata.values import Money
from kith_platform.database import Database
from kith_runtime.queries.search import store as search_store
from kith_runtime.records import store as record_store
from kith_runtime.store import RUNTIME_TABLES
from support.apps import TestApp, open_app

STORES = (search_store, record_store)


@pytest.fixture
def app(database: Database) -> TestApp:
    """The app, empty."""
    return open_app(database, RUNTIME_TABLES)


@pytest.fixture
def filled(app: TestApp) -> TestApp:
    """The app with two people, three accounts and forty deals that have blanks and equal values in every field."""
    app.row("base.team", id="team")
    for name, region in (("ann", "north"), ("bob", "south")):
        app.row("base.user", id=name, name=name.title(), region=region, teams=("team",))
    for number, (region, owner) in enumerate((("north", "ann"), ("south", "bob"), (None, None))):
        app.row("crm.account", id=f"acc{number}", name=f"Account {number}", region=region, owner=owner, rating=number)
    for number in range(40):
        app.row(
            "crm.deal",
            name=("alpha", "Beta", "ALPHA", "gamma", None, "Äther")[number % 6],
            account=f"acc{number % 3}" if number % 7 else None,
            stage="won" if number % 2 else "new",
            amount=Money(Decimal(number % 5) / 4, "EUR") if number % 4 else None,
            probability=Decimal(number % 3) / 4 if number % 5 else None,
            close_date=date(2026, 1, 1 + number % 9) if number % 3 else None,
            met_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number // 2) if number % 8 else None,
            done=bool(number % 2) if number % 6 else None,
            owner="ann" if number % 2 else "bob",
            margin=Decimal(number),
            code=f"c{number}",
            tags=("hot",) if number % 2 else None,
            helpers=("bob", "ann") if number % 10 == 0 else (),
        )
    return app
