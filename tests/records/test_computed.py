"""Stored formulas and roll-ups are exact in the transaction of every change, whichever way it comes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from kith_metadata.values import Money, Reference
from kith_platform.errors import DatabaseBusy
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.operations.fill_computed import FillComputed
from kith_runtime.queries import Query, select
from kith_runtime.records.rebuild import rebuild
from support.publishing import TEXT, Documents, Site, crm, entity

NAMED = {"name": TEXT}


def rollup(over: str, by: str, **more: Any) -> dict[str, Any]:
    """Return a stored roll-up."""
    return {"type": "rollup", "over": f"crm.{over}", "by": by, "stored": True, "full_rights": True, **more}


def formula(text: str, returns: str, **more: Any) -> dict[str, Any]:
    """Return a stored formula."""
    return {"type": "formula", "formula": text, "returns": returns, "stored": True, "full_rights": True, **more}


def documents() -> Documents:
    """Groups of firms, firms, deals with lines, and tasks about any of them; figures climb from the lines."""
    group = entity(
        {**NAMED, "worth": rollup("firm", "group", function="sum", field="total"), "firms": rollup("firm", "group")}
    )
    firm = entity(
        {
            **NAMED,
            "group": {"type": "lookup", "to": "crm.group"},
            "rate": {"type": "percent"},
            "total": rollup("deal", "firm", function="sum", field="amount", where='state == "won"'),
            "largest": rollup("deal", "firm", function="max", field="amount"),
            "deals": rollup("deal", "firm"),
            "tasks": rollup("task", "about"),
            "label": formula('name + " (" + group.name + ")"', "text"),
        }
    )
    deal = entity(
        {
            **NAMED,
            "firm": {"type": "lookup", "to": "crm.firm", "on_delete": "cascade"},
            "state": {"type": "text", "default": "open"},
            "amount": rollup("line", "deal", function="sum", field="price"),
            "fee": formula("amount * firm.rate", "money", currency="EUR"),
            "big": formula("amount > 1000", "boolean"),
        }
    )
    line = entity(
        {
            **NAMED,
            "deal": {"type": "lookup", "to": "crm.deal", "on_delete": "cascade"},
            "unit": {"type": "money", "currency": "EUR"},
            "count": {"type": "integer", "default": 1},
            "price": formula("unit * count", "money", currency="EUR"),
        }
    )
    task = entity({**NAMED, "about": {"type": "any_lookup", "to": ["crm.firm", "crm.deal"]}})
    return crm(group=group, firm=firm, deal=deal, line=line, task=task)


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """A workspace with the documents above."""
    opened = Site(database_url)
    opened.publish(documents())
    yield opened
    opened.close()


def value(site: Site, name: str, record: str, field: str) -> Any:
    """Return a field of a record as lists read it."""
    with site.workspace.read(SYSTEM, "system") as ctx:
        return select(ctx, Query(f"crm.{name}", (field,), where=f'id == "{record}"')).rows[0][0]


def wrong(site: Site) -> list[str]:
    """Return the records whose stored values are not what they follow from."""
    save = partial(site.workspace.save, SYSTEM, "system")
    return [record for item in rebuild(save, site.workspace.current.snapshot, check=True) for record in item.differing]


def euros(amount: str) -> Money:
    """Return an amount as money fields give it."""
    return Money(Decimal(amount).quantize(Decimal("0.0001")), "EUR")


def chain(site: Site) -> tuple[str, str, str, str]:
    """Return a group with a firm with a won deal with one line of two times 300 euros."""
    group = site.create("group", name="Nordic")
    firm = site.create("firm", name="Kelda", group=group, rate=10)
    deal = site.create("deal", name="Hall", firm=firm, state="won")
    line = site.create("line", name="Rack", deal=deal, unit={"amount": "300", "currency": "EUR"}, count=2)
    return group, firm, deal, line


def test_a_new_child_climbs_all_the_way_in_its_own_transaction(site: Site) -> None:
    group, firm, deal, line = chain(site)
    assert value(site, "line", line, "price") == euros("600")
    assert value(site, "deal", deal, "amount") == euros("600")
    assert value(site, "deal", deal, "fee") == euros("60")
    assert value(site, "firm", firm, "total") == euros("600")
    assert value(site, "group", group, "worth") == euros("600")
    assert not wrong(site)


def test_the_answer_to_a_save_holds_the_values_that_follow_from_it(site: Site) -> None:
    deal = site.create("deal", name="Hall")
    unit = {"amount": "700", "currency": "EUR"}
    with site.workspace.write(SYSTEM, "api") as ctx:
        made = records.create(ctx, "crm.line", {"name": "Rack", "deal": deal, "unit": unit, "count": 2})
        assert made.values["price"] == euros("1400")
        assert records.read_record(ctx, "crm.deal", deal).values["big"] is True
        changed = records.update(ctx, "crm.line", made.id, {"count": 1})
        assert changed.values["price"] == euros("700")
        assert records.read_record(ctx, "crm.deal", deal).values["big"] is False


def test_a_record_without_children_counts_none_and_sums_nothing(site: Site) -> None:
    firm = site.create("firm", name="Kelda")
    assert value(site, "firm", firm, "deals") == 0
    assert value(site, "firm", firm, "total") is None


def test_a_child_that_moves_leaves_one_parent_and_joins_the_other(site: Site) -> None:
    _, first, deal, _ = chain(site)
    other = site.create("group", name="Alpine")
    second = site.create("firm", name="Tindra", group=other, rate=20)
    site.update("deal", deal, firm=second)
    assert (value(site, "firm", first, "deals"), value(site, "firm", second, "deals")) == (0, 1)
    assert value(site, "firm", first, "total") is None
    assert value(site, "group", other, "worth") == euros("600")
    assert value(site, "deal", deal, "fee") == euros("120")
    site.update("deal", deal, firm=None)
    assert value(site, "firm", second, "deals") == 0
    assert not wrong(site)


def test_deleting_and_restoring_children_and_whole_branches_is_followed(site: Site) -> None:
    group, firm, deal, line = chain(site)
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "crm.line", line)
    assert value(site, "group", group, "worth") is None
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.restore(ctx, "crm.line", line)
    assert value(site, "group", group, "worth") == euros("600")
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "crm.firm", firm)
    assert value(site, "group", group, "firms") == 0
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.update(ctx, "crm.group", group, {"name": "Baltic"})
        records.restore(ctx, "crm.firm", firm)
    assert value(site, "group", group, "worth") == euros("600")
    assert value(site, "firm", firm, "label") == "Kelda (Baltic)"
    assert value(site, "deal", deal, "amount") == euros("600")
    assert not wrong(site)


def test_a_condition_that_begins_or_ceases_to_hold_changes_the_figure(site: Site) -> None:
    _, firm, deal, _ = chain(site)
    site.update("deal", deal, state="lost")
    assert value(site, "firm", firm, "total") is None
    assert value(site, "firm", firm, "largest") == euros("600")
    site.update("deal", deal, state="won")
    assert value(site, "firm", firm, "total") == euros("600")


def test_a_formula_follows_the_record_that_it_looks_up(site: Site) -> None:
    group, firm, deal, _ = chain(site)
    site.update("firm", firm, rate=50)
    site.update("group", group, name="Baltic")
    assert value(site, "deal", deal, "fee") == euros("300")
    assert value(site, "firm", firm, "label") == "Kelda (Baltic)"


def test_records_that_may_point_to_several_entities_count_for_the_one_they_point_to(site: Site) -> None:
    _, firm, deal, _ = chain(site)
    task = site.create("task", name="Call", about={"entity": "crm.firm", "id": firm})
    assert value(site, "firm", firm, "tasks") == 1
    site.update("task", task, about={"entity": "crm.deal", "id": deal})
    assert value(site, "firm", firm, "tasks") == 0
    site.update("task", task, about={"entity": "crm.firm", "id": firm})
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "crm.firm", firm)
        assert records.read_record(ctx, "crm.task", task).values["about"] is None
        records.restore(ctx, "crm.firm", firm)
        assert records.read_record(ctx, "crm.task", task).values["about"] == Reference("crm.firm", firm)
    assert value(site, "firm", firm, "tasks") == 1


def test_lists_filter_sort_and_group_by_stored_values(site: Site) -> None:
    _, firm, _, _ = chain(site)
    site.create("firm", name="Empty")
    with site.workspace.read(SYSTEM, "system") as ctx:
        found = select(ctx, Query("crm.firm", ("id",), where="total >= 600"))
        assert list(found.ids) == [firm]
        assert select(ctx, Query("crm.firm", ("id",), sort=("-deals",))).ids[0] == firm


def test_nobody_can_write_a_stored_value(site: Site) -> None:
    with site.workspace.write(SYSTEM, "api") as ctx, pytest.raises(records.ValidationFailed) as refused:
        records.create(ctx, "crm.firm", {"name": "Kelda", "deals": 12})
    assert refused.value.problems[0].field == "deals"


def test_writers_that_meet_at_one_parent_lose_no_child(site: Site) -> None:
    _, firm, deal, _ = chain(site)
    unit = {"amount": "1", "currency": "EUR"}

    def add(number: int) -> None:
        site.create("line", name=f"Line {number}", deal=deal, unit=unit)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(40)))
    assert value(site, "deal", deal, "amount") == euros("640")
    assert value(site, "firm", firm, "total") == euros("640")


def test_any_order_of_changes_leaves_every_value_right(site: Site) -> None:
    randomly = random.Random(11)
    known: dict[str, list[str]] = {name: [] for name in ("group", "firm", "deal", "line", "task")}
    gone: list[tuple[str, str]] = []
    for number in range(120):
        _random_change(site, randomly, known, gone, number)
    assert not wrong(site)


def _random_change(
    site: Site, randomly: random.Random, known: dict[str, list[str]], gone: list[tuple[str, str]], number: int
) -> None:
    name = randomly.choice(list(known))
    values = {
        "group": {"name": f"Group {number}"},
        "firm": {"group": _one(randomly, known["group"]), "rate": randomly.randrange(50)},
        "deal": {"firm": _one(randomly, known["firm"]), "state": randomly.choice(["won", "open"])},
        "line": {
            "deal": _one(randomly, known["deal"]),
            "unit": {"amount": str(randomly.randrange(900)), "currency": "EUR"},
            "count": randomly.randrange(4),
        },
        "task": {"about": _about(randomly, known)},
    }[name]
    act = randomly.random()
    if act < 0.5 or not known[name]:
        known[name].append(site.create(name, **{"name": f"New {number}", **values}))
    elif act < 0.8:
        site.update(name, randomly.choice(known[name]), **values)
    elif act < 0.9:
        record = randomly.choice(known[name])
        with site.workspace.write(SYSTEM, "api") as ctx:
            try:
                taken = records.delete(ctx, f"crm.{name}", record).taken
            except records.Blocked:
                return
        for other, ids in taken.items():
            short = other.removeprefix("crm.")
            known[short] = [item for item in known[short] if item not in ids]
        gone.append((name, record))
    elif gone:
        name, record = gone.pop()
        with site.workspace.write(SYSTEM, "api") as ctx:
            try:
                records.restore(ctx, f"crm.{name}", record)
            except records.ValidationFailed:
                # Its parent is in the bin.
                return
        known[name].append(record)


def _one(randomly: random.Random, ids: list[str]) -> str | None:
    return randomly.choice(ids) if ids and randomly.random() < 0.9 else None


def _about(randomly: random.Random, known: dict[str, list[str]]) -> dict[str, str] | None:
    name = randomly.choice(["firm", "deal"])
    record = _one(randomly, known[name])
    return None if record is None else {"entity": f"crm.{name}", "id": record}


def test_a_publish_fills_what_is_new_and_what_means_something_else(site: Site) -> None:
    _, firm, deal, _ = chain(site)
    changed = {key: {**body} for key, body in documents().items()}
    fields = dict(changed["entity:crm.deal"]["fields"])
    fields["double"] = formula("amount * 2", "money", currency="EUR")
    fields["big"] = formula("amount > 100", "boolean")
    changed["entity:crm.deal"]["fields"] = fields
    plan = site.plan(changed)
    assert [item.describe() for item in plan.operations if item.kind == "fill_computed"] == [
        "stored fields 'big', 'double' worked out for 1 record"
    ]
    site.publish(changed)
    assert value(site, "deal", deal, "double") == euros("1200")
    assert value(site, "deal", deal, "big") is True
    site.rollback()
    assert value(site, "deal", deal, "big") is False
    assert value(site, "firm", firm, "total") == euros("600")
    assert not wrong(site)


def test_a_formula_that_becomes_stored_keeps_its_values(site: Site) -> None:
    _, _, deal, _ = chain(site)
    loose = {key: {**body} for key, body in documents().items()}
    fields = dict(loose["entity:crm.deal"]["fields"])
    fields["fee"] = {**fields["fee"], "stored": False}
    loose["entity:crm.deal"]["fields"] = fields
    site.publish(loose)
    assert value(site, "deal", deal, "fee") == euros("60")
    site.publish(documents())
    assert value(site, "deal", deal, "fee") == euros("60")
    assert not wrong(site)


def test_rebuilding_mends_what_was_changed_behind_the_door(site: Site) -> None:
    _, firm, _, _ = chain(site)
    with site.database.write() as connection:
        connection.exec_driver_sql("UPDATE crm__firm SET deals = 7")
    assert wrong(site) == [firm]
    save = partial(site.workspace.save, SYSTEM, "system")
    mended = list(rebuild(save, site.workspace.current.snapshot, "crm.firm.deals"))
    assert [(item.fields, item.differing) for item in mended] == [(("deals",), (firm,))]
    assert value(site, "firm", firm, "deals") == 1


def test_a_stored_value_that_is_dropped_is_no_loss_and_comes_back_right(site: Site) -> None:
    _, _, deal, line = chain(site)
    fewer = {key: {**body} for key, body in documents().items()}
    fewer["entity:crm.deal"]["fields"] = {
        name: field for name, field in fewer["entity:crm.deal"]["fields"].items() if name != "big"
    }
    assert site.plan(fewer).losses == ()
    site.publish(fewer)
    site.update("line", line, count=9)
    site.rollback()
    assert value(site, "deal", deal, "big") is True
    assert not wrong(site)


def until_done(work: Callable[[], None]) -> None:
    """Do something again as long as the database stops it because two writers wait for each other."""
    while True:
        try:
            return work()
        except DatabaseBusy as busy:
            if busy.code != "deadlock":
                raise


def test_people_who_change_both_ends_of_a_lookup_at_once_leave_no_stale_value(site: Site) -> None:
    group, firm, deal, _ = chain(site)
    other = site.create("firm", name="Other", group=group, rate=1)

    def move(number: int) -> None:
        until_done(lambda: site.update("deal", deal, firm=firm if number % 2 else other))

    def rate(number: int) -> None:
        until_done(lambda: site.update("firm", other if number % 2 else firm, rate=number))

    with ThreadPoolExecutor(4) as threads:
        moves = [threads.submit(move, number) for number in range(20)]
        rates = [threads.submit(rate, number) for number in range(1, 21)]
        for each in (*moves, *rates):
            each.result()
    assert not wrong(site)


def test_a_source_that_is_converted_fills_what_follows_from_it(site: Site) -> None:
    _, _, deal, line = chain(site)
    changed = {key: {**body} for key, body in documents().items()}
    fields = dict(changed["entity:crm.line"]["fields"])
    fields["count"] = {"type": "decimal", "scale": 1, "default": 1}
    changed["entity:crm.line"]["fields"] = fields
    plan = site.plan(changed)
    assert ("crm.line", ("price",)) in [
        (item.subject, item.fields) for item in plan.operations if isinstance(item, FillComputed)
    ]
    site.publish(changed)
    site.update("line", line, count="2.5")
    assert value(site, "deal", deal, "amount") == euros("750")
    site.rollback(accept_loss=True)
    assert not wrong(site)


def test_figures_by_the_maker_of_a_record_are_kept_too(site: Site) -> None:
    more = dict(documents())
    more["app:base"] = {"label": "Base", "version": "1.0.0"}
    made = {"type": "rollup", "over": "crm.task", "by": "created_by", "stored": True, "full_rights": True}
    more["entity:base.user"] = entity({"name": TEXT, "made": made})
    site.publish(more)
    with site.workspace.write(SYSTEM, "api") as ctx:
        ann = records.create(ctx, "base.user", {"name": "Ann"}).id
    with site.workspace.write(replace(SYSTEM, id=ann), "api") as ctx:
        records.create(ctx, "crm.task", {"name": "Hers"})
    with site.workspace.read(SYSTEM, "system") as ctx:
        assert select(ctx, Query("base.user", ("made",), where=f'id == "{ann}"')).rows[0][0] == 1
    assert not wrong(site)
