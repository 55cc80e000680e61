"""Without scripts too, a change of one field that is refused says why where it leads."""

from __future__ import annotations

from pathlib import Path

from kith_platform.clock import FixedClock
from kith_runtime import records
from support.shop import shop_for_members
from support.visitors import Office, words
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
          sent: {type: boolean, label: Sent}
          price: {type: integer, label: Price, read_only_if: sent}
        """,
}
WHY = "Price cannot be changed. It stays as it is because Sent is yes."


def test_the_form_says_why_a_locked_field_was_not_changed(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as held:
        with held.writing() as ctx:
            order = records.create(ctx, "shop.order", {"name": "Old", "sent": True, "price": 3}).id
        ann = Office(held, clock).signed_in("Ann", "member")
        at = f"/e/shop.order/{order}"
        for door in ("field", "cell"):
            answer = ann.post(f"{at}/{door}/price", price="4", _version="1")
            assert (answer.status_code, answer.headers["Location"]) == (303, f"{at}/edit#f-price")
            assert WHY in ann.text(f"{at}/edit")
            # It is told once.
            assert WHY not in words(ann.get(at))
        stale = ann.post(f"{at}/field/name", name="New", _version="0")
        assert stale.status_code == 303
        assert "changed" in ann.text(f"{at}/edit")
