"""Activities of all kinds about a record and its circle, newest first, in one statement however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    and_,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)

from kith_platform.database.types import IdText, UtcDateTime
from kith_platform.errors import Invalid
from kith_runtime.access import record_filter
from kith_runtime.context import Context
from kith_runtime.queries.columns import stored_columns
from kith_runtime.queries.compile import plan_of, question_of
from kith_runtime.queries.linking import fill_links, with_reference_titles
from kith_runtime.queries.plan import IDS, actor_binds, given_ids
from kith_runtime.queries.query import COUNT_CAP, Query
from kith_runtime.tables import table_of

MOST_AROUND = 300
"""Records around one whose activities it tells of, at most."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of activity: the lookup that says what it is about, and the fields that say when and whether it is over.

    ``day`` or ``moment`` is blank where it has none; ``closed`` are the choices of ``state`` that end it.
    """

    entity: str
    by: str
    day: str = ""
    moment: str = ""
    state: str = ""
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    """Records of an entity whose lookup points to a record: what is about them belongs to the circle too."""

    entity: str
    by: str
    target: str


@dataclass(frozen=True, slots=True)
class Circle:
    """A record, single records around it, and rings of more."""

    record: str
    others: tuple[str, ...] = ()
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An activity in its place: ``about`` is the record that it is about, with its entity."""

    entity: str
    id: str
    at: datetime
    about: str
    about_entity: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a timeline ended: the moment and the id of its last activity, and its last change."""

    at: datetime
    id: str = ""
    change: int | None = None

    def text(self) -> str:
        """Return the place for an address."""
        return f"{self.at.astimezone(UTC).strftime('%Y%m%d%H%M%S%f')}.{self.id}.{self.change or ''}"

    @classmethod
    def read(cls, text: str) -> Place:
        """Read what :meth:`text` wrote; raises Invalid for anything else."""
        at, _, rest = text.partition(".")
        record, _, change = rest.partition(".")
        known = at.isascii() and at.isdigit() and len(at) == len("20261124093000000000") and len(change) < 16
        try:
            if not known or len(record) > 40 or "\0" in record:
                raise ValueError(text)
            moment = datetime.strptime(at, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
            return cls(moment, record, int(change) if change else None)
        except ValueError:
            raise Invalid("cursor_unfit", "This place in the timeline cannot be found.", "Begin again.") from None


def widened(ctx: Context, circle: Circle) -> Circle:
    """Return a circle with the records of its rings, the newest of them where there are very many.

    Asked once, so that the statements over all kinds of activity stay short.
    """
    if not circle.rings:
        return circle
    parts = []
    for ring in circle.rings:
        table = table_of(ctx.published, ring.entity)
        pointer = table.c[stored_columns(ctx.published, ring.entity, ring.by)[0]]
        query = select(table.c.id.label("id")).where(pointer == ring.target, table.c.deleted_at.is_(None))
        rights = record_filter(ctx, ring.entity, "read", table)
        query = query if rights is None else query.where(rights)
        newest = query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(MOST_AROUND)
        parts.append(select(newest.subquery().c.id))
    found = ctx.connection.execute(union_all(*parts) if len(parts) > 1 else parts[0]).scalars()
    others = dict.fromkeys([*circle.others, *(key for key in found if key != circle.record)])
    return Circle(circle.record, tuple(others)[:MOST_AROUND])


def upcoming(ctx: Context, streams: Sequence[Stream], circle: Circle, limit: int) -> list[Item]:
    """Return what is still to be done or to come, the earliest first."""
    parts = [_Part(ctx, stream, circle) for stream in streams if stream.day or stream.moment]
    selects = [part.select(part.is_ahead(), limit, earliest=True) for part in parts]
    return _items(ctx, selects, limit, earliest=True)


def happened(
    ctx: Context, streams: Sequence[Stream], circle: Circle, limit: int, before: Place | None = None
) -> list[Item]:
    """Return what happened, newest first; with ``before`` what came earlier than that place."""
    selects = []
    for stream in streams:
        part = _Part(ctx, stream, circle)
        condition = part.is_behind()
        if before is not None:
            condition = and_(condition, part.earlier(before))
        selects.append(part.select(condition, limit))
    return _items(ctx, selects, limit)


def counts(ctx: Context, streams: Sequence[Stream], circle: Circle) -> dict[str, int]:
    """Return how many activities of each kind there are, by entity; counting stops above the cap."""
    if not streams:
        return {}
    parts = []
    for stream in streams:
        part = _Part(ctx, stream, circle)
        some = select(part.table.c.id).where(part.allowed()).limit(COUNT_CAP + 1).subquery()
        parts.append(select(literal(stream.entity).label("entity"), func.count().label("number")).select_from(some))
    return {row.entity: row.number for row in ctx.connection.execute(union_all(*parts))}


def by_ids(ctx: Context, entity: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the values of some records by id, lookups with titles; those that the actor may not see are missing."""
    if not ids:
        return {}
    query = Query(entity, tuple(fields), titles=True)
    plan = plan_of(ctx, replace(question_of(query, titles=True), one="ids"))
    fetched = plan.one_of_many().run(
        ctx.connection, {**actor_binds(ctx), IDS: given_ids(list(ids), ctx.database.dialect_name)}
    )
    found = [raw[-1] for raw in fetched]
    rows = fill_links(ctx, plan, query, plan.values.rows(fetched), found)
    rows = with_reference_titles(ctx, query, rows)
    return {key: dict(zip(query.fields, row, strict=True)) for key, row in zip(found, rows, strict=True)}


