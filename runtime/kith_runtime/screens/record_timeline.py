"""The timeline of a record: what is to come, then what happened: activities, changes of its fields, and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from kith_metadata.values import FileValue
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.change import Change
from kith_runtime.queries.changes import count_changes, history
from kith_runtime.queries.query import COUNT_CAP
from kith_runtime.queries.streams import Circle, Item, Place, by_ids, counts, happened, upcoming, widened
from kith_runtime.queries.titling import titles
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.parameters import one_of
from kith_runtime.screens.record_history import past_texts
from kith_runtime.screens.record_kinds import ActivityKind, activity_kinds, circle_of
from kith_runtime.screens.record_values import shown_text, text_scope

PAGE = 25
MOST_UPCOMING = 20
FOLD_WITHIN = timedelta(minutes=10)
LONGEST_TEXT = 400
CHANGES = "changes"
UPCOMING = "Upcoming"
_DOORS = {"api": "by the API", "cli": "on the command line", "import": "by an import", "system": "by the system"}
_VERBS = {"create": "created this", "delete": "deleted this", "restore": "restored this"}


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
    id: str = ""
    entity: str = ""
    url: str = ""
    who: str = ""
    text: str = ""
    state: str = ""
    late: bool = False
    open: bool = False
    moves: bool = False
    through: str = ""
    through_url: str = ""
    files: Sequence[tuple[str, str]] = ()
    changes: Sequence[tuple[str, str, str]] = ()
    door: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day, or of what is still to come."""

    label: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of what to show, with how many there are."""

    label: str
    url: str
    part: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the timeline shows: days, the filters, and the addresses of what is older, as a page and as a part."""

    at: str
    days: Sequence[Day]
    filters: Sequence[Filter]
    older: str
    older_part: str
    only: str
    alone: bool
    around: str
    """The address that shows what is around the record too, or this record alone; empty where nothing is around."""
    continued: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What is asked of a timeline: some kinds or all, this record alone or its circle, and the place to go on from.

    ``only`` names the kinds with commas between them.
    """

    only: str = ""
    alone: bool = False
    place: Place | None = None

    def shows(self, kind: str) -> bool:
        """Tell whether a kind is asked for, by its name or because all are."""
        return not self.only or self.picks(kind)

    def picks(self, kind: str) -> bool:
        """Tell whether a kind is asked for by its name."""
        return kind in self.only.split(",")

    def toggled(self, kind: str) -> View:
        """Return the view with a kind taken to those that are picked, or away from them."""
        kept = [name for name in self.only.split(",") if name and name != kind]
        return replace(self, only=",".join(kept if self.picks(kind) else [*kept, kind]))

    def query(self, **changed: str) -> str:
        """Return the view as the query of an address."""
        parts = {"show": self.only, "alone": "1" if self.alone else "", **changed}
        text = urlencode({name: value for name, value in parts.items() if value})
        return f"?{text}" if text else ""


def timeline(ctx: Context, entity: str, values: Mapping[str, Any], view: View) -> Timeline:
    """Return the timeline of a record whose values are given.

    It asks a constant number of questions, however many entries there are: what is to come, what happened, how many
    there are of each kind, and the values of each kind that is on the page.
    """
    return _Reading(ctx, entity, values, view).timeline()


class _Reading:
    def __init__(self, ctx: Context, entity: str, values: Mapping[str, Any], view: View) -> None:
        self._ctx = ctx
        self._entity = entity
        self._record = str(values["id"])
        self._view = view
        self._kinds = activity_kinds(ctx, entity)
        self._around = circle_of(ctx, entity, values)
        self._circle = Circle(self._record) if view.alone else widened(ctx, self._around)
        self._chosen = [kind for kind in self._kinds if view.shows(kind.entity.name)]
        self._history = ctx.snapshot.entity(entity).history
        self._at = record_address(entity, self._record)

    def timeline(self) -> Timeline:
        view = self._view
        known = {CHANGES, *(kind.entity.name for kind in self._kinds)}
        for name in view.only.split(","):
            one_of("show", name, known, "kind of entry that this timeline shows")
        ahead = [] if view.place is not None else self._upcoming()
        entries, older = self._past()
        days = _days(self._ctx, entries, after=view.place)
        around = replace(view, alone=not view.alone).query() if self._has_circle() else ""
        return Timeline(
            at=self._at,
            days=[Day(UPCOMING, ahead), *days] if ahead else days,
            filters=self._filters() if view.place is None else (),
            older=f"{self._at}{view.query(after=older)}#timeline" if older else "",
            older_part=f"{self._at}/timeline{view.query(after=older)}" if older else "",
            only=view.only,
            alone=view.alone,
            around=(around or "?") if self._has_circle() else "",
            continued=view.place is not None,
        )

    def _has_circle(self) -> bool:
        return bool(self._kinds) and bool(self._around.others or self._around.rings)

    def _upcoming(self) -> list[Entry]:
        items = upcoming(self._ctx, [kind.stream for kind in self._chosen], self._circle, MOST_UPCOMING)
        return self._entries(items, ahead=True)

    def _past(self) -> tuple[list[Entry], str]:
        """Return one page of what happened, and the place where the next one begins."""
        view = self._view
        streams = [kind.stream for kind in self._chosen]
        items = happened(self._ctx, streams, self._circle, PAGE + 1, view.place) if streams else []
        rows = self._changes()
        merged: list[Item | Change] = sorted([*items, *rows], key=_order, reverse=True)
        page, more = merged[:PAGE], len(merged) > PAGE
        shown = self._entries([item for item in page if isinstance(item, Item)])
        shown += self._change_entries([item for item in page if isinstance(item, Change)])
        shown.sort(key=lambda entry: entry.at, reverse=True)
        return shown, self._place(page).text() if more else ""

    def _place(self, page: Sequence[Item | Change]) -> Place:
        last = page[-1]
        seqs = [item.seq for item in page if isinstance(item, Change)]
        before = self._view.place.change if self._view.place is not None else None
        return Place(last.at, last.id if isinstance(last, Item) else "", min(seqs) if seqs else before)

    def _changes(self) -> list[Change]:
        if not self._history or not self._view.shows(CHANGES):
            return []
        before = self._view.place.change if self._view.place is not None else None
        rows = history(self._ctx, self._entity, self._record, limit=PAGE + 1, before=before)
        return [row for row in rows if row.action in _VERBS or row.changes]

    def _filters(self) -> Sequence[Filter]:
        found = counts(self._ctx, [kind.stream for kind in self._kinds], self._circle)
        named = [(kind.plural, kind.entity.name, found.get(kind.entity.name, 0)) for kind in self._kinds]
        if self._history:
            named.append(("Changes", CHANGES, count_changes(self._ctx, self._entity, self._record)))
        named = [item for item in named if item[2] or self._view.picks(item[1])]
        if len(named) < 2:
            return ()
        everything = ("All", "", sum(number for _, _, number in named))
        return [self._filter(*item) for item in (everything, *named)]

    def _filter(self, label: str, kind: str, number: int) -> Filter:
        query = (self._view.toggled(kind) if kind else replace(self._view, only="")).query()
        capped = number > COUNT_CAP
        count = self._ctx.locale.number(min(number, COUNT_CAP)) + ("+" if capped else "")
        part = f"{self._at}/timeline{query}"
        current = self._view.picks(kind) if kind else not self._view.only
        return Filter(label, f"{self._at}{query}#timeline", part, count, current)

    # ---- activities -------------------------------------------------------------------------------------------------

    def _entries(self, items: Sequence[Item], *, ahead: bool = False) -> list[Entry]:
        kinds = {kind.entity.name: kind for kind in self._chosen}
        wanted: dict[str, list[str]] = {}
        for item in items:
            wanted.setdefault(item.entity, []).append(item.id)
        values = {name: by_ids(self._ctx, name, ids, _names(kinds[name])) for name, ids in wanted.items()}
        through = self._titles(items)
        found = []
        for item in items:
            row = values[item.entity].get(item.id)
            if row is not None:
                entry = _activity(self._ctx, kinds[item.entity], item, row, ahead=ahead)
                title = through.get(item.about, "")
                url = record_address(item.about_entity, item.about) if title and item.about_entity else ""
                found.append(replace(entry, through=title, through_url=url))
        return found

    def _titles(self, items: Sequence[Item]) -> dict[str, str]:
        """Return the titles of the records through which activities came here."""
        wanted: dict[str, set[str]] = {}
        for item in items:
            if item.about != self._record and item.about_entity:
                wanted.setdefault(item.about_entity, set()).add(item.about)
        return {
            key: title or "Untitled"
            for entity, ids in wanted.items()
            if self._ctx.snapshot.has("entity", entity)
            for key, title in titles(self._ctx, entity, sorted(ids)).items()
        }

    def _change_entries(self, rows: Sequence[Change]) -> list[Entry]:
        known = fields_of(self._ctx.snapshot, self._entity)
        pairs = [
            (known[name], value)
            for row in rows
            if row.action != "create"
            for name, values in row.changes.items()
            if name in known
            for value in values
        ]
        texts = iter(past_texts(self._ctx, pairs))
        entries: Group = []
        for row in rows:
            lines: list[tuple[str, str, str]] = []
            if row.action != "create":
                lines = [(label_of(known[name]), next(texts), next(texts)) for name in row.changes if name in known]
            entries.append((row, lines))
        return [_change(self._ctx, group) for group in _folded(entries)]


def _order(item: Item | Change) -> tuple[datetime, str, int]:
    return (item.at, item.id, 0) if isinstance(item, Item) else (item.at, "", item.seq)


def _names(kind: ActivityKind) -> list[str]:
    chosen = [
        kind.when,
        kind.text,
        kind.state,
        kind.first("time") if kind.day is not None else None,
        kind.first("file"),
    ]
    names = [item.name for item in chosen if item is not None]
    readable = {item.name for item in kind.fields}
    title = [kind.entity.title] if kind.entity.title in readable else []
    owner = ["owner"] if kind.entity.ownership == "user" else []
    return list(dict.fromkeys([*names, *title, *owner, "created_at", "created_by"]))


def _activity(ctx: Context, kind: ActivityKind, item: Item, values: Mapping[str, Any], *, ahead: bool) -> Entry:
    scope, dates = text_scope(ctx), ctx.locale.dates
    title = kind.entity.fields.get(kind.entity.title)
    planned = values.get(kind.when.name) if kind.when is not None else None
    day = planned if kind.day is not None else None
    clock = kind.first("time") if kind.day is not None else None
    at_time = values.get(clock.name) if clock is not None else None
    at = planned if isinstance(planned, datetime) else values["created_at"]
    if isinstance(day, date):
        at = dates.to_utc(datetime.combine(day, at_time or time(12)))
    over = kind.state is not None and values.get(kind.state.name) in kind.closed
    person = values.get("owner") or values.get("created_by")
    text = shown_text(kind.text, values.get(kind.text.name), scope) if kind.text is not None else ""
    shown = shown_text(title, values.get(title.name), scope) if title is not None and title.name in values else ""
    return Entry(
        kind=kind.entity.label,
        icon=kind.entity.icon,
        hue=kind.hue,
        title=shown or kind.entity.label,
        at=at,
        when=_planned(ctx, at, day, at_time, over=over) if isinstance(day, date) else _when(ctx, at, timed=True),
        full=dates.full(at),
        id=item.id,
        entity=item.entity,
        url=record_address(item.entity, item.id),
        who=person.title or "" if isinstance(person, Linked) else "",
        text=" ".join(text.split())[:LONGEST_TEXT] if text.strip() != shown else "",
        state=shown_text(kind.state, values.get(kind.state.name), scope) if kind.state is not None else "",
        late=isinstance(day, date) and day < dates.today(ctx.now) and not over and kind.state is not None,
        open=ahead and kind.updates and kind.state is not None and bool(kind.closed),
        moves=ahead and kind.updates and kind.day is not None,
        files=[(f"/files/{file.key}", file.name) for file in values.values() if isinstance(file, FileValue)],
    )


def _planned(ctx: Context, at: datetime, day: date, clock: time | None, *, over: bool) -> str:
    words = _when(ctx, at, timed=False) if over else ctx.locale.dates.due(day, ctx.locale.dates.today(ctx.now))
    return f"{words}, {ctx.locale.time(clock)}" if clock is not None else words


def _when(ctx: Context, at: datetime, *, timed: bool) -> str:
    local, now = at.astimezone(ctx.locale.dates.zone), ctx.now.astimezone(ctx.locale.dates.zone)
    if local.date() == now.date() and timed:
        return ctx.locale.time(local.time())
    words = ctx.locale.date(local.date(), now.date())
    return f"{words}, {ctx.locale.time(local.time())}" if timed and at > ctx.now else words


# ---- changes --------------------------------------------------------------------------------------------------------


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


def _days(ctx: Context, entries: Sequence[Entry], *, after: Place | None) -> list[Day]:
    """Return entries under their days, newest first; a page that goes on within a day does not name it again."""
    today = ctx.locale.dates.today(ctx.now)
    begun = _heading(ctx, after.at, today) if after is not None else ""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        label = _heading(ctx, entry.at, today)
        found.setdefault("" if label == begun else label, []).append(entry)
    return [Day(label, items) for label, items in found.items()]


def _heading(ctx: Context, at: datetime, today: date) -> str:
    day = at.astimezone(ctx.locale.dates.zone).date()
    days = (today - day).days
    if days <= 0:
        return f"Today, {ctx.locale.date(today, today)}"
    if days == 1:
        return "Yesterday"
    if days <= 7:
        return "Last 7 days"
    return _month(ctx, day)


def _month(ctx: Context, day: date) -> str:
    names = ctx.locale.dates.locale.months["stand-alone"]["wide"]
    return f"{names[day.month]} {day.year}"


__all__ = ["CHANGES", "Day", "Entry", "Timeline", "View", "timeline"]
