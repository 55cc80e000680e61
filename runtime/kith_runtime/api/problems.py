"""Errors of the API as problem details (RFC 9457): code, hint and field for programs, sentences for people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from flask import Response

from kith_platform.errors import Busy, KithError, RateLimited
from kith_runtime.records import Blocked, Blocker, BulkRefused, FieldConflict, ValidationFailed, VersionConflict

MEDIA_TYPE = "application/problem+json"


def problem_response(error: KithError, *, reference: str = "") -> Response:
    """Return an error as an ``application/problem+json`` answer."""
    body = orjson.dumps(problem_details(error, reference=reference))
    response = Response(body, error.status, content_type=MEDIA_TYPE)
    if isinstance(error, Busy | RateLimited):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="kith"'
    return response


def problem_details(error: KithError, *, reference: str = "") -> dict[str, Any]:
    """Return an error as plain data: title, status, code, detail, hint, field, and what its kind adds."""
    details: dict[str, Any] = {
        "type": "about:blank",
        "title": error.message,
        "status": error.status,
        "code": error.code,
        "detail": str(error),
        "hint": error.hint,
        "field": error.field,
    }
    if reference:
        details["reference"] = reference
    if isinstance(error, ValidationFailed):
        details["errors"] = [
            {"field": item.field, "code": item.code, "message": item.message, "hint": item.hint}
            for item in error.problems
        ]
    elif isinstance(error, VersionConflict):
        details["version"] = error.version
        details["conflicts"] = [_conflict(item) for item in error.fields]
    elif isinstance(error, Blocked):
        details["blockers"] = [_blocker(item) for item in error.blockers]
    elif isinstance(error, BulkRefused):
        details["results"] = [
            {"status": result.error.status, "error": problem_details(result.error)}
            if result.error
            else {"status": 200, "error": None}
            for result in error.results
        ]
    return details


def _conflict(item: FieldConflict) -> dict[str, Any]:
    return {
        "field": item.field,
        "label": item.label,
        "mine": item.mine,
        "theirs": item.theirs,
        "before": item.before,
        "by": item.by,
        "at": None if item.at is None else moment_json(item.at),
    }


def _blocker(item: Blocker) -> dict[str, Any]:
    return {
        "entity": item.entity,
        "field": item.field,
        "total": item.total,
        "hidden": item.hidden,
        "records": [{"id": identity, "title": title} for identity, title in item.records],
    }


def moment_json(moment: datetime) -> str:
    """Return an instant as the API writes it."""
    return moment.isoformat().replace("+00:00", "Z")
