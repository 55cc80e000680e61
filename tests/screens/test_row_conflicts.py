"""One takes a child row away in the form and another changes it: neither goes through without a word."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, get, select
from support.forms import form_values
from support.site import Site, Visitor
from support.visitors import words


def values_of(site: Site, entity: str, record: str) -> dict[str, Any]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return get(ctx, entity, record)


def lines_of(site: Site, deal: str) -> list[str]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return list(select(ctx, Query("sales.deal_line", ("id",), where=f'deal == "{deal}"')).ids)


def change(site: Site, entity: str, record: str, **values: Any) -> None:
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.update(ctx, entity, record, values)


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def opened(visitor: Visitor, address: str) -> dict[str, Any]:
    return dict(form_values(visitor.html(address)))


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


@pytest.fixture
def deal(site: Site) -> str:
    account = site.create("sales.account", name="Row Works")
    return site.create("sales.deal", name="Row deal", account=account)


def test_a_row_that_one_removes_and_another_changed_asks_first(site: Site, olga: Visitor, deal: str) -> None:
    line = site.create("sales.deal_line", deal=deal, name="Boxes", unit_price="5", quantity="2")
    address, card = f"/e/sales.deal/{deal}/edit", "lines-0-_row"
    values = opened(olga, address)
    change(site, "sales.deal_line", line, quantity="4")
    sent = {**values, "lines-0-_delete": "1", "next_step": "Kept"}
    refused = olga.post(address, sent)
    assert refused.status_code == 409
    told = words(refused).partition("while you were removing it")
    assert "changed Boxes" in told[0]
    assert "Quantity 2.00 4.00" in told[2]
    kept = dict(form_values(text_of(refused)))
    assert olga.post(address, kept).status_code == 422
    assert values_of(site, "sales.deal_line", line)["quantity"] == 4
    staying = dict(form_values(text_of(olga.post(address, {**kept, "_take": card}))))
    assert (staying["lines-0-quantity"], staying["lines-0-_delete"]) == (["4.00"], [""])
    going = dict(form_values(text_of(olga.post(address, {**kept, "_keep": card}))))
    change(site, "sales.deal_line", line, name="Crates")
    assert "changed Crates" in words(olga.post(address, going))
    assert olga.post(address, staying).status_code == 303
    now = values_of(site, "sales.deal_line", line)
    assert (now["quantity"], now["name"], values_of(site, "sales.deal", deal)["next_step"]) == (4, "Crates", "Kept")
    again = {**opened(olga, address), "lines-0-_delete": "1"}
    change(site, "sales.deal_line", line, quantity="5")
    kept = dict(form_values(text_of(olga.post(address, again))))
    going = dict(form_values(text_of(olga.post(address, {**kept, "_keep": card}))))
    assert olga.post(address, going).status_code == 303
    assert lines_of(site, deal) == []


def test_a_row_that_one_changes_and_another_removed_comes_back_or_goes(site: Site, olga: Visitor, deal: str) -> None:
    line = site.create("sales.deal_line", deal=deal, name="Boxes", unit_price="5", quantity="2")
    address, card = f"/e/sales.deal/{deal}/edit", "lines-0-_row"
    values = opened(olga, address)
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "sales.deal_line", line)
    # Removed by both is as both wanted.
    assert olga.post(address, {**values, "lines-0-_delete": "1"}).status_code == 303
    refused = olga.post(address, {**values, "lines-0-quantity": "7"})
    assert refused.status_code == 409
    assert "removed Boxes while you were changing it" in words(refused)
    kept = dict(form_values(text_of(refused)))
    left = dict(form_values(text_of(olga.post(address, {**kept, "_take": card}))))
    assert olga.post(address, left).status_code == 303
    assert lines_of(site, deal) == []
    back = olga.post(address, {**kept, "_keep": card})
    assert "It comes back when you save." in text_of(back)
    saved = olga.post(address, dict(form_values(text_of(back))))
    assert saved.status_code == 303
    assert values_of(site, "sales.deal_line", line)["quantity"] == 7
    undo = re.search(r'/undo/[^"]+', olga.html(saved.headers["Location"]))
    assert undo is not None
    olga.post(undo[0])
    assert lines_of(site, deal) == []
