"""The timeline of a record: the activities about it and the changes of its fields, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from kith_metadata.kinds.entity import Entity, Field
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types._options import ChoiceOptions, options_of
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.changes import Change, history
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.records.pointers import pointers_at
from kith_runtime.screens.addresses import new_address, record_address
from kith_runtime.screens.filters import HUES
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.record_history import past_texts
from kith_runtime.screens.record_values import shown_text, text_scope
from kith_runtime.screens.shell import shell_of

FIRST_ITEMS = 30
MOST_ITEMS = 200
FOLD_WITHIN = timedelta(minutes=10)
LONGEST_TEXT = 400
CHANGES = "changes"
_DOORS = {"api": "by the API", "cli": "on the command line", "import": "by an import", "system": "by the system"}
_VERBS = {"create": "created this", "delete": "deleted this", "restore": "restored this"}
_MOMENTS = ("date", "datetime")


@dataclass(frozen=True, slots=True)
class ActivityKind:
    """A kind of activity that can be about a record, and which of its fields say when, what and whether it is over."""

    entity: Entity
    by: str
    when: Field | None
    text: Field | None
    state: Field | None
    hue: str
    creates: bool

    @property
    def plural(self) -> str:
        """What several of them are called."""
        return self.entity.plural or self.entity.label


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: an activity with its title and text, or a line about changes."""

    kind: str
    icon: str
    hue: str
    title: str
    at: datetime
    when: str
    full: str
    url: str = ""
    who: str = ""
    text: str = ""
    state: str = ""
    late: bool = False
    changes: Sequence[tuple[str, str, str]] = ()
    door: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day, or of what is still to come."""

    label: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the timeline shows: days, the filters with their addresses, and the address of more."""

    days: Sequence[Day]
    filters: Sequence[tuple[str, str, bool]]
    more: str
    composers: Sequence[tuple[str, str, str]]


def activity_kinds(ctx: Context, entity: str) -> tuple[ActivityKind, ...]:
    """Return the kinds of activity that may be about a record of an entity and that the actor may see."""
    found: dict[str, ActivityKind] = {}
    for pointer in pointers_at(ctx, entity):
        declared = ctx.snapshot.entity(pointer.entity)
        rights = rights_for(ctx, pointer.entity)
        if (
            declared.activity
            and rights.visible
            and pointer.field in rights.readable
            and pointer.field in declared.fields
        ):
            found.setdefault(pointer.entity, _kind(declared, pointer.field, ctx))
    order = [item.entity for group in shell_of(ctx).groups for item in group.items]
    return tuple(
        sorted(
            found.values(), key=lambda kind: order.index(kind.entity.name) if kind.entity.name in order else len(order)
        )
    )


def _kind(entity: Entity, by: str, ctx: Context) -> ActivityKind:
    rights = rights_for(ctx, entity.name)
    fields = [item for item in entity.fields.values() if item.name in rights.readable and not item.hidden]
    when = next((item for item in fields if item.type in _MOMENTS), None)
    text = next((item for item in fields if item.type in ("long_text", "rich_text")), None)
    state = next((item for item in fields if _has_closed(ctx, item)), None)
    hue = HUES[sum(entity.name.encode()) % len(HUES)]
    return ActivityKind(entity, by, when, text, state, hue, rights.create and by in rights.editable)


def _has_closed(ctx: Context, declared: Field) -> bool:
    if declared.type != "choice" or not isinstance(declared.options, ChoiceOptions):
        return False
    return any(option.closed for option in options_of(declared, ctx.snapshot).values())


def timeline(ctx: Context, entity: str, record: str, *, only: str = "", pages: int = 1) -> Timeline:
    """Return the timeline of a record; ``only`` is the name of an activity's entity or ``changes``."""
    kinds = activity_kinds(ctx, entity)
    limit = min(FIRST_ITEMS * max(1, pages), MOST_ITEMS)
    entries: list[Entry] = []
    for kind in kinds:
        if only in ("", kind.entity.name):
            entries += _activities(ctx, kind, record, limit)
    keeps = ctx.snapshot.entity(entity).history
    if keeps and only in ("", CHANGES):
        entries += _changes(ctx, entity, record, limit)
    entries.sort(key=lambda item: item.at, reverse=True)
    more = len(entries) > limit or (len(entries) == limit and only != "")
    base = record_address(entity, record)
    question = f"show={only}&" if only else ""
    filters = [("All", base + "#timeline", only == "")]
    filters += [(kind.plural, f"{base}?show={kind.entity.name}#timeline", only == kind.entity.name) for kind in kinds]
    if keeps and kinds:
        filters.append(("Changes", f"{base}?show={CHANGES}#timeline", only == CHANGES))
    return Timeline(
        days=_days(ctx, entries[:limit]),
        filters=filters if len(filters) > 1 else (),
        more=f"{base}?{question}pages={pages + 1}#timeline" if more and limit < MOST_ITEMS else "",
        composers=[
            (kind.entity.label, kind.entity.icon, new_address(kind.entity.name, **{kind.by: f"{entity}:{record}"}))
            for kind in kinds
            if kind.creates
        ],
    )


