"""A rule that keeps a record from being deleted says so wherever somebody tries: page, list, run, API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kith_platform.clock import FixedClock
from kith_runtime import records
from support.shop import shop_for_members
from support.visitors import Office, Visitor, words
from support.yaml_workspace import yaml_workspace

SHOP = {
    **shop_for_members("order"),
    "shop/order.yaml": """
        entity: order
        label: Order
        plural: Orders
        ownership: none
        fields:
          name: {type: text, required: true}
          state: {type: choice, label: Stage, options: {open: {}, sent: {}}, default: open}
        rules:
          keep_sent: {when: state == "sent", on: [delete], refuse: A sent order stays., at: state}
          keep_old: {when: 'starts_with(name, "Old")', on: [delete], refuse: An old order stays.}
        """,
}


def _sent(visitor: Visitor, method: str, path: str, **values: Any) -> tuple[int, Any]:
    headers = {"X-CSRFToken": visitor.token("/me")}
    answer = visitor.client.open(path, method=method, headers=headers, **values)
    return answer.status_code, answer.get_json()


def test_every_door_tells_why_and_nothing_is_deleted(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        with workspace.writing() as ctx:
            kept, free = (
                records.create(ctx, "shop.order", {"name": name, "state": state}).id
                for name, state in (("Old one", "sent"), ("New", "open"))
            )
        visitor = Office(workspace, clock).signed_in("Ann", "member")
        # The record's page: every reason, the way to the field, and no second button.
        page = f"/e/shop.order/{kept}/delete"
        assert "Delete order" in visitor.get(page).get_data(as_text=True)
        refused = visitor.post(page, version="1")
        assert refused.status_code == 422
        assert "A sent order stays. An old order stays." in words(refused)
        html = refused.get_data(as_text=True)
        assert f'Look at <a class="k-link" href="/e/shop.order/{kept}#v-state">Stage</a>.' in html
        assert "btn-danger" not in html
        # The API: one error for each rule, with the field that it stands at.
        status, told = _sent(visitor, "DELETE", f"/api/v1/shop.order/{kept}")
        assert (status, told["code"]) == (422, "delete_refused")
        assert [(item["field"], item["message"]) for item in told["errors"]] == [
            ("state", "A sent order stays."),
            ("", "An old order stays."),
        ]
        # A list: the others go.
        visitor.post("/e/shop.order/bulk", action="delete", id=[kept, free], next="/e/shop.order")
        listed = visitor.text("/e/shop.order")
        assert "1 order deleted, 1 not. A sent order stays." in listed
        # A run over all of a list keeps the reason beside the record.
        answer = visitor.post("/e/shop.order/runs", next="/e/shop.order", all="1", action="delete")
        run = answer.headers["Location"].partition("?")[0]
        visitor.post(f"{run}/begin", _do="delete")
        visitor.post(f"{run}/next")
        told = visitor.text(run)
        assert "1 order was not deleted." in told
        assert "A sent order stays. An old order stays." in told.partition("Not deleted")[2]
        with workspace.reading() as ctx:
            assert records.read_record(ctx, "shop.order", kept).values["name"] == "Old one"
