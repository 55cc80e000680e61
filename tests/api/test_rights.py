"""Who may do what through the API: what is hidden sounds like what does not exist, on every way in."""

from __future__ import annotations

from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from kith_platform.identity import Tokens
from support.api_client import Api, ApiSite, database_hash

CUSTOMERS = "/api/v1/shop.customer"
ORDERS = "/api/v1/shop.order"


def told(response: TestResponse) -> tuple[int, str]:
    """Return an answer without the names that the request itself held."""
    text = response.get_data(as_text=True)
    for name in ("salary", "nosuch", "rating", "badge", "shop.secret", "shop.nosuch"):
        text = text.replace(name, "NAME")
    return response.status_code, text


# Person -> what each operation on somebody else's customer and on an own one answers.
MATRIX: dict[str, tuple[int, ...]] = {
    #         list get create patch delete restore upsert bulk history
    "root": (200, 200, 201, 200, 409, 404, 200, 200, 200),
    "sam": (200, 200, 201, 403, 403, 404, 403, 200, 200),
    "ray": (200, 200, 403, 403, 403, 403, 403, 403, 200),
    "ada": (200, 200, 403, 403, 403, 403, 403, 403, 200),
    "nobody": (404, 404, 404, 404, 404, 404, 404, 404, 404),
}


def test_the_matrix_of_roles_and_operations(site: ApiSite, sue: Api) -> None:
    for person, expected in MATRIX.items():
        api = site.client(site.crm.people[person])
        theirs = sue.post(CUSTOMERS, {"name": f"Sue's for {person}"}).json
        sue.post(ORDERS, {"name": "O", "customer": theirs["id"]})
        address = f"{CUSTOMERS}/{theirs['id']}"
        answers = (
            api.get(CUSTOMERS),
            api.get(address),
            api.post(CUSTOMERS, {"name": f"New of {person}"}),
            api.patch(address, {"vat": "X"}),
            api.delete(address),
            api.post(f"{address}/restore"),
            api.put(f"{CUSTOMERS}/by/name", {"name": theirs["name"], "site": "Y"}),
            api.post(f"{CUSTOMERS}/bulk", {"operations": [{"operation": "delete", "id": "0" * 20}]}),
            api.get(f"{address}/history"),
        )
        assert tuple(answer.status_code for answer in answers) == expected, person


def test_records_of_others_are_unknown(site: ApiSite, sam: Api, sue: Api) -> None:
    order = sue.post(ORDERS, {"name": "Hidden"}).json
    address = f"{ORDERS}/{order['id']}"
    unknown = f"{ORDERS}/{'0' * 20}"
    for method, more in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/history"), ("POST", "/restore")):
        body: dict[str, Any] = {"json": {"name": "X"}} if method == "PATCH" else {}
        assert told(sam.send(method, address + more, **body)) == told(sam.send(method, unknown + more, **body))
    assert sam.get(ORDERS, count="exact").json == {"data": [], "next": None, "count": 0}
    assert sam.get(ORDERS, q="Hidden", count="exact").json["count"] == 0
    taken = sam.post("/api/v1/shop.line", {"name": "L", "order": order["id"]})
    assert taken.json["errors"][0]["code"] == "unknown_record"


@pytest.mark.parametrize("hidden", ["salary", "badge"])
def test_hidden_fields_are_unknown_fields(root: Api, sam: Api, hidden: str) -> None:
    record = root.post(CUSTOMERS, {"name": "Acme", "salary": 4000, "badge": "zebra"}).json
    address = f"{CUSTOMERS}/{record['id']}"
    value = "4000" if hidden == "salary" else '"zebra"'
    for path, parameter, pattern in (
        (CUSTOMERS, "fields", "{}"),
        (CUSTOMERS, "fields", "name,{}"),
        (CUSTOMERS, "sort", "{}"),
        (CUSTOMERS, "sort", "-{}"),
        (CUSTOMERS, "expand", "{}"),
        (CUSTOMERS, "where", "{} == " + value),
        (CUSTOMERS, "where", "partner.{} == " + value),
        (ORDERS, "where", "customer.{} == " + value),
        (ORDERS, "fields", "customer.{}"),
        (ORDERS, "sort", "customer.{}"),
        (address, "fields", "{}"),
        (address, "expand", "{}"),
    ):
        seen = [told(sam.get(path, **{parameter: pattern.format(name)})) for name in (hidden, "nosuch")]
        assert seen[0] == seen[1], (path, parameter, pattern)
        assert seen[0][0] in (400, 422)
    for answer in (
        sam.get(address),
        sam.get(f"{address}/history"),
        sam.get(CUSTOMERS),
        sam.get(CUSTOMERS, deleted="true"),
    ):
        assert hidden not in answer.get_data(as_text=True)
        assert "zebra" not in answer.get_data(as_text=True)
    assert hidden not in str(sam.document())
    for method, path in (("POST", CUSTOMERS), ("PUT", f"{CUSTOMERS}/by/name")):
        sent = [told(sam.send(method, path, json={"name": "N", name: 1})) for name in (hidden, "nosuch")]
        assert sent[0] == sent[1]
    rows = [{"operation": "upsert", "key": name, "values": {"name": "N"}} for name in (hidden, "nosuch")]
    sent = [told(sam.post(f"{CUSTOMERS}/bulk", {"operations": [row]})) for row in rows]
    assert sent[0] == sent[1]
    assert told(sam.put(f"{CUSTOMERS}/by/{hidden}", {"name": "N"})) == told(
        sam.put(f"{CUSTOMERS}/by/nosuch", {"name": "N"})
    )