def _activities(ctx: Context, kind: ActivityKind, record: str, limit: int) -> Iterator[Entry]:
    entity, known = kind.entity, fields_of(ctx.snapshot, kind.entity.name)
    chosen = [kind.when, kind.text, kind.state]
    names = dict.fromkeys(item.name for item in chosen if item is not None)
    readable = rights_for(ctx, entity.name).readable
    for name in (entity.title, "owner", "created_at", "created_by"):
        if name in known and name in readable:
            names[name] = None
    sort = (f"-{kind.when.name}", "-created_at") if kind.when is not None else ("-created_at",)
    page = select(ctx, Query(entity.name, tuple(names), sort=sort, limit=limit, related=(kind.by, record), titles=True))
    for key, row in zip(page.ids, page.rows, strict=True):
        yield _activity(ctx, kind, key, dict(zip(names, row, strict=True)))


def _activity(ctx: Context, kind: ActivityKind, key: str, values: Mapping[str, Any]) -> Entry:
    scope, dates = text_scope(ctx), ctx.locale.dates
    title = kind.entity.fields.get(kind.entity.title)
    planned = values.get(kind.when.name) if kind.when is not None else None
    at = _moment(ctx, planned) or values["created_at"]
    over = kind.state is not None and _is_over(ctx, kind.state, values.get(kind.state.name))
    person = values.get("owner") or values.get("created_by")
    text = shown_text(kind.text, values.get(kind.text.name), scope) if kind.text is not None else ""
    today = dates.today(ctx.now)
    day = planned if isinstance(planned, date) and not isinstance(planned, datetime) else None
    late = day is not None and day < today and kind.state is not None and not over
    when = dates.due(day, today) if day is not None and not over else _when(ctx, at, timed=day is None)
    return Entry(
        kind=kind.entity.label,
        icon=kind.entity.icon,
        hue=kind.hue,
        title=shown_text(title, values.get(title.name), scope) if title is not None else "" or kind.entity.label,
        at=at,
        when=when,
        full=dates.full(at),
        url=record_address(kind.entity.name, key),
        who=person.title or "" if isinstance(person, Linked) else "",
        text=" ".join(text.split())[:LONGEST_TEXT],
        state=shown_text(kind.state, values.get(kind.state.name), scope) if kind.state is not None else "",
        late=late,
    )


def _is_over(ctx: Context, state: Field, value: Any) -> bool:
    option = options_of(state, ctx.snapshot).get(value) if value is not None else None
    return option is not None and option.closed


def _moment(ctx: Context, value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(12), ctx.locale.dates.zone)
    return None


def _when(ctx: Context, at: datetime, *, timed: bool) -> str:
    local, now = at.astimezone(ctx.locale.dates.zone), ctx.now.astimezone(ctx.locale.dates.zone)
    if local.date() == now.date() and timed:
        return ctx.locale.time(local.time())
    return ctx.locale.date(local.date(), now.date())


# ---- changes --------------------------------------------------------------------------------------------------------


def _changes(ctx: Context, entity: str, record: str, limit: int) -> list[Entry]:
    known = fields_of(ctx.snapshot, entity)
    rows = [row for row in history(ctx, entity, record, limit=limit) if row.action in _VERBS or row.changes]
    pairs = [
        (known[name], value)
        for row in rows
        if row.action != "create"
        for name, values in row.changes.items()
        if name in known
        for value in values
    ]
    texts = iter(past_texts(ctx, pairs))
    entries = []
    for row in rows:
        lines: list[tuple[str, str, str]] = []
        if row.action != "create":
            lines = [(label_of(known[name]), next(texts), next(texts)) for name in row.changes if name in known]
        entries.append((row, lines))
    return [_change(ctx, group) for group in _folded(entries)]


Group = list[tuple[Change, list[tuple[str, str, str]]]]


def _folded(rows: Group) -> Iterator[Group]:
    """Join neighbours by the same person within ten minutes; creates, deletes and restores stand alone."""
    held: Group = []
    for row, lines in rows:
        before = held[-1][0] if held else None
        joins = (
            before is not None
            and row.action not in _VERBS
            and before.action not in _VERBS
            and before.actor_id == row.actor_id
            and before.at - row.at <= FOLD_WITHIN
        )
        if held and not joins:
            yield held
            held = []
        held.append((row, lines))
    if held:
        yield held


def _change(ctx: Context, group: Group) -> Entry:
    newest = group[0][0]
    lines = [line for _, found in group for line in found]
    who = newest.actor_name or "Somebody"
    verb = _VERBS.get(newest.action, "")
    return Entry(
        kind=CHANGES,
        icon="history",
        hue="",
        title=verb,
        at=newest.at,
        when=_when(ctx, newest.at, timed=True),
        full=ctx.locale.dates.full(newest.at),
        who=who,
        changes=lines,
        door=_DOORS.get(newest.door, ""),
    )


def _days(ctx: Context, entries: Sequence[Entry]) -> list[Day]:
    """Return entries under their days: what is to come first, then today, yesterday, this week, the months before."""
    today = ctx.locale.dates.today(ctx.now)
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(_heading(ctx, entry, today), []).append(entry)
    if "Upcoming" in found:
        found["Upcoming"].sort(key=lambda item: item.at)
        found = {"Upcoming": found.pop("Upcoming"), **found}
    return [Day(label, items) for label, items in found.items()]


def _heading(ctx: Context, entry: Entry, today: date) -> str:
    day = entry.at.astimezone(ctx.locale.dates.zone).date()
    days = (today - day).days
    if entry.at > ctx.now and days <= 0 and entry.kind != CHANGES:
        return "Upcoming"
    if days <= 0:
        return f"Today, {ctx.locale.date(day, today)}"
    if days == 1:
        return "Yesterday"
    if days <= 7:
        return "Last 7 days"
    return day.strftime("%B %Y")


__all__ = ["CHANGES", "Day", "Entry", "Timeline", "activity_kinds", "timeline"]
