"""JSON in and out: strict reading, fast writing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

import orjson
from flask import Response, request

from kith_platform.errors import Invalid, KithError

JSON = "application/json"


def answer(data: Any, status: int = 200) -> Response:
    """Return data as a JSON answer."""
    return Response(orjson.dumps(data), status, mimetype=JSON)


def no_content() -> Response:
    """Return an empty answer."""
    return Response(status=204)


def body() -> dict[str, Any]:
    """Return the request's JSON object.

    Numbers with a point are read as exact decimals. NaN, Infinity, a key written twice, or anything but an object is
    refused. Raises :class:`Invalid`, or a 415 for another media type.
    """
    if request.mimetype != JSON:
        raise KithError(
            "media_type", "The API takes JSON.", "Send the header Content-Type: application/json.", status=415
        )
    try:
        data = json.loads(
            request.get_data(cache=False), parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "bad_json", f"The body is not valid JSON: {error}", "Mend it and send it again.", status=400
        ) from error
    if not isinstance(data, dict):
        raise Invalid("bad_json", "The body must be a JSON object.", "Send {…} with fields by name.", status=400)
    return data


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice in one object")
    return found
