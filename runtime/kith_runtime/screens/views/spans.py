"""Records that take time: from when to when each one stands, and how it is moved and made longer.

Days are the person's days. A date never shifts with a zone; a moment keeps its time of day when it moves by days, also
over the days on which clocks change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup

from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime import records
from kith_runtime.access import allowed
from kith_runtime.context import Context
from kith_runtime.field_types._options import options_of
from kith_runtime.field_types.base import Linked, literal
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import Query, count, get, select
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.list_figures import Question, query_of
from kith_runtime.screens.list_shape import Shape
from kith_runtime.screens.list_state import ListState
from kith_runtime.screens.views.registry import options_of as view_options

PAGES = 3
"""Pages of 200 records that one screen of days reads at once; a longer one is read day by day, or goes on."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a view that say when, as declared; ``end`` and the others may be missing."""

    start: Field
    end: Field | None
    all_day: str
    colour: Field | None
    timed: bool
    group: str = ""
    """A field that each record brings along beside these."""

    @property
    def names(self) -> tuple[str, ...]:
        """The fields to read."""
        found = (
            self.start.name,
            self.end.name if self.end else "",
            self.all_day,
            self.colour.name if self.colour else "",
            self.group,
        )
        return tuple(name for name in found if name)


@dataclass(frozen=True, slots=True)
class Span:
    """A record in time. ``first`` and ``last`` are the person's days; times are wall clock, None for whole days."""

    id: str
    version: int
    title: str
    url: str
    first: date
    last: date
    begins: datetime | None
    ends: datetime | None
    hue: str
    may: bool
    group: Any = None

    @property
    def days(self) -> int:
        """How many days it touches."""
        return (self.last - self.first).days + 1


def fields_for(ctx: Context, shape: Shape, kind: str) -> Fields:
    """Return the fields of a view; those that the actor may not read are left out."""
    options, known = view_options(ctx, shape, kind), fields_of(ctx.snapshot, shape.entity.name)

    def readable(name: str) -> Field | None:
        return known[name] if name and name in shape.rights.readable else None

    start = known[options.start]
    whole = readable(getattr(options, "all_day", ""))
    end, colour = readable(options.end), readable(getattr(options, "colour", ""))
    return Fields(start, end, whole.name if whole else "", colour, start.type == "datetime")


def moment(ctx: Context, day: date, at: time = time.min) -> datetime:
    """Return a wall-clock time of the person as an instant."""
    return ctx.locale.dates.to_utc(datetime.combine(day, at))


def between(ctx: Context, fields: Fields, first: date, after: date) -> str:
    """Return the condition for what touches the days from ``first`` until before ``after``."""
    begin: Any = moment(ctx, first) if fields.timed else first
    stop: Any = moment(ctx, after) if fields.timed else after
    start, low, high = fields.start.name, literal(begin), literal(stop)
    if fields.end is None:
        return f"{start} >= {low} and {start} < {high}"
    end = fields.end.name
    return f"{start} < {high} and ({end} >= {low} or ({end} == blank and {start} >= {low}))"


@dataclass(frozen=True, slots=True)
class Reach:
    """The days to read, from the first until before the second, and how many records of them at most."""

    days: tuple[date, date]
    limit: int = 200
    pages: int = PAGES


