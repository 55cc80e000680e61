"""The global search: records of all entities that the actor may see, by words in fields that the actor may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, literal_column, or_, select

from kith_runtime.access.filters import record_condition
from kith_runtime.access.rights import rights_for, rights_key
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.cache import memory_of
from kith_runtime.queries.columns import surroundings_of
from kith_runtime.queries.compile import Question, plan_of
from kith_runtime.queries.plan import IDS, Statement, among, given_ids, given_names, statement_of
from kith_runtime.queries.search.asking import (
    MOST_CANDIDATES,
    Asked,
    Has,
    Style,
    asked,
    candidates,
    holds_each,
    needle,
)
from kith_runtime.queries.search.store import SEARCH
from kith_runtime.queries.search.within import style_of
from kith_runtime.queries.titling import title_question, titles
from kith_runtime.tables import table_of

_WHOLE, _FIELDS, _ENTITIES = "kith_open", "kith_readable", "kith_partly"


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its title, its second line, and the field that holds the words."""

    entity: str
    id: str
    title: str
    subtitle: str
    field: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one entity, best first; ``more`` says that there are others."""

    entity: str
    hits: Sequence[Hit]
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    """A record that holds what was asked: how well, the lower the better, and in which field."""

    id: str
    rank: int
    field: str


@dataclass(frozen=True, slots=True)
class _Reach:
    """What an actor may search: entities with all their searchable fields, and those with some of them.

    ``chosen`` names entities when others are left out on purpose.
    """

    whole: tuple[str, ...]
    partly: Mapping[str, frozenset[str]]
    chosen: tuple[str, ...] = ()

    def of(self, names: Iterable[str]) -> _Reach:
        """Return the same, limited to some entities."""
        wanted = set(names)
        partly = {name: fields for name, fields in self.partly.items() if name in wanted}
        return _Reach(tuple(name for name in self.whole if name in wanted), partly, tuple(sorted(wanted)))

    def binds(self, dialect: str) -> dict[str, Any]:
        """Return the binds of the condition that a row may be seen."""
        fields = [f"{entity}.{name}" for entity, names in self.partly.items() for name in sorted(names)]
        given = {_WHOLE: self.whole, _FIELDS: fields, _ENTITIES: tuple(self.partly)}
        return {name: given_names(values, dialect) for name, values in given.items()}


def search(ctx: Context, text: str, limit: int = 5, entity: str | None = None) -> list[Group]:
    """Return up to ``limit`` hits of each entity, the best first: the title itself, its beginning, words of it, words
    elsewhere, then parts of words; among equals what was touched last.

    Each word may stand in any field that the actor may read. What people type is words and nothing else: no sign in it
    has a meaning. Without a word there is no hit.
    """
    question = asked(text)
    reach = _reach(ctx) if entity is None else _reach(ctx).of([entity])
    if not question.ways or not (reach.whole or reach.partly):
        return []
    rows = _rows(ctx, question, reach, entity or "")
    found: dict[str, list[_Match]] = {}
    for name, record, fields in rows.values():
        found.setdefault(name, []).append(_match(ctx, question, name, record, fields))
    groups = [_group(ctx, name, _allowed(ctx, name, matches), limit) for name, matches in sorted(found.items())]
    return [group for group in groups if group.hits]


def _reach(ctx: Context) -> _Reach:
    return ctx.published.compiled(("search reach", rights_key(ctx.actor)), lambda: _find_reach(ctx))


def _find_reach(ctx: Context) -> _Reach:
    whole, partly = [], {}
    for name in ctx.snapshot.entities():
        rights = rights_for(ctx, name)
        if rights.read.nothing or not ctx.snapshot.entity(name).search:
            continue
        searchable = {field.name for field in fields_of(ctx.snapshot, name).values() if field.search}
        if searchable and searchable <= rights.readable:
            whole.append(name)
        elif searchable & rights.readable:
            partly[name] = frozenset(searchable & rights.readable)
    return _Reach(tuple(whole), partly)


def _rows(ctx: Context, question: Asked, reach: _Reach, entity: str) -> dict[tuple[str, str], Any]:
    """Return rows of the index by entity and record. Words come before parts when there are too many for all."""
    style = style_of(ctx)
    rows = _fetch(ctx, question, reach, entity, style)
    if len(rows) < MOST_CANDIDATES:
        return rows
    if style == "parts":
        rows = _fetch(ctx, question, reach, entity, "words") | rows
    reached = {name for name, _ in rows}
    while not entity and (others := [name for name in (*reach.whole, *reach.partly) if name not in reached]):
        # All at once: what holds the words is read again for each question, whatever its entity.
        more = _fetch(ctx, question, reach.of(others), entity, style)
        rows |= more
        if len(more) < MOST_CANDIDATES:
            break
        reached |= {name for name, _ in more}
    return rows


def _fetch(ctx: Context, question: Asked, reach: _Reach, entity: str, style: Style) -> dict[tuple[str, str], Any]:
    dialect = ctx.connection.dialect
    key = ("search", question.shape, style, bool(entity), bool(reach.partly))

    def build() -> Statement:
        query = candidates(question.shape, style, dialect.name, one_entity=bool(entity))
        query = query.where(_seen(question.shape, dialect.name, partly=bool(reach.partly)))
        return statement_of(_read(query), dialect, functions=False)

    statement = memory_of(ctx.published).get(key, build)
    binds = {**question.binds(entity, style, dialect.name, reach.chosen), **reach.binds(dialect.name)}
    found = statement.run(ctx.connection, binds)
    read = SEARCH.c.fields.type.dialect_impl(dialect).result_processor(dialect, None) or (lambda value: value)
    return {(name, record): (name, record, read(fields)) for name, record, fields in found}


def _read(query: Select[Any]) -> Select[Any]:
    return query.add_columns(SEARCH.c.entity, SEARCH.c.record_id, SEARCH.c.fields)


def _seen(shape: Sequence[int], dialect: str, *, partly: bool) -> ColumnElement[bool]:
    """Return the condition that a row holds the words in what may be read."""
    whole = among(SEARCH.c.entity, _WHOLE, dialect)
    if not partly:
        return whole
    in_fields = holds_each(shape, dialect, lambda has: _any_field(has, dialect))
    return or_(whole, and_(among(SEARCH.c.entity, _ENTITIES, dialect), in_fields))


def _any_field(has: Has, dialect: str) -> ColumnElement[bool]:
    each = (func.json_each if dialect == "sqlite" else func.jsonb_each_text)(SEARCH.c.fields)
    fields = each.table_valued("key", "value", name="kith_each")
    name: ColumnElement[str] = SEARCH.c.entity.concat(literal_column("'.'", Text())).concat(fields.c.key)
    return select(literal_column("1")).where(has(fields.c.value), among(name, _FIELDS, dialect)).exists()


def _match(ctx: Context, question: Asked, entity: str, record: str, fields: Mapping[str, str]) -> _Match:
    readable = rights_for(ctx, entity).readable
    texts = {name: text for name, text in fields.items() if name in readable}
    title = ctx.snapshot.entity(entity).title
    ranks = [_rank(way, texts, texts.get(title, "")) for way in question.ways]
    best = min(range(len(ranks)), key=ranks.__getitem__)
    needles = [needle(word, "parts") for word in question.ways[best]]
    in_title_first = sorted(texts, key=lambda name: name != title)
    field = max(in_title_first, key=lambda name: sum(part in texts[name] for part in needles))
    return _Match(record, ranks[best], field)


def _rank(way: Sequence[str], texts: Mapping[str, str], title: str) -> int:
    whole = " ".join(way)
    if title == f" {whole} ":
        return 0
    if title.startswith(f" {whole}"):
        return 1
    words = [needle(word, "words") for word in way]
    if all(word in title for word in words):
        return 2
    if all(any(word in text for text in texts.values()) for word in words):
        return 3
    parts = [needle(word, "parts") for word in way]
    return 4 if all(any(part in text for text in texts.values()) for part in parts) else 5


def _allowed(ctx: Context, entity: str, found: list[_Match]) -> list[_Match]:
    """Return those that the actor may see; the index holds live records only."""
    found.sort(key=lambda match: match.rank)
    key = rights_key(ctx.actor)
    if record_condition(surroundings_of(ctx), key, entity, "read", table_of(ctx.published, entity)) is None:
        return found
    plan = plan_of(ctx, Question(entity, (), one="ids"))
    binds = {**plan.binds(ctx), IDS: given_ids([match.id for match in found], ctx.database.dialect_name)}
    seen = {row[-1] for row in plan.one_of_many().run(ctx.connection, binds)}
    return [match for match in found if match.id in seen]


def _group(ctx: Context, entity: str, found: list[_Match], limit: int) -> Group:
    declared = ctx.snapshot.entity(entity)
    shown = found[:limit]
    ids = [match.id for match in shown]
    named = titles(ctx, entity, ids)
    second = title_question(ctx, entity, declared.subtitle, ids) if declared.subtitle else {}
    hits = [Hit(entity, match.id, named.get(match.id, ""), second.get(match.id, ""), match.field) for match in shown]
    return Group(entity, hits, more=len(found) > limit)
