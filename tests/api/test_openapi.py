"""The OpenAPI document: valid, true to the caller's rights, and sent only when it changed."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from support.api_client import Api, ApiSite

ADDRESS = "/api/v1/openapi.json"


def schemas(node: Any) -> list[dict[str, Any]]:
    """Return every schema of a document."""
    found = []
    if isinstance(node, dict):
        found += [node["schema"]] if isinstance(node.get("schema"), dict) else []
        found += [item for value in node.values() for item in schemas(value)]
    elif isinstance(node, list):
        found += [item for value in node for item in schemas(value)]
    return found


def references(node: Any) -> set[str]:
    """Return every reference of a document."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*[references(value) for value in node.values()])
    return set().union(*[references(value) for value in node]) if isinstance(node, list) else set()


def test_it_is_a_whole_document(root: Api) -> None:
    document = root.document()
    assert document["openapi"] == "3.1.0"
    for schema in [*schemas(document), *document["components"]["schemas"].values()]:
        Draft202012Validator.check_schema(schema)
    for reference in references(document):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found
    names = [described["operationId"] for path in document["paths"].values() for described in operations(path)]
    assert len(names) == len(set(names))
    for name in ("create", "change", "upsert", "bulk"):
        assert document["components"]["schemas"][f"shop.customer.{name}"]["additionalProperties"] is False


def operations(path: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations of a path."""
    return [described for described in path.values() if isinstance(described, dict)]


def test_it_shows_what_the_caller_may_do_and_no_more(root: Api, sam: Api, ray: Api) -> None:
    everything, selling, reading = root.document(), sam.document(), ray.document()
    assert "/api/v1/shop.secret" in everything["paths"]
    assert "secret" not in str(selling)
    assert set(reading["paths"]["/api/v1/shop.customer"]) == {"get"}
    assert set(selling["paths"]["/api/v1/shop.customer"]) == {"get", "post"}
    assert set(selling["paths"]["/api/v1/base.user"]) == {"get"}
    for document, hidden in ((selling, "salary"), (reading, "rating"), (reading, "price")):
        assert hidden not in str(document["components"]["parameters"])
        assert f"'{hidden}'" not in str(document["components"]["schemas"])
    create = selling["components"]["schemas"]["shop.customer.create"]
    assert create["required"] == ["name"]
    assert {"id", "version", "created_at", "number"}.isdisjoint(create["properties"])
    assert selling["paths"]["/api/v1/shop.customer/by/{key}"]["put"]["parameters"][0]["schema"]["enum"] == [
        "name",
        "by_vat",
    ]


def test_examples_are_accepted(root: Api) -> None:
    customers = "/api/v1/shop.customer"
    content = root.document()["paths"][customers]["post"]["requestBody"]["content"]["application/json"]
    assert root.post(customers, content["example"]).status_code == 201


def test_it_is_sent_once_for_each_state_and_right(site: ApiSite, sam: Api, ray: Api) -> None:
    first = sam.get(ADDRESS)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    unchanged = sam.send("GET", ADDRESS, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert site.client(site.crm.people["sue"]).get(ADDRESS).headers["ETag"] == tag
    assert ray.send("GET", ADDRESS, headers={"If-None-Match": tag}).status_code == 200


def test_one_entity_alone(sam: Api) -> None:
    alone = sam.get(ADDRESS, entity="shop.customer").json
    assert "/api/v1/shop.customer" in alone["paths"]
    assert "/api/v1/shop.order" not in alone["paths"]
    for name in ("shop.secret", "shop.nosuch"):
        assert sam.get(ADDRESS, entity=name).status_code == 404