def test_no_oracle_tells_a_hidden_value(root: Api, sam: Api) -> None:
    for number in range(4):
        root.post(CUSTOMERS, {"name": f"C{number}", "salary": 1000 + number, "badge": f"zebra{number}"})
    for step in (999, 1001, 1002, 1003, 5000):
        for where in (f"salary > {step}", f"not (salary <= {step})", f"blank == salary or salary > {step}"):
            assert sam.get(CUSTOMERS, where=where, count="exact").status_code == 422
    assert {sam.get(CUSTOMERS, sort=sort).status_code for sort in ("salary", "-salary", "name,salary")} == {400}
    assert sam.get(CUSTOMERS, q="zebra1", count="exact").json["count"] == 0
    assert root.get(CUSTOMERS, q="zebra1", count="exact").json["count"] == 1
    # A cursor of somebody who may sort by it is of no use to others.
    after = root.get(CUSTOMERS, sort="salary", limit=1).json["next"]
    assert sam.get(CUSTOMERS, after=after).status_code == 422


def test_the_title_of_a_hidden_record_is_null(root: Api, sam: Api, sue: Api) -> None:
    order = sue.post(ORDERS, {"name": "Hidden"}).json["id"]
    sample = root.post("/api/v1/shop.sample", {"name": "S", "about": {"entity": "shop.order", "id": order}}).json["id"]
    shown = sam.get(f"/api/v1/shop.sample/{sample}", expand="about").json["about"]
    assert shown == {"entity": "shop.order", "id": order, "title": None}


def test_refusals_change_nothing(site: ApiSite, sam: Api, sue: Api, ray: Api) -> None:
    record = sue.post(CUSTOMERS, {"name": "Acme"}).json["id"]
    before = database_hash(site.crm)
    for api in (sam, ray, site.client(site.crm.people["sue"], "read")):
        before = database_hash(site.crm)
        refused = (
            api.patch(f"{CUSTOMERS}/{record}", {"vat": "X"}),
            api.delete(f"{CUSTOMERS}/{record}"),
            api.put(f"{CUSTOMERS}/by/name", {"name": "Acme", "vat": "X"}),
            api.post(CUSTOMERS, {"name": "Acme"}, {"Idempotency-Key": "k"}),
            api.post("/api/v1/shop.secret", {"name": "X"}),
            api.post("/api/v1/base.user", {"name": "X"}),
        )
        assert all(answer.status_code in (403, 404, 422) for answer in refused)
        assert database_hash(site.crm) == before


def test_scopes_limit_a_token(site: ApiSite) -> None:
    sue = site.crm.people["sue"]
    reading, writing, neither = (site.client(sue, *scopes) for scopes in (("read",), ("write",), ("admin",)))
    assert reading.get(CUSTOMERS).status_code == 200
    assert reading.post(CUSTOMERS, {"name": "A"}).status_code == 403
    assert "post" not in reading.document()["paths"][CUSTOMERS]
    assert (writing.get(CUSTOMERS).status_code, writing.post(CUSTOMERS, {"name": "A"}).status_code) == (200, 201)
    assert neither.get(CUSTOMERS).status_code == 404
    assert neither.get("/api/v1/").json["data"] == []


def test_only_a_live_token_of_its_own_opens_the_door(site: ApiSite) -> None:
    people, clock, database = site.crm.people, site.crm.workspace.clock, site.crm.workspace.database
    with database.write() as connection:
        token, secret = Tokens(clock).add(connection, people["sam"].id, "sam's", ("read",))
    sam = Api(site.app, secret)
    assert sam.get("/api/v1/me").json["name"] == "Sam"
    for wrong in (token.id, token.start, secret[:-1], secret + "x", secret.upper(), "", "kith_", people["sam"].id):
        answer = Api(site.app, wrong or " ").get("/api/v1/me")
        assert answer.status_code == 401, wrong
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    with database.write() as connection:
        assert not Tokens(clock).revoke(connection, people["sue"].id, token.id)
    assert sam.get("/api/v1/me").status_code == 200
    with database.write() as connection:
        assert Tokens(clock).revoke(connection, people["sam"].id, token.id)
    assert sam.get("/api/v1/me").status_code == 401


def test_nobody_gets_nothing_whatever_the_query_says(site: ApiSite) -> None:
    visitor = Api(site.app)
    for path in (
        CUSTOMERS,
        "/api/v1/",
        "/api/v1/me",
        "/api/v1/openapi.json",
        f"{CUSTOMERS}/{'0' * 20}",
        "/api/v1/shop.secret",
    ):
        for query in ("", "?x=/static/app.css", "?next=/sign-in", "?token=kith_x", "?/start/x"):
            assert visitor.get(path + query).status_code == 401
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            assert visitor.send(method, path).status_code in (401, 405)


def test_a_browser_session_needs_the_form_token_to_write(site: ApiSite) -> None:
    secret = site.session(site.crm.people["sam"])
    browser = site.app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["csrf_token"] = secret, "of-this-session"
    assert browser.get(CUSTOMERS).status_code == 200
    assert browser.get("/api/v1/me").json["kind"] == "user"
    refused = browser.post(CUSTOMERS, json={"name": "A"})
    assert (refused.status_code, refused.json["code"]) == (403, "form_token")
    signer = URLSafeTimedSerializer(site.app.secret_key, salt="wtf-csrf-token")
    foreign = {"X-CSRFToken": str(signer.dumps("of-another"))}
    assert browser.post(CUSTOMERS, json={"name": "A"}, headers=foreign).status_code == 403
    own = {"X-CSRFToken": str(signer.dumps("of-this-session"))}
    made = browser.post(CUSTOMERS, json={"name": "A"}, headers=own)
    assert made.status_code == 201
    address = f"{CUSTOMERS}/{made.json['id']}"
    for method in ("PATCH", "DELETE"):
        assert browser.open(address, method=method, json={}).status_code == 403
    assert browser.delete(address, headers=own).status_code == 204
