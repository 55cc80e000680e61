"""What does not fit is refused with a problem that names it, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.api_client import Api, ApiSite, check_problem, database_hash

CUSTOMERS = "/api/v1/shop.customer"
SAMPLES = "/api/v1/shop.sample"
NOBODY = "0" * 20

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "broken": b'{"name": ',
    "list": b"[]",
    "text": b'"name"',
    "number": b"1",
    "null": b"null",
    "nan": b'{"name": "A", "rating": NaN}',
    "infinity": b'{"name": "A", "rating": Infinity}',
    "minus infinity": b'{"name": "A", "rating": -Infinity}',
    "huge exponent": b'{"name": "A", "rating": 1e999}',
    "many digits": b'{"name": "A", "rating": ' + b"9" * 5000 + b"}",
    "underscore": b'{"name": "A", "rating": "1_000"}',
    "true for one": b'{"name": "A", "rating": true}',
    "arabic digits": '{"name": "A", "rating": "\u0661\u0662"}'.encode(),
    "half a number": b'{"name": "A", "rating": 1.5}',
    "blank number": b'{"name": "A", "rating": ""}',
    "key twice": b'{"name": "A", "name": "B"}',
    "bom": b'\xef\xbb\xbf{"name": "A"}',
    "latin 1": b'{"name": "\xe9"}',
    "nul": b'{"name": "A\\u0000"}',
    "raw nul": b'{"name": "A\x00"}',
    "half a pair": b'{"name": "A\\ud800"}',
    "half a pair in a key": b'{"name": "A", "\\udfff": 1}',
    "control": b'{"name": "A\\u0007"}',
    "unknown key": b'{"name": "A", "nme": 1}',
    "id": b'{"name": "A", "id": "00000000000000000001"}',
    "version": b'{"name": "A", "version": 5}',
    "created_by": b'{"name": "A", "created_by": "00000000000000000001"}',
    "created_at": b'{"name": "A", "created_at": "2020-01-01T00:00:00Z"}',
    "deleted_at": b'{"name": "A", "deleted_at": "2020-01-01T00:00:00Z"}',
    "deletion": b'{"name": "A", "deletion": "x"}',
    "hidden field": b'{"name": "A", "salary": 1}',
    "required is null": b'{"name": null}',
    "required is missing": b"{}",
    "wrong type": b'{"name": {"a": 1}}',
    "too long": b'{"name": "' + b"x" * 41 + b'"}',
    "out of range": b'{"name": "A", "rating": 101}',
    "no option": b'{"name": "A", "country": "fr"}',
    "no record": b'{"name": "A", "partner": "00000000000000000000"}',
    "no id": b'{"name": "A", "partner": "x"}',
    "deep": b'{"name": ' + b"[" * 200 + b"]" * 200 + b"}",
    "very deep": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


def test_bad_bodies_are_refused_and_change_nothing(site: ApiSite, sam: Api) -> None:
    kept = sam.post(CUSTOMERS, {"name": "Kept"}).json["id"]
    before = database_hash(site.crm)
    for name, body in BODIES.items():
        targets = [("POST", CUSTOMERS), ("PUT", f"{CUSTOMERS}/by/name")]
        if name not in ("required is missing", "version"):
            targets.append(("PATCH", f"{CUSTOMERS}/{kept}"))
        for method, path in targets:
            response = sam.send(method, path, data=body, headers={"Content-Type": "application/json"})
            assert response.status_code in (400, 422), f"{name} {method}: {response.status_code} {response.data!r}"
            assert response.json["hint"] or response.json["detail"], name
    assert database_hash(site.crm) == before


def test_a_problem_names_every_field(sam: Api) -> None:
    answer = sam.post(CUSTOMERS, {"rating": 1000, "country": "fr", "nme": 1})
    found = {error["field"]: error["code"] for error in answer.json["errors"]}
    assert answer.status_code == 422
    assert set(found) == {"name", "rating", "country", "nme"}
    assert (found["name"], found["nme"]) == ("required", "unknown_field")
    assert next(error["hint"] for error in answer.json["errors"] if error["field"] == "nme") == "Did you mean 'name'?"


def test_amounts_and_texts_of_numbers(root: Api) -> None:
    for value in ("1_0", "1e3", "NaN", "Infinity", "\u0661", "0x10", True, [], {}, "1,5", "--1", "1.2345"):
        answer = root.post(SAMPLES, {"name": "S", "weight": value})
        assert answer.status_code == 422, value
        assert root.post(SAMPLES, {"name": "S", "price": {"amount": value, "currency": "EUR"}}).status_code == 422, (
            value
        )
    assert root.post(SAMPLES, {"name": "S", "price": {"amount": "1", "currency": "EUR", "x": 1}}).status_code == 422
    for number, (given, kept) in enumerate(((1, "1.000"), (1.25, "1.250"), ("0.001", "0.001"), (-7, "-7.000"))):
        assert root.post(SAMPLES, {"name": f"S{number}", "weight": given}).json["weight"] == kept


QUERIES: list[tuple[str, int]] = [
    ("limit=0", 400), ("limit=201", 400), ("limit=-1", 400), ("limit=1.5", 400), ("limit=\u0661", 400),
    ("limit=1_0", 400),
    ("limit=", 400), ("limit=1&limit=2", 400), ("count=all", 400), ("deleted=1", 400), ("deleted=True", 400),
    ("nope=1", 400), ("where=", 400), ("fields=", 400), ("fields=name,", 400), ("fields=nope", 400),
    ("fields=name,name", 400), ("fields=name%00", 422), ("expand=nope", 400), ("expand=name", 400), ("sort=nope", 400),
    ("sort=--name", 400), ("sort=name desc", 400), ("sort=name;drop table x", 400), ("after=x", 422),
    ("after=%00", 422), ("after=eyJ9", 422),
    ("where=nope > 1", 422), ("where=name ==", 422), ("where=name == \"%00\"", 422),
    ("where=rating", 422), ("where=1 = 1; drop table x", 422), ("where=(((((" , 422), ("where=__import__('os')", 422),
    ("where=" + "not " * 1500 + "true", 422), ("q=%00", 422), ("where=" + "a" * 9000, 400),
]  # fmt: skip


def test_bad_parameters_are_refused(sam: Api) -> None:
    for query, status in QUERIES:
        response = sam.get(f"{CUSTOMERS}?{query}")
        assert response.status_code == status, f"{query}: {response.status_code} {response.data!r}"
    for path in (f"{CUSTOMERS}/{NOBODY}?where=true", "/api/v1/?x=1", "/api/v1/me?x=1", "/api/v1/openapi.json?x=1"):
        assert sam.get(path).status_code == 400
    assert sam.post(f"{CUSTOMERS}?fields=name", {"name": "A"}).status_code == 400
    assert sam.get(f"{CUSTOMERS}?q=%ED%A0%80").status_code in (200, 400, 422)
    assert sam.get(f"{CUSTOMERS}?where=name%3D%3D%22%FF%FE%22").status_code in (200, 400, 422)


def test_every_wrong_address_and_method_is_a_problem(sam: Api) -> None:
    for method, path, status in (
        ("GET", "/api/v1/nope", 404),
        ("GET", "/api/nope", 404),
        ("GET", "/api/v2/shop.customer", 404),
        ("GET", "/api/v1/shop.nope", 404),
        ("GET", "/api/v1/shop.secret", 404),
        ("POST", "/api/v1/shop.secret", 404),
        ("POST", "/api/v1/nope", 404),
        ("GET", f"{CUSTOMERS}/", 404),
        ("GET", f"{CUSTOMERS}/{NOBODY}", 404),
        ("GET", f"{CUSTOMERS}/short", 404),
        ("GET", f"{CUSTOMERS}/%00", 404),
        ("GET", f"{CUSTOMERS}/..%2f..%2fetc%2fpasswd", 404),
        ("DELETE", f"{CUSTOMERS}/{NOBODY}", 404),
        ("PATCH", f"{CUSTOMERS}/{NOBODY}", 415),
        ("PUT", CUSTOMERS, 405),
        ("DELETE", CUSTOMERS, 405),
        ("POST", f"{CUSTOMERS}/{NOBODY}", 405),
        ("GET", f"{CUSTOMERS}/bulk", 405),
        ("PATCH", f"{CUSTOMERS}/bulk", 405),
        ("POST", "/api/v1/me", 405),
        ("POST", "/api/v1/openapi.json", 405),
        ("TRACE", CUSTOMERS, 405),
        ("NONSENSE", CUSTOMERS, 405),
    ):
        response = sam.send(method, path)
        assert response.status_code == status, f"{method} {path}: {response.status_code}"
        check_problem(response)
        assert response.headers["Cache-Control"] == "no-store"
        if status == 405:
            assert response.headers["Allow"]


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
def test_other_media_types_are_refused(sam: Api, kind: str) -> None:
    for method, path in (("POST", CUSTOMERS), ("PUT", f"{CUSTOMERS}/by/name"), ("POST", f"{CUSTOMERS}/bulk")):
        response = sam.send(method, path, data=b'{"name": "A"}', headers={"Content-Type": kind})
        assert response.status_code == 415
    sent = {"Content-Type": "application/json; charset=utf-8"}
    assert sam.send("POST", CUSTOMERS, data=b'{"name": "A"}', headers=sent).status_code == 201


def test_too_much_is_refused(sam: Api) -> None:
    body = json.dumps({"name": "x" * (8 * 1024 * 1024)})
    response = sam.send("POST", CUSTOMERS, data=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json["code"]) == (413, "too_large")
    rows: list[Any] = [{"operation": "delete", "id": NOBODY}] * 1001
    assert sam.post(f"{CUSTOMERS}/bulk", {"operations": rows}).status_code == 413
    assert sam.send("DELETE", f"{CUSTOMERS}/{NOBODY}", data=b"x").status_code == 400


def test_head_and_options(sam: Api, ray: Api) -> None:
    head = sam.send("HEAD", CUSTOMERS)
    assert (head.status_code, head.data, head.content_type) == (200, b"", "application/json")
    assert sam.send("OPTIONS", CUSTOMERS).headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert ray.send("OPTIONS", CUSTOMERS).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert ray.send("OPTIONS", "/api/v1/shop.secret").status_code == 404
