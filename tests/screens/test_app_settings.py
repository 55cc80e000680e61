"""Settings that apps declare: administrators set them, expressions follow at once, the audit tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kith_metadata.expressions import ExpressionError, compile_check
from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.queries import Query, select
from kith_runtime.queries.evaluation import reader_scope
from support.visitors import OFFICE, Office, words
from support.yaml_workspace import yaml_workspace

SHOP = {
    **OFFICE,
    "shop/app.yaml": """
        app: shop
        label: Shop
        version: 1.0.0
        requires: {base: '>=1.0'}
        settings:
          least: {type: percent, default: 20, label: Least margin, help: Below it an order waits.}
          limit: {type: integer}
          open: {type: boolean, default: true}
          since: {type: date, default: '2026-01-31'}
          word: {type: text, default: now}
        """,
    "shop/order.yaml": """
        entity: order
        label: Order
        ownership: none
        fields:
          name: {type: text, required: true}
          margin: {type: percent}
          word: {type: text, default_formula: 'setting("shop.word")'}
          waits: {type: formula, returns: boolean, formula: 'margin < setting("shop.least")'}
        rules:
          closed: {when: not setting("shop.open"), refuse: The shop is closed., at: name}
        ---
        role: clerk
        label: Clerk
        grants: {order: {create: true, read: 'is_blank(setting("shop.limit")) or margin < 0.5', update: all}}
        """,
}


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        yield Office(workspace, clock)


def read(place: Office, *fields: str, role: str = "", where: str = "") -> list[tuple[Any, ...]]:
    actor = place.held.person("Reader", role) if role else None
    with place.held.reading(actor) if actor else place.held.reading() as ctx:
        return [tuple(row) for row in select(ctx, Query("shop.order", fields, where=where, sort=("name",))).rows]


def test_expressions_follow_what_an_administrator_sets(place: Office) -> None:
    with place.held.writing() as ctx:
        for name, margin in (("A", "15"), ("B", "60")):
            records.create(ctx, "shop.order", {"name": name, "margin": Decimal(margin)})
    assert read(place, "name", "word", "waits") == [("A", "now", True), ("B", "now", False)]
    assert read(place, "name", where='"2026-01-31" == setting("shop.since")') == [("A",), ("B",)]
    clerk = place.signed_in("Pia", "publish_clerk")
    page = clerk.text("/admin/settings")
    assert "Least margin" in page
    assert "Default: 20" in page
    refused = clerk.post("/admin/settings", **{"shop.least": "some", "shop.word": "later"})
    assert (refused.status_code, "One thing to fix" in words(refused)) == (422, True)
    assert read(place, "waits") == [(True,), (False,)]
    sent = {
        "shop.least": "70",
        "shop.word": "later",
        "shop.open": "false",
        "shop.limit": "5",
        "shop.since": "2026-05-01",
    }
    assert clerk.post("/admin/settings", **sent).status_code == 303
    assert read(place, "name", "waits", where='setting("shop.since") > "2026-04-30"') == [("A", True), ("B", True)]
    assert read(place, "name", role="shop.clerk") == [("A",)]
    with place.held.writing() as ctx, pytest.raises(records.ValidationFailed, match="The shop is closed"):
        records.create(ctx, "shop.order", {"name": "C"})
    assert ("settings.change") in [action for _, action, _ in place.audit()]
    # A blank one is back at its default.
    assert clerk.post("/admin/settings", **{**sent, "shop.least": "", "shop.open": ""}).status_code == 303
    with place.held.writing() as ctx:
        assert records.create(ctx, "shop.order", {"name": "C"}).values["word"] == "later"
    assert read(place, "waits", where="margin != blank") == [(True,), (False,)]


def test_the_checker_knows_their_names_and_types(place: Office) -> None:
    with place.held.reading() as ctx:
        scope = reader_scope(ctx, "shop.order")
    assert str(compile_check('setting("shop.since") + days(1)', scope).type) == "date"
    for text, problem in (
        ('setting("shop.leest")', "Did you mean 'shop.least'?"),
        ('setting("shop.word") > 1', "text"),
    ):
        with pytest.raises(ExpressionError, match=problem):
            compile_check(text, scope)
