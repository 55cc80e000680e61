"""JSON in and out: strict reading, fast writing."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

import orjson
from flask import Response, request

from kith_platform.errors import Invalid, KithError

JSON = "application/json"
LARGEST_BODY = 8 * 1024 * 1024
DEEPEST_BODY = 100

_LONE_OR_NUL = re.compile("[\x00\ud800-\udfff]")


def answer(data: Any, status: int = 200) -> Response:
    """Return data as a JSON answer."""
    return Response(orjson.dumps(data, option=orjson.OPT_UTC_Z), status, content_type=JSON)


def no_content() -> Response:
    """Return an empty answer."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def body() -> dict[str, Any]:
    """Return the request's JSON object.

    Numbers with a point are read as exact decimals. NaN, Infinity, a key written twice, NUL, half of a character, more
    than 100 levels or anything but an object is refused. Raises :class:`Invalid` with status 400, or a 415 for another
    media type; more than 8 MiB is a 413.
    """
    if request.mimetype != JSON:
        raise KithError(
            "media_type", "The API takes JSON.", "Send the header Content-Type: application/json.", status=415
        )
    request.max_content_length = LARGEST_BODY
    raw = request.get_data(cache=False)
    try:
        data = _DECODER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise bad_json(f"The body is not valid JSON: {error}.") from error
    if not isinstance(data, dict):
        raise bad_json("The body is not a JSON object.")
    # Both tests are cheap and nearly always say no: only an escape can bring a sign that no text may hold.
    if b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > DEEPEST_BODY:
        _inspect(data, DEEPEST_BODY)
    return data


def empty_body() -> None:
    """Refuse a body where none is taken, so that nobody believes that it was read."""
    if request.content_length:
        raise bad_json("This address takes no body.", "Send it without one.")


def bad_json(message: str, hint: str = "Send {…} with fields by name.") -> Invalid:
    """Return the error for a body that cannot be read: status 400."""
    return Invalid("bad_json", message, hint, status=400)


def _inspect(value: Any, depth: int) -> None:
    if depth < 0:
        raise Invalid("too_deep", f"The body is nested more than {DEEPEST_BODY} levels deep.", "Make it flatter.")
    if isinstance(value, str):
        if _LONE_OR_NUL.search(value):
            raise Invalid("broken_character", "A text holds NUL or half of a character.", "Take that sign out.")
    elif isinstance(value, dict):
        for name, item in value.items():
            _inspect(name, depth)
            _inspect(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _inspect(item, depth - 1)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice in one object")
    return found


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object)
