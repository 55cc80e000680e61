"""Activities of all kinds about a record and its circle, newest first, in one statement however many there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Subquery,
    and_,
    bindparam,
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

from kith_platform.database.prepared import Prepared
from kith_platform.database.types import IdText, IsoDate, UtcDateTime
from kith_platform.errors import Invalid
from kith_runtime.access.filters import actor_bind, record_filter, rules_are_pure
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.queries.columns import stored_columns
from kith_runtime.queries.compile import plan_of, question_of
from kith_runtime.queries.expression_sql_sqlite import prepare
from kith_runtime.queries.linking import fill_links, with_reference_titles
from kith_runtime.queries.plan import IDS, actor_binds, among, given_ids
from kith_runtime.queries.query import COUNT_CAP, Query
from kith_runtime.tables import table_of

_ABOUT, _TODAY, _NOW, _AT, _ID, _RING = "kith_about", "kith_today", "kith_now", "kith_at", "kith_id", "kith_ring_{}"

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
    rings = tuple((ring.entity, ring.by) for ring in circle.rings)
    targets = {_RING.format(number): ring.target for number, ring in enumerate(circle.rings)}
    rows = _asked(ctx, [entity for entity, _ in rings], ("rings", rings), lambda: _around(ctx, rings), targets)
    others = dict.fromkeys([*circle.others, *(row.id for row in rows if row.id != circle.record)])
    return Circle(circle.record, tuple(others)[:MOST_AROUND])


def _around(ctx: Context, rings: Sequence[tuple[str, str]]) -> Select[Any]:
    parts = []
    for number, (entity, by) in enumerate(rings):
        table = table_of(ctx.published, entity)
        pointer = table.c[stored_columns(ctx.published, entity, by)[0]]
        target = bindparam(_RING.format(number), None, IdText())
        query = select(table.c.id.label("id")).where(pointer == target, table.c.deleted_at.is_(None))
        rights = record_filter(ctx, entity, "read", table)
        query = query if rights is None else query.where(rights)
        newest = query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(MOST_AROUND)
        parts.append(select(newest.subquery().c.id))
    return select(_joined(parts).c.id)


def upcoming(ctx: Context, streams: Sequence[Stream], circle: Circle, limit: int) -> list[Item]:
    """Return what is still to be done or to come, the earliest first."""
    planned = tuple(stream for stream in streams if stream.day or stream.moment)

    def build() -> Select[Any]:
        parts = [_Part(ctx, stream) for stream in planned]
        return _merged([part.select(part.is_ahead(), limit, earliest=True) for part in parts], limit, earliest=True)

    return _items(ctx, planned, ("upcoming", limit), build, _binds(ctx, circle))


def happened(
    ctx: Context, streams: Sequence[Stream], circle: Circle, limit: int, before: Place | None = None
) -> list[Item]:
    """Return what happened, newest first; with ``before`` what came earlier than that place."""

    def build() -> Select[Any]:
        parts = [_Part(ctx, stream) for stream in streams]
        return _merged([part.select(and_(part.is_behind(), part.earlier(before)), limit) for part in parts], limit)

    after = "" if before is None else "record" if before.id else "moment"
    return _items(ctx, streams, ("happened", limit, after), build, _binds(ctx, circle, before))


def counts(ctx: Context, streams: Sequence[Stream], circle: Circle) -> dict[str, int]:
    """Return how many activities of each kind there are, by entity; counting stops above the cap."""
    if not streams:
        return {}

    def build() -> Select[Any]:
        parts: list[Select[Any]] = []
        for stream in streams:
            part = _Part(ctx, stream)
            some = select(part.table.c.id).where(part.allowed()).limit(COUNT_CAP + 1).subquery()
            told: list[ColumnElement[Any]] = [literal(stream.entity).label("entity"), func.count().label("number")]
            parts.append(select(*told).select_from(some))
        return select(*_joined(parts).c)

    rows = _asked(ctx, [item.entity for item in streams], ("counts", tuple(streams)), build, _binds(ctx, circle))
    return {row.entity: row.number for row in rows}


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

    def __init__(self, ctx: Context, stream: Stream) -> None:
        self._ctx = ctx
        self._stream = stream
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
            among(self._pointer(), _ABOUT, self._ctx.database.dialect_name),
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

    def earlier(self, place: Place | None) -> ColumnElement[bool]:
        """Return the condition for what comes after a place when the newest stands first."""
        if place is None:
            return true()
        at, moment = self._at(), bindparam(_AT, None, UtcDateTime())
        if not place.id:
            return at < moment
        return or_(at < moment, and_(at == moment, self.table.c.id < bindparam(_ID, None, IdText())))

    def _column(self, name: str) -> ColumnElement[Any]:
        return self.table.c[stored_columns(self._ctx.published, self._stream.entity, name)[0]]

    def _pointer(self) -> ColumnElement[Any]:
        return self._column(self._stream.by)

    def _is_planned(self) -> ColumnElement[bool]:
        if self._stream.day:
            open_without = self._stream.state == ""
            day = self._column(self._stream.day)
            return (
                and_(day.is_not(None), day >= bindparam(_TODAY, None, IsoDate())) if open_without else day.is_not(None)
            )
        moment = self._column(self._stream.moment)
        return and_(moment.is_not(None), moment > bindparam(_NOW, None, UtcDateTime()))

    def _is_open(self) -> ColumnElement[bool]:
        if not self._stream.state or not self._stream.closed:
            return true()
        state = func.coalesce(self._column(self._stream.state), "")
        return and_(*[state != name for name in self._stream.closed])

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


def _merged(selects: Sequence[Select[Any]], limit: int, *, earliest: bool = False) -> Select[Any]:
    # Each part is limited by itself, so that no part is read to its end.
    whole = _joined([select(*part.subquery().c) for part in selects])
    at, key = whole.c.at, whole.c.id
    order = (at.asc(), key.asc()) if earliest else (at.desc(), key.desc())
    return select(*whole.c).order_by(*order).limit(limit)


def _joined(parts: Sequence[Select[Any]]) -> Subquery:
    return union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()


def _items(
    ctx: Context,
    streams: Sequence[Stream],
    name: tuple[Hashable, ...],
    build: Callable[[], Select[Any]],
    values: Mapping[str, Any],
) -> list[Item]:
    if not streams:
        return []
    rows = _asked(ctx, [stream.entity for stream in streams], (*name, tuple(streams)), build, values)
    return [Item(row.entity, row.id, row.at, row.about or "", row.about_entity or "") for row in rows]


def _asked(
    ctx: Context,
    entities: Sequence[str],
    name: tuple[Hashable, ...],
    build: Callable[[], Select[Any]],
    values: Mapping[str, Any],
) -> Sequence[Any]:
    """Run a statement over some entities, made once for each set of rights: it is long, and most of its cost."""
    prepare(ctx.connection)
    given = {**values, **actor_bind(ctx)}
    if not all(rules_are_pure(ctx, entity) for entity in entities):
        return ctx.connection.execute(build(), given).all()
    key = ("streams", rights_key(ctx.actor), name)
    statement = ctx.published.compiled(key, lambda: Prepared(build()))
    return statement.rows(ctx.connection, given)


def _binds(ctx: Context, circle: Circle, before: Place | None = None) -> dict[str, Any]:
    return {
        _ABOUT: given_ids([circle.record, *circle.others], ctx.database.dialect_name),
        _TODAY: ctx.locale.dates.today(ctx.now),
        _NOW: ctx.now,
        _AT: before.at if before is not None else None,
        _ID: before.id if before is not None else None,
    }


def noon_of(day: date) -> datetime:
    """Return the instant that stands for a day in a timeline."""
    return datetime.combine(day, time(12), UTC)
