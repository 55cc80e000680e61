"""A list in groups: one head for each value of a field with count and sums, and its first rows; more on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask import Blueprint, Response, request

from kith_metadata.expressions import ExpressionError
from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid, NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.field_types.base import HIDDEN, quoted
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import Measure, aggregate, select, titles
from kith_runtime.queries.columns import target_entity
from kith_runtime.screens.cells import label_of, said
from kith_runtime.screens.list_figures import Question, Sum, problem_text, query_of, total_text
from kith_runtime.screens.list_filters import filter_fields, read_filter, shown_field
from kith_runtime.screens.list_seen import book_here, looks_of, opened
from kith_runtime.screens.list_shape import Shape, plural_of, shape_of
from kith_runtime.screens.list_state import Condition, ListState, read_state
from kith_runtime.screens.rendering import Page, render
from kith_runtime.web.state import context, server

blueprint = Blueprint("list_groups", __name__)

ROWS = 20
OPEN = 5
"""So many groups show their first rows at once; the others when somebody opens them."""
MOST_SHOWN = 200
BLANK = "-"
_MARK = "="
"""Stands before texts that could be taken for the key of blanks."""

LONGEST_KEY = 2_000
_KINDS = frozenset({"choice", "lookup", "owner", "boolean", "date"})


class _Hidden(str):
    """The words for a record that the actor may not see, told from the title of one that they may."""

    __slots__ = ()


_HIDDEN = _Hidden(HIDDEN)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A group: its key in addresses, its words, its figures, and its rows when it is open."""

    key: str
    label: str
    count: str
    sums: tuple[Sum, ...]
    alone: str
    """The address of a plain list of this group; none where it stands for a record that is hidden."""
    load: str
    rows: str = ""
    more: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Grouped:
    """All groups of a list. ``left`` counts those beyond the most that one page shows."""

    groups: tuple[RowGroup, ...] = ()
    label: str = ""
    total: str = ""
    left: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupPart(Page):
    """More rows of one group."""

    rows: str = ""
    more: str = ""
    columns: int = 0


def choices_of(ctx: Context, entity: str) -> Mapping[str, str]:
    """Return the ways in which the actor can group a list, with their words."""
    fields, found = fields_of(ctx.snapshot, entity), {}
    for item in filter_fields(ctx, entity):
        declared = fields[item.name]
        kind = shown_field(declared, ctx.snapshot).type
        # The text of a formula is one of a few words that somebody wrote; other texts differ in every record.
        if kind in _KINDS or (declared.type == "formula" and kind == "text"):
            by_month = kind == "date"
            name, label = (f"{item.name}:month", f"{item.label} by month") if by_month else (item.name, item.label)
            found[name] = label
    return found


def grouped(ctx: Context, shape: Shape, asked: Question) -> Grouped:
    """Return the groups of a question; raises Invalid for a field that one cannot group by."""
    state = asked.state
    declared = _field(ctx, state)
    if state.text and shape.indexed:
        return Grouped(note="The search shows its hits without groups.")
    query = query_of(shape, asked)
    where = (*([query.where] if query.where else []), *query.filters)
    measures = {"count": Measure()} | {column.name: Measure("sum", column.name) for column in shape.summed}
    found = aggregate(ctx, state.entity, measures, group_by=(state.group,), where=where)
    words = _words(ctx, declared, [values[state.group] for values in found])
    order = {key: number for number, key in enumerate(words)}
    found.sort(key=lambda values: order[_key(values[state.group])])
    groups = [
        _group(ctx, shape, asked, values, (words[_key(values[state.group])], at < OPEN))
        for at, values in enumerate(found[:MOST_SHOWN])
    ]
    total = sum(values["count"] for values in found)
    number, count = ctx.locale.number(total), ctx.locale.number(len(found))
    said_total = (
        f"{number} {ctx.snapshot.said(plural_of(shape.entity))} in {count} {'group' if len(found) == 1 else 'groups'}"
    )
    return Grouped(tuple(groups), label_of(declared), said_total, max(0, len(found) - MOST_SHOWN))


def _field(ctx: Context, state: ListState) -> Field:
    if state.group not in choices_of(ctx, state.entity):
        message = f"This list cannot be grouped by '{state.group[:60]}'."
        raise Invalid("not_groupable", message, "Choose a field under Group.")
    return shown_field(fields_of(ctx.snapshot, state.entity)[state.group.partition(":")[0]], ctx.snapshot)


def _key(value: Any) -> str:
    """Return a group's value as it stands in addresses; months are whole numbers on both databases."""
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return str(int(value))
    return _MARK + value if value.startswith((BLANK, _MARK)) else value


