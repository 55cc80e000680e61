"""A formula or roll-up tells nobody what they may not read, unless its maker computes it with full rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kith_platform.errors import Invalid
from kith_runtime.actors import Actor
from kith_runtime.queries import Query, select
from support.apps import person
from support.publishing import TEXT, Documents, Site, crm, entity, snapshot

PEOPLE = {
    "app:base": {"label": "Base", "version": "1.0.0"},
    "entity:base.user": entity({"name": TEXT}),
    "entity:base.team": entity({"name": TEXT, "members": {"type": "lookups", "to": "base.user"}}),
}


def documents(**more: Any) -> Documents:
    """Firms with a secret rate, deals that only their owner sees, and figures over both."""
    deals = {"type": "rollup", "over": "crm.deal", "by": "firm", "label": "Deals", **more}
    largest = {**deals, "function": "max", "field": "worth"}
    firm = {
        "name": TEXT,
        "rate": {"type": "integer", "sensitivity": "restricted"},
        "double": {"type": "formula", "formula": "rate * 2", "returns": "integer", **more},
        "four": {"type": "formula", "formula": "double * 2", "returns": "integer", **more},
        "deals": deals,
        "mine": {**deals, "where": "mine"},
        "more": {"type": "formula", "formula": "deals + 0", "returns": "integer", **more},
        "largest": largest,
    }
    deal = {
        "name": TEXT,
        "worth": {"type": "integer"},
        "firm": {"type": "lookup", "to": "crm.firm"},
        "before": {"type": "lookup", "to": "crm.deal"},
        "mine": {"type": "formula", "formula": "name == me.name", "returns": "boolean", **more},
        "tags": {"type": "lookups", "to": "crm.tag", "sensitivity": "restricted"},
        "tagged": {"type": "formula", "formula": "count(tags)", "returns": "integer", **more},
        "was": {"type": "formula", "formula": "before.worth + 0", "returns": "integer", **more},
    }
    grants = {"crm.firm": {"read": "all"}, "crm.deal": {"read": 'name != "Hidden"'}}
    return {
        **crm(firm=entity(firm), deal=entity(deal), tag=entity({"name": TEXT})),
        **PEOPLE,
        "role:crm.reader": {"label": "Reader", "grants": grants},
        "role:crm.own": {"label": "Own", "grants": {"crm.firm": {"read": "all"}, "crm.deal": {"read": "mine"}}},
        "role:crm.blind": {"label": "Blind", "grants": {"crm.firm": {"read": "all"}}},
        "role:crm.boss": {"label": "Boss", "everything": True},
    }


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """An empty workspace."""
    opened = Site(database_url)
    yield opened
    opened.close()


def fill(site: Site) -> Mapping[str, str]:
    """Make a firm with two deals, of which readers see one."""
    firm = site.create("firm", name="Kelda", rate=21)
    hidden = site.create("deal", name="Hidden", worth=900, firm=firm)
    seen = site.create("deal", name="Seen", worth=5, firm=firm, before=hidden)
    return {"firm": firm, "hidden": hidden, "seen": seen}


def read(site: Site, actor: Actor, name: str, *fields: str, where: str = "") -> list[tuple[Any, ...]]:
    """Return fields of the records of an entity as an actor reads them."""
    with site.workspace.read(actor, "api") as ctx:
        return [tuple(row) for row in select(ctx, Query(f"crm.{name}", fields, where=where)).rows]


def test_a_formula_over_a_closed_field_is_as_closed_as_the_field(site: Site) -> None:
    site.publish(documents())
    fill(site)
    assert read(site, person("ann", "boss"), "firm", "double", "four") == [(42, 84)]
    for field in ("double", "four"):
        with pytest.raises(Invalid):
            read(site, person("ann", "reader"), "firm", field)
        with pytest.raises(Invalid):
            read(site, person("ann", "reader"), "firm", "name", where=f"{field} > 40")


def test_a_figure_counts_the_records_that_its_reader_may_see(site: Site) -> None:
    site.publish(documents())
    fill(site)
    assert read(site, person("ann", "boss"), "firm", "deals", "largest") == [(2, 900)]
    assert read(site, person("ann", "reader"), "firm", "deals", "largest") == [(1, 5)]
    assert read(site, person("ann", "reader"), "firm", "name", where="largest > 5") == []
    assert read(site, person("ann", "reader"), "firm", "name", where="deals == 1") == [("Kelda",)]


def test_a_figure_over_a_closed_entity_is_closed(site: Site) -> None:
    site.publish(documents())
    fill(site)
    with pytest.raises(Invalid):
        read(site, person("ann", "blind"), "firm", "deals")


def test_a_formula_finds_nothing_behind_a_hidden_record(site: Site) -> None:
    site.publish(documents())
    fill(site)
    assert read(site, person("ann", "boss"), "deal", "was", where='name == "Seen"') == [(900,)]
    assert read(site, person("ann", "reader"), "deal", "was") == [(None,)]
    assert read(site, person("ann", "reader"), "deal", "name", where="was > 0") == []


def test_with_full_rights_everybody_who_may_read_the_field_sees_the_same(site: Site) -> None:
    site.publish(documents(full_rights=True))
    fill(site)
    reader = person("ann", "reader")
    assert read(site, reader, "firm", "double", "four", "deals", "largest") == [(42, 84, 2, 900)]
    assert read(site, reader, "firm", "name", where="largest > 5 and four == 84") == [("Kelda",)]
    assert read(site, reader, "deal", "was") == [(900,)]
    assert read(site, reader, "deal", "name", where="was == 900") == [("Seen",)]
    assert read(site, person("ann", "blind"), "firm", "deals") == [(2,)]


def test_a_formula_over_a_closed_list_is_closed(site: Site) -> None:
    site.publish(documents())
    fill(site)
    with pytest.raises(Invalid):
        read(site, person("ann", "reader"), "deal", "tagged")
    assert read(site, person("ann", "boss"), "deal", "tagged") == [(0,), (0,)]


def test_a_rule_through_a_formula_asks_each_person_anew(site: Site) -> None:
    site.publish(documents(full_rights=True))
    fill(site)
    assert read(site, person("ann", "own", name="Seen"), "deal", "name") == [("Seen",)]
    assert read(site, person("bob", "own", name="Hidden"), "deal", "name") == [("Hidden",)]
    assert read(site, person("ann", "reader", name="Seen"), "firm", "mine") == [(1,)]
    assert read(site, person("bob", "reader", name="Nobody"), "firm", "mine") == [(0,)]


def test_a_formula_with_full_rights_filters_as_it_shows(site: Site) -> None:
    site.publish(documents(full_rights=True))
    fill(site)
    reader = person("ann", "reader")
    assert read(site, reader, "firm", "more") == [(2,)]
    assert read(site, reader, "firm", "name", where="more == 2") == [("Kelda",)]
    assert read(site, reader, "firm", "name", where="more == 1") == []


def test_a_list_of_the_outer_record_is_refused_inside_a_list(site: Site) -> None:
    site.publish(documents(full_rights=True))
    fill(site)
    with pytest.raises(Invalid):
        read(site, person("ann", "boss"), "firm", "name", where="count(deals, any(this.deals)) > 0")


def test_a_stored_value_over_other_records_must_say_that_it_has_full_rights() -> None:
    problems = _problems(documents(stored=True))
    told = {where for where, sentence in problems if "full_rights: true" in sentence}
    assert told == {"crm.firm.deals", "crm.firm.largest", "crm.firm.mine", "crm.deal.was"}
    full = _problems(documents(stored=True, full_rights=True))
    assert not [sentence for _, sentence in full if "full_rights" in sentence]


def _problems(found: Documents) -> list[tuple[str, str]]:
    """Return what the types of computed fields say of their options, with the field it is said of."""
    made = snapshot(found)
    variants = made.language.variants["field_types"]
    return [
        (f"{name}.{field.name}", sentence)
        for name in ("crm.firm", "crm.deal")
        for field in made.entity(name).fields.values()
        if (ask := variants[field.type].problems) is not None
        for _, sentence in ask(field, made)
    ]
