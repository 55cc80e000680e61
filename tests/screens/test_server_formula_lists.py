"""A list with a formula of the server alone shows its values, and offers neither sorting nor filtering by it."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest

from kith_metadata.values import ErrorValue, Money
from kith_platform.clock import FixedClock
from kith_platform.errors import Invalid
from kith_runtime import records
from kith_runtime.api.shape import visible_shapes
from kith_runtime.queries import Measure, Query, aggregate, select
from kith_runtime.queries.compile import plan_of, question_of
from kith_runtime.screens.list_filters import filter_fields
from support.shop import shop_for_members
from support.visitors import Office, words
from support.yaml_workspace import yaml_workspace

MIXED = "#ERROR! The amounts are in several currencies, so there is no sum."

SHOP = {
    **shop_for_members("order", "line"),
    "shop/order.yaml": """
        entity: order
        label: Order
        plural: Orders
        ownership: none
        fields:
          name: {type: text, required: true}
          code: {type: formula, returns: text, formula: '"coded" if matches(name, "[A-Z]+-1") else "free"'}
          size: {type: formula, returns: integer, formula: len(name)}
          lines: {type: integer}
          each: {type: formula, returns: decimal, formula: 90 / lines}
          due: {type: formula, returns: date, formula: date(name)}
          kept: {type: formula, returns: decimal, formula: 80 / lines, stored: true}
          pace: {type: formula, returns: decimal, formula: (in_days(now() - created_at) + hour(time_now()) * 0) / lines}
          kind: {type: formula, returns: text, formula: '"-" if lines == 2 else "many " + text(90 / lines)'}
          many: {type: formula, returns: boolean, formula: lines > 3}
          day: {type: formula, returns: date, formula: 'date(2026, 11, lines)'}
          worth: {type: rollup, over: line, by: order, function: sum, field: price}
          held: {type: rollup, over: line, by: order, function: max, field: price, stored: true, full_rights: true}
        ---
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          name: {type: text, required: true}
          order: {type: lookup, to: order}
          price: {type: money, currency: EUR}
        ---
        view: orders
        entity: order
        label: Orders
        columns: {name: {}, code: {}, size: {}, each: {}, due: {}, kept: {}, pace: {}, worth: {}, held: {}}
        """,
}


def test_it_is_shown_and_not_offered(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            records.create(ctx, "shop.order", {"name": "AB-1"})
            records.create(ctx, "shop.order", {"name": "Brown"})
        with workspace.reading() as ctx:
            (shape,) = (item for item in visible_shapes(ctx) if item.entity.name == "shop.order")
            assert {"name", "size"} <= shape.sortable
            assert "code" not in shape.sortable
            assert {"name", "size"} <= {item.name for item in filter_fields(ctx, "shop.order")}
            assert "code" not in {item.name for item in filter_fields(ctx, "shop.order")}
        visitor = Office(workspace, clock).signed_in("Ann", "member")
        page = visitor.get("/e/shop.order").get_data(as_text=True)
        assert ">coded<" in page
        assert ">free<" in page
        assert "sort=size" in page
        assert "sort=code" not in page
        # An address that asks for it all the same is answered in words, and never with a fault.
        refused = visitor.get("/e/shop.order?sort=code")
        assert refused.status_code == 400
        assert "Lists cannot be sorted by" in words(refused)


def test_a_value_that_cannot_be_worked_out_says_why_in_its_place_alone(
    database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            records.create(ctx, "shop.order", {"name": "2026-11-24", "lines": 4})
            broken = records.create(ctx, "shop.order", {"name": "<b>soon</b>", "lines": 0}).id
            records.create(ctx, "shop.order", {"name": "2026-11-25"})
            for code in ("EUR", "USD"):
                records.create(ctx, "shop.line", {"name": code, "order": broken, "price": Money(Decimal(7), code)})
        visitor = Office(workspace, clock).signed_in("Ann", "member")
        page = visitor.get("/e/shop.order").get_data(as_text=True)
        assert "22.50" in page
        assert "20.00" in page
        # On reading and stored, with the clock and without, and over amounts that have no sum.
        assert [page.count('class="k-failed"'), page.count('<span class="k-trunc">Division by zero.')] == [6, 3]
        assert page.count("several currencies, so there is no") == 4
        assert "&lt;b&gt;soon&lt;/b&gt;" in page
        assert "<b>soon" not in page
        assert "no each" in page
        record = visitor.get(f"/e/shop.order/{broken}").get_data(as_text=True)
        assert record.count('class="k-failed"') == 8
        form = visitor.get(f"/e/shop.order/{broken}/edit").get_data(as_text=True)
        assert form.count("k-fixed-v k-failed") == 8
        assert form.count("Division by zero.") == 4
        # Sorting and filtering by it go on in the database, where an error value counts as blank.
        assert visitor.get("/e/shop.order?sort=-each&where=each > 1").get_data(as_text=True).count("22.50") == 1
        told = visitor.get(f"/api/v1/shop.order/{broken}?fields=each,due,kept,pace,worth,held").get_json()
        assert {told[name] for name in ("each", "due", "kept", "pace", "worth", "held")} == {None}
        assert told["_reasons"].keys() == {"each", "due", "kept", "pace", "worth", "held"}
        assert told["_reasons"]["worth"] == MIXED.removeprefix("#ERROR! ")


def test_a_file_says_why_a_cell_has_no_value(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            broken = records.create(ctx, "shop.order", {"name": "#ERROR! So they say", "lines": 0}).id
            records.create(ctx, "shop.order", {"name": "2026-11-24"})
            for code in ("EUR", "USD"):
                records.create(ctx, "shop.line", {"name": code, "order": broken, "price": Money(Decimal(7), code)})
        visitor = Office(workspace, clock).signed_in("Ann", "member")
        lines = csv.reader(io.StringIO(visitor.get("/e/shop.order/export.csv?sort=name").get_data(as_text=True)))
        head, failed, blank = lines
        cells = dict(zip(head, failed, strict=True))
        assert cells["Each"].startswith("#ERROR! Division by zero. ")
        assert (cells["Worth"], cells["Worth currency"]) == (MIXED, "")
        # A text that says the same is told from a failure, and what is blank stays blank.
        assert failed[0] == "'#ERROR! So they say"
        assert dict(zip(head, blank, strict=True))["Each"] == ""
        book = zipfile.ZipFile(io.BytesIO(visitor.get("/e/shop.order/export.xlsx?sort=name").get_data()))
        sheet = unescape(book.read("xl/worksheets/sheet1.xml").decode())
        assert sheet.count(f">{MIXED}<") == 1
        assert sheet.count(">#ERROR! ") == sum(cell.startswith("#ERROR! ") for cell in failed) == 6
        assert sheet.count(">'#ERROR! So they say<") == 1


def test_a_statement_with_the_clock_is_compiled_once_and_tells_the_present(
    database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """A formula that reads ``now()`` gives its reason without a statement of its own for each moment."""
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            records.create(ctx, "shop.order", {"name": "A", "lines": 2})
            broken = records.create(ctx, "shop.order", {"name": "B", "lines": 0}).id
            records.create(ctx, "shop.line", {"name": "1", "order": broken})
            records.create(ctx, "shop.line", {"name": "2"})
        query = Query("shop.order", ("pace", "kept"), sort=("name",), reasons=True)
        found, plans = [], []
        for _ in range(2):
            clock.advance(days=1)
            with workspace.reading() as ctx:
                found.append(select(ctx, query).rows)
                plans.append(plan_of(ctx, question_of(query, titles=False)))
        assert plans[0] is plans[1]
        assert [rows[0] for rows in found] == [(Decimal("0.50"), Decimal(40)), (Decimal("1.00"), Decimal(40))]
        reason = ErrorValue("Division by zero. Test the divisor first, for example: a / b if b != 0 else blank.")
        assert [rows[1] for rows in found] == [(reason, reason)] * 2
        behind = Query("shop.line", ("order.each", "order.kept", "order.code"), sort=("name",), reasons=True)
        with workspace.reading() as ctx:
            assert select(ctx, behind).rows == [(reason, reason, "free"), (None, None, None)]


def test_a_list_is_grouped_by_what_the_database_works_out(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            for number, lines in enumerate((2, 9, 9, 0, None, 2)):
                records.create(ctx, "shop.order", {"name": f"order {number}", "lines": lines})
        visitor = Office(workspace, clock).signed_in("Ann", "member")
        page = visitor.get("/e/shop.order").get_data(as_text=True)
        assert "group=kind" in page
        assert "group=day" in page
        assert "group=code" not in page
        for group, expected in (
            ("kind", {"%3D-": 2, "many%2010": 2, "many%20": 1, "-": 1}),
            ("many", {"yes": 2, "no": 4}),
            ("day:month", {"24322": 4, "-": 2}),
        ):
            for key, count in expected.items():
                rows = visitor.get(f"/e/shop.order/group?group={group}&key={key}").get_data(as_text=True)
                assert rows.count("<tr") == count, (group, key)
            assert visitor.get(f"/e/shop.order?group={group}").status_code == 200
        assert "6 orders in 4 groups" in visitor.text("/e/shop.order?group=kind")
        # A formula of the server alone is refused in words, also where nobody offers it.
        told = visitor.get("/e/shop.order?group=code")
        assert (told.status_code, "This list cannot be grouped by" in words(told)) == (400, True)
        with workspace.reading() as ctx, pytest.raises(Invalid) as refused:
            aggregate(ctx, "shop.order", {"count": Measure()}, group_by=("code",))
        assert str(refused.value).startswith("Lists cannot be grouped by code: matches() runs on the server only")