def _words(ctx: Context, declared: Field, values: Sequence[Any]) -> dict[str, str]:
    """Return the words of groups by key, in their order; blanks come last."""
    keys = [_key(value) for value in values if value is not None]
    words: dict[str, str] = {}
    if declared.type == "choice":
        options = options_of(declared, ctx.snapshot)
        names = [*(name for name in options if name in keys), *sorted(key for key in keys if key not in options)]
        words = {name: option_label(name, options[name]) if name in options else name for name in names}
    elif declared.type == "boolean":
        words = {key: {"yes": "Yes", "no": "No"}[key] for key in ("yes", "no") if key in keys}
    elif declared.type == "date":
        months = sorted(int(key) for key in keys)
        words = {str(month): format_skeleton("yMMMM", _first(month), locale=ctx.locale.locale) for month in months}
    elif declared.type == "text":
        words = {key: key.removeprefix(_MARK) for key in sorted(keys, key=lambda key: (key.casefold(), key))}
    else:
        named = titles(ctx, target_entity(declared), keys)
        shown = {key: (named[key] or "Untitled") if key in named else _HIDDEN for key in keys}
        words = dict(sorted(shown.items(), key=lambda item: (item[0] not in named, item[1].casefold(), item[0])))
    return {**words, BLANK: f"No {said(ctx.snapshot, declared)}"}


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _group(
    ctx: Context, shape: Shape, asked: Question, values: Mapping[str, Any], label_open: tuple[str, bool]
) -> RowGroup:
    state, (label, is_open) = asked.state, label_open
    key = _key(values[state.group])
    sums = [Sum(column.label, total_text(ctx, column, values[column.name])) for column in shape.summed]
    group = RowGroup(
        key,
        label,
        ctx.locale.number(values["count"]),
        tuple(item for item in sums if item.text),
        alone="" if isinstance(label, _Hidden) else _alone(ctx, state, key),
        load=_load(state, key),
    )
    if not is_open:
        return group
    rows, more = rows_of(ctx, shape, asked, key, "")
    return replace(group, rows=rows, more=more, open=True)


def rows_of(ctx: Context, shape: Shape, asked: Question, key: str, after: str) -> tuple[str, str]:
    """Return rows of one group as markup, and the address of those that follow."""
    state = asked.state
    query = query_of(shape, Question(replace(state, after=after, before=""), asked.filter))
    condition = _condition(ctx, state, key)
    page = select(ctx, replace(query, filters=(*query.filters, condition), limit=ROWS, reasons=True))
    locale = ctx.locale
    drawn = shape.draw(page.rows, locale, ctx.now, locale.dates.today(ctx.now), server().assets.icon)
    return drawn, _load(replace(state, after=page.next), key) if page.next else ""


def _condition(ctx: Context, state: ListState, key: str) -> str:
    declared = _field(ctx, state)
    name = declared.name
    if key == BLANK:
        # Among them are those for which a formula could not be worked out.
        is_formula = fields_of(ctx.snapshot, state.entity)[name].type == "formula"
        return f"if_error({name}, blank) == blank" if is_formula else f"{name} == blank"
    if declared.type == "boolean":
        return f"{name} == {'true' if key == 'yes' else 'false'}"
    if declared.type == "date":
        first, following = _month(key)
        return f"{name} >= {quoted(first)} and {name} < {quoted(following)}"
    return f"{name} == {quoted(key.removeprefix(_MARK))}"


def _month(key: str) -> tuple[str, str]:
    """Return the first day of a month and of the one after it."""
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 7 else -1
    if not 12 <= number < 9999 * 12:
        raise Invalid("no_such_month", f"There is no month '{key[:20]}'.", "Choose a group of the list.")
    return _first(number).isoformat(), _first(number + 1).isoformat()


def _alone(ctx: Context, state: ListState, key: str) -> str:
    """Return the address of a plain list of one group."""
    declared = _field(ctx, state)
    if key == BLANK:
        added = [Condition(declared.name, "blank")]
    elif declared.type == "boolean":
        added = [Condition(declared.name, key)]
    elif declared.type == "date":
        first, following = _month(key)
        added = [Condition(declared.name, "since", first), Condition(declared.name, "before", following)]
    else:
        added = [Condition(declared.name, "is", key.removeprefix(_MARK))]
    return state.address(conditions=(*state.conditions, *added), group="")


def _load(state: ListState, key: str) -> str:
    address = state.here("/group")
    return f"{address}{'&' if '?' in address else '?'}key={key}"


@blueprint.get("/e/<entity>/group")
def show_rows(entity: str) -> Response:
    """Return the next rows of one group of a list."""
    ctx = context()
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "There is no such list.", "Choose one from the menu.")
    state = opened(ctx, book_here(ctx, entity), read_state(entity, request.args)).state
    shape = shape_of(ctx, entity, state.view, looks_of(ctx, book_here(ctx, entity), state).columns)
    if shape is None:
        raise NotFound("no_such_view", "There is no such view here.", "Choose one from the tabs.")
    asked = Question(state, read_filter(ctx, state))
    try:
        rows, more = rows_of(ctx, shape, asked, request.args.get("key", BLANK)[:LONGEST_KEY], state.after)
    except ExpressionError as fault:
        raise Invalid("bad_question", problem_text(fault), "Load the list again.") from fault
    return render("list_group_rows.html", GroupPart("Rows", entity, rows, more, len(shape.columns) + shape.selects))
