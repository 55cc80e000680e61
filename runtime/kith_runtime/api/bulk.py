"""Many writes in one call, each with its own result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from kith_platform.errors import Invalid, KithError
from kith_runtime.api.answers import answer, body
from kith_runtime.api.arguments import arguments, require_id, require_key
from kith_runtime.api.methods import answer_options
from kith_runtime.api.problems import problem_details
from kith_runtime.api.records import checked_version
from kith_runtime.api.representation import refuse_blank_texts, saved_json
from kith_runtime.api.shape import Shape, shape_for
from kith_runtime.context import Context
from kith_runtime.records import BulkRefused, Operation, Result, bulk
from kith_runtime.records.bulk import Kind
from kith_runtime.web.state import context, write

blueprint = Blueprint("api_bulk", __name__, url_prefix="/api/v1")
blueprint.before_request(answer_options)


@dataclass(frozen=True, slots=True)
class Form:
    """The keys that an operation must have and those that it may have, beside ``operation``."""

    needed: tuple[str, ...]
    allowed: tuple[str, ...] = ()


FORMS: Mapping[Kind, Form] = {
    "create": Form(("values",)),
    "update": Form(("id", "values"), ("version",)),
    "delete": Form(("id",), ("version",)),
    "restore": Form(("id",)),
    "upsert": Form(("key", "values")),
}


@blueprint.post("/<entity:entity>/bulk")
def bulk_records(entity: str) -> Response:
    """Do ``operations`` in order; ``all_or_nothing`` undoes all of them when one fails."""
    shape_for(context(), entity).require("bulk")
    arguments()
    sent = body()
    unknown = sorted(set(sent) - {"operations", "all_or_nothing"})
    if unknown:
        raise _bad(f"'{unknown[0][:60]}' is not known here.", "Send operations and all_or_nothing.")
    whole, listed = sent.get("all_or_nothing", False), sent.get("operations")
    if not isinstance(whole, bool) or not isinstance(listed, list) or not listed:
        raise _bad("operations must be a list of at least one, and all_or_nothing true or false.", "Mend the body.")
    operations = [_operation(entity, number, item) for number, item in enumerate(listed)]

    def work(ctx: Context) -> Response:
        shape = shape_for(ctx, entity)
        results = _do(ctx, shape, operations, whole)
        return answer({"results": [_result(ctx, shape, result) for result in results]})

    return write(work)


def _do(ctx: Context, shape: Shape, operations: Sequence[Operation], whole: bool) -> list[Result]:
    """Do what can be read; an operation that cannot is a failed one like those that the door refuses."""
    refused = {number: error for number, item in enumerate(operations) if (error := _unreadable(shape, item))}
    rest = [item for number, item in enumerate(operations) if number not in refused]
    done = iter(bulk(ctx, rest, all_or_nothing=whole and not refused))
    results = [Result(error=refused[number]) if number in refused else next(done) for number in range(len(operations))]
    if whole and refused:
        raise BulkRefused(results)
    return results


def _unreadable(shape: Shape, item: Operation) -> KithError | None:
    try:
        if item.id:
            require_id(shape, item.id)
        if item.kind == "upsert":
            require_key(shape, item.key)
        refuse_blank_texts(shape, item.values)
    except KithError as error:
        return error
    return None


def _operation(entity: str, number: int, item: Any) -> Operation:
    kind = next((kind for kind in FORMS if isinstance(item, dict) and item.get("operation") == kind), None)
    if kind is None:
        raise _bad(f"Operation {number} does not say what to do.", f"Its operation is one of {', '.join(FORMS)}.")
    form, given = FORMS[kind], set(item) - {"operation"}
    if set(form.needed) - given or given - set(form.needed) - set(form.allowed):
        said = " and ".join(form.needed) + (f", and may hold {', '.join(form.allowed)}" if form.allowed else "")
        raise _bad(f"Operation {number} does not fit.", f"{kind} takes {said}.")
    values, identity, key = item.get("values", {}), item.get("id", "-"), item.get("key", "-")
    if not isinstance(values, dict) or not isinstance(identity, str) or not isinstance(key, str) or not identity:
        raise _bad(f"Operation {number}: values must be an object, id and key texts.", "Mend it.")
    version = checked_version(item["version"]) if "version" in item else None
    return Operation(kind, entity, item.get("id", ""), values, version, item.get("key", ""))


def _result(ctx: Context, shape: Shape, result: Result) -> dict[str, Any]:
    if result.error is not None:
        return {"status": result.error.status, "error": problem_details(result.error)}
    if result.record is None:
        return {"status": 204}
    status = 201 if result.record.created else 200
    return {"status": status, "data": saved_json(ctx, shape, result.record)}


def _bad(message: str, hint: str) -> Invalid:
    return Invalid("bad_bulk", message, hint, "operations", status=400)