@dataclass(frozen=True, slots=True)
class Found:
    """Records of some days in order of start; ``next`` is the cursor of those after them, blank when these are all."""

    spans: Sequence[Span]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Where the next records stand, when none stand in some days: the last day before and the first day after them."""

    before: date | None
    after: date | None


def spans_between(ctx: Context, shape: Shape, fields: Fields, asked: Question, reach: Reach) -> Found:
    """Return what touches some days in order of start, as much of it as one screen can show, from a cursor on."""
    query = replace(_within(ctx, shape, fields, asked, reach.days), limit=reach.limit, after=asked.state.after or None)
    found: list[Span] = []
    for _ in range(reach.pages):
        page = select(ctx, query)
        may = _movable(ctx, shape, fields, page.ids)
        for record, version, row in zip(page.ids, page.versions, page.dicts(), strict=True):
            found.append(_span(ctx, shape, fields, (record, version, record in may), row))
        if page.next is None:
            return Found(found)
        query = replace(query, after=page.next)
    return Found(found, query.after or "")


def _within(ctx: Context, shape: Shape, fields: Fields, asked: Question, days: tuple[date, date]) -> Query:
    titled = (shape.entity.title,) if shape.titled else ()
    base = query_of(shape, asked)
    return replace(
        base,
        fields=tuple(dict.fromkeys((*fields.names, *titled))),
        filters=(*base.filters, between(ctx, fields, *days)),
        sort=(fields.start.name,),
        limit=200,
        after=None,
        before=None,
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a screen of days says when it cannot show all: how it shows them, and the ways to the others."""

    split: bool = False
    shown: int = 0
    next: str = ""
    first: str = ""
    listed: str = ""


def crowd_of(ctx: Context, fields: Fields, state: ListState, days: tuple[date, date], found: Found) -> Crowd | None:
    """Return what there is to say about records that one screen cannot hold; None when it holds them all."""
    if not found.next and not state.after:
        return None
    within = between(ctx, fields, *days)
    listed = state.address(where=f"({state.where}) and ({within})" if state.where else within, more=(("as", "list"),))
    following = state.address(after=found.next) if found.next else ""
    return Crowd(False, len(found.spans), following, state.address() if state.after else "", listed)


def counted_between(
    ctx: Context, shape: Shape, fields: Fields, asked: Question, days: tuple[date, date]
) -> tuple[int, bool]:
    """Return how many records touch some days, and whether there are more than that."""
    query = _within(ctx, shape, fields, asked, days)
    return count(ctx, replace(query, fields=("id",), sort=(), titles=False))


def nearest_to(ctx: Context, shape: Shape, fields: Fields, asked: Question, days: tuple[date, date]) -> Nearest:
    """Return the days of the nearest records before and after some days that have none."""
    name, base = fields.start.name, query_of(shape, asked)
    first, after = (literal(moment(ctx, day) if fields.timed else day) for day in days)

    def day(condition: str, sort: str) -> date | None:
        query = replace(base, fields=(name,), filters=(*base.filters, condition), sort=(sort,), limit=1, titles=False)
        rows = select(ctx, replace(query, after=None, before=None)).rows
        if not rows:
            return None
        found: Any = rows[0][0]
        return found.astimezone(ctx.locale.dates.zone).date() if isinstance(found, datetime) else found

    return Nearest(day(f"{name} < {first}", f"-{name}"), day(f"{name} >= {after}", name))


def _movable(ctx: Context, shape: Shape, fields: Fields, ids: Sequence[str]) -> frozenset[str]:
    if fields.start.name not in shape.rights.editable or shape.rights.update.nothing:
        return frozenset()
    return frozenset(ids) if shape.rights.update.everything else allowed(ctx, shape.entity.name, "update", ids)


def _span(ctx: Context, shape: Shape, fields: Fields, known: tuple[str, int, bool], row: dict[str, Any]) -> Span:
    record, version, may = known
    start, end = row[fields.start.name], row[fields.end.name] if fields.end else None
    whole = not fields.timed or bool(fields.all_day and row[fields.all_day])
    begins, ends = (None, None) if not fields.timed else _local(ctx, start, end)
    first = begins.date() if begins else start
    last = max(first, _last_day(begins, ends) if begins else end or first)
    hue = "indigo"
    if fields.colour is not None:
        option = options_of(fields.colour, ctx.snapshot).get(row[fields.colour.name] or "")
        hue = option.hue if option else "gray"
    title = row.get(shape.entity.title) if shape.titled else None
    shown = title.title if isinstance(title, Linked) else title
    return Span(
        record, version, str(shown or f"Untitled {ctx.snapshot.said(shape.entity.label)}"),
        record_address(shape.entity.name, record), first, last,
        None if whole else begins, None if whole else ends, hue, may, row.get(fields.group),
    )  # fmt: skip


