"""The calendar: a month, a week or a day of records, each at its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_skeleton
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Conflict, Forbidden, Invalid, NotFound
from kith_runtime.context import Context
from kith_runtime.records import ValidationFailed
from kith_runtime.screens.addresses import new_address
from kith_runtime.screens.list_figures import Question, problem_text
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape, shape_of
from kith_runtime.screens.list_state import ListState, read_state
from kith_runtime.screens.listing import Answer, ListPage, frame_of, require_entity
from kith_runtime.screens.parameters import day_in, one_of
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.screens.views.refusals import refusal_words
from kith_runtime.screens.views.registry import kind_of, view_screens
from kith_runtime.screens.views.spans import (
    Crowd,
    Fields,
    Nearest,
    Reach,
    Shift,
    Span,
    counted_between,
    crowd_of,
    fields_for,
    is_overnight,
    nearest_to,
    shifted,
    spans_between,
    times_of,
)
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("calendar", __name__)

SCALES = (("month", "Month"), ("week", "Week"), ("day", "Day"))
IN_A_DAY = 3
"""Records that a day of the month shows; the day itself shows all."""

IN_A_CROWDED_DAY = 60
"""Records that a day of the week shows when the week holds more than one screen can."""

MOST_BESIDE = 6
_WEEK = 7
_HALF = 30


@dataclass(frozen=True, slots=True)
class Chip:
    """A record on a day. ``goes_on`` and ``comes_on`` say that it lasts beyond the day on either side.

    ``over`` is the last day of one that is drawn over its day and the next; there, None keeps its place.
    """

    span: Span
    time: str
    comes_on: bool
    goes_on: bool
    label: str
    when: str
    over: date | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A record among the hours: its first row of half an hour, how many it takes, and its place beside others."""

    chip: Chip
    row: int
    rows: int
    place: int
    beside: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar with what stands on it. ``slots`` are the hours with the address of a new record."""

    day: date
    name: str
    number: str
    label: str
    url: str
    new: str
    today: bool
    outside: bool
    chips: Sequence[Chip | None] = ()
    more: str = ""
    placed: Sequence[Placed] = ()
    slots: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class CalendarPage(ListPage):
    """A calendar; ``weeks`` for a month, ``days`` with hours for a week or a day."""

    scale: str = "month"
    period: str = ""
    scales: Sequence[tuple[str, str, bool]] = ()
    before: str = ""
    after: str = ""
    now_url: str = ""
    on: str = ""
    weekdays: Sequence[tuple[str, str]] = ()
    weeks: Sequence[Sequence[Day]] = ()
    days: Sequence[Day] = ()
    timed: bool = False
    crowd: Crowd | None = None
    nearest: Nearest | None = None
    nearest_urls: tuple[str, str] = ("", "")
    shift: str = ""
    menu: str = ""
    feed: str = ""
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class ShiftPage(Page):
    """The ways to move one record in time, as a page for browsers without script."""

    action: str = ""
    record: str = ""
    back: str = ""
    timed: bool = False
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class ShiftPart(Page):
    """What came of a move, for a page that stays."""

    message: str = ""
    undo: str = ""
    refused: bool = False


@view_screens.register("calendar")
def show_calendar(ctx: Context, shape: Shape, state: ListState) -> BaseResponse:
    """Show the days around the one that the address names."""
    found, fields = read_filter(ctx, state), fields_for(ctx, shape, "calendar")
    if request.args.get("shift"):
        return ask_shift(state, fields, request.args["shift"])
    if found.problem:
        return _problem(ctx, shape, state, Answer(found, problem=found.problem, status=400))
    today = ctx.locale.dates.today(ctx.now)
    scale = one_of("scale", state.asked("scale"), dict(SCALES), "scale of a calendar") or "month"
    on = day_in(ctx, state) or today
    if state.asked("on") not in ("", on.isoformat()):
        # Typed in words, which mean another day tomorrow; the address that one keeps names the day itself.
        return redirect(state.shown(on=on.isoformat()))
    first, after = _period(ctx, scale, on)
    try:
        days, crowd, nearest = _days(
            _Maker(ctx, shape, state, fields, scale, on), Question(state, found), (first, after)
        )
    except (Invalid, ExpressionError) as fault:
        return _problem(ctx, shape, state, Answer(found, problem=problem_text(fault), status=400))
    page = CalendarPage(
        **frame_of(ctx, shape, state, Answer(found)),
        scale=scale,
        period=_words(ctx, scale, on, first, after),
        scales=[(label, state.shown(scale=name, on=on.isoformat()), name == scale) for name, label in SCALES],
        before=state.shown(on=_step(scale, on, -1).isoformat()),
        after=state.shown(on=_step(scale, on, 1).isoformat()),
        now_url=state.shown(on=""),
        on=on.isoformat(),
        weekdays=[(day.name, day.label) for day in days[:_WEEK]],
        weeks=[days[start : start + _WEEK] for start in range(0, len(days), _WEEK)] if scale == "month" else (),
        days=days if scale != "month" else (),
        timed=fields.timed,
        crowd=crowd,
        nearest=nearest,
        nearest_urls=near_addresses(state, nearest),
        shift=state.here("/shift"),
        menu=_with(state.here(), "shift="),
        feed=state.here("/calendar/feed"),
        lasts=fields.end is not None,
    )
    return render("calendar.html", page)


def _days(maker: _Maker, asked: Question, period: tuple[date, date]) -> tuple[list[Day], Crowd | None, Nearest | None]:
    """Return the days of a period; one that holds too much is read day by day, each with its first records.

    One day alone goes on from page to page instead.
    """
    ctx, shape, fields = maker.ctx, maker.shape, maker.fields
    first, after = period
    dates = [first + timedelta(days=number) for number in range((after - first).days)]
    found = spans_between(ctx, shape, fields, asked, Reach(period))
    crowd = crowd_of(ctx, fields, asked.state, period, found)
    if crowd is None or len(dates) == 1:
        empty = not found.spans and crowd is None
        nearest = nearest_to(ctx, shape, fields, asked, period) if empty else None
        return [maker.day(day, found.spans) for day in dates], crowd, nearest
    asked = Question(replace(asked.state, after="", before=""), asked.filter)
    most = IN_A_DAY if maker.scale == "month" else IN_A_CROWDED_DAY
    made = []
    for day in dates:
        only = (day, day + timedelta(days=1))
        spans = spans_between(ctx, shape, fields, asked, Reach(only, most, 1)).spans
        made.append(maker.day(day, spans, counted_between(ctx, shape, fields, asked, only)))
    return made, replace(crowd, split=True, next="", first=""), None


def near_addresses(state: ListState, nearest: Nearest | None) -> tuple[str, str]:
    """Return the addresses of the days where the nearest records stand, blank where there are none."""
    if nearest is None:
        return "", ""
    before, after = (state.shown(on=day.isoformat()) if day else "" for day in (nearest.before, nearest.after))
    return before, after


def _with(address: str, more: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{more}"


def _problem(ctx: Context, shape: Shape, state: ListState, answer: Answer) -> Response:
    return render("calendar.html", CalendarPage(**frame_of(ctx, shape, state, answer)), status=answer.status)


def _period(ctx: Context, scale: str, on: date) -> tuple[date, date]:
    """Return the first day that is shown and the day after the last; weeks begin as the person's locale says."""
    if scale == "day":
        return on, on + timedelta(days=1)
    begins = ctx.locale.numbers.locale.first_week_day
    if scale == "week":
        first = on - timedelta(days=(on.weekday() - begins) % _WEEK)
        return first, first + timedelta(days=_WEEK)
    first = on.replace(day=1)
    last = _step("month", first, 1) - timedelta(days=1)
    first -= timedelta(days=(first.weekday() - begins) % _WEEK)
    weeks = -(-((last - first).days + 1) // _WEEK)
    return first, first + timedelta(days=weeks * _WEEK)


def _step(scale: str, on: date, by: int) -> date:
    if scale != "month":
        return on + timedelta(days=by * (_WEEK if scale == "week" else 1))
    month = on.year * 12 + on.month - 1 + by
    return date(month // 12, month % 12 + 1, 1)


def _words(ctx: Context, scale: str, on: date, first: date, after: date) -> str:
    locale, today = ctx.locale.numbers.locale, ctx.locale.dates.today(ctx.now)
    if scale == "month":
        return str(format_skeleton("yMMMM", on, locale=locale))
    if scale == "day":
        return ctx.locale.date(on, today)
    return f"{ctx.locale.date(first, today)} – {ctx.locale.date(after - timedelta(days=1), today)}"


@dataclass(slots=True)
class _Maker:
    """Makes the days of one page."""

    ctx: Context
    shape: Shape
    state: ListState
    fields: Fields
    scale: str
    on: date
    today: date = field(init=False)
    coming: dict[str, int] = field(default_factory=dict)
    """Records that the day before is drawn over the next one too, each with its place among the chips."""

    def __post_init__(self) -> None:
        self.today = self.ctx.locale.dates.today(self.ctx.now)

    def day(self, day: date, spans: Sequence[Span], counted: tuple[int, bool] | None = None) -> Day:
        """Return a day with what touches it; ``counted`` tells how many do when ``spans`` are the first of them."""
        here = [span for span in spans if span.first <= day <= span.last]
        timed = [span for span in here if span.begins is not None and (span.days == 1 or is_overnight(span))]
        whole = [self._chip(span, day) for span in here if span not in timed]
        locale = self.ctx.locale.numbers.locale
        made = Day(
            day,
            str(locale.days["stand-alone"]["abbreviated"][day.weekday()]),
            self.ctx.locale.number(day.day),
            self.ctx.locale.date(day, self.today),
            self.state.shown(scale="day", on=day.isoformat()),
            self._new(day, None),
            day == self.today,
            self.scale == "month" and day.month != self.on.month,
        )
        number, capped = counted or (len(here), False)
        if self.scale != "month":
            more = self._more(number - len(here), capped=capped)
            return replace(made, chips=whole, placed=self._placed(timed, day), slots=self._slots(day), more=more)
        chips = self._in_places([*whole, *(self._chip(span, day) for span in timed)], day)
        shown = chips if number <= IN_A_DAY + 1 else chips[:IN_A_DAY]
        return replace(made, chips=shown, more=self._more(number - len(shown), capped=capped))

    def _in_places(self, chips: Sequence[Chip], day: date) -> list[Chip | None]:
        """Return the chips of a day of the month, those that are drawn over two days first and in one line on both."""
        came, self.coming = self.coming, {}
        if (day.weekday() - self.ctx.locale.numbers.locale.first_week_day) % _WEEK == 0:
            came = {}  # its other part stands at the end of the row above
        places: dict[int, Chip | None] = dict.fromkeys(came.values())
        rest = [chip for chip in chips if chip.span.id not in came]
        last_of_row = (day.weekday() - self.ctx.locale.numbers.locale.first_week_day) % _WEEK == _WEEK - 1
        for chip in [] if last_of_row else [chip for chip in rest if chip.goes_on and is_overnight(chip.span)]:
            place = next(number for number in range(len(places) + 1) if number not in places)
            if place < IN_A_DAY:
                places[place], self.coming[chip.span.id] = replace(chip, over=chip.span.last), place
                rest.remove(chip)
        for place in range(max(places, default=-1) + 1):
            if place not in places:
                places[place] = rest.pop(0) if rest else None
        return [places[place] for place in sorted(places)] + rest

    def _more(self, number: int, *, capped: bool) -> str:
        return f"{self.ctx.locale.number(number)}{'+' if capped else ''}" if number > 0 else ""

    def _chip(self, span: Span, day: date) -> Chip:
        f = self.ctx.locale
        at = f.time(span.begins.time()) if span.begins and span.first == day else ""
        if span.ends and span.last == day and is_overnight(span):
            at = f"– {f.time(span.ends.time())}"
        when = f.date(span.first, self.today)
        if span.last != span.first:
            when += f" – {f.date(span.last, self.today)}"
        when = ", ".join(part for part in (when, str(times_of(self.ctx, span))) if part)
        return Chip(span, at, span.first < day, span.last > day, f"{span.title}, {when}", when)

    def _new(self, day: date, at: time | None) -> str:
        if not self.shape.rights.create or self.fields.start.name not in self.shape.rights.editable:
            return ""
        value = day.isoformat()
        if self.fields.timed:
            value += f" {(at or time(9)).strftime('%H:%M')}"
        return new_address(self.state.entity, **{self.fields.start.name: value})

    def _slots(self, day: date) -> list[tuple[str, str]]:
        """Return the hours that a day alone really has, 23 or 25 where clocks change.

        The days of a week share the hours at its edge, so there they are the wall clock's; one that the clocks skip
        begins nothing.
        """
        if not self.fields.timed:
            return []
        dates, found, midnight = self.ctx.locale.dates, [], datetime.combine(day, time.min)
        if self.scale == "week":
            for local in (midnight + timedelta(hours=number) for number in range(24)):
                new = "" if dates.is_skipped(local) else self._new(day, local.time())
                found.append((self.ctx.locale.time(local.time()), new))
            return found
        at, stop = dates.to_utc(midnight), dates.to_utc(midnight + timedelta(days=1))
        while at < stop:
            time_of_day = at.astimezone(dates.zone).time()
            found.append((self.ctx.locale.time(time_of_day), self._new(day, time_of_day)))
            at += timedelta(hours=1)
        return found

    def _placed(self, spans: Sequence[Span], day: date) -> list[Placed]:
        """Return timed records with their rows, those that overlap beside each other."""
        rows = [(span, *self._rows(span, day)) for span in spans]
        rows.sort(key=lambda item: (item[1], -item[2]))
        placed: list[Placed] = []
        cluster: list[Placed] = []
        ends: list[int] = []
        for span, row, count in rows:
            if cluster and row >= max(ends):
                placed.extend(replace(item, beside=min(len(ends), MOST_BESIDE)) for item in cluster)
                cluster, ends = [], []
            column = next((number for number, end in enumerate(ends) if end <= row), len(ends))
            ends[column : column + 1] = [row + count]
            cluster.append(Placed(self._chip(span, day), row, count, min(column, MOST_BESIDE - 1), 1))
        placed.extend(replace(item, beside=min(len(ends), MOST_BESIDE)) for item in cluster)
        return placed

    def _rows(self, span: Span, day: date) -> tuple[int, int]:
        """Return the first half hour of a record, counted from 1, and how many it takes, in the hours of ``_slots``."""
        if span.begins is None or span.ends is None:
            return 1, 1
        midnight, begins, ends = datetime.combine(day, time.min), span.begins, span.ends
        after = midnight + timedelta(days=1)
        if self.scale == "week":
            begins, ends = begins.replace(tzinfo=None), ends.replace(tzinfo=None)
        else:
            midnight, after = (self.ctx.locale.dates.to_utc(local) for local in (midnight, after))
        begins, ends = max(begins, midnight), min(ends, after)
        begun = int((begins - midnight).total_seconds() // 60) // _HALF
        ended = -(-int((ends - midnight).total_seconds() // 60) // _HALF)
        return begun + 1, max(1, ended - begun)


# ---- moving in time, for the calendar and the timeline --------------------------------------------------------------


def ask_shift(state: ListState, fields: Fields, record: str) -> Response:
    """Show the ways to move one record in time."""
    page = ShiftPage(
        "Move", state.entity, state.here("/shift"), record, state.here(), fields.timed, fields.end is not None
    )
    return render("calendar_shift.html", page)


@blueprint.post("/e/<entity>/shift")
def send_shift(entity: str) -> BaseResponse:
    """Move a record in time; a refusal gives the reason."""
    ctx = context()
    require_entity(ctx, entity)
    state = read_state(entity, request.args)
    shape = shape_of(ctx, entity, state.view)
    kind = kind_of(ctx, shape, state) if shape is not None else ""
    if shape is None or kind not in ("calendar", "timeline"):
        raise NotFound("no_calendar", "There is no calendar here, or it is not for you.", "Go back to the list.")
    fields, values = fields_for(ctx, shape, kind), request.values
    days, minutes = (max(-100_000, min(100_000, values.get(name, 0, type=int))) for name in ("days", "minutes"))
    edge = values.get("edge", "") if values.get("edge") in ("start", "end") else ""
    wall = bool(values.get("wall"))
    shift = Shift(values.get("id", ""), days, minutes, edge, values.get("version", type=int), wall)
    try:
        saved = write(lambda writing: shifted(writing, entity, fields, shift))
    except (ValidationFailed, Conflict, Forbidden, NotFound, Invalid) as refused:
        words = refusal_words(refused)
        return _shift_answer(state, ShiftPart("Refused", entity, words, refused=True), refused.status)
    title = saved.values.get(shape.entity.title) or shape.entity.label
    back = f"id={shift.record}&days={-days}&minutes={-minutes}&edge={edge}&version={saved.version}"
    back += "&wall=1" if wall else ""
    ctx = reopen()
    words = f"{title} {_moved_words(ctx, fields, saved.values, edge)}"
    return _shift_answer(state, ShiftPart("Moved", entity, words, _with(state.here("/shift"), back)), 200)


def _moved_words(ctx: Context, fields: Fields, values: Mapping[str, Any], edge: str) -> str:
    chosen = fields.end if edge == "end" and fields.end is not None else fields.start
    value = values.get(chosen.name)
    today = ctx.locale.dates.today(ctx.now)
    if isinstance(value, datetime) and fields.all_day and values.get(fields.all_day):
        value = (value - timedelta(microseconds=edge == "end")).astimezone(ctx.locale.dates.zone).date()
    if isinstance(value, datetime):
        said = ctx.locale.datetime(value, ctx.now)
    elif isinstance(value, date):
        said = ctx.locale.date(value, today)
    else:
        return "was moved."
    return f"now {edge}s {said}." if edge else f"is now on {said}."


def _shift_answer(state: ListState, part: ShiftPart, status: int) -> BaseResponse:
    if wants_part():
        return render("calendar_answer.html", part, status=status)
    toast(part.message, undo=part.undo, icon="alert-triangle" if part.refused else "check")
    return redirect(state.here(), 303)
