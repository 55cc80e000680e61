"""Formulas with functions that no database has: read like any other, stored on demand, else refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kith_metadata.values import Money
from kith_platform.errors import Invalid
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.publishing import TEXT, Site, crm, entity

CODE = 'matches(name, "[A-Z]{2}-[0-9]+")'
HUGE = "rate"
for _ in range(6):
    HUGE = f"min({HUGE}, {HUGE})"
FIRM = {
    "name": TEXT,
    "rate": {"type": "percent"},
    "worth": {"type": "money"},
    "day": TEXT,
    "coded": {"type": "formula", "formula": CODE, "returns": "boolean"},
    "kept": {"type": "formula", "formula": CODE, "returns": "boolean", "stored": True},
    "due": {"type": "formula", "formula": "date(day) + days(1)", "returns": "date"},
    "wave": {"type": "formula", "formula": "sin(rate) + count(deals, worth > 1)", "returns": "decimal", "scale": 6},
    "share": {"type": "formula", "formula": "rate * cos(0 * rate)", "returns": "percent", "scale": 1},
    "twice": {"type": "formula", "formula": "worth * 2 if coded else worth", "returns": "money"},
    "top": {"type": "formula", "formula": 'like(first(deals.name), "D%")', "returns": "boolean"},
    "mine": {"type": "formula", "formula": "like(name, text(me))", "returns": "boolean"},
    "huge": {"type": "formula", "formula": HUGE, "returns": "decimal"},
}
DEAL = {"name": TEXT, "worth": {"type": "integer"}, "firm": {"type": "lookup", "to": "crm.firm"}}


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """A workspace with two firms, of which one has deals."""
    found = Site(database_url)
    found.publish(crm(firm=entity(FIRM), deal=entity(DEAL)))
    firm = found.create("firm", name="AB-12", rate="25", worth={"amount": "10", "currency": "EUR"}, day="2026-02-28")
    for worth in (1, 5, 9):
        found.create("deal", name=f"D{worth}", worth=worth, firm=firm)
    found.create("firm", name="Brown", day="tomorrow")
    yield found
    found.close()


def read(site: Site, *fields: str, **more: Any) -> list[tuple[Any, ...]]:
    with site.workspace.read(SYSTEM, "api") as ctx:
        return [tuple(row) for row in select(ctx, Query("crm.firm", fields, **more)).rows]


def test_they_are_worked_out_when_they_are_read(site: Site) -> None:
    fields = ("coded", "due", "wave", "share", "twice", "top", "mine", "huge")
    first, second = read(site, *fields, sort=("name",))
    wave = Decimal("2.247404")
    worth, rate = Money(Decimal(20), "EUR"), Decimal("0.25")
    assert first == (True, date(2026, 3, 1), wave, Decimal("25.0"), worth, True, False, rate)
    # What cannot be read as a date is an error value, which a list shows as blank; a blank amount stays blank.
    assert second == (False, None, None, None, None, False, False, None)


def test_the_stored_ones_serve_for_searching_and_sorting(site: Site) -> None:
    assert read(site, "name", where="kept") == [("AB-12",)]
    assert read(site, "name", sort=("kept", "name")) == [("Brown",), ("AB-12",)]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("coded", "1:1: The formula 'coded' is worked out on the server only, not in the database."),
        ('name == "x" or not coded', "1:20: The formula 'coded'"),
        ("sin(rate) > 0", "1:1: sin() runs on the server only, not in the database."),
        (f"{HUGE} > 0", "The expression is too large for the database."),
    ],
)
def test_filters_by_them_are_refused_with_the_place(site: Site, where: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(site, "name", where=where)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ["coded", "huge"])
def test_sorting_by_them_is_refused(site: Site, name: str) -> None:
    with pytest.raises(Invalid, match=f"cannot be sorted by {name}: .* database"):
        read(site, "name", sort=(name,))
