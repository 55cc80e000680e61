"""What is seen of a list as a CSV file: the view's columns, filter and order, read page by page as it is sent.

The file is UTF-8 with a mark that spreadsheets look for. Numbers and days are written as programs read them. A text
that a spreadsheet would take for a formula gets an apostrophe before it. What could not be worked out for a record is
neither blank nor a value: its cell says ``#ERROR!`` and why.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from kith_metadata.expressions import ExpressionError
from kith_metadata.values import ErrorValue, Money
from kith_platform.audit import Entry
from kith_platform.errors import Invalid, NotFound
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import HIDDEN, InputScope, Linked
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
FAILED = "#ERROR!"
"""Begins the cell of what could not be worked out. Texts that begin so get an apostrophe, so it is never a value."""

_FORMULA = (FAILED, "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Writer = Callable[[Any], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Export:
    """A list on its way into a file: its columns and question, the file's name, and a reading of its own.

    The reading is opened by whoever writes the file, because the request's own has ended when the file is sent.
    """

    shape: Shape
    query: Query
    name: str
    reading: AbstractContextManager[Context]

    @property
    def columns(self) -> list[Column]:
        """The columns that can be written."""
        return [column for column in self.shape.columns if not column.broken]


def begin_export(entity: str, kind: str) -> Export:
    """Return what the address asks for as an export; who took what away stands in the audit trail.

    Raises Invalid for a question that cannot be answered, before the first byte is sent.
    """
    ctx = context()
    require_entity(ctx, entity)
    found = opened(ctx, book_here(ctx, entity), read_state(entity, request.args))
    state = replace(found.state, after="", before="")
    shape = (
        None if found.lost else shape_of(ctx, entity, state.view, looks_of(ctx, book_here(ctx, entity), state).columns)
    )
    if shape is None:
        raise NotFound("no_such_view", "There is no such view here.", "Choose one from the tabs.")
    asked = query_of(shape, Question(state, read_filter(ctx, state)))
    query = replace(asked, fields=shape.fields, limit=MOST_ROWS, reasons=True)
    _check(ctx, query, read_filter(ctx, state).problem)
    detail = {"entity": entity, "columns": list(query.fields[1:]), "list": state.here()[:2000], "kind": kind}
    write(
        lambda ctx: server().services.audit.append(ctx.connection, Entry(ctx.actor.id, "list.export", entity, detail))
    )
    name = re.sub(r"[^A-Za-z0-9]+", "-", plural_of(shape.entity)).strip("-").lower() or "list"
    return Export(shape, query, f"{name}.{kind}", server().workspace.read(ctx.actor, ctx.door, trace=ctx.trace))


def as_file(body: Iterator[str] | Iterator[bytes], name: str, kind: str) -> Response:
    """Return a file to keep, which no cache holds."""
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def pages(reading: Context, query: Query) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield the rows of a question page by page, without the first field, so that memory stays flat."""
    after: str | None = None
    while True:
        page = select(reading, replace(query, after=after))
        yield [row[1:] for row in page.rows]
        after = page.next
        if after is None:
            return


@blueprint.get("/e/<entity>/export.csv")
def export(entity: str) -> Response:
    """Send the list of an address as a CSV file."""
    found = begin_export(entity, "csv")
    return as_file(_lines(found), found.name, "text/csv")


def _check(ctx: Context, query: Query, problem: str) -> None:
    """Raise Invalid for a question that cannot be answered, before the first byte is sent."""
    if problem:
        raise Invalid("bad_filter", problem, "Go back to the list and change the filter.", status=400)
    try:
        select(ctx, replace(query, limit=1))
    except ExpressionError as fault:
        raise Invalid("bad_filter", problem_text(fault), "Go back to the list.", status=400) from fault


def _lines(found: Export) -> Iterator[str]:
    """Yield the file page by page."""
    with found.reading as reading:
        writers = [_writer(reading, column) for column in found.columns]
        yield MARK + _text([[guarded(head) for column in found.columns for head in heads(reading, column)]])
        for rows in pages(reading, found.query):
            yield _text(_row(writers, row) for row in rows)


def _row(writers: list[Writer], values: tuple[Any, ...]) -> list[str]:
    return [cell for write_cell, value in zip(writers, values, strict=True) for cell in write_cell(value)]


def _text(rows: Any) -> str:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerows(rows)
    return held.getvalue()


def is_money(ctx: Context, column: Column) -> bool:
    """Tell whether a column holds amounts of money, which take two cells."""
    return shown_field(column.field, ctx.snapshot).type == "money"


def heads(ctx: Context, column: Column) -> tuple[str, ...]:
    """Return the heads of a column's cells."""
    return (column.label, f"{column.label} currency") if is_money(ctx, column) else (column.label,)


def _writer(ctx: Context, column: Column) -> Writer:
    """Return what writes the values of a column; amounts of money take two cells, the second for the currency."""
    scope = InputScope(ctx.locale, ctx.snapshot, "json", ctx.now)
    width = 2 if is_money(ctx, column) else 1

    def words(value: Any) -> tuple[str, ...]:
        if value is None:
            return ("",) * width
        if isinstance(value, ErrorValue):
            return (failure(value), *[""] * (width - 1))
        if isinstance(value, Money):
            return format(value.amount, "f"), value.currency
        plain = plain_text(value)
        return (plain if plain is not None else guarded(text_of(value, column, scope)),)

    return words


def text_of(value: Any, column: Column, scope: InputScope) -> str:
    """Return a value in words; links by the titles that the reader may see."""
    if _holds_links(value):
        items = value if isinstance(value, tuple) else (value,)
        return ", ".join(HIDDEN if item.title is None else str(item) for item in items)
    return field_types[column.field.type].text(value, column.field, scope)


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


def failure(value: ErrorValue) -> str:
    """Return what stands in the cell of a value that could not be worked out.

    >>> failure(ErrorValue("Division by zero."))
    '#ERROR! Division by zero.'
    """
    return f"{FAILED} {value.reason}"


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, and no reader for a failure.

    >>> guarded("=1+1"), guarded("#ERROR! Really"), guarded("Deal")
    ("'=1+1", "'#ERROR! Really", 'Deal')
    """
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
