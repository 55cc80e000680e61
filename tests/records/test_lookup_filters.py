"""A lookup takes only what goes with the rest of its record, on every door, and is judged again when that changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.records import ChildRow, ChildRows, FieldProblem, Operation, Save, ValidationFailed
from kith_runtime.screens.form_lookups import creation, fits, record_typed, suggestions, targets_of
from support.shop import APP
from support.yaml_workspace import YamlWorkspace, yaml_workspace

SHOP = {
    **APP,
    "shop/all.yaml": """
        entity: account
        label: Account
        fields: {name: {type: text, required: true}}
        ---
        entity: contact
        label: Contact
        fields:
          name: {type: text, required: true}
          account: {type: lookup, to: account}
          active: {type: boolean, default: true}
        ---
        entity: deal
        label: Deal
        fields:
          name: {type: text, required: true}
          account: {type: lookup, to: account}
          contact: {type: lookup, to: contact, where: active and account == this.account}
          others: {type: lookups, to: contact, where: account == this.account and id != this.contact.id}
        ---
        entity: visit
        label: Visit
        fields:
          name: {type: text, required: true}
          deal: {type: lookup, to: deal, parent: true, on_delete: cascade}
          who: {type: lookup, to: contact, where: account == this.deal.account}
        """,
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as opened:
        yield opened


@pytest.fixture
def known(shop: YamlWorkspace) -> dict[str, str]:
    """Two accounts with a contact each, and one who has left."""
    with shop.writing() as ctx:
        found = {name: records.create(ctx, "shop.account", {"name": name}).id for name in ("Ash", "Oak")}
        for name, account, active in (("Ann", "Ash", True), ("Old", "Ash", False), ("Bob", "Oak", True)):
            values = {"name": name, "account": found[account], "active": active}
            found[name] = records.create(ctx, "shop.contact", values).id
    return found


def _problems(shop: YamlWorkspace, work: Any) -> list[FieldProblem]:
    with shop.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        work(ctx)
    return list(refused.value.problems)


def test_only_records_that_fit_are_taken_on_every_door(shop: YamlWorkspace, known: dict[str, str]) -> None:
    values = {"name": "Deal", "account": known["Ash"], "contact": known["Ann"], "others": [known["Old"]]}
    with shop.writing() as ctx:
        deal = records.create(ctx, "shop.deal", values).id
    for wrong in ("Bob", "Old"):
        found = _problems(
            shop, lambda ctx, wrong=wrong: records.update(ctx, "shop.deal", deal, {"contact": known[wrong]})
        )
        assert (found[0].field, found[0].code) == ("contact", "does_not_fit")
    assert found[0].message == "Contact: this contact does not go with what Account says."
    assert _problems(shop, lambda ctx: records.create(ctx, "shop.deal", {**values, "others": [known["Bob"]]}))
    work = [Operation("update", "shop.deal", deal, {"contact": known["Bob"]})]
    with shop.writing() as ctx:
        assert records.bulk(ctx, work)[0].error is not None
        both = {"account": known["Oak"], "contact": known["Bob"], "others": []}
        assert records.update(ctx, "shop.deal", deal, both).values["contact"] == known["Bob"]


def test_a_choice_that_stays_is_judged_again_when_what_it_asks_for_changes(
    shop: YamlWorkspace, known: dict[str, str]
) -> None:
    with shop.writing() as ctx:
        values = {"name": "Deal", "account": known["Ash"], "contact": known["Ann"]}
        deal = records.create(ctx, "shop.deal", values).id
    found = _problems(shop, lambda ctx: records.update(ctx, "shop.deal", deal, {"account": known["Oak"]}))
    assert [(item.field, item.code) for item in found] == [("contact", "does_not_fit")]
    with shop.writing() as ctx:
        records.update(ctx, "shop.contact", known["Ann"], {"active": False})
        assert records.update(ctx, "shop.deal", deal, {"name": "Another"}).values["name"] == "Another"


def test_rows_of_a_form_ask_for_the_parent_as_it_will_be(shop: YamlWorkspace, known: dict[str, str]) -> None:
    def visit(who: str) -> ChildRows:
        return ChildRows("visits", "shop.visit", "deal", [ChildRow({"name": "First", "who": known[who]})])

    with shop.writing() as ctx:
        deal = records.save(ctx, Save("shop.deal", {"name": "A", "account": known["Ash"]}, children=[visit("Ann")])).id
    found = _problems(shop, lambda ctx: records.save(ctx, Save("shop.deal", {}, deal, children=[visit("Bob")])))
    assert [item.field for item in found] == ["visits.0.who"]
    with shop.writing() as ctx:
        moved = Save("shop.deal", {"account": known["Oak"]}, deal, children=[visit("Bob")])
        assert records.save(ctx, moved).values["account"] == known["Oak"]


def test_people_are_offered_what_fits_what_they_typed(shop: YamlWorkspace, known: dict[str, str]) -> None:
    with shop.reading() as ctx:
        lookup = ctx.snapshot.entity("shop.deal").fields["contact"]
        record = record_typed(ctx, "shop.deal", lookup, "", {"account": known["Ash"]})
        targets = targets_of(ctx, lookup, "shop.deal", record)
        offered = [item["title"] for item in suggestions(ctx, targets[0], "")]
        made = creation(ctx, targets, "Cleo")
        assert (offered, fits(ctx, targets, known["Ann"]), fits(ctx, targets, known["Bob"])) == (["Ann"], True, False)
        assert made is not None
        assert f"account={known['Ash']}" in made["url"]
