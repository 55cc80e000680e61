"""Lookups that point elsewhere after a publish: ids never come to mean records of another entity."""

from __future__ import annotations

from typing import Any

import pytest

from kith_runtime.publish.operations.base import PublishRefused
from support.publishing import TEXT, Documents, Site, crm, entity

THING = entity({"name": TEXT})


def _crm(link: dict[str, Any] | None, **more: Any) -> Documents:
    fields = {"name": TEXT} if link is None else {"name": TEXT, "about": link}
    return crm(**{"account": THING, "contact": THING, "deal": entity(fields), **more})


def _to(target: str, type: str = "lookup") -> dict[str, Any]:
    return {"type": type, "to": f"crm.{target}"}


def _any(*targets: str) -> dict[str, Any]:
    return {"type": "any_lookup", "to": [f"crm.{target}" for target in targets]}


def _deal(site: Site, link: dict[str, Any]) -> str:
    site.publish(_crm(link))
    account = site.create("account", name="Acme")
    site.create("deal", name="Deal", about=[account] if link["type"] == "lookups" else account)
    return account


@pytest.mark.parametrize("type", ["lookup", "lookups"])
def test_field_that_returns_with_another_target_begins_empty(site: Site, type: str) -> None:
    account = _deal(site, _to("account", type))
    site.publish(_crm(None))
    site.publish(_crm(_to("contact", type)))
    assert [value for value in site.values("deal", "about") if value] == []
    site.publish(_crm(None))
    site.publish(_crm(_to("account", type)))
    assert site.values("deal", "about") == [account]
    site.consistent()


@pytest.mark.parametrize("type", ["lookup", "lookups"])
def test_other_target_of_a_live_lookup_lists_what_is_lost_and_rolls_back(site: Site, type: str) -> None:
    account = _deal(site, _to("account", type))
    before = site.checksum()
    plan = site.plan(_crm(_to("contact", type)))
    change = next(item for item in plan.operations if item.kind == "change_type")
    words = type
    assert change.mark == "!"
    assert change.describe() == (
        f"field 'about' changes from {words} to crm.account to {words} to crm.contact; 1 value to convert"
    )
    assert change.destroys == "1 value cannot be converted and would be blank"
    assert account in change.warnings[0]
    assert "No Thing has this id." in change.warnings[0]
    assert change.reversible
    with pytest.raises(PublishRefused, match="1 value cannot"):
        site.publish(_crm(_to("contact", type)))
    assert site.checksum() == before
    site.publish(_crm(_to("contact", type)), accept_loss=True)
    assert [value for value in site.values("deal", "about") if value] == []
    site.rollback()
    assert site.values("deal", "about") == [account]
    assert site.checksum() == before
    site.consistent()


def test_other_target_without_values_loses_nothing(site: Site) -> None:
    site.publish(_crm(_to("account")))
    site.create("deal", name="Deal")
    plan = site.plan(_crm(_to("contact")))
    assert not plan.losses
    site.publish(_crm(_to("contact")))
    contact = site.create("contact", name="Ada")
    site.create("deal", name="Other", about=contact)
    assert site.values("deal", "about") == [None, contact]


def test_renamed_target_is_the_same_target(site: Site) -> None:
    account = _deal(site, _to("account"))
    firm = {**THING, "was": "account"}
    renamed = crm(firm=firm, contact=THING, deal=entity({"name": TEXT, "about": _to("firm")}))
    assert "change_type" not in [item.kind for item in site.plan(renamed).operations]
    site.publish(renamed)
    assert site.values("deal", "about") == [account]
    site.publish(crm(firm=firm, contact=THING, deal=entity({"name": TEXT})))
    site.publish(renamed)
    assert site.values("deal", "about") == [account]


def test_target_renamed_while_the_lookup_is_set_aside(site: Site) -> None:
    account = _deal(site, _to("account"))
    site.publish(_crm(None))
    firm = {**THING, "was": "account"}
    site.publish(crm(firm=firm, contact=THING, deal=THING))
    site.publish(crm(firm=firm, contact=THING, deal=entity({"name": TEXT, "about": _to("firm")})))
    assert site.values("deal", "about") == [account]
    site.consistent()


def test_any_lookup_keeps_what_it_may_still_point_to(site: Site) -> None:
    site.publish(_crm(_any("account", "contact")))
    account, contact = site.create("account", name="Acme"), site.create("contact", name="Ada")
    site.create("deal", name="One", about={"entity": "crm.account", "id": account})
    site.create("deal", name="Two", about={"entity": "crm.contact", "id": contact})
    before = site.checksum()
    narrower = _crm(_any("account"))
    plan = site.plan(narrower)
    assert plan.losses == ("crm.deal: 1 value cannot be converted and would be blank",)
    site.publish(narrower, accept_loss=True)
    assert site.values("deal", "about") == [account, None]
    site.rollback()
    assert site.checksum() == before
    wider = _crm(_any("account", "contact", "deal"))
    assert "change_type" not in [item.kind for item in site.plan(wider).operations]


