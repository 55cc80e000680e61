"""Views and related lists that ask for a field which the reader may not see tell nothing of it, and break nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from support.shop import APP
from support.visitors import OFFICE, Office, words
from support.yaml_workspace import yaml_workspace

SHOP = {
    **OFFICE,
    **APP,
    "shop/all.yaml": """
        entity: firm
        label: Firm
        plural: Firms
        fields:
          name: {type: text, required: true}
          grade: {type: choice, options: {low: {}, high: {}}, sensitivity: restricted}
        ---
        entity: memo
        label: Memo
        plural: Memos
        fields:
          name: {type: text, required: true}
          firm: {type: lookup, to: firm, on_delete: clear}
          worth: {type: integer, sensitivity: restricted}
        ---
        entity: vault
        label: Vault
        fields: {name: {type: text}}
        ---
        form: firm
        entity: firm
        sections: {one: {elements: {name: {}}}}
        related:
          dear: {entity: memo, by: firm, label: Dear memos, where: worth > 5}
          memos: {entity: memo, by: firm, label: All memos, sort: [-worth, name]}
        ---
        view: best
        entity: firm
        label: Best firms
        position: 1
        default: true
        where: grade == "high"
        ---
        view: sorted
        entity: firm
        label: Sorted firms
        position: 2
        sort: [-grade, name]
        ---
        menu: shop
        label: Shop
        items: {best: {view: best}, sorted: {view: sorted}}
        ---
        role: clerk
        label: Clerk
        grants: {firm: {read: all}, memo: {read: all}}
        ---
        role: boss
        label: Boss
        everything: true
        """,
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """A shop whose clerks see neither the grade of a firm nor what a memo is worth."""
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as workspace:
        yield Office(workspace, clock)


def test_views_and_lists_that_ask_for_closed_fields_tell_nothing_of_them(shop: Office) -> None:
    with shop.held.writing() as ctx:
        firms = [
            records.create(ctx, "shop.firm", {"name": f"Firm {grade}", "grade": grade}).id for grade in ("low", "high")
        ]
        for worth in (1, 9):
            records.create(ctx, "shop.memo", {"name": f"Memo {worth}", "firm": firms[0], "worth": worth})
    boss, clerk = shop.signed_in("Bo", "shop.boss"), shop.signed_in("Kim", "shop.clerk")
    assert "Firm low" not in boss.text("/e/shop.firm")
    assert "Best firms" in boss.text("/")
    assert "Dear memos" in boss.text(f"/e/shop.firm/{firms[0]}")
    # The first view is the one that is not for the clerk: the next one opens, in what is left of its order.
    opened = clerk.text("/e/shop.firm")
    assert 0 < opened.index("Firm high") < opened.index("Firm low")
    assert "Best firms" not in opened
    assert "Best firms" not in clerk.text("/")
    refused = clerk.get("/e/shop.firm?view=shop.best")
    assert refused.status_code == 404
    assert "Firm low" not in words(refused)
    assert clerk.get("/e/shop.firm/export.csv?view=shop.best").status_code == 404
    page = clerk.text(f"/e/shop.firm/{firms[0]}")
    assert "Dear memos" not in page
    assert "could not be shown" not in page
    assert page.index("Memo 1") < page.index("Memo 9")


def test_the_rows_of_a_group_of_what_is_closed_are_not_there(shop: Office) -> None:
    assert shop.signed_in("Kim", "shop.clerk").get("/e/shop.vault/group?group=name&key=x").status_code == 404
