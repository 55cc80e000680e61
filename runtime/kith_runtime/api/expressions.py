"""The editor's service: what may come next in an expression, what is wrong with it, and what it gives for a record.

Nothing is changed; the questions are sent as POST because expressions are long. Names are those that the caller may
read: a closed field is as unknown as one that does not exist.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from kith_metadata.expressions import FORMER, ExpressionError, Problem, Type
from kith_metadata.expressions.editor import complete, part_at, report, signature
from kith_metadata.expressions.parse import MAX_LENGTH
from kith_platform.errors import Invalid
from kith_runtime.api.answers import answer, body
from kith_runtime.api.arguments import arguments, invalid, require_id
from kith_runtime.api.openapi_expressions import EXPECTED
from kith_runtime.api.shape import shape_for
from kith_runtime.queries.evaluation import Tried, reader_scope, try_on
from kith_runtime.scopes import EntityScope
from kith_runtime.web.state import context

blueprint = Blueprint("api_expressions", __name__, url_prefix="/api/v1/expressions")


@blueprint.post("/complete")
def complete_expression() -> Response:
    """Return what may stand at a place of an unfinished expression, and the help for the call around it."""
    given = _given("entity", "text", "line", "column", optional=("saving",))
    place = (_whole(given, "line"), _whole(given, "column"))
    text, scope = given["text"], _scope(given)
    found, call = complete(text, place, scope), signature(text, place)
    items = [
        {"name": item.name, "label": item.label, "kind": item.kind, "type": item.type, "insert": item.insert}
        for item in found.items
    ]
    help_text = None if call is None else {"text": call.text, "summary": call.summary, "argument": call.argument}
    return answer({"start": _place(found.start), "end": _place(found.end), "items": items, "signature": help_text})


@blueprint.post("/check")
def check_expression() -> Response:
    """Return every problem of an expression with its place, what it gives, and the type at the cursor."""
    given = _given("entity", "text", optional=("expected", "line", "column", "saving"))
    expected = given.get("expected")
    if expected is not None and expected not in EXPECTED:
        raise _bad("expected", f"'{str(expected)[:40]}' is no type.", f"Types: {', '.join(EXPECTED)}.")
    scope = _scope(given)
    found = report(given["text"], scope, Type(expected) if expected else None)
    at = None
    if "line" in given or "column" in given:
        at = part_at(found.parts, (_whole(given, "line"), _whole(given, "column")))
    return answer(
        {
            "problems": [_problem(problem) for problem in found.problems],
            "mended": found.mended,
            "type": None if found.type is None else str(found.type),
            "at": None if at is None else {"start": _place(at.start), "end": _place(at.end), "type": str(at.node.type)},
        }
    )


@blueprint.post("/evaluate")
def evaluate_expression() -> Response:
    """Return what an expression and each part of it give for a record that the caller may see."""
    given = _given("entity", "text", "record")
    ctx = context()
    require_id(shape_for(ctx, given["entity"]), given["record"])
    try:
        parts = try_on(ctx, given["entity"], given["text"], given["record"])
    except ExpressionError as error:
        return answer({"problems": [_problem(problem) for problem in error.problems], "parts": []})
    return answer({"problems": [], "parts": [_tried(part) for part in parts]})


def _given(*needed: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the members of the body; raises Invalid for one that is missing, unknown or of another type."""
    arguments()
    found = body()
    for name in found:
        if name not in needed and name not in optional:
            raise _bad(name, f"There is no member '{name[:60]}' here.", f"Known: {', '.join((*needed, *optional))}.")
    for name in needed:
        if name not in found:
            raise _bad(name, f"The member '{name}' is missing.", "Give it.")
    for name in ("entity", "text", "record", "expected"):
        if name in found and not isinstance(found[name], str):
            raise _bad(name, f"The member '{name}' is no text.", "Give a text.")
    if not isinstance(found.get("saving", False), bool):
        raise _bad("saving", "The member 'saving' is neither true nor false.", "Say true for a rule.")
    if len(found["text"]) > MAX_LENGTH:
        raise _bad("text", f"The expression has more than {MAX_LENGTH:,} characters.", "Split it into formula fields.")
    shape_for(context(), found["entity"])
    return found


def _scope(given: dict[str, Any]) -> EntityScope:
    """Return what may be named; with ``saving``, as in a rule, also the values before the change."""
    scope = reader_scope(context(), given["entity"])
    return scope.offering(FORMER) if given.get("saving") else scope


def _whole(given: dict[str, Any], name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LENGTH:
        raise _bad(name, f"The member '{name}' is no number from 1 to {MAX_LENGTH:,}.", "Lines and columns begin at 1.")
    return value


def _bad(name: str, message: str, hint: str) -> Invalid:
    return invalid(name, message, hint, code="bad_member")


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


def _place(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "column": place[1]}


def _tried(part: Tried) -> dict[str, Any]:
    return {
        "start": _place(part.start),
        "end": _place(part.end),
        "text": part.text,
        "type": str(part.type),
        "value": part.value,
        "words": part.words,
        "error": part.error,
    }
