"""The editor's service over the API: within the caller's rights, with places, and on a chosen record."""

from __future__ import annotations

from typing import Any

import pytest

from support.api_client import Api, ApiSite

ADDRESS = "/api/v1/expressions"


def ask(api: Api, verb: str, entity: str, text: str, **more: Any) -> dict[str, Any]:
    """Ask one question and return the answer."""
    response = api.post(f"{ADDRESS}/{verb}", {"entity": entity, "text": text, **more})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json
    return found


@pytest.fixture
def shop(root: Api) -> dict[str, str]:
    """Two customers, an order of the first, and its lines."""
    made: dict[str, str] = {}

    def create(entity: str, **values: Any) -> str:
        response = root.post(f"/api/v1/shop.{entity}", values)
        assert response.status_code == 201, response.text
        made[values["name"]] = response.json["id"]
        return made[values["name"]]

    ann = create("customer", name="Ann", rating=7, salary=5)
    create("customer", name="Bob", partner=ann)
    order = create("order", name="Big", customer=ann, amount={"amount": "12.50", "currency": "EUR"})
    for name, quantity in (("One", 2), ("Two", 3)):
        create("line", name=name, order=order, quantity=quantity)
    return made


def test_every_part_has_its_value_on_a_record(root: Api, shop: dict[str, str]) -> None:
    text = "amount * 2 > 20 and\n  sum(lines.quantity, quantity > 1) / (customer.rating - 7) > 1"
    found = ask(root, "evaluate", "shop.order", text, record=shop["Big"])
    parts = {part["text"]: part for part in found["parts"]}
    assert found["parts"][0]["text"] == text
    assert parts["amount * 2"]["value"] == {"amount": "25", "currency": "EUR"}
    assert (parts["amount * 2 > 20"]["value"], parts["amount * 2 > 20"]["words"]) == (True, "yes")
    assert parts["sum(lines.quantity, quantity > 1)"]["value"] == 5
    assert parts["customer.rating"]["value"] == 7
    assert parts["customer.rating"]["start"] == {"line": 2, "column": 40}
    assert "Division by zero" in parts["sum(lines.quantity, quantity > 1) / (customer.rating - 7)"]["error"]
    assert "quantity > 1" not in parts


def test_a_reader_learns_no_more_than_from_lists(root: Api, sam: Api, ray: Api, shop: dict[str, str]) -> None:
    answer = ask(sam, "evaluate", "shop.customer", "salary > 1", record=shop["Ann"])
    assert [problem["code"] for problem in answer["problems"]] == ["unknown_name"]
    assert "salary" in [
        item["name"] for item in ask(root, "complete", "shop.customer", "sal", line=1, column=4)["items"]
    ]
    assert ask(sam, "complete", "shop.customer", "sal", line=1, column=4)["items"] == []
    assert ask(ray, "check", "shop.customer", "partner.rating > 1")["problems"][0]["code"] == "unknown_name"
    assert root.post(f"{ADDRESS}/check", {"entity": "shop.secret", "text": "name"}).status_code == 200
    assert sam.post(f"{ADDRESS}/check", {"entity": "shop.secret", "text": "name"}).status_code == 404
    # The order is not Sam's: it is in none of Sam's lists, and cannot be chosen.
    count = ask(sam, "evaluate", "shop.customer", "count(orders)", record=shop["Ann"])["parts"]
    assert [part["value"] for part in count] == [0]
    hidden = sam.post(f"{ADDRESS}/evaluate", {"entity": "shop.order", "text": "name", "record": shop["Big"]})
    assert hidden.status_code == 404


