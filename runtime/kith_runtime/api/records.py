"""Records of one entity: list, read, create, change, delete, restore, upsert, history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from kith_platform.errors import Invalid
from kith_runtime import records
from kith_runtime.api.answers import answer, body, empty_body, no_content
from kith_runtime.api.arguments import arguments, expansions, field_list, list_query, number, page_limit, require_key
from kith_runtime.api.methods import answer_options
from kith_runtime.api.representation import refuse_blank_texts, saved_json
from kith_runtime.api.shape import Shape, shape_for
from kith_runtime.context import Context
from kith_runtime.queries import get_json, history, select_json
from kith_runtime.records import Record
from kith_runtime.web.state import context, write

blueprint = Blueprint("api_records", __name__, url_prefix="/api/v1")
blueprint.before_request(answer_options)

CAPPED = "Kith-Count-Capped"
IDEMPOTENCY_KEY = "Idempotency-Key"
LARGEST_VERSION = 2**63 - 1

_IF_MATCH = "If-Match"
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,17})"')


@blueprint.get("/<entity:entity>")
def list_records(entity: str) -> Response:
    """Return a page of records: ``{"data": […], "next": cursor or null, "count": n or null}``."""
    ctx = context()
    page = select_json(ctx, list_query(shape_for(ctx, entity)))
    response = answer({"data": page.rows, "next": page.next, "count": page.count})
    if page.capped:
        response.headers[CAPPED] = "true"
    return response


@blueprint.get("/<entity:entity>/<record:record>")
def get_record(entity: str, record: str) -> Response:
    """Return one record."""
    ctx = context()
    shape = shape_for(ctx, entity)
    given = arguments("fields", "expand")
    fields = field_list(shape, given)
    found = get_json(ctx, entity, record, fields, expansions(shape, given))
    return _with_version(answer(found), found.get("version"))


@blueprint.post("/<entity:entity>")
def create_record(entity: str) -> Response:
    """Create a record; the header Idempotency-Key makes it safe to send again."""
    shape_for(context(), entity).require("create")
    arguments()
    values = body()
    key = request.headers.get(IDEMPOTENCY_KEY)

    def work(ctx: Context) -> Response:
        shape = shape_for(ctx, entity)
        refuse_blank_texts(shape, values)
        record = records.create(ctx, entity, values, idempotency_key=key)
        response = _saved(ctx, shape, record, 201)
        response.headers["Location"] = f"/api/v1/{entity}/{record.id}"
        return response

    return write(work)


@blueprint.patch("/<entity:entity>/<record:record>")
def update_record(entity: str, record: str) -> Response:
    """Change some fields; ``version`` in the body, or If-Match, is the one that the caller had read."""
    shape_for(context(), entity).require("change")
    arguments()
    values = body()
    version = _version(values)
    changes = {name: value for name, value in values.items() if name != "version"}

    def work(ctx: Context) -> Response:
        shape = shape_for(ctx, entity)
        refuse_blank_texts(shape, changes)
        changed = records.update(ctx, entity, record, changes, version=version)
        return _saved(ctx, shape, changed, 200)

    return write(work)


@blueprint.delete("/<entity:entity>/<record:record>")
def delete_record(entity: str, record: str) -> Response:
    """Put a record, and what belongs to it, into the recycle bin."""
    shape_for(context(), entity).require("delete")
    arguments()
    empty_body()
    version = _version({})

    def work(ctx: Context) -> Response:
        shape_for(ctx, entity)
        records.delete(ctx, entity, record, version=version)
        return no_content()

    return write(work)


@blueprint.post("/<entity:entity>/<record:record>/restore")
def restore_record(entity: str, record: str) -> Response:
    """Bring a record back from the recycle bin, with what went with it."""
    shape_for(context(), entity).require("restore")
    arguments()
    empty_body()

    def work(ctx: Context) -> Response:
        shape = shape_for(ctx, entity)
        return _saved(ctx, shape, records.restore(ctx, entity, record), 200)

    return write(work)


@blueprint.put("/<entity:entity>/by/<key>")
def upsert_record(entity: str, key: str) -> Response:
    """Change the record that has the key's values, or create it: 200 or 201."""
    shape_for(context(), entity).require("upsert")
    arguments()
    values = body()

    def work(ctx: Context) -> Response:
        shape = shape_for(ctx, entity)
        require_key(shape, key)
        refuse_blank_texts(shape, values)
        record = records.upsert(ctx, entity, key, values)
        response = _saved(ctx, shape, record, 201 if record.created else 200)
        if record.created:
            response.headers["Location"] = f"/api/v1/{entity}/{record.id}"
        return response

    return write(work)


@blueprint.get("/<entity:entity>/<record:record>/history")
def record_history(entity: str, record: str) -> Response:
    """Return who changed what, newest first, in the fields that the actor may read."""
    ctx = context()
    shape = shape_for(ctx, entity)
    given = arguments("limit", "before")
    return answer(_history(ctx, shape, record, given))


def _history(ctx: Context, shape: Shape, record: str, given: dict[str, str]) -> dict[str, Any]:
    rows = history(ctx, shape.name, record, limit=page_limit(given), before=number(given, "before"))
    return {"data": [row.as_json() for row in rows]}


def _saved(ctx: Context, shape: Shape, record: Record, status: int) -> Response:
    return _with_version(answer(saved_json(ctx, shape, record), status), record.version)


def _with_version(response: Response, version: Any) -> Response:
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def _version(values: Mapping[str, Any]) -> int | None:
    """Return the version that the caller had read: from the body, else from If-Match; None when neither says one."""
    if "version" in values:
        return checked_version(values["version"])
    header = request.headers.get(_IF_MATCH)
    if header is None or header.strip() == "*":
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        # A header that no read gave can match nothing; it is well-formed HTTP all the same.
        hint = 'Send the ETag as you read it, such as "3".'
        raise Invalid("bad_version", f"{header[:60]} is not a version.", hint, _IF_MATCH)
    return int(found[1])


def checked_version(given: Any) -> int:
    """Return a version of a body; raises :class:`Invalid` with status 400 for anything but a whole number from 1."""
    if isinstance(given, Decimal) and given == given.to_integral_value() and given.adjusted() < 20:
        # For JSON 3.0 is the same whole number as 3.
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= LARGEST_VERSION:
        message = f"{str(given)[:60]} is not a version."
        raise Invalid("bad_version", message, "Send the version as you read it.", "version", status=400)
    return given
