"""Records through the API: list, read, create, change, delete, restore, upsert, bulk, history."""

from __future__ import annotations

from typing import Any

import pytest

from support.api_client import Api, ApiSite, database_hash

CUSTOMERS = "/api/v1/shop.customer"
ORDERS = "/api/v1/shop.order"
SAMPLES = "/api/v1/shop.sample"

FULL: dict[str, Any] = {
    "name": "Everything",
    "story": "Two\nlines",
    "page": "<p>Hello</p>",
    "pieces": 7,
    "weight": "12.500",
    "price": {"amount": "84000.00", "currency": "EUR"},
    "share": "12.5",
    "ready": False,
    "day": "2026-11-24",
    "moment": "2026-11-24T09:00:00.123456Z",
    "hour": "09:30:00",
    "length": "PT1H30M",
    "kind": "small",
    "tags": ["red", "blue"],
    "mail": "zoe@example.com",
    "call": "+4915112345678",
    "link": "https://example.com/a?b=c",
    "place": {"street": "Main 1", "city": "Köln", "country": "DE"},
    "colour": "#00ff00",
    "stars": 4,
    "data": {"range": [-30, 70], "unit": "°C", "deep": {"x": None, "y": 1.25}},
}


def made(api: Api, path: str = CUSTOMERS, **values: Any) -> dict[str, Any]:
    """Create a record and return it."""
    response = api.post(path, values)
    assert response.status_code == 201, response.json
    found: dict[str, Any] = response.json
    return found


def test_a_list_answers_data_next_and_count(sam: Api) -> None:
    for number in range(5):
        made(sam, name=f"C{number}", rating=number)
    first = sam.get(CUSTOMERS, sort="-rating", fields="name,rating", limit=2, count="exact").json
    assert first == {
        "data": [{"name": "C4", "rating": 4}, {"name": "C3", "rating": 3}],
        "next": first["next"],
        "count": 5,
    }
    second = sam.get(CUSTOMERS, sort="-rating", fields="name", limit=2, after=first["next"]).json
    third = sam.get(CUSTOMERS, sort="-rating", fields="name", limit=2, after=second["next"]).json
    assert [row["name"] for row in second["data"] + third["data"]] == ["C2", "C1", "C0"]
    assert (second["count"], third["next"]) == (None, None)
    assert sam.get(CUSTOMERS, where='rating > 2 and name != "C4"', fields="name").json["data"] == [{"name": "C3"}]
    assert [row["name"] for row in sam.get(CUSTOMERS, q="C1").json["data"]] == ["C1"]


def test_a_capped_count_says_so_in_a_header(site: ApiSite, sam: Api) -> None:
    rows = [{"operation": "create", "values": {"name": f"L{number}"}} for number in range(1000)]
    assert sam.post(f"{CUSTOMERS}/bulk", {"operations": rows}).status_code == 200
    made(sam, name="One more")
    response = sam.get(CUSTOMERS, count="capped", limit=1)
    assert (response.json["count"], response.headers["Kith-Count-Capped"]) == (1000, "true")
    assert "Kith-Count-Capped" not in sam.get(CUSTOMERS, count="exact", limit=1).headers


def test_what_a_create_answers_is_what_a_read_answers(root: Api) -> None:
    customer = made(root, name="Acme")["id"]
    links = {"customer": customer, "friends": [customer], "about": {"entity": "shop.customer", "id": customer}}
    response = root.post(SAMPLES, {**FULL, **links})
    assert response.status_code == 201, response.json
    saved = response.json
    for name, value in {**FULL, **links}.items():
        if name not in ("page", "share"):
            assert saved[name] == value, name
    assert (saved["twice"], saved["number"]) == (14, "S-0001")
    read = root.get(response.headers["Location"])
    assert read.json == saved
    assert read.headers["ETag"] == '"1"'
    assert root.get(SAMPLES).json["data"] == [saved]
    again = {name: value for name, value in saved.items() if name in {**FULL, **links}}
    assert root.patch(f"{SAMPLES}/{saved['id']}", again).json == saved


def test_lookups_are_expanded_with_titles(root: Api) -> None:
    customer = made(root, name="Acme")["id"]
    about = {"entity": "shop.customer", "id": customer}
    sample = made(root, SAMPLES, name="S", customer=customer, friends=[customer], about=about)
    shown = root.get(f"{SAMPLES}/{sample['id']}", expand="customer,friends,about,owner").json
    assert shown["customer"] == {"id": customer, "title": "Acme"}
    assert shown["friends"] == [{"id": customer, "title": "Acme"}]
    assert shown["about"] == {**about, "title": "Acme"}
    assert shown["owner"]["title"] == "Root"
    assert root.get(SAMPLES, expand="customer", fields="name,customer").json["data"][0]["customer"]["title"] == "Acme"


def test_versions_by_body_and_by_if_match(sam: Api) -> None:
    record = made(sam, name="Acme", rating=1)
    address = f"{CUSTOMERS}/{record['id']}"
    assert sam.patch(address, {"rating": 2, "version": 1}).json["version"] == 2
    clash = sam.patch(address, {"rating": 5}, {"If-Match": '"1"'})
    assert clash.status_code == 409
    assert clash.json["code"] == "version_conflict"
    [conflict] = clash.json["conflicts"]
    assert (conflict["field"], conflict["mine"], conflict["theirs"], conflict["before"]) == ("rating", 5, 2, 1)
    assert sam.patch(address, {"vat": "V"}, {"If-Match": '"1"'}).json["version"] == 3
    assert sam.patch(address, {"rating": 6}, {"If-Match": "*"}).json["version"] == 4
    assert sam.delete(address, {"If-Match": '"2"'}).status_code == 409
    assert sam.delete(address, {"If-Match": '"4"'}).status_code == 204


