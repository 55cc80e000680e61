"""What a delete takes along, and what keeps it, is told before: only what the person may read, not without end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.records import Operation, going
from kith_runtime.records.going import Going, what_goes
from support.axe import findings
from support.shop import shop_for_members
from support.site import Site, looks, signed_in
from support.visitors import Office, words
from support.yaml_workspace import yaml_workspace

PARENT = "{type: lookup, to: order, parent: true, required: true}"
SHOP = {
    **shop_for_members("order", "line", "part", "invoice"),
    "shop/order.yaml": f"""
        entity: order
        label: Order
        plural: Orders
        ownership: none
        fields: {{name: {{type: text, required: true}}}}
        ---
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          name: {{type: text}}
          order: {PARENT}
        ---
        entity: part
        label: Part
        plural: Parts
        ownership: none
        fields:
          name: {{type: text}}
          line: {{type: lookup, to: line, on_delete: cascade}}
        ---
        entity: secret
        label: Secret
        plural: Secrets
        ownership: none
        fields:
          name: {{type: text}}
          order: {PARENT}
        ---
        entity: invoice
        label: Invoice
        plural: Invoices
        ownership: none
        fields:
          name: {{type: text}}
          order: {{type: lookup, to: order, on_delete: restrict}}
        """,
}


def test_a_delete_says_before_what_goes_and_what_holds(
    database_url: str, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            first, second, plain, held = (
                records.create(ctx, "shop.order", {"name": name}).id for name in ("First", "Second", "Plain", "Held")
            )
            for order in (first, second, second):
                line = records.create(ctx, "shop.line", {"name": "Line", "order": order}).id
                records.create(ctx, "shop.part", {"name": "Part", "line": line})
                records.create(ctx, "shop.secret", {"name": "Secret", "order": order})
            records.create(ctx, "shop.invoice", {"name": "Invoice", "order": held})
        office = Office(workspace, clock)
        ann = office.signed_in("Ann", "member")
        token = ann.token("/me")

        def asking(values: dict[str, Any]) -> TestResponse:
            sent = {**values, "csrf_token": token}
            return ann.client.post("/e/shop.order/runs", data=sent, headers={"HX-Request": "true"})

        # The record's page, and its dialog: of what may not be read nothing is told.
        for headers in ({}, {"HX-Request": "true"}):
            asked = ann.client.get(f"/e/shop.order/{second}/delete", headers=headers)
            assert "Its 2 lines and 2 parts go too. You can undo for 30 days." in words(asked)
            assert "ecret" not in words(asked)
        kept = ann.client.get(f"/e/shop.order/{held}/delete")
        assert "1 invoice holds on to it, so it cannot be deleted. Change or delete that first." in words(kept)
        assert "btn-danger" not in kept.get_data(as_text=True)
        # Of the ticked rows of a list a script asks; without one the question comes instead of the delete.
        chosen: dict[str, Any] = {"action": "delete", "id": [first, second, held], "next": "/e/shop.order"}
        said = words(asking(chosen))
        assert "1 invoice holds on to some of them, and those stay." in said
        assert "Their 3 lines and 3 parts go too. You can undo for 30 days." in said
        asked = ann.post("/e/shop.order/bulk", **chosen)
        assert "Their 3 lines and 3 parts go too." in words(ann.client.get(asked.headers["Location"]))
        chosen["id"] = [plain]
        assert asking(chosen).status_code == 204
        ann.post("/e/shop.order/bulk", **chosen)
        assert "1 order deleted." in ann.text("/e/shop.order")
        # All that match.
        everything = ann.post("/e/shop.order/runs", next="/e/shop.order", all="1", action="delete")
        assert "Their 3 lines and 3 parts go too." in words(ann.client.get(everything.headers["Location"]))
        # Counts end somewhere, and say so.
        monkeypatch.setattr(going, "MOST", 2)
        with workspace.reading() as ctx:
            assert what_goes(ctx, "shop.order", [first, second]).more
        with workspace.writing() as ctx:
            assert what_goes(ctx, "shop.order", [held]) == Going(holding=(("shop.invoice", 1),))
            (gone,) = records.bulk(ctx, [Operation("delete", "shop.order", second)])
            assert gone.error is None
            assert what_goes(ctx, "shop.order", [second]) == Going()


@looks
def test_ticked_rows_ask_only_where_something_goes_along(site: Site, page: Page, administrator: str) -> None:
    account = site.create("sales.account", name="Going Along")
    deal = site.create("sales.deal", name="Going Along", account=account, owner=administrator)
    site.create("sales.deal_line", deal=deal, name="Goes too", quantity=1, unit_price="5")
    signed_in(page, site, administrator).goto("/e/sales.deal?view=sales.all_deals&f=name&o=is&v=Going+Along")
    page.locator("tbody [data-select]").click()
    page.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Its 1 line goes too. You can undo for 30 days.")
    expect(question.get_by_role("button", name="Delete 1 deal")).to_be_focused()
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("[data-run-bar]")).to_contain_text("1 deal deleted.")
    page.locator("[data-run-undo]").click()
    expect(page.locator("[data-run-bar]")).to_contain_text("1 deal taken back.")
