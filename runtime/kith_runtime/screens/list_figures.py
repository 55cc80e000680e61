"""The figures of a list: how many records, and the sums of its columns. They come after the rows have been shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from kith_metadata.expressions import ExpressionError
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types._amounts import is_shown_whole, rounded_amount, totals
from kith_runtime.field_types.base import OPERATORS, InputScope, quoted
from kith_runtime.queries import Measure, aggregate, select
from kith_runtime.queries.query import CountMode, Query
from kith_runtime.queries.query import Page as Rows
from kith_runtime.screens.blocks import block
from kith_runtime.screens.list_filters import Filter, read_filter
from kith_runtime.screens.list_seen import book_here, fitted
from kith_runtime.screens.list_shape import Column, Shape, shape_of, views_for
from kith_runtime.screens.list_state import ListState


@dataclass(frozen=True, slots=True)
class Question:
    """What an address asks: its parameters, and its filter as it was understood."""

    state: ListState
    filter: Filter


@dataclass(frozen=True, slots=True)
class Sum:
    """The total of a column, or that it could not be worked out."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The foot of a list. ``shown`` says which rows one sees, such as ``1–50``.

    ``total`` is empty while it is not known, ``capped`` when there are more than it says. ``pending`` asks the browser
    to fetch the rest once the list is shown.
    """

    shown: str
    total: str = ""
    capped: bool = False
    sums: tuple[Sum, ...] = ()
    pending: bool = False
    problem: str = ""


def query_of(shape: Shape, asked: Question) -> Query:
    """Return the question that a list's address asks, limited to what the actor may read."""
    state = asked.state
    own = (shape.where,) if shape.where is not None else ()
    return Query(
        entity=state.entity,
        fields=shape.reads,
        where=state.where or None,
        filters=(*own, *asked.filter.expressions, *_held(shape, state)),
        sort=state.sort or shape.sort,
        limit=shape.page_size,
        after=state.after or None,
        before=state.before or None,
        titles=True,
        text=state.text if shape.indexed else "",
    )


def _held(shape: Shape, state: ListState) -> tuple[str, ...]:
    """Return the condition for a text that is looked for in the title, where the entity is in no search index."""
    if not state.text or shape.indexed:
        return ()
    return (OPERATORS["contains"].pattern.format(field=shape.entity.title, value=quoted(state.text)),)


def problem_text(fault: Exception) -> str:
    """Return a fault of a question as sentences; places inside an expression are named as people count them."""
    if isinstance(fault, ExpressionError):
        return " ".join(f"{problem.message} {problem.hint}".strip() for problem in fault.problems)
    return str(fault)


def first_figures(ctx: Context, shape: Shape, asked: Question, rows: Rows | None) -> Figures:
    """Return what the page knows without asking more; everything when somebody asked to count all."""
    state = asked.state
    if rows is None:
        return Figures(_span(ctx, 0, 0))
    shown = len(rows.rows)
    if state.exact:
        return _figures(ctx, shape, asked, shown, "exact")
    found = Figures(_span(ctx, state.start, state.start + shown - 1))
    whole = not state.paged and rows.next is None
    pending = not whole or bool(shape.summed) or len(shape.tabs) > 1
    return replace(found, total=ctx.locale.number(shown) if whole else "", pending=pending and shown > 0)


def _span(ctx: Context, first: int, last: int) -> str:
    return f"{ctx.locale.number(first)}–{ctx.locale.number(last)}"


def later_figures(ctx: Context, shape: Shape, asked: Question, shown: int) -> Figures:
    """Return the foot with a count that stops at a limit, and the sums."""
    return _figures(ctx, shape, asked, shown, "capped")


def _figures(ctx: Context, shape: Shape, asked: Question, shown: int, mode: CountMode) -> Figures:
    start = asked.state.start
    plain = replace(query_of(shape, asked), fields=("id",), sort=(), after=None, before=None, titles=False)
    counted = block(ctx, "count", "Count", lambda: select(ctx, replace(plain, limit=1, count=mode)))
    page = counted.content
    total = "" if page is None or page.count is None else ctx.locale.number(page.count)
    return Figures(
        shown=_span(ctx, start, start + shown - 1) if shown else _span(ctx, 0, 0),
        total=total,
        capped=page is not None and page.capped,
        sums=() if page is None or page.capped else _sums(ctx, shape, asked),
        problem=counted.message,
    )


def _sums(ctx: Context, shape: Shape, asked: Question) -> tuple[Sum, ...]:
    """Return the totals of the columns that declare one, over all that the question finds and not only this page.

    They are worked out for as many records as are counted anyway: adding up ten million rows is for "Count all".
    """
    query = query_of(shape, asked)
    if query.text:
        return ()
    where = (*([query.where] if query.where else []), *query.filters)
    found = []
    for column in shape.summed:
        measures = {"sum": Measure("sum", column.name)}
        total = block(
            ctx,
            f"sum of {column.name}",
            column.label,
            partial(aggregate, ctx, shape.entity.name, measures, where=where),
        )
        text = "not known" if total.content is None else total_text(ctx, column, total.content[0]["sum"])
        if text:
            found.append(Sum(column.label, text))
    return tuple(found)


def total_text(ctx: Context, column: Column, total: Any) -> str:
    """Return a total as people read it: amounts of several currencies beside each other, because they do not add up."""
    if isinstance(total, tuple):
        return totals(ctx.locale, total, rounded_amount if is_shown_whole(column.field.options) else None)
    if total is None:
        return ""
    return field_types[column.field.type].text(total, column.field, InputScope(ctx.locale, ctx.snapshot))


def view_counts(ctx: Context, entity: str) -> Mapping[str, str]:
    """Return how many records each view shows, up to a limit; one that cannot be counted or is hidden is left out."""
    book = book_here(ctx, entity)
    asked = {view.name: ListState(entity, view.name) for view in views_for(ctx, entity)}
    asked |= {name: fitted(ctx, view.kept, entity, name).state for name, view in book.saved.items()}
    found = {}
    for name, state in asked.items():
        if not book.place(name).hidden:
            counted = block(ctx, f"count of {name}", name, partial(_count, ctx, state))
            if counted.content:
                found[name] = counted.content
    return found


def _count(ctx: Context, state: ListState) -> str:
    shape = shape_of(ctx, state.entity, state.view)
    return "" if shape is None else count_of(ctx, shape, Question(state, read_filter(ctx, state)))


def count_of(ctx: Context, shape: Shape, asked: Question) -> str:
    """Return the capped count of a question, such as ``1,000+``."""
    plain = replace(query_of(shape, asked), fields=("id",), sort=(), after=None, before=None, titles=False)
    page = select(ctx, replace(plain, limit=1, count="capped"))
    return f"{ctx.locale.number(page.count or 0)}{'+' if page.capped else ''}"