def test_delete_restore_and_history(sam: Api) -> None:
    record = made(sam, name="Acme")
    address = f"{CUSTOMERS}/{record['id']}"
    order = made(sam, ORDERS, name="O", customer=record["id"])
    blocked = sam.delete(address)
    assert (blocked.status_code, blocked.json["blockers"][0]["total"]) == (409, 1)
    assert sam.delete(f"{ORDERS}/{order['id']}").status_code == 204
    assert sam.delete(address).status_code == 204
    assert sam.get(address).status_code == 404
    assert [row["name"] for row in sam.get(CUSTOMERS, deleted="true").json["data"]] == ["Acme"]
    assert sam.post(f"{address}/restore").json["name"] == "Acme"
    entries = sam.get(f"{address}/history").json["data"]
    assert [entry["action"] for entry in entries] == ["restore", "delete", "create"]
    assert sam.get(f"{address}/history", limit=1, before=entries[0]["seq"]).json["data"] == [entries[1]]


def test_upsert_by_field_and_by_composite_key(sam: Api) -> None:
    first = sam.put(f"{CUSTOMERS}/by/name", {"name": "Acme", "rating": 1})
    assert (first.status_code, first.json["rating"]) == (201, 1)
    second = sam.put(f"{CUSTOMERS}/by/name", {"name": "Acme", "rating": 2})
    assert (second.status_code, second.json["id"], second.json["rating"]) == (200, first.json["id"], 2)
    assert sam.put(f"{CUSTOMERS}/by/by_vat", {"name": "B", "vat": "1", "site": "x"}).status_code == 201
    assert sam.put(f"{CUSTOMERS}/by/by_vat", {"name": "B2", "vat": "1", "site": "x"}).json["name"] == "B2"
    assert sam.put(f"{CUSTOMERS}/by/by_vat", {"vat": "1"}).status_code == 422
    hidden, unknown = (sam.put(f"{CUSTOMERS}/by/{key}", {"name": "N"}) for key in ("badge", "nope"))
    assert (
        (hidden.status_code, hidden.json["hint"])
        == (unknown.status_code, unknown.json["hint"])
        == (404, unknown.json["hint"])
    )


def test_bulk_gives_each_row_its_result(sam: Api) -> None:
    kept = made(sam, name="Kept")
    answer = sam.post(
        f"{CUSTOMERS}/bulk",
        {
            "operations": [
                {"operation": "create", "values": {"name": "New"}},
                {"operation": "create", "values": {"name": "Kept"}},
                {"operation": "create", "values": {"name": "Blank", "rating": ""}},
                {"operation": "update", "id": kept["id"], "values": {"rating": 9}, "version": 1},
                {"operation": "update", "id": "no such", "values": {"rating": 9}},
                {"operation": "upsert", "key": "name", "values": {"name": "New", "rating": 7}},
                {"operation": "upsert", "key": "badge", "values": {"name": "New"}},
                {"operation": "delete", "id": kept["id"]},
                {"operation": "restore", "id": kept["id"]},
            ]
        },
    )
    assert [row["status"] for row in answer.json["results"]] == [201, 422, 422, 200, 404, 200, 404, 204, 200]
    assert answer.json["results"][1]["error"]["errors"][0]["field"] == "name"
    assert "badge" not in answer.json["results"][6]["error"]["hint"]


def test_bulk_all_or_nothing(site: ApiSite, sam: Api) -> None:
    before = database_hash(site.crm)
    rows = [{"operation": "create", "values": {"name": name}} for name in ("A", "A")]
    answer = sam.post(f"{CUSTOMERS}/bulk", {"operations": rows, "all_or_nothing": True})
    assert (answer.status_code, answer.json["code"]) == (422, "bulk_refused")
    assert [row["status"] for row in answer.json["results"]] == [200, 422]
    assert database_hash(site.crm) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": []},
        {"operations": {}},
        {"operations": [1]},
        {"operations": [{"operation": "drop"}]},
        {"operations": [{"operation": ["create"], "values": {}}]},
        {"operations": [{"operation": "create", "values": {}, "id": "x"}]},
        {"operations": [{"operation": "update", "id": "x"}]},
        {"operations": [{"operation": "delete", "id": "x", "version": True}]},
        {"operations": [{"operation": "delete", "id": 5}]},
        {"operations": [{"operation": "create", "values": []}]},
        {"operations": [{"operation": "create", "values": {}}], "more": 1},
        {"operations": [{"operation": "create", "values": {}}], "all_or_nothing": 1},
    ],
)
def test_a_bulk_that_does_not_fit_is_refused_whole(sam: Api, body: dict[str, Any]) -> None:
    assert sam.post(f"{CUSTOMERS}/bulk", body).status_code == 400


def test_the_way_in(sam: Api, ray: Api) -> None:
    assert [row["name"] for row in ray.get("/api/v1/").json["data"]] == ["shop.customer", "shop.sample"]
    assert sam.get("/api/v1").json == sam.get("/api/v1/").json
    person = sam.get("/api/v1/me").json
    assert (person["name"], person["roles"], person["kind"]) == ("Sam", ["shop.seller"], "token")
