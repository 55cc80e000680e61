"""Conditions over the rows of a form are judged by the rows as they will be, also where the record is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.queries import Query, get, select
from kith_runtime.records import ChildRow, ChildRows, Save, ValidationFailed
from support.shop import APP
from support.yaml_workspace import YamlWorkspace, yaml_workspace

SHOP = {
    **APP,
    "shop/all.yaml": """
        entity: quote
        label: Quote
        plural: Quotes
        ownership: none
        fields:
          name: {type: text, required: true}
          reason: {type: text, required_if: "sum(lines.units) > 10"}
          discount: {type: integer, read_only_if: "number > 1"}
          speed: {type: choice, options: {slow: {}, fast: {}}, offered: {fast: {when: "all(lines, units < 5)"}}}
          number: {type: rollup, over: line, by: quote, stored: true, full_rights: true}
        rules:
          empty: {when: "count(lines) == 0 and name != 'Draft'", refuse: A quote needs a line., at: name}
          long: {when: "name == 'Short' and number > 1", refuse: Short ones have one line., at: name}
        ---
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          quote: {type: lookup, to: quote, parent: true, required: true, on_delete: cascade}
          name: {type: text, required: true}
          units: {type: integer}
        """,
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as found:
        yield found


def row(units: int = 1, id: str = "", *, remove: bool = False) -> ChildRow:
    return ChildRow({} if remove else {"name": "x", "units": units}, id, None, remove)


def saved(shop: YamlWorkspace, values: dict[str, Any], rows: list[ChildRow], quote: str = "") -> str | list[str]:
    """Save a quote with rows; return its id, or the fields that were refused, with the codes."""
    children = [ChildRows("lines", "shop.line", "quote", rows)]
    try:
        with shop.writing() as ctx:
            return records.save(ctx, Save("shop.quote", values, quote, None, children)).id
    except ValidationFailed as refused:
        return [f"{problem.field} {problem.code}" for problem in refused.problems]


def test_rows_that_come_with_a_record_count(shop: YamlWorkspace) -> None:
    made = saved(shop, {"name": "A"}, [row()])
    assert isinstance(made, str)
    assert saved(shop, {"name": "B"}, []) == ["name rule"]
    assert saved(shop, {"name": "B"}, [row(11)]) == ["reason required"]
    assert isinstance(saved(shop, {"name": "B", "reason": "Much"}, [row(11)]), str)
    assert saved(shop, {"name": "C", "speed": "fast"}, [row(1), row(5)]) == ["speed not_offered"]
    assert isinstance(saved(shop, {"name": "C", "speed": "fast"}, [row(1), row(4)]), str)
    # All that rows decide is told at once, stored roll-ups included, and nothing of it is kept.
    both = saved(shop, {"name": "Short", "speed": "fast"}, [row(11), row(5)])
    assert both == ["reason required", "speed not_offered", "name rule"]
    with shop.reading() as ctx:
        assert get(ctx, "shop.quote", made, ["number"])["number"] == 1


def test_rows_that_change_or_go_count_as_they_will_be(shop: YamlWorkspace) -> None:
    quote = saved(shop, {"name": "A", "discount": 1}, [row(9), row(1)])
    assert isinstance(quote, str)
    with shop.reading() as ctx:
        rows = records_of(ctx, quote)
    # Locked while it has two lines; taking one away in the same step opens it.
    assert saved(shop, {"discount": 2}, [], quote) == ["discount read_only"]
    assert saved(shop, {"discount": 2}, [row(8, rows[0])], quote) == ["discount read_only"]
    assert saved(shop, {}, [row(10, rows[0])], quote) == ["reason required"]
    assert saved(shop, {"reason": "Much"}, [row(10, rows[0])], quote) == quote
    assert saved(shop, {"discount": 2}, [row(id=rows[1], remove=True)], quote) == quote
    assert saved(shop, {}, [row(id=rows[0], remove=True)], quote) == ["name rule"]
    assert saved(shop, {"name": "Draft"}, [row(id=rows[0], remove=True)], quote) == quote


def records_of(ctx: Any, quote: str) -> list[str]:
    """Return the ids of the lines of a quote, the oldest first."""
    return list(select(ctx, Query("shop.line", ("id",), related=("quote", quote), sort=("created_at", "id"))).ids)
