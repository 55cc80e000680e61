"""What is seen of a list as a CSV file: the view's columns, filter and order, read page by page as it is sent.

The file is UTF-8 with a mark that spreadsheets look for. Numbers and days are written as programs read them. A text
that a spreadsheet would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from kith_metadata.expressions import ExpressionError
from kith_metadata.values import Money
from kith_platform.audit import Entry
from kith_platform.errors import Invalid, NotFound
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, Linked
from kith_runtime.queries.query import MOST_ROWS, Query
from kith_runtime.queries.reading import select
from kith_runtime.screens.list_figures import Question, problem_text, query_of
from kith_runtime.screens.list_filters import read_filter, shown_field
from kith_runtime.screens.list_seen import book_here, looks_of, opened
from kith_runtime.screens.list_shape import Column, Shape, plural_of, shape_of
from kith_runtime.screens.list_state import read_state
from kith_runtime.screens.listing import require_entity
from kith_runtime.web.state import context, server, write

blueprint = Blueprint("list_export", __name__)

MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Writer = Callable[[Any], tuple[str, ...]]


@blueprint.get("/e/<entity>/export.csv")
def export(entity: str) -> Response:
    """Send the list of an address as a file; who took what away stands in the audit trail."""
    ctx = context()
    require_entity(ctx, entity)
    state = replace(opened(ctx, book_here(ctx, entity), read_state(entity, request.args)).state, after="", before="")
    shape = shape_of(ctx, entity, state.view, looks_of(book_here(ctx, entity), state).columns)
    if shape is None:
        raise NotFound("no_such_view", "There is no such view here.", "Choose one from the tabs.")
    query = replace(query_of(shape, Question(state, read_filter(ctx, state))), limit=MOST_ROWS)
    _check(ctx, query, read_filter(ctx, state).problem)
    detail = {"entity": entity, "columns": list(query.fields[1:]), "list": state.here()[:2000]}
    write(
        lambda ctx: server().services.audit.append(ctx.connection, Entry(ctx.actor.id, "list.export", entity, detail))
    )
    name = re.sub(r"[^A-Za-z0-9]+", "-", plural_of(shape.entity)).strip("-").lower() or "list"
    reading = server().workspace.read(ctx.actor, ctx.door, trace=ctx.trace)
    answer = Response(_lines(reading, shape, query), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _check(ctx: Context, query: Query, problem: str) -> None:
    """Raise Invalid for a question that cannot be answered, before the first byte is sent."""
    if problem:
        raise Invalid("bad_filter", problem, "Go back to the list and change the filter.", status=400)
    try:
        select(ctx, replace(query, limit=1))
    except ExpressionError as fault:
        raise Invalid("bad_filter", problem_text(fault), "Go back to the list.", status=400) from fault


def _lines(opening: AbstractContextManager[Context], shape: Shape, query: Query) -> Iterator[str]:
    """Yield the file page by page, in one reading of its own: the request's has ended when the first line is sent."""
    columns = [column for column in shape.columns if not column.broken]
    with opening as reading:
        writers = [_writer(reading, column) for column in columns]
        yield MARK + _text([[head for column in columns for head in _heads(reading, column)]])
        after: str | None = None
        while True:
            page = select(reading, replace(query, after=after))
            yield _text(_row(writers, row[1:]) for row in page.rows)
            after = page.next
            if after is None:
                return


def _row(writers: list[Writer], values: tuple[Any, ...]) -> list[str]:
    return [cell for write_cell, value in zip(writers, values, strict=True) for cell in write_cell(value)]


def _text(rows: Any) -> str:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerows(rows)
    return held.getvalue()


def _is_money(ctx: Context, column: Column) -> bool:
    return shown_field(column.field, ctx.snapshot).type == "money"


def _heads(ctx: Context, column: Column) -> tuple[str, ...]:
    label = guarded(column.label)
    return (label, f"{label} currency") if _is_money(ctx, column) else (label,)


def _writer(ctx: Context, column: Column) -> Writer:
    """Return what writes the values of a column; amounts of money take two cells, the second for the currency."""
    scope = InputScope(ctx.locale, ctx.snapshot, "json", ctx.now)
    width, kind = 2 if _is_money(ctx, column) else 1, field_types[column.field.type]

    def words(value: Any) -> tuple[str, ...]:
        if value is None:
            return ("",) * width
        if isinstance(value, Money):
            return format(value.amount, "f"), value.currency
        plain = plain_text(value)
        if plain is None and _holds_links(value):
            plain = guarded(", ".join(str(item) for item in value) if isinstance(value, tuple) else str(value))
        return (plain if plain is not None else guarded(kind.text(value, column.field, scope)),)

    return words


def _holds_links(value: Any) -> bool:
    first = value[0] if isinstance(value, tuple) and value else value
    return isinstance(first, Linked)


def plain_text(value: Any) -> str | None:
    """Return numbers, days and times as programs read them; None for what is written in words.

    >>> plain_text(Decimal("-12.50")), plain_text(date(2026, 11, 24)), plain_text("=1")
    ('-12.50', '2026-11-24', None)
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return None


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("Deal")
    ("'=1+1", 'Deal')
    """
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