def test_problems_types_and_suggestions_have_places(root: Api) -> None:
    found = ask(root, "check", "shop.order", "amount > 5 and\n naem == 'x'", expected="boolean", line=1, column=2)
    assert found["problems"] == [
        {"line": 2, "column": 2, "code": "unknown_name", "message": "shop.order has no field 'naem'.",
         "hint": "Did you mean 'name'?"}
    ]  # fmt: skip
    assert found["at"]["type"] == "money"
    assert ask(root, "check", "shop.order", "amount > 5")["type"] == "yes/no"
    assert ask(root, "check", "shop.order", "old.amount < 5")["problems"][0]["code"] == "not_here"
    assert ask(root, "check", "shop.order", "old.amount < 5", saving=True)["problems"] == []
    assert ask(root, "check", "shop.order", "name", expected="boolean")["problems"][0]["code"] == "wrong_type"
    found = ask(root, "complete", "shop.order", "sum(lines.quantity, qua", line=1, column=24)
    assert (found["items"][0]["name"], found["start"]) == ("quantity", {"line": 1, "column": 21})
    assert (found["signature"]["text"], found["signature"]["argument"]) == ("sum(list.field, condition?)", 1)


@pytest.mark.parametrize(
    ("verb", "given", "member"),
    [
        ("check", {"entity": "shop.order"}, "text"),
        ("check", {"entity": "shop.order", "text": 5}, "text"),
        ("check", {"entity": "shop.order", "text": "x", "more": 1}, "more"),
        ("check", {"entity": "shop.order", "text": "x", "expected": "banana"}, "expected"),
        ("check", {"entity": "shop.order", "text": "x", "line": 1}, "column"),
        ("complete", {"entity": "shop.order", "text": "x", "line": 0, "column": 1}, "line"),
        ("complete", {"entity": "shop.order", "text": "x" * 20_001, "line": 1, "column": 1}, "text"),
        ("evaluate", {"entity": "shop.order", "text": "name"}, "record"),
    ],
)
def test_an_odd_question_is_refused_by_its_member(root: Api, verb: str, given: dict[str, Any], member: str) -> None:
    response = root.post(f"{ADDRESS}/{verb}", given)
    assert (response.status_code, response.json["field"]) == (400, member)


def test_only_signed_in_callers_are_answered(site: ApiSite) -> None:
    response = Api(site.app).post(f"{ADDRESS}/check", {"entity": "shop.order", "text": "name"})
    assert response.status_code == 401


def test_a_token_that_may_only_read_is_enough(site: ApiSite) -> None:
    reading = site.client(site.crm.people["root"], "read")
    assert reading.post(f"{ADDRESS}/check", {"entity": "shop.order", "text": "name"}).status_code == 200


def test_lists_by_lookups_of_every_kind(root: Api, shop: dict[str, str]) -> None:
    ann, bob, order = shop["Ann"], shop["Bob"], shop["Big"]
    for name, values in {
        "A": {"about": {"entity": "shop.customer", "id": ann}, "friends": [ann, bob], "pieces": 2},
        "B": {"about": {"entity": "shop.order", "id": order}, "customer": ann, "pieces": 3},
    }.items():
        assert root.post("/api/v1/shop.sample", {"name": name, **values}).status_code == 201
    found = ask(root, "check", "shop.customer", "count(samples) > 1")["problems"]
    assert [(problem["code"], problem["column"]) for problem in found] == [("ambiguous", 7)]
    for text, of_ann, of_bob in (
        ("first(samples_by_about.name)", "A", None),
        ("sum(samples_by_friends.pieces)", 2, 2),
        ("sum(samples_by_customer.twice)", 6, 0),
        ("count(samples_by_friends, any(friends, id == this.id))", 1, 1),
        ("first(samples_by_friends.friends) == blank", None, None),
    ):
        for record, expected in ((ann, of_ann), (bob, of_bob)):
            answer = ask(root, "evaluate", "shop.customer", text, record=record)
            assert (answer["parts"][0]["value"] if answer["parts"] else None) == expected, text
    where = {"where": "count(samples_by_about) == 1"}
    assert [row["name"] for row in root.get("/api/v1/shop.customer", **where).json["data"]] == ["Ann"]
    assert [row["name"] for row in root.get("/api/v1/shop.order", **where).json["data"]] == ["Big"]
