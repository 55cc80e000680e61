"""Records of one entity: list, read, create, change, delete, restore, upsert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from kith_platform.errors import Invalid
from kith_runtime import queries, records
from kith_runtime.access import rights_for
from kith_runtime.api.answers import answer, body, no_content
from kith_runtime.api.arguments import entity_of, expansions, field_list, list_query, refuse_unknown
from kith_runtime.api.representation import record_json
from kith_runtime.context import Context
from kith_runtime.records import Record
from kith_runtime.web.state import context, write

blueprint = Blueprint("api_records", __name__, url_prefix="/api/v1")

_IF_MATCH = "If-Match"


@blueprint.get("/<entity>")
def list_records(entity: str) -> Response:
    """Return a page of records: ``{"data": […], "next": cursor or null, "count": n or null}``."""
    ctx = context()
    query = list_query(ctx, entity_of(ctx, entity))
    page = queries.select_json(ctx, query)
    return answer({"data": page.rows, "next": page.next, "count": page.count, "capped": page.capped})


@blueprint.get("/<entity>/<record>")
def get_record(entity: str, record: str) -> Response:
    """Return one record."""
    ctx = context()
    refuse_unknown(("fields", "expand"))
    name = entity_of(ctx, entity)
    found = queries.get_json(ctx, name, record, field_list(ctx, name), expansions(ctx, name))
    return _with_version(answer(found), found.get("version"))


@blueprint.post("/<entity>")
def create_record(entity: str) -> Response:
    """Create a record; the header Idempotency-Key makes it safe to send again."""
    refuse_unknown(())
    values = body()
    key = request.headers.get("Idempotency-Key")

    def work(ctx: Context) -> Response:
        record = records.create(ctx, entity_of(ctx, entity), values, idempotency_key=key)
        response = _saved(ctx, record, 201)
        response.headers["Location"] = f"/api/v1/{entity}/{record.id}"
        return response

    return write(work)


@blueprint.patch("/<entity>/<record>")
def update_record(entity: str, record: str) -> Response:
    """Change some fields; ``version`` in the body, or If-Match, is the one that the caller had read."""
    refuse_unknown(())
    values = body()
    version = _version(values)
    changes = {name: value for name, value in values.items() if name != "version"}

    def work(ctx: Context) -> Response:
        return _saved(ctx, records.update(ctx, entity_of(ctx, entity), record, changes, version=version), 200)

    return write(work)


@blueprint.delete("/<entity>/<record>")
def delete_record(entity: str, record: str) -> Response:
    """Put a record, and what belongs to it, into the recycle bin."""
    refuse_unknown(())
    version = _version({})

    def work(ctx: Context) -> Response:
        records.delete(ctx, entity_of(ctx, entity), record, version=version)
        return no_content()

    return write(work)


@blueprint.post("/<entity>/<record>/restore")
def restore_record(entity: str, record: str) -> Response:
    """Bring a record back from the recycle bin, with what went with it."""
    refuse_unknown(())
    return write(lambda ctx: _saved(ctx, records.restore(ctx, entity_of(ctx, entity), record), 200))


@blueprint.put("/<entity>/by/<key>")
def upsert_record(entity: str, key: str) -> Response:
    """Change the record that has the key's values, or create it: 200 or 201."""
    refuse_unknown(())
    values = body()

    def work(ctx: Context) -> Response:
        record = records.upsert(ctx, entity_of(ctx, entity), key, values)
        return _saved(ctx, record, 201 if record.created else 200)

    return write(work)


@blueprint.get("/<entity>/<record>/history")
def record_history(entity: str, record: str) -> Response:
    """Return who changed what, newest first."""
    ctx = context()
    refuse_unknown(("limit", "before"))
    name = entity_of(ctx, entity)
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Invalid(
            "bad_parameter",
            f"before={before} does not fit.",
            "Use a number from a former answer.",
            "before",
            status=400,
        )
    rows = queries.history(ctx, name, record, limit=50, before=int(before) if before else None)
    return answer({"data": [row.as_json() for row in rows]})


def _saved(ctx: Context, record: Record, status: int) -> Response:
    readable = rights_for(ctx, record.entity).readable
    return _with_version(answer(record_json(ctx, record, readable), status), record.version)


def _with_version(response: Response, version: Any) -> Response:
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def _version(values: Mapping[str, Any]) -> int | None:
    """Return the version that the caller had read: from the body, else from If-Match."""
    given = values.get("version")
    if given is None and _IF_MATCH in request.headers:
        text = request.headers[_IF_MATCH].strip().removeprefix("W/").strip('"')
        if text == "*":
            return None
        given = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given < 1 << 63:
        raise Invalid(
            "version", f"{given!r} is not a version.", "Send the version as you read it.", "version", status=400
        )
    return given
