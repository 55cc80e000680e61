"""An expression tried on one record: the value of every part of it, with the rights of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kith_metadata.expressions import Checked, EvaluationError, ExpressionError, evaluate, parse
from kith_metadata.expressions.check import Part, analyse
from kith_metadata.expressions.types import Type
from kith_metadata.values import Money, Reference
from kith_platform.errors import NotFound
from kith_runtime.access.filters import allows
from kith_runtime.access.rights import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.queries.titling import titles
from kith_runtime.scopes import EntityScope, environment_of
from kith_runtime.unseen import Reads, said

MOST_PARTS = 400
"""The most parts of an expression that are tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A part of an expression with what it gives: JSON, words for people, or why there is no value."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    type: Type
    value: Any
    words: str
    error: str = ""


def reader_scope(ctx: Context, entity: str) -> EntityScope:
    """Return what the actor may name in expressions over an entity: the fields that the actor may read."""
    return EntityScope(ctx.snapshot, entity, lambda name: rights_for(ctx, name).readable)


def try_on(ctx: Context, entity: str, text: str, record: str) -> tuple[Tried, ...]:
    """Return the values of all parts of an expression for a record, the whole expression first.

    Parts that speak of the records of a list have no one value and are left out. Raises `ExpressionError` for an
    expression that cannot be used and :class:`NotFound` for a record that the actor may not see.
    """
    tree = parse(text)
    found = analyse(tree, reader_scope(ctx, entity))
    if found.checked is None:
        raise ExpressionError(found.problems, found.mended)
    if not allows(ctx, entity, "read", record):
        label = ctx.snapshot.said(ctx.snapshot.entity(entity).label)
        raise NotFound("not_found", f"This {label} does not exist, or you may not see it.", "Look in the list.")
    values = RecordValues(ctx, entity, record, limited=True)
    parts = [part for part in found.parts if not part.inside][:MOST_PARTS]
    reads = found.checked.reads
    return tuple(_tried((ctx, reads), part, _text(tree.text, part), values) for part in parts)


def _tried(trying: tuple[Context, Reads], part: Part, text: str, values: RecordValues) -> Tried:
    ctx, reads = trying
    checked = Checked(part.node, frozenset(), frozenset(), frozenset())
    kind = part.node.type
    try:
        value = evaluate(checked, values, environment_of(ctx))
    except EvaluationError as error:
        return Tried(part.start, part.end, text, kind, None, "", said(ctx.snapshot, reads, error))
    return Tried(part.start, part.end, text, kind, _json(value), _words(ctx, kind, value))


def _text(text: str, part: Part) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    (line, column), (last, end) = part.start, part.end
    if line == last:
        return lines[line - 1][column - 1 : end - 1]
    return "\n".join([lines[line - 1][column - 1 :], *lines[line : last - 1], lines[last - 1][: end - 1]])


def _json(value: Any) -> Any:
    """Return a value as JSON: exact numbers and everything with a unit as text."""
    match value:
        case Money():
            return {"amount": f"{value.amount.normalize():f}", "currency": value.currency}
        case Decimal():
            return f"{value.normalize():f}"
        case datetime() | date() | time():
            return value.isoformat().replace("+00:00", "Z")
        case timedelta():
            return f"PT{Decimal(value // timedelta(microseconds=1)).scaleb(-6).normalize():f}S"
        case Reference():
            return {"entity": value.entity, "id": value.id}
        case tuple() | list():
            return [_json(item) for item in value]
    return value


def _words(ctx: Context, kind: Type, value: Any) -> str:
    locale = ctx.locale
    if value is None:
        return "blank"
    if kind.kind == "record" and kind.name:
        return titles(ctx, kind.name, [value]).get(value, "Hidden record")
    match value:
        case bool():
            return "yes" if value else "no"
        case Money():
            return locale.money(value.amount, value.currency) if value.currency else locale.number(value.amount)
        case Decimal() | int():
            return locale.number(value * 100) + " %" if kind.kind == "percent" else locale.number(value)
        case tuple():
            return ", ".join(str(item) for item in value)
    return str(value)