def is_overnight(span: Span) -> bool:
    """Tell whether something begins on one day, ends on the next, and takes less than a day: it keeps its hours."""
    return span.days == 2 and bool(span.begins and span.ends and span.ends - span.begins < timedelta(days=1))


def _local(ctx: Context, start: datetime, end: datetime | None) -> tuple[datetime, datetime]:
    zone = ctx.locale.dates.zone
    until = end if end is not None and end > start else start + timedelta(minutes=30)
    return start.astimezone(zone), until.astimezone(zone)


def _last_day(begins: datetime, ends: datetime | None) -> date:
    """Return the last day that something touches; what ends at midnight does not touch the day after."""
    until = ends or begins
    return (until - timedelta(microseconds=1)).date() if until > begins else until.date()


# ---- moving ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shift:
    """How a record is to be moved; ``edge`` names one end, blank moves both.

    Days are the calendar's and keep the time of day. Minutes are those that pass, or with ``wall`` those of the wall
    clock, for screens whose rows are its hours: the two differ only on the days on which clocks change.
    """

    record: str
    days: int
    minutes: int
    edge: str
    version: int | None
    wall: bool = False


def shifted(ctx: Context, entity: str, fields: Fields, shift: Shift) -> records.Record:
    """Move a record in time by the record door; what it refuses it says."""
    names = tuple(name for name in (fields.start.name, fields.end.name if fields.end else "") if name)
    values = get(ctx, entity, shift.record, names)
    start, end = values[fields.start.name], values[fields.end.name] if fields.end else None
    changes: dict[str, Any] = {}
    if start is None:
        raise Invalid("no_start", "This record has no date yet.", "Open it and give it one.")
    if shift.edge != "end":
        changes[fields.start.name] = _moved(ctx, start, shift)
    if fields.end is not None and shift.edge == "end":
        changes[fields.end.name] = _moved(ctx, end or _default_end(start), shift)
    elif fields.end is not None and end is not None and shift.edge == "":
        moved = changes[fields.start.name]
        # A moment keeps how long it lasts; whole days keep their number.
        changes[fields.end.name] = moved + (end - start)
    _check_order(fields, {fields.start.name: start, **changes}, changes, end)
    raw = {name: value.isoformat().replace("+00:00", "Z") for name, value in changes.items()}
    return records.update(ctx, entity, shift.record, raw, version=shift.version)


def _check_order(fields: Fields, known: dict[str, Any], changes: dict[str, Any], end: Any) -> None:
    until = changes.get(fields.end.name, end) if fields.end else None
    if until is not None and until < known[fields.start.name]:
        raise Invalid("ends_before_start", "It would end before it starts.", "Move it less far.")


def _default_end(start: Any) -> Any:
    return start + timedelta(minutes=30) if isinstance(start, datetime) else start


def _moved(ctx: Context, value: Any, shift: Shift) -> Any:
    if not isinstance(value, datetime):
        return value + timedelta(days=shift.days)
    days, minutes = timedelta(days=shift.days), timedelta(minutes=shift.minutes)
    walked = days + minutes if shift.wall else days
    if walked:
        local = value.astimezone(ctx.locale.dates.zone).replace(tzinfo=None)
        value = ctx.locale.dates.to_utc(local + walked)
    return (value if shift.wall else value + minutes).astimezone(UTC)


def times_of(ctx: Context, span: Span) -> Markup:
    """Return from when to when, as people read it; blank for whole days."""
    if span.begins is None or span.ends is None:
        return Markup("")
    f = ctx.locale
    return Markup("{}–{}").format(f.time(span.begins.time()), f.time(span.ends.time()))