class _Part:
    """One stream of a statement: its table, and the conditions over it."""

    def __init__(self, ctx: Context, stream: Stream, circle: Circle) -> None:
        self._ctx = ctx
        self._stream = stream
        self._circle = circle
        self.table = table_of(ctx.published, stream.entity)
        self._is_sqlite = ctx.database.dialect_name == "sqlite"

    def select(self, condition: ColumnElement[bool], limit: int, *, earliest: bool = False) -> Select[Any]:
        columns = stored_columns(self._ctx.published, self._stream.entity, self._stream.by)
        about_entity = self.table.c[columns[1]] if len(columns) > 1 else null()
        at = self._at().label("at")
        query = select(
            literal(self._stream.entity).label("entity"),
            self.table.c.id.label("id"),
            at,
            self._pointer().label("about"),
            about_entity.label("about_entity"),
        ).where(self.allowed(), condition)
        order = (at.asc(), self.table.c.id.asc()) if earliest else (at.desc(), self.table.c.id.desc())
        return query.order_by(*order).limit(limit)

    def allowed(self) -> ColumnElement[bool]:
        """Return the condition for live records about the circle that the actor may read."""
        conditions = [
            self.table.c.deleted_at.is_(None),
            self._pointer().in_((self._circle.record, *self._circle.others)),
        ]
        rights = record_filter(self._ctx, self._stream.entity, "read", self.table)
        return and_(*conditions) if rights is None else and_(*conditions, rights)

    def is_ahead(self) -> ColumnElement[bool]:
        """Return the condition for what is to be done or to come: open with a day, or at a moment after now."""
        return and_(self._is_planned(), self._is_open())

    def is_behind(self) -> ColumnElement[bool]:
        """Return the condition for all others."""
        if not self._stream.day and not self._stream.moment:
            return true()
        return or_(~self._is_planned(), ~self._is_open())

    def earlier(self, place: Place) -> ColumnElement[bool]:
        """Return the condition for what comes after a place when the newest stands first."""
        at, moment = self._at(), literal(place.at, UtcDateTime())
        if not place.id:
            return at < moment
        return or_(at < moment, and_(at == moment, self.table.c.id < place.id))

    def _column(self, name: str) -> ColumnElement[Any]:
        return self.table.c[stored_columns(self._ctx.published, self._stream.entity, name)[0]]

    def _pointer(self) -> ColumnElement[Any]:
        return self._column(self._stream.by)

    def _is_planned(self) -> ColumnElement[bool]:
        if self._stream.day:
            open_without = self._stream.state == ""
            day = self._column(self._stream.day)
            today = self._ctx.locale.dates.today(self._ctx.now)
            return and_(day.is_not(None), day >= today) if open_without else day.is_not(None)
        moment = self._column(self._stream.moment)
        return and_(moment.is_not(None), moment > literal(self._ctx.now, UtcDateTime()))

    def _is_open(self) -> ColumnElement[bool]:
        if not self._stream.state or not self._stream.closed:
            return true()
        state = self._column(self._stream.state)
        return func.coalesce(state, "").not_in(self._stream.closed)

    def _at(self) -> ColumnElement[Any]:
        created: ColumnElement[Any] = self.table.c.created_at
        if self._stream.day:
            return type_coerce(func.coalesce(self._noon(), created), UtcDateTime())
        if self._stream.moment:
            return type_coerce(func.coalesce(self._column(self._stream.moment), created), UtcDateTime())
        return created

    def _noon(self) -> ColumnElement[Any]:
        """Return noon of a day as an instant: a day has no time of its own, and noon is on it nearly everywhere."""
        day = self._column(self._stream.day)
        if self._is_sqlite:
            return type_coerce(day, IdText()).op("||")(literal_column("'T12:00:00.000000Z'"))
        return func.timezone("UTC", cast(day, DateTime()) + literal_column("INTERVAL '12 hours'"))


def _items(ctx: Context, selects: Sequence[Select[Any]], limit: int, *, earliest: bool = False) -> list[Item]:
    if not selects:
        return []
    # Each part is limited by itself, so that no part is read to its end.
    parts = [select(*part.subquery().c) for part in selects]
    whole: FromClause = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    at, key = whole.c.at, whole.c.id
    order = (at.asc(), key.asc()) if earliest else (at.desc(), key.desc())
    rows = ctx.connection.execute(select(*whole.c).order_by(*order).limit(limit))
    return [Item(row.entity, row.id, row.at, row.about or "", row.about_entity or "") for row in rows]


def noon_of(day: date) -> datetime:
    """Return the instant that stands for a day in a timeline."""
    return datetime.combine(day, time(12), UTC)
