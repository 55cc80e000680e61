"""A list with a formula of the server alone shows its values, and offers neither sorting nor filtering by it."""

from __future__ import annotations

from pathlib import Path

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.api.shape import visible_shapes
from kith_runtime.screens.list_filters import filter_fields
from support.visitors import OFFICE, Office, words
from support.yaml_workspace import yaml_workspace

SHOP = {
    **OFFICE,
    "shop/app.yaml": "app: shop\nlabel: Shop\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
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
        ---
        view: orders
        entity: order
        label: Orders
        columns: {name: {}, code: {}, size: {}, each: {}, due: {}}
        ---
        role: clerk
        label: Clerk
        grants: {order: {create: true, read: all, update: all}}
        ---
        patch: role
        of: base.member
        set: {includes: [clerk]}
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
        visitor = Office(workspace, clock).signed_in("Ann", "member")
        page = visitor.get("/e/shop.order").get_data(as_text=True)
        assert "22.50" in page
        assert [page.count('class="k-failed"'), page.count("Division by zero.")] == [2, 2]
        assert "&lt;b&gt;soon&lt;/b&gt;" in page
        assert "<b>soon" not in page
        assert "no each" in page
        record = visitor.get(f"/e/shop.order/{broken}").get_data(as_text=True)
        assert record.count('class="k-failed"') == 2
        assert "Division by zero." in record
        # Sorting and filtering by it go on in the database, where an error value counts as blank.
        assert visitor.get("/e/shop.order?sort=-each&where=each > 1").get_data(as_text=True).count("22.50") == 1
        told = visitor.get(f"/api/v1/shop.order/{broken}?fields=each,due").get_json()
        assert (told["each"], told["due"]) == (None, None)
