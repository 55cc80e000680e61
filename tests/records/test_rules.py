"""Conditions of the metadata hold on every door: rules, required and read-only fields, options that can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from kith_platform.clock import FixedClock
from kith_platform.errors import Busy
from kith_runtime import records
from kith_runtime.queries import history
from kith_runtime.records import (
    BulkRefused,
    ChildRow,
    ChildRows,
    DeleteRefused,
    Operation,
    Save,
    ValidationFailed,
)
from kith_runtime.records.foresight import foresee
from support.shop import APP
from support.statements import counted_statements
from support.yaml_workspace import YamlWorkspace, yaml_workspace

SHOP = {
    **APP,
    "shop/order.yaml": """
        entity: customer
        label: Customer
        plural: Customers
        fields:
          name: {type: text, required: true}
          blocked: {type: boolean, default: false}
        ---
        entity: order
        label: Order
        plural: Orders
        fields:
          name: {type: text, required: true}
          customer: {type: lookup, to: customer, on_delete: restrict}
          state:
            type: choice
            options: {draft: {}, sent: {label: Sent off}, lost: {}, won: {}}
            default: draft
            offered: {won: {when: amount != blank}}
          amount: {type: integer, read_only_if: state == "won"}
          discount: {type: integer}
          reason: {type: text, label: Reason of loss, required_if: state == "lost"}
        rules:
          small_discount: {when: discount > amount, refuse: The discount is larger than the amount., at: discount}
          sent_has_customer: {when: state == "sent" and is_blank(customer), refuse: Name the customer before sending.}
          blocked: {when: customer.blocked, refuse: This customer is blocked., at: customer}
          never_back: {when: old.state == "sent" and state == "draft", refuse: What was sent stays sent., at: state}
          whole: {when: amount / discount == 0.5, refuse: Half a discount.}
        ---
        entity: seat
        label: Seat
        plural: Seats
        fields:
          name: {type: text, required: true}
          room: {type: choice, default: hall,
                 options: {hall: {limit: 1}, stage: {label: The stage, limit: 2, refuse_over_limit: true}}}
        """,
}

DIVIDED = "Division by zero. Test the divisor first, for example: a / b if b != 0 else blank."


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as opened:
        yield opened


def _refused(shop: YamlWorkspace, values: dict[str, Any], record: str = "") -> list[tuple[str, str, str]]:
    with shop.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        if record:
            records.update(ctx, "shop.order", record, values)
        else:
            records.create(ctx, "shop.order", values)
    return [
        (problem.field, problem.code, f"{problem.message} {problem.hint}".strip()) for problem in refused.value.problems
    ]


def _order(shop: YamlWorkspace, **values: Any) -> str:
    with shop.writing() as ctx:
        return records.create(ctx, "shop.order", {"name": "One", **values}).id


def test_a_new_record_is_told_everything_that_stands_against_it(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        customer = records.create(ctx, "shop.customer", {"name": "Bad", "blocked": True}).id
    found = _refused(shop, {"state": "lost", "amount": 3, "discount": 4, "customer": customer})
    assert found == [
        ("name", "required", "Name is missing. Fill it in."),
        ("reason", "required", "Reason of loss is missing. It is needed because State is Lost."),
        ("discount", "rule", "The discount is larger than the amount."),
        ("customer", "rule", "This customer is blocked."),
    ]
    assert _refused(shop, {"name": "A", "state": "sent", "amount": 1, "discount": 0}) == [
        ("", "rule", "Name the customer before sending."),
        ("", "rule_failed", f"A rule gives no answer: {DIVIDED} Half a discount."),
    ]


def test_a_change_is_judged_as_the_record_would_be(shop: YamlWorkspace) -> None:
    order = _order(shop, amount=3)
    assert _refused(shop, {"discount": 4}, order) == [("discount", "rule", "The discount is larger than the amount.")]
    assert [found[:2] for found in _refused(shop, {"state": "lost"}, order)] == [("reason", "required")]
    with shop.writing() as ctx:
        saved = records.update(ctx, "shop.order", order, {"state": "lost", "reason": "Price"})
    assert saved.values["reason"] == "Price"
    assert [found[:2] for found in _refused(shop, {"reason": ""}, order)] == [("reason", "required")]


def test_an_option_is_chosen_only_while_it_is_offered_and_stays_when_it_is_not(shop: YamlWorkspace) -> None:
    assert _refused(shop, {"name": "A", "state": "won"}) == [
        ("state", "not_offered", '"Won" cannot be chosen here. It can be chosen when Amount is filled in.')
    ]
    order = _order(shop, state="won", amount=2)
    with shop.writing() as ctx:
        assert records.update(ctx, "shop.order", order, {"name": "Two", "state": "won"}).values["name"] == "Two"


def test_a_value_is_locked_while_its_condition_holds_before_and_after(shop: YamlWorkspace) -> None:
    order = _order(shop, amount=2)
    with shop.writing() as ctx:
        records.update(ctx, "shop.order", order, {"amount": 5, "state": "won"})
    assert _refused(shop, {"amount": 6}, order) == [
        ("amount", "read_only", "Amount cannot be changed. It stays as it is because State is Won.")
    ]
    with shop.writing() as ctx:
        saved = records.update(ctx, "shop.order", order, {"amount": 6, "state": "draft"})
    assert saved.values["amount"] == 6


def test_an_old_record_that_a_new_condition_finds_wanting_can_still_be_edited_elsewhere(shop: YamlWorkspace) -> None:
    order = _order(shop, state="lost", reason="x")
    files = {"shop/order.yaml": SHOP["shop/order.yaml"].replace('type: integer}\n          reason',
             'type: integer, required_if: state == "lost"}\n          reason')}  # fmt: skip
    shop.publish(files)
    with shop.writing() as ctx:
        assert records.update(ctx, "shop.order", order, {"name": "Two"}).values["name"] == "Two"
        records.update(ctx, "shop.order", order, {"state": "draft"})
    assert [found[:2] for found in _refused(shop, {"state": "lost"}, order)] == [("discount", "required")]


def test_a_rule_may_ask_what_was_before(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        customer = records.create(ctx, "shop.customer", {"name": "Good"}).id
    order = _order(shop, state="sent", customer=customer)
    assert _refused(shop, {"state": "draft"}, order) == [("state", "rule", "What was sent stays sent.")]


def test_bulk_and_upsert_go_through_the_same_conditions(shop: YamlWorkspace) -> None:
    order = _order(shop, amount=3)
    work = [
        Operation("update", "shop.order", order, {"discount": 4}),
        Operation("create", "shop.order", values={"name": "B", "state": "lost"}),
        Operation("create", "shop.order", values={"name": "C"}),
    ]
    with shop.writing() as ctx:
        done = records.bulk(ctx, work)
    assert [result.error is not None for result in done] == [True, True, False]
    with shop.writing() as ctx, pytest.raises(BulkRefused):
        records.bulk(ctx, work, all_or_nothing=True)


ACTIONS = {
    **SHOP,
    "shop/order.yaml": """
        entity: order
        label: Order
        plural: Orders
        fields:
          name: {type: text, required: true, clean: [spaces, sentence]}
          contact: {type: email, clean: [lower]}
          country: {type: text, clean: [country]}
          site: {type: url, clean: [host, no_tracking]}
          state: {type: choice, options: {draft: {}, sent: {}, closed: {}}, default: draft}
          amount: {type: decimal, scale: 2}
          tax: {type: decimal, scale: 2, read_only_if: state == "closed"}
          sent_on: {type: date}
          deadline: {type: date, required: true}
          big: {type: boolean}
          responsible: {type: lookup, to: base.user}
        rules:
          tax: {set: {tax: amount * 0.2}}
          big: {when: tax > 100, set: {big: "true"}}
          sent: {when: is_changed(state) and state == "sent", on: [update], set: {sent_on: today(), responsible: me}}
          deadline: {default: {deadline: 'today() + days(14)'}}
          no_closed: {when: state == "closed", on: [create], refuse: A new order is not closed.}
          keep_sent: {when: state == "sent", on: [delete], refuse: A sent order stays., at: state}
          keep_big: {when: big, on: [delete], refuse: A big order stays.}
        ---
        entity: line
        label: Line
        plural: Lines
        fields:
          name: {type: text, required: true}
          order: {type: lookup, to: order, parent: true, on_delete: cascade}
          fixed: {type: boolean, default: false}
        rules:
          open: {when: order.state == "closed", refuse: The order is closed., at: name}
          fixed: {when: fixed, on: [delete], refuse: A fixed line stays.}
        """,
}


@pytest.fixture
def acting(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, ACTIONS, clock) as opened:
        yield opened


def _blockers(shop: YamlWorkspace, record: str) -> list[tuple[str, str]]:
    with shop.writing() as ctx, pytest.raises(DeleteRefused) as refused:
        records.delete(ctx, "shop.order", record)
    return [(problem.field, problem.message) for problem in refused.value.problems]


def test_rules_set_fields_in_their_order_and_fill_blank_ones(acting: YamlWorkspace, clock: FixedClock) -> None:
    today = clock.now().date()
    with acting.writing() as ctx:
        made = records.create(ctx, "shop.order", {"name": "one", "amount": "600", "tax": "1", "deadline": None})
        kept = records.create(ctx, "shop.order", {"name": "two", "deadline": "2030-01-01"})
    assert (made.values["tax"], made.values["big"]) == (120, True)
    assert made.values["deadline"] == today + timedelta(days=14)
    assert (kept.values["deadline"], kept.values["tax"], kept.values["big"]) == (date(2030, 1, 1), None, None)
    with acting.writing() as ctx:
        sent = records.update(ctx, "shop.order", made.id, {"state": "sent"})
        later = records.update(ctx, "shop.order", made.id, {"sent_on": None, "amount": "10"})
        same = records.update(ctx, "shop.order", made.id, {"amount": "10"})
    assert sent.values["sent_on"] == today
    assert (later.values["sent_on"], later.values["tax"]) == (None, 2)
    assert same.version == later.version


def test_what_a_rule_sets_passes_the_locks_of_people_and_stands_in_the_history(acting: YamlWorkspace) -> None:
    with acting.writing() as ctx:
        order = records.create(ctx, "shop.order", {"name": "one", "amount": "10"}).id
        records.update(ctx, "shop.order", order, {"state": "closed"})
        changed = records.update(ctx, "shop.order", order, {"amount": "20"})
        latest = history(ctx, "shop.order", order)[0]
    assert changed.values["tax"] == 4
    assert latest.changes["tax"] == ("2.00", "4.00")


def test_a_rule_holds_for_its_operations_only(acting: YamlWorkspace) -> None:
    assert _refused(acting, {"name": "a", "state": "closed"}) == [("", "rule", "A new order is not closed.")]
    order = _order(acting)
    with acting.writing() as ctx:
        assert records.update(ctx, "shop.order", order, {"state": "closed"}).values["state"] == "closed"


def test_a_delete_is_refused_with_every_reason_also_of_what_would_go_along(acting: YamlWorkspace) -> None:
    order = _order(acting, state="sent", amount="900")
    with acting.writing() as ctx:
        for number in range(2):
            records.create(ctx, "shop.line", {"name": f"Line {number}", "order": order, "fixed": number == 1})
    assert _blockers(acting, order) == [
        ("state", "A sent order stays."),
        ("", "A big order stays."),
        ("", "Line 1: A fixed line stays."),
    ]
    free = [_order(acting) for _ in range(6)]
    work = [Operation("delete", "shop.order", record) for record in (*free[:3], order, *free[3:])]
    with acting.writing() as ctx:
        done = records.bulk(ctx, work)
    assert [index for index, result in enumerate(done) if result.error is not None] == [3]
    assert str(done[3].error).startswith("A sent order stays.")


def test_text_is_cleaned_on_every_door(acting: YamlWorkspace) -> None:
    given = {"name": " first   order ", "contact": " JOHN@Ex.com ", "country": "Germany"}
    with acting.writing() as ctx:
        made = records.create(ctx, "shop.order", {**given, "site": "HTTPS://Ex.com:443/A?utm_source=x&b=1"}).values
        form = records.save(ctx, Save("shop.order", {"name": "x", "country": "uk"})).values
        bulk = records.bulk(ctx, [Operation("create", "shop.order", values=given)])[0].record
    assert [made[name] for name in ("name", "contact", "country")] == ["First order", "john@ex.com", "DE"]
    assert (made["site"], form["country"]) == ("https://ex.com/A?b=1", "GB")
    assert bulk is not None
    assert bulk.values["contact"] == "john@ex.com"


def test_rows_of_a_form_are_judged_by_their_parent_as_it_will_be(acting: YamlWorkspace) -> None:
    order = _order(acting)
    with acting.writing() as ctx:
        fixed = records.create(ctx, "shop.line", {"name": "Kept", "order": order, "fixed": True}).id
    rows = [ChildRow({"name": "A"}), ChildRow({"name": "B"}), ChildRow(id=fixed, remove=True)]
    table = ChildRows("lines", "shop.line", "order", rows)
    with acting.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        records.save(ctx, Save("shop.order", {"state": "closed", "name": ""}, order, children=[table]))
    assert [(item.field, item.message) for item in refused.value.problems] == [
        ("name", "Name is missing."),
        ("lines.0.name", "The order is closed."),
        ("lines.1.name", "The order is closed."),
        ("lines.2.", "A fixed line stays."),
    ]
    with acting.writing() as ctx:
        records.update(ctx, "shop.order", order, {"state": "closed"})
        reopened = Save("shop.order", {"state": "draft"}, order, children=[replace(table, rows=rows[:2])])
        assert records.save(ctx, reopened).values["state"] == "draft"
        opened = Save("shop.order", {"name": "New"}, children=[replace(table, rows=rows[:1])])
        assert records.save(ctx, opened).values["state"] == "draft"


def test_a_choice_holds_no_more_than_its_limit_where_it_refuses_more(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        ids = [records.create(ctx, "shop.seat", {"name": str(number)}).id for number in range(3)]
        for seat in ids[:2]:
            records.update(ctx, "shop.seat", seat, {"room": "stage"})
        records.update(ctx, "shop.seat", ids[0], {"name": "First"})
    with shop.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        records.update(ctx, "shop.seat", ids[2], {"room": "stage"})
    assert str(refused.value.problems[0].message) == "The stage is full: 2 seats at most."
    with shop.reading() as ctx:
        assert foresee(ctx, "shop.seat", ids[2], "room", ["hall", "stage"])["stage"].words == (
            "The stage is full: 2 seats at most. Move one on first."
        )
    with shop.writing() as ctx:
        records.delete(ctx, "shop.seat", ids[1])
        records.update(ctx, "shop.seat", ids[2], {"room": "stage"})


def test_of_two_who_move_into_the_last_place_at_once_one_stays_out(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        records.create(ctx, "shop.seat", {"name": "Taken", "room": "stage"})
        pairs = [
            [records.create(ctx, "shop.seat", {"name": f"Seat {number}"}).id for number in range(2)] for _ in range(5)
        ]
    start = Barrier(2)

    def move(record: str) -> str:
        start.wait()
        for _ in range(50):
            try:
                with shop.writing() as ctx:
                    records.update(ctx, "shop.seat", record, {"room": "stage"})
                    return "moved"
            except ValidationFailed as refused:
                return refused.problems[0].code
            except Busy:
                continue
        return "the database stayed busy"

    with ThreadPoolExecutor(2) as pool:
        for pair in pairs:
            assert sorted(pool.map(move, pair)) == ["moved", "over_limit"]
            with shop.writing() as ctx:
                for record in pair:
                    records.update(ctx, "shop.seat", record, {"room": "hall"})


def test_rules_of_many_records_read_what_is_behind_their_lookups_once(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        good, bad = (
            records.create(ctx, "shop.customer", {"name": name, "blocked": name == "Bad"}).id
            for name in ("Good", "Bad")
        )
        orders = [records.create(ctx, "shop.order", {"name": f"Order {number}"}).id for number in range(20)]
        asked = [
            Operation("update", "shop.order", order, {"customer": bad if number % 2 else good})
            for number, order in enumerate(orders)
        ]
        with counted_statements() as found:
            results = records.bulk(ctx, asked)
    told = [
        result.error.problems[0].message if isinstance(result.error, ValidationFailed) else "" for result in results
    ]
    assert told == ["", "This customer is blocked."] * 10
    assert len(found) < len(orders)


def test_many_who_move_together_fill_the_places_that_are_left_and_no_more(shop: YamlWorkspace) -> None:
    with shop.writing() as ctx:
        taken = records.create(ctx, "shop.seat", {"name": "Taken", "room": "stage"}).id
        seats = [records.create(ctx, "shop.seat", {"name": f"Seat {number}"}).id for number in range(4)]
        moves = [*((seat, "stage") for seat in seats[:2]), (taken, "hall"), *((seat, "stage") for seat in seats[2:])]
        asked = [Operation("update", "shop.seat", record, {"room": room}) for record, room in moves]
        results = records.bulk(ctx, asked)
    told = [result.error.problems[0].code if isinstance(result.error, ValidationFailed) else "" for result in results]
    assert told == ["", "over_limit", "", "", "over_limit"]


def test_what_a_move_would_be_refused_for_is_known_before_it(shop: YamlWorkspace) -> None:
    order = _order(shop, amount=3)
    with shop.reading() as ctx:
        found = foresee(ctx, "shop.order", order, "state", ["draft", "sent", "lost", "won"])
    assert {option: item.words for option, item in found.items()} == {
        "sent": "Name the customer before sending.",
        "lost": "Reason of loss is missing. It is needed because State is Lost.",
        "won": "",
    }
    assert [(ask.field, ask.met) for ask in found["lost"].asks] == [("reason", False)]
