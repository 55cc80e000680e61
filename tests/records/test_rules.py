"""Conditions of the metadata hold on every door: rules, required and read-only fields, options that can be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.records import BulkRefused, Operation, ValidationFailed
from support.yaml_workspace import YamlWorkspace, yaml_workspace

SHOP = {
    "shop/app.yaml": "app: shop\nlabel: Shop\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
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
