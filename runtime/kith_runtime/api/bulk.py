"""Many writes in one call, each with its own result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.api.answers import answer, body
from kith_runtime.api.arguments import entity_of, refuse_unknown
from kith_runtime.api.problems import problem_details
from kith_runtime.api.representation import record_json
from kith_runtime.context import Context
from kith_runtime.records import Operation, Result, bulk
from kith_runtime.web.state import write

blueprint = Blueprint("api_bulk", __name__, url_prefix="/api/v1")

KINDS = ("create", "update", "delete", "restore", "upsert")
_KEYS = frozenset({"operation", "id", "values", "version", "key"})


@blueprint.post("/<entity>/bulk")
def bulk_records(entity: str) -> Response:
    """Do ``operations`` in order; ``all_or_nothing`` undoes all of them when one fails."""
    refuse_unknown(())
    sent = body()
    unknown = set(sent) - {"operations", "all_or_nothing"}
    if unknown:
        raise _bad(f"'{sorted(unknown)[0]}' is not known here.", "Send operations and all_or_nothing.")
    whole = sent.get("all_or_nothing", False)
    listed = sent.get("operations")
    if not isinstance(whole, bool) or not isinstance(listed, list):
        raise _bad("operations must be a list and all_or_nothing true or false.", "Mend the body.")

    def work(ctx: Context) -> Response:
        name = entity_of(ctx, entity)
        operations = [_operation(name, number, item) for number, item in enumerate(listed)]
        results = bulk(ctx, operations, all_or_nothing=whole)
        return answer({"results": [_result(ctx, result) for result in results]})

    return write(work)


def _operation(entity: str, number: int, item: Any) -> Operation:
    if not isinstance(item, Mapping) or set(item) - _KEYS or item.get("operation") not in KINDS:
        raise _bad(
            f"Operation {number} does not fit.", f"Send operation ({', '.join(KINDS)}), id, values, version, key."
        )
    values, version = item.get("values", {}), item.get("version")
    identity, key = item.get("id", ""), item.get("key", "")
    if not isinstance(values, Mapping) or not isinstance(identity, str) or not isinstance(key, str):
        raise _bad(f"Operation {number}: values must be an object, id and key texts.", "Mend it.")
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise _bad(f"Operation {number}: version must be a whole number.", "Send it as you read it.")
    return Operation(item["operation"], entity, identity, values, version, key)


def _result(ctx: Context, result: Result) -> dict[str, Any]:
    if result.error is not None:
        return {"status": result.error.status, "error": problem_details(result.error)}
    if result.record is None:
        return {"status": 204}
    readable = rights_for(ctx, result.record.entity).readable
    status = 201 if result.record.created else 200
    return {"status": status, "data": record_json(ctx, result.record, readable)}


def _bad(message: str, hint: str) -> Invalid:
    return Invalid("bad_bulk", message, hint, "operations", status=400)
