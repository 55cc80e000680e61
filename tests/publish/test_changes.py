"""Each kind of change, there and back, with data in place."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kith_platform.errors import Conflict
from kith_runtime.publish.operations.base import PublishRefused
from support.publishing import TEXT, Site, crm, entity

NAME = {"type": "text", "required": True}
BASE = crm(deal=entity({"name": NAME, "amount": TEXT}))


def _with_deals(site: Site, *amounts: str | None) -> list[str]:
    site.publish(BASE)
    return [site.create("deal", name=f"Deal {number}", amount=amount) for number, amount in enumerate(amounts)]


def test_first_publish_makes_tables_that_take_records(site: Site) -> None:
    record = _with_deals(site, "10")[0]
    assert len(record) == 20
    assert site.values("deal", "name") == ["Deal 0"]
    site.consistent()


def test_publishing_the_same_again_changes_nothing(site: Site) -> None:
    assert site.publish(BASE).sequence == 1
    assert site.plan(BASE).is_empty
    assert site.publish(BASE).sequence == 1


def test_added_field_is_blank_and_a_rollback_sets_it_aside(site: Site) -> None:
    record = _with_deals(site, "10")[0]
    wider = crm(deal=entity({"name": NAME, "amount": TEXT, "price": {"type": "money"}}))
    site.publish(wider)
    assert site.values("deal", "price") == [None]
    site.update("deal", record, price={"amount": "12.50", "currency": "EUR"})
    site.rollback()
    assert "price" not in site.workspace.current.storage.entity("crm.deal").fields
    site.publish(wider)
    assert site.values("deal", "price") == [Decimal("12.5000")]
    site.consistent()


def test_rename_keeps_the_column_and_runs_backwards(site: Site) -> None:
    _with_deals(site, "10")
    renamed = crm(deal=entity({"title": {**NAME, "was": "name"}, "amount": TEXT}, title="title"))
    plan = site.plan(renamed)
    assert [item.describe() for item in plan.operations if item.kind == "rename_field"] == [
        "rename field 'name' to 'title'; the data stay where they are"
    ]
    site.publish(renamed)
    assert site.values("deal", "title") == ["Deal 0"]
    site.rollback()
    assert site.values("deal", "name") == ["Deal 0"]


def test_rollback_does_not_follow_a_former_name_that_is_older(site: Site) -> None:
    _with_deals(site, "10")
    renamed = {"name": NAME, "price": {**TEXT, "was": "amount"}}
    site.publish(crm(deal=entity(renamed)))
    site.publish(crm(deal=entity({"name": NAME, "price": TEXT, "amount": TEXT})))
    site.create("deal", name="New", price="20", amount="7")
    site.rollback()
    assert site.values("deal", "price") == ["10", "20"]
    site.rollback()
    assert site.values("deal", "amount") == ["10", "20"]
    site.consistent()


def test_good_type_change_converts_every_value(site: Site) -> None:
    _with_deals(site, "10", None, "-3")
    site.publish(crm(deal=entity({"name": NAME, "amount": {"type": "integer"}})))
    assert site.values("deal", "amount") == [10, None, -3]
    site.consistent()


def test_bad_type_change_lists_what_cannot_convert_and_touches_nothing(site: Site) -> None:
    _with_deals(site, "10", "about 5", "about 5", "x")
    before = site.checksum()
    changed = crm(deal=entity({"name": NAME, "amount": {"type": "integer"}}))
    plan = site.plan(changed)
    change = next(item for item in plan.operations if item.kind == "change_type")
    assert change.mark == "!"
    assert change.rows == 4
    assert change.destroys == "3 values cannot be converted and would be blank"
    assert any("'about 5' (2 records)" in line for line in change.warnings)
    with pytest.raises(PublishRefused, match="3 values"):
        site.publish(changed)
    assert site.checksum() == before
    site.consistent()


def test_accepted_loss_comes_back_with_a_rollback(site: Site) -> None:
    _with_deals(site, "10", "about 5")
    before = site.checksum()
    site.publish(crm(deal=entity({"name": NAME, "amount": {"type": "integer"}})), accept_loss=True)
    assert site.values("deal", "amount") == [10, None]
    site.rollback()
    assert site.checksum() == before


def test_rollback_of_a_type_change_converts_back_what_was_written_since(site: Site) -> None:
    first, second = _with_deals(site, "007", "8")
    site.publish(crm(deal=entity({"name": NAME, "amount": {"type": "integer"}})))
    site.update("deal", second, amount=99)
    site.create("deal", name="New", amount=5)
    site.rollback()
    assert first
    assert site.values("deal", "amount") == ["007", "99", "5"]


def test_rollback_of_a_rename_with_another_type_brings_back_what_could_not_be_converted(site: Site) -> None:
    _with_deals(site, "007", "about 5")
    before = site.checksum()
    changed = {"type": "integer", "was": "amount"}
    site.publish(crm(deal=entity({"name": NAME, "price": changed})), accept_loss=True)
    assert site.values("deal", "price") == [7, None]
    site.rollback()
    assert site.checksum() == before
    site.consistent()


def test_options_that_records_have_are_told_when_they_go(site: Site) -> None:
    stage = {"type": "choice", "options": {"cold": {"label": "Cold"}, "warm": {"label": "Warm"}}}
    tags = {**stage, "type": "choices"}
    site.publish(crm(deal=entity({"name": NAME, "stage": stage, "tags": tags})))
    site.create("deal", name="A", stage="cold", tags=["cold", "warm"])
    site.create("deal", name="B", stage="warm", tags=["warm"])
    fewer = {"options": {"warm": {"label": "Warm"}}}
    plan = site.plan(crm(deal=entity({"name": NAME, "stage": {**stage, **fewer}, "tags": {**tags, **fewer}})))
    assert [(item.describe(), item.rows) for item in plan.operations if item.kind == "drop_options"] == [
        ("field 'stage' loses options that are in use: 'cold' (1 record)", 1),
        ("field 'tags' loses options that are in use: 'cold' (1 record)", 1),
    ]


def test_money_that_returns_with_another_currency_keeps_the_currency_of_each_amount(site: Site) -> None:
    price = {"type": "money", "currency": "EUR"}
    site.publish(crm(deal=entity({"name": NAME, "price": price})))
    site.create("deal", name="A", price={"amount": "5.00", "currency": "CHF"})
    site.create("deal", name="B", price="6.00")
    site.publish(crm(deal=entity({"name": NAME})))
    site.publish(crm(deal=entity({"name": NAME, "price": {**price, "currency": "USD"}})))
    with site.database.read() as connection:
        found = connection.exec_driver_sql("SELECT price__currency FROM crm__deal ORDER BY id").scalars().all()
    assert list(found) == ["CHF", "EUR"]


def test_key_over_duplicates_counts_them_all(site: Site) -> None:
    _with_deals(site, *[str(number % 7) for number in range(20)])
    plan = site.plan(crm(deal=entity({"name": NAME, "amount": {"type": "text", "unique": True}})))
    assert plan.blockers == (
        (
            "crm.deal: amount is to be unique, but 7 values would stand in 20 records: 0 (3 records), 1 (3 records),"
            " 2 (3 records), 3 (3 records), 4 (3 records) and 2 more."
        ),
    )


def test_key_over_truth_values_lists_them(site: Site) -> None:
    site.publish(crm(deal=entity({"name": NAME, "main": {"type": "boolean"}})))
    for _ in range(2):
        site.create("deal", name="A", main=True)
    plan = site.plan(crm(deal=entity({"name": NAME, "main": {"type": "boolean", "unique": True}})))
    assert "1 value would stand in 2 records" in plan.blockers[0]


def test_new_required_field_says_what_becomes_of_its_default(site: Site) -> None:
    _with_deals(site, "1", "2")
    size = {"type": "text", "required": True, "default": "big"}
    plan = site.plan(crm(deal=entity({"name": NAME, "amount": TEXT, "size": size})))
    assert [line for item in plan.operations for line in item.warnings] == [
        (
            "The default is for new records only. 2 records have no 'size'; nothing changes there until somebody saves"
            " the record."
        )
    ]


def test_dropped_field_comes_back_with_its_data(site: Site) -> None:
    _with_deals(site, "10", "20")
    smaller = crm(deal=entity({"name": NAME}))
    plan = site.plan(smaller)
    assert any(item.describe() == "drop field 'amount'; 2 values set aside" for item in plan.operations)
    site.publish(smaller)
    site.create("deal", name="Between")
    site.publish(BASE)
    assert site.values("deal", "amount") == ["10", "20", None]
    site.consistent()


def test_field_of_another_type_under_an_old_name_gets_columns_of_its_own(site: Site) -> None:
    _with_deals(site, "10")
    site.publish(crm(deal=entity({"name": NAME})))
    site.publish(crm(deal=entity({"name": NAME, "amount": {"type": "date"}})))
    assert site.values("deal", "amount") == [None]
    site.rollback()
    site.rollback()
    assert site.values("deal", "amount") == ["10"]


def test_dropped_entity_comes_back_with_its_records(site: Site) -> None:
    _with_deals(site, "10")
    site.publish(crm(other=entity({"name": NAME})))
    assert site.workspace.current.snapshot.entities() == ("crm.other",)
    site.rollback()
    assert site.values("deal", "amount") == ["10"]
    site.consistent()


def test_renamed_entity_keeps_records_and_history(site: Site) -> None:
    _with_deals(site, "10")
    site.publish(crm(chance=entity({"name": NAME, "amount": TEXT}, was="deal")))
    assert site.values("chance", "amount") == ["10"]
    with site.database.read() as connection:
        known = connection.exec_driver_sql("SELECT DISTINCT entity FROM kith_history").scalars().all()
    assert list(known) == ["crm.chance"]
    site.rollback()
    assert site.values("deal", "amount") == ["10"]


def test_unique_key_over_duplicates_is_refused_with_the_values(site: Site) -> None:
    _with_deals(site, "10", "10", "11")
    unique = crm(deal=entity({"name": NAME, "amount": {"type": "text", "unique": True}}))
    plan = site.plan(unique)
    assert len(plan.blockers) == 1
    assert "10 (2 records)" in plan.blockers[0]
    with pytest.raises(PublishRefused):
        site.publish(unique)


def test_texts_too_long_to_be_unique_are_listed_before_anything_is_touched(site: Site) -> None:
    long = {"type": "text", "max_length": 4000}
    site.publish(crm(deal=entity({"name": NAME, "mark": long})))
    site.create("deal", name="Short", mark="ä" * 1000)
    found = [site.create("deal", name="Long", mark=letter * 1001) for letter in "äö"]
    unique = crm(deal=entity({"name": NAME, "mark": {**long, "unique": True}}))
    before = site.checksum()
    wanted = (
        "crm.deal: mark is to be unique, and a unique text has at most 2,000 bytes, but 2 records would have more: "
        f"{found[0]} (2,002 bytes), {found[1]} (2,002 bytes). Shorten these first."
    )
    assert site.plan(unique).blockers == (wanted,)
    with pytest.raises(PublishRefused, match="Shorten these first"):
        site.publish(unique)
    assert site.checksum() == before


def test_unique_key_holds_and_goes_with_a_rollback(site: Site) -> None:
    _with_deals(site, "10")
    site.publish(crm(deal=entity({"name": NAME, "amount": {"type": "text", "unique": True}})))
    with pytest.raises(Exception, match="has this"):
        site.create("deal", name="Again", amount="10")
    site.rollback()
    site.create("deal", name="Again", amount="10")


def test_field_that_becomes_required_warns_and_leaves_records(site: Site) -> None:
    _with_deals(site, "10", None)
    required = crm(deal=entity({"name": NAME, "amount": {"type": "text", "required": True}}))
    warnings = [line for item in site.plan(required).operations for line in item.warnings]
    assert warnings == ["1 record has no 'amount'; nothing changes there until somebody saves the record."]
    site.publish(required)
    assert site.values("deal", "amount") == ["10", None]


def test_lookup_becomes_many_to_many_and_back(site: Site) -> None:
    one = {"type": "lookup", "to": "crm.account"}
    account = entity({"name": NAME})
    site.publish(crm(account=account, deal=entity({"name": NAME, "account": one})))
    target = site.create("account", name="Acme")
    site.create("deal", name="Deal", account=target)
    site.publish(crm(account=account, deal=entity({"name": NAME, "account": {**one, "type": "lookups"}})))
    assert site.values("deal", "account") == [target]
    site.rollback()
    assert site.values("deal", "account") == [target]


def test_rollback_twice_undoes_two_publishes_and_then_refuses(site: Site) -> None:
    _with_deals(site, "10")
    site.publish(crm(deal=entity({"name": NAME, "amount": TEXT, "a": TEXT})))
    site.publish(crm(deal=entity({"name": NAME, "amount": TEXT, "a": TEXT, "b": TEXT})))
    site.rollback()
    site.rollback()
    assert sorted(site.workspace.current.storage.entity("crm.deal").fields) == ["amount", "name"]
    with pytest.raises(Conflict, match="no publish to undo"):
        site.rollback()


def test_view_with_a_sort_brings_its_index_and_takes_it_along(site: Site) -> None:
    site.publish(BASE)
    view = {"entity": "crm.deal", "label": "By amount", "columns": {"name": {}}, "sort": ["amount"]}
    plan = site.plan({**BASE, "view:crm.by_amount": view})
    assert [item.kind for item in plan.operations] == ["make_index", "document"]
    site.publish({**BASE, "view:crm.by_amount": view})
    assert [item.kind for item in site.plan(BASE).operations] == ["drop_index", "document"]


def test_related_list_with_a_sort_brings_its_index_and_takes_it_along(site: Site) -> None:
    documents = crm(deal=entity({"name": NAME, "parent": {"type": "lookup", "to": "crm.deal"}}))
    site.publish(documents)
    below = {"entity": "crm.deal", "by": "parent", "sort": ["name"]}
    form = {"entity": "crm.deal", "sections": {"main": {"elements": {"name": {}}}}, "related": {"below": below}}
    with_form = {**documents, "form:crm.deal": form}
    assert [item.kind for item in site.plan(with_form).operations] == ["make_index", "document"]
    site.publish(with_form)
    assert [item.kind for item in site.plan(documents).operations] == ["drop_index", "document"]


def test_board_with_a_sort_brings_an_index_that_begins_with_its_lanes(site: Site) -> None:
    stage = {"type": "choice", "options": {"new": {"label": "New"}, "won": {"label": "Won"}}}
    documents = crm(deal=entity({"name": NAME, "stage": stage, "amount": TEXT}))
    site.publish(documents)
    view = {"entity": "crm.deal", "label": "Deals", "columns": {"name": {}, "stage": {}}, "sort": ["amount"]}
    for kind, index in (("list", "index over amount"), ("board", "index over stage, amount")):
        plan = site.plan(
            {**documents, "view:crm.deals": {**view, "type": kind, **({"by": "stage"} if kind == "board" else {})}}
        )
        assert index in [item.describe() for item in plan.operations]


def test_search_follows_what_is_searchable_and_a_new_name(site: Site) -> None:
    site.publish(crm(deal=entity({"name": TEXT})))
    site.create("deal", name="Cold chain")
    searchable = {"name": {**TEXT, "search": True}}
    site.publish(crm(deal=entity(searchable)))
    assert _found(site) == [("crm.deal", "name")]
    site.publish(crm(chance=entity(searchable, was="deal")))
    assert _found(site) == [("crm.chance", "name")]
    site.rollback()
    site.rollback()
    assert _found(site) == []


def _found(site: Site) -> list[tuple[str, str]]:
    with site.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT entity, fields FROM kith_search").all()
    words = [(row[0], row[1] if isinstance(row[1], dict) else json.loads(row[1])) for row in rows]
    return [(name, field) for name, fields in words for field in fields]
