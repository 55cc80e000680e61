"""Fields that could not be worked out are null in every answer of the API, with the reason beside them."""

from __future__ import annotations

from typing import Any

from support.api_client import Api

SAMPLES = "/api/v1/shop.sample"
REASON = "Division by zero. Test the divisor first, for example: a / b if b != 0 else blank."


def told(record: dict[str, Any]) -> tuple[Any, ...]:
    """Return what an answer says of the computed fields."""
    return record.get("each"), record.get("kept"), record.get("_reasons")


def test_every_answer_says_why_and_only_where_something_failed(sam: Api) -> None:
    failed = (None, None, {"each": REASON, "kept": REASON})
    broken = sam.post(SAMPLES, {"name": "Broken", "pieces": 0}).json
    assert told(broken) == failed
    whole = sam.post(SAMPLES, {"name": "Whole", "pieces": 8}).json
    assert told(whole) == ("12.50", "12.50", None)
    assert told(sam.post(SAMPLES, {"name": "Blank"}).json) == (None, None, None)
    at = f"{SAMPLES}/{broken['id']}"
    assert told(sam.get(at).json) == failed
    listed = sam.get(SAMPLES, sort="name", fields="name,each,kept,customer", expand="customer").json["data"]
    assert [told(row) for row in listed] == [(None, None, None), failed, ("12.50", "12.50", None)]
    # What was not asked for has no reason, and a record that is mended none either.
    assert told(sam.get(at, fields="name,twice").json) == (None, None, None)
    assert told(sam.get(at, fields="each").json) == (None, None, {"each": REASON})
    assert told(sam.patch(at, {"pieces": 4}).json) == ("25.00", "25.00", None)
    assert told(sam.patch(at, {"pieces": 0}).json) == failed
    sam.delete(at)
    (binned,) = sam.get(SAMPLES, deleted="true").json["data"]
    assert told(binned) == failed
    assert told(sam.post(f"{at}/restore").json) == failed
    assert told(sam.put(f"{SAMPLES}/by/name", {"name": "Broken", "stars": 3}).json) == failed
    operations = [{"operation": "update", "id": broken["id"], "values": {"stars": 4}}]
    (result,) = sam.post(f"{SAMPLES}/bulk", {"operations": operations}).json["results"]
    assert told(result["data"]) == failed


def test_a_field_that_may_not_be_read_has_no_reason_either(root: Api, sam: Api) -> None:
    record = root.post(SAMPLES, {"name": "Broken", "pieces": 0}).json
    assert record["_reasons"].keys() == {"each", "kept", "inner"}
    assert sam.get(f"{SAMPLES}/{record['id']}").json["_reasons"].keys() == {"each", "kept"}
    described = sam.get("/api/v1/openapi.json", entity="shop.sample").json["components"]["schemas"]
    assert described["shop.sample"]["properties"]["_reasons"]["properties"].keys() == {"each", "kept"}
    # Of an entity in which nothing can fail the document says nothing.
    customers = sam.get("/api/v1/openapi.json", entity="shop.customer").json["components"]["schemas"]
    assert "_reasons" not in customers["shop.customer"]["properties"]
    # What a program sends back as it read it is told like every other name that is no field.
    refused = sam.patch(f"{SAMPLES}/{record['id']}", {"_reasons": {"each": "because"}})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_field")