def test_an_entity_that_ends_its_activities_lists_what_points_to_it(site: Site) -> None:
    about = {"type": "any_lookup", "activities": True}
    busy = {**THING, "activities": True}
    with_both = crm(account=busy, contact=busy, deal=entity({"name": TEXT, "about": about}))
    site.publish(with_both)
    account, contact = site.create("account", name="Acme"), site.create("contact", name="Ada")
    site.create("deal", name="One", about={"entity": "crm.account", "id": account})
    site.create("deal", name="Two", about={"entity": "crm.contact", "id": contact})
    before = site.checksum()
    with_one = crm(account=busy, contact=THING, deal=entity({"name": TEXT, "about": about}))
    plan = site.plan(with_one)
    assert plan.losses == ("crm.deal: 1 value cannot be converted and would be blank",)
    with pytest.raises(PublishRefused, match="1 value cannot"):
        site.publish(with_one)
    assert site.checksum() == before
    site.publish(with_one, accept_loss=True)
    assert site.values("deal", "about") == [account, None]
    site.rollback()
    assert site.checksum() == before
    assert "change_type" not in [item.kind for item in site.plan(with_both).operations]
    site.consistent()


def test_any_lookup_that_returns_with_fewer_targets_begins_empty(site: Site) -> None:
    site.publish(_crm(_any("account", "contact")))
    account = site.create("account", name="Acme")
    site.create("deal", name="One", about={"entity": "crm.account", "id": account})
    site.publish(_crm(None))
    site.publish(_crm(_any("contact")))
    assert site.values("deal", "about") == [None]
    site.publish(_crm(None))
    site.publish(_crm(_any("contact", "account")))
    assert site.values("deal", "about") == [account]


def test_any_lookup_becomes_a_lookup_and_back(site: Site) -> None:
    site.publish(_crm(_any("account", "contact")))
    account, contact = site.create("account", name="Acme"), site.create("contact", name="Ada")
    site.create("deal", name="One", about={"entity": "crm.account", "id": account})
    site.create("deal", name="Two", about={"entity": "crm.contact", "id": contact})
    plan = site.plan(_crm(_to("account")))
    change = next(item for item in plan.operations if item.kind == "change_type")
    assert "It points to a record of crm.contact." in change.warnings[0]
    site.publish(_crm(_to("account")), accept_loss=True)
    assert site.values("deal", "about") == [account, None]
    site.publish(_crm(_any("account")))
    assert site.values("deal", "about") == [account, None]
    site.consistent()


def test_text_becomes_a_lookup_only_where_the_record_exists(site: Site) -> None:
    site.publish(_crm(TEXT))
    account = site.create("account", name="Acme")
    site.create("deal", name="One", about=account)
    site.create("deal", name="Two", about="0123456789abcdefghjk")
    plan = site.plan(_crm(_to("account")))
    assert plan.losses == ("crm.deal: 1 value cannot be converted and would be blank",)
    site.publish(_crm(_to("account")), accept_loss=True)
    assert site.values("deal", "about") == [account, None]


def test_entity_that_takes_the_name_of_a_dropped_one_leaves_its_records_alone(site: Site) -> None:
    task = entity({"name": TEXT, "about": _any("account", "contact")})
    site.publish(_crm(None, task=task))
    old = site.create("contact", name="Ada")
    site.create("task", name="Call", about={"entity": "crm.contact", "id": old})
    account = site.create("account", name="Acme")
    only = entity({"name": TEXT, "about": _any("account")})
    site.publish(crm(account=THING, deal=THING, task=only))
    taken = {**THING, "was": "account"}
    site.publish(crm(contact=taken, deal=THING, task=entity({"name": TEXT, "about": _any("contact")})))
    assert site.values("contact", "name") == ["Acme"]
    site.rollback()
    site.rollback()
    assert (site.values("contact", "name"), site.values("account", "name")) == (["Ada"], ["Acme"])
    with site.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT about, about__entity FROM crm__task").all()
        history = connection.exec_driver_sql(
            "SELECT record_id, entity FROM kith_history WHERE action = 'create' ORDER BY seq"
        ).all()
    assert [tuple(row) for row in rows] == [(old, "crm.contact")]
    assert dict(map(tuple, history))[old] == "crm.contact"
    assert dict(map(tuple, history))[account] == "crm.account"
    site.consistent()


def test_new_entity_beside_a_rename_in_one_publish(site: Site) -> None:
    _deal(site, _to("account"))
    firm = {**THING, "was": "account"}
    deal = entity({"name": TEXT, "about": _to("firm")})
    task = entity({"name": TEXT, "about": _any("firm")})
    site.publish(crm(firm=firm, contact=THING, deal=deal, task=task))
    assert site.values("firm", "name") == ["Acme"]
    site.consistent()
