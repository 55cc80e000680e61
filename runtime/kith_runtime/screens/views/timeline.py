"""The timeline: records as bars over days, weeks or months, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from babel.dates import format_skeleton
from flask import request
from werkzeug.wrappers import Response

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.system import fields_of
from kith_runtime.screens.cells import said
from kith_runtime.screens.list_figures import Question, problem_text
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape
from kith_runtime.screens.list_state import ListState
from kith_runtime.screens.listing import Answer, ListPage, frame_of
from kith_runtime.screens.parameters import day_in, one_of
from kith_runtime.screens.rendering import render
from kith_runtime.screens.views.calendar import ask_shift, near_addresses
from kith_runtime.screens.views.registry import options_of as view_options
from kith_runtime.screens.views.registry import view_screens
from kith_runtime.screens.views.spans import (
    Crowd,
    Found,
    Nearest,
    Reach,
    Span,
    crowd_of,
    fields_for,
    nearest_to,
    spans_between,
)

SCALES = {"day": ("Days", 42, 1, 36.0), "week": ("Weeks", 26, 7, 48.0), "month": ("Months", 48, 7, 24.0)}
"""By name: the words, how many columns, days in each, and the pixels that a column is wide."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A column's head: its words where it begins something, and whether today is in it."""

    label: str
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The head of the columns of a month, or of a year where a column is a part of one: where it begins, how far."""

    label: str
    column: int
    columns: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A record as a bar: its first column, counted from 1, how many it takes, and which of its ends are in sight."""

    span: Span
    column: int
    columns: int
    when: str
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that stand together."""

    label: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class TimelinePage(ListPage):
    """A timeline."""

    scale: str = "week"
    period: str = ""
    scales: Sequence[tuple[str, str, bool]] = ()
    before: str = ""
    after: str = ""
    now_url: str = ""
    months: Sequence[Month] = ()
    ticks: Sequence[Tick] = ()
    groups: Sequence[Group] = ()
    now_column: int = 0
    width: str = ""
    crowd: Crowd | None = None
    nearest: Nearest | None = None
    nearest_urls: tuple[str, str] = ("", "")
    shift: str = ""
    menu: str = ""
    lasts: bool = False


@view_screens.register("timeline")
def show_timeline(ctx: Context, shape: Shape, state: ListState) -> Response:
    """Show the bars around the day that the address names."""
    found, fields = read_filter(ctx, state), fields_for(ctx, shape, "timeline")
    if request.args.get("shift"):
        return ask_shift(state, fields, request.args["shift"])
    by = view_options(ctx, shape, "timeline").by
    fields = replace(fields, group=by if by in shape.rights.readable else "")
    today = ctx.locale.dates.today(ctx.now)
    scale = one_of("scale", state.asked("scale"), SCALES, "scale of a timeline") or "week"
    _, count, unit, width = SCALES[scale]
    on = day_in(ctx, state) or today - timedelta(days=count * unit // 3)
    first = on - timedelta(days=(on.weekday() - ctx.locale.numbers.locale.first_week_day) % 7)
    after = first + timedelta(days=count * unit)
    answer = Answer(found, problem=found.problem, status=400 if found.problem else 200)
    reached, crowd, nearest = Found(()), None, None
    try:
        if not found.problem:
            asked = Question(state, found)
            reached = spans_between(ctx, shape, fields, asked, Reach((first, after)))
            crowd = crowd_of(ctx, fields, state, (first, after), reached)
            if not reached.spans and crowd is None:
                nearest = nearest_to(ctx, shape, fields, asked, (first, after))
    except (Invalid, ExpressionError) as fault:
        answer = Answer(found, problem=problem_text(fault), status=400)
    here, step = state.here(), timedelta(days=count * unit // 2)
    page = TimelinePage(
        **frame_of(ctx, shape, state, answer),
        scale=scale,
        period=f"{ctx.locale.date(first, today)} – {ctx.locale.date(after - timedelta(days=1), today)}",
        scales=[(words[0], state.shown(scale=name), name == scale) for name, words in SCALES.items()],
        before=state.shown(on=(first - step).isoformat()),
        after=state.shown(on=(first + step).isoformat()),
        now_url=state.shown(on=""),
        months=_months(ctx, first, scale),
        ticks=_ticks(ctx, first, scale),
        groups=_groups(ctx, shape, fields.group, [_bar(ctx, span, first, scale) for span in reached.spans]),
        now_column=(today - first).days // unit + 1 if first <= today < after else 0,
        width=f"{width / unit:.4f}",
        crowd=crowd,
        nearest=nearest,
        nearest_urls=near_addresses(state, nearest),
        shift=state.here("/shift"),
        menu=f"{here}{'&' if '?' in here else '?'}shift=",
        lasts=fields.end is not None,
    )
    return render("timeline.html", page, status=answer.status)


def _ticks(ctx: Context, first: date, scale: str) -> list[Tick]:
    """Return the heads of the columns: days by number, weeks by their first day, months where one begins."""
    _, count, unit, _ = SCALES[scale]
    today, locale, found = ctx.locale.dates.today(ctx.now), ctx.locale.numbers.locale, []
    for number in range(count):
        day = first + timedelta(days=number * unit)
        label = str(format_skeleton("MMM" if scale == "month" else "d", day, locale=locale))
        if scale == "month" and number and day.day > unit:
            label = ""
        found.append(Tick(label, day <= today < day + timedelta(days=unit)))
    return found


def _months(ctx: Context, first: date, scale: str) -> list[Month]:
    """Return what stands over the heads: the months of days and weeks, the years of months."""
    _, count, unit, _ = SCALES[scale]
    skeleton, locale = ("y" if scale == "month" else "yMMM"), ctx.locale.numbers.locale
    found: list[Month] = []
    for number in range(count):
        label = str(format_skeleton(skeleton, first + timedelta(days=number * unit), locale=locale))
        if found and found[-1].label == label:
            found[-1] = replace(found[-1], columns=found[-1].columns + 1)
        else:
            found.append(Month(label, number + 1, 1))
    return found


def _bar(ctx: Context, span: Span, first: date, scale: str) -> Bar:
    _, count, unit, _ = SCALES[scale]
    begins = max(0, (span.first - first).days // unit)
    ends = min(count - 1, (span.last - first).days // unit)
    today = ctx.locale.dates.today(ctx.now)
    when = f"{ctx.locale.date(span.first, today)} – {ctx.locale.date(span.last, today)}"
    in_sight = first <= span.first, span.last < first + timedelta(days=count * unit)
    return Bar(span, begins + 1, max(1, ends - begins + 1), when, *in_sight)


def _groups(ctx: Context, shape: Shape, by: str, bars: Sequence[Bar]) -> list[Group]:
    """Return the bars by what they share; choices in their order, others by name."""
    if not by:
        return [Group("", bars)] if bars else []
    declared = fields_of(ctx.snapshot, shape.entity.name)[by]
    order = list(options_of(declared, ctx.snapshot)) if declared.type == "choice" else []
    known: dict[str, list[Bar]] = {}
    for bar in bars:
        known.setdefault(_key(bar.span.group), []).append(bar)
    names = sorted(known, key=lambda name: (not name, order.index(name) if name in order else len(order), name))
    return [Group(_label(ctx, declared, known[name][0].span.group), known[name]) for name in names]


def _key(value: Any) -> str:
    return (value.title or "") if isinstance(value, Linked) else str(value or "")


def _label(ctx: Context, declared: Any, value: Any) -> str:
    if value is None:
        return f"No {said(ctx.snapshot, declared)}"
    if isinstance(value, Linked):
        return "Hidden record" if value.title is None else value.title
    return option_label(value, options_of(declared, ctx.snapshot).get(value))
