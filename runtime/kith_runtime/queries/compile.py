"""From a question to a plan: rights and names are checked here, once, and every element is built."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Dialect, FromClause, Numeric, Text, TypeCoerce, collate, exists, type_coerce
from sqlalchemy.types import TypeEngine

from kith_metadata.expressions import Checked, EvaluationError, ExpressionError, compile_check
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.registry import nearest
from kith_platform.errors import Forbidden, Invalid
from kith_runtime.access.rights import RightsKey, rights_key, rights_of
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.queries.cache import memory_of
from kith_runtime.queries.columns import Surroundings, field_of, stored_column, surroundings_of, target_entity
from kith_runtime.queries.explained import explained_output
from kith_runtime.queries.expression_sql_values import COLLATION
from kith_runtime.queries.late_values import CLOCK, LateValues
from kith_runtime.queries.outputs import Output, computed_elements, output_of, title_output
from kith_runtime.queries.paging import SortKey, fingerprint
from kith_runtime.queries.plan import IDS, RELATED, Plan, among, id_bind
from kith_runtime.queries.query import DEFAULT_SORT, Query
from kith_runtime.queries.search.asking import Style
from kith_runtime.queries.search.within import found_by_words, shape_of, style_of
from kith_runtime.queries.server_formulas import filter_problems, not_sortable, server_problems
from kith_runtime.queries.source import Source
from kith_runtime.scopes import EntityScope
from kith_runtime.tables import link_table_of
from kith_runtime.tables.folding import sort_key
from kith_runtime.tables.indexes import is_text

NUMBERS = frozenset({"integer", "decimal", "money", "percent", "duration"})


@dataclass(frozen=True, slots=True)
class Question:
    """The part of a query that decides its statements; what varies from call to call is bound."""

    entity: str
    fields: tuple[str, ...]
    conditions: tuple[str | Checked, ...] = ()
    sort: tuple[str, ...] = DEFAULT_SORT
    titles: bool = False
    expand: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rows: str = "live"
    related: str = ""
    words: tuple[int, ...] = ()
    """How many words are looked up in the search index, see ``search.within``."""
    style: Style = "parts"
    """Whether the index finds parts of words."""
    one: str = ""
    """``id`` to read one record, ``ids`` to read those of a list of ids."""
    title: bool = False
    """The one field is the title: read it as text."""
    reasons: bool = False
    """Formulas say why they could not be worked out for a record."""


def question_of(query: Query, *, titles: bool) -> Question:
    """Return the compiled part of a query."""
    where = (query.where,) if query.where else ()
    return Question(
        entity=query.entity,
        fields=query.fields,
        conditions=(*where, *query.filters),
        sort=query.sort or DEFAULT_SORT,
        titles=titles,
        expand=tuple((name, tuple(fields)) for name, fields in query.expand.items()),
        rows="deleted" if query.deleted else "live",
        related=query.related[0] if query.related else "",
        words=shape_of(query.text),
        reasons=query.reasons,
    )


def plan_of(ctx: Context, question: Question) -> Plan:
    """Return the plan of a question for the context's rights, compiled when it is new.

    Raises Invalid for a field that the actor may not read or that does not exist (both sound the same) and for a
    condition that cannot be understood, and Forbidden when the entity is closed.
    """
    key = rights_key(ctx.actor)
    memory = memory_of(ctx.published)
    if question.words:
        question = replace(question, style=style_of(ctx))
    surroundings = surroundings_of(ctx)
    zone = surroundings.environment.time_zone
    known = ("plan", key, question, zone)
    dialect = ctx.connection.dialect
    # What a statement takes from its surroundings is known only after it was compiled once.
    uses: list[frozenset[str]] = memory.get(("uses", known), list)
    if uses:
        around = _around(surroundings, uses[0])
        return memory.get((known, around), lambda: compile_plan(surroundings, key, question, dialect))
    plan = compile_plan(surroundings, key, question, dialect)
    uses.append(plan.uses)
    return memory.get((known, _around(surroundings, plan.uses)), lambda: plan)


def _around(surroundings: Surroundings, uses: frozenset[str]) -> Hashable:
    environment = surroundings.environment
    values: dict[str, Any] = {
        "me": lambda: repr(sorted(environment.me.items())),
        "now": lambda: environment.now,
        "today": lambda: environment.today,
        "time_zone": lambda: environment.time_zone,
        "roles": lambda: environment.roles,
        "settings": lambda: repr(sorted(environment.settings.items())),
        "former": lambda: None,
    }
    return tuple(values[name]() for name in sorted(uses))


def compile_plan(surroundings: Surroundings, key: RightsKey, question: Question, dialect: Dialect) -> Plan:
    """Compile a question for a set of rights."""
    late = LateValues(surroundings.dialect_name)
    plan = _Compiler(replace(surroundings, late=late), key, question).plan(dialect)
    plan.late = late
    return plan if late.baked else replace_uses(plan)


def replace_uses(plan: Plan) -> Plan:
    """Return a plan that took nothing from the clock into its statements: it serves every moment."""
    plan.uses -= CLOCK
    return plan


class _Compiler:
    def __init__(self, surroundings: Surroundings, key: RightsKey, question: Question) -> None:
        self._published = surroundings.published
        self._key = key
        self._question = question
        self._entity = question.entity
        rights = rights_of(self._published, key, question.entity)
        if rights.read.nothing:
            raise closed()
        self._readable = rights.readable
        self._source = Source(surroundings, key, question.entity)

    def plan(self, dialect: Dialect) -> Plan:
        question, source = self._question, self._source
        outputs = tuple(self._output(name) for name in question.fields)
        keys = self._keys() if not question.one else ()
        base = self._base(dialect.name)
        elements = [element for output in outputs for element in output.elements]
        elements += [source.table.c.version, *[item.element for item in keys]]
        if not keys:
            elements.append(source.table.c.id)
        return Plan(
            dialect=dialect,
            elements=elements,
            clause=source.clause,
            base=base,
            keys=keys,
            outputs=outputs,
            uses=frozenset(source.uses),
            # Record rules may need functions that SQLite does not have by itself; asking costs a look-up.
            functions=dialect.name == "sqlite",
            mark=fingerprint(
                question.entity, question.sort, [str(item) for item in question.conditions], question.rows
            ),
        )

    def _output(self, name: str) -> Output:
        check_readable(self._published, self._key, self._entity, name)
        if self._question.title:
            title = title_output(self._source, self._entity, self._source.table, name)
            if title is not None:
                return title
        titles = self._question.titles or name in dict(self._question.expand)
        explained = explained_output(self._source, name) if self._question.reasons else None
        return explained or output_of(self._source, name, titles=titles)

    def _base(self, dialect: str) -> list[ColumnElement[bool]]:
        question, source, table = self._question, self._source, self._source.table
        found: list[ColumnElement[bool]] = []
        if question.rows == "live":
            found.append(table.c.deleted_at.is_(None))
        elif question.rows == "deleted":
            found.append(table.c.deleted_at.is_not(None))
        if question.one == "id":
            found.append(table.c.id == id_bind(IDS))
        elif question.one == "ids":
            found.append(among(table.c.id, IDS, dialect))
        if question.related:
            check_readable(self._published, self._key, self._entity, question.related)
            found.append(self._pointing(question.related))
        if question.words:
            readable = self._readable_words()
            found.append(found_by_words(table.c.id, question.words, question.style, readable, dialect))
        found.extend(source.condition(self._checked(item)) for item in question.conditions)
        allowed = source.readable()
        if allowed is not None:
            found.append(allowed)
        return found

    def _pointing(self, lookup: str) -> ColumnElement[bool]:
        """Return the condition that a lookup names the record asked for, or that it is one of many it names."""
        table, asked = self._source.table, id_bind(RELATED)
        found: ColumnElement[bool]
        if field_types[field_of(self._published, self._entity, lookup).type].stored:
            found = stored_column(self._published, self._entity, table, lookup).element == asked
        else:
            links = link_table_of(self._published, self._entity, lookup)
            found = exists().where(links.c.record_id == table.c.id, links.c.target_id == asked)
        return found

    def _readable_words(self) -> Collection[str] | None:
        """The searchable fields that may be read; None when that is all of them."""
        fields = fields_of(self._published.snapshot, self._entity).values()
        searchable = {field.name for field in fields if field.search}
        return None if searchable <= self._readable else searchable & self._readable

    def _checked(self, condition: str | Checked) -> Checked:
        if isinstance(condition, Checked):
            return condition
        return checked_where(self._published, self._key, self._entity, condition)

    def _keys(self) -> tuple[SortKey, ...]:
        found: list[SortKey] = []
        names: list[str] = []
        for item in self._question.sort:
            name, descending = item.removeprefix("-"), item.startswith("-")
            check_readable(self._published, self._key, self._entity, name)
            if name not in names and "id" not in names:
                names.append(name)
                found.append(self._key_of(name, descending))
        if "id" not in names:
            table = self._source.table
            found.append(SortKey(table.c.id, found[-1].descending if found else False, nullable=False))
        return tuple(found)

    def _key_of(self, name: str, descending: bool) -> SortKey:
        entity = self._entity
        table: FromClause = self._source.table
        lookup, _, behind = name.rpartition(".")
        if lookup:
            entity = target_entity(field_of(self._published, entity, lookup))
            table = self._source.linked(lookup)
        field = field_of(self._published, entity, behind)
        kind = field_types[field.type]
        if not kind.sortable and field.type != "rollup":
            raise Invalid(
                "not_sortable", f"Lists cannot be sorted by {field.label or name}.", "Choose another field.", "sort"
            )
        if field.type in ("formula", "rollup"):
            for problem in server_problems(self._published, entity, field.name):
                raise not_sortable(field, problem)
            return SortKey(self._computed_key(entity, table, field), descending, nullable=True)
        column = stored_column(self._published, entity, table, behind)
        element = sort_key(column.element) if is_text(field, self._published.snapshot) else column.element
        return SortKey(element, descending, column.nullable or bool(lookup))

    def _computed_key(self, entity: str, table: Any, field: Any) -> ColumnElement[Any]:
        element = computed_elements(self._source, entity, table, field)[0]
        inner = element.clause if isinstance(element, TypeCoerce) else element
        kind = field_types[field.type].expression_type(field, self._published.snapshot)
        if kind is None or kind.kind not in NUMBERS or field.type == "rollup":
            return element
        if self._source.surroundings.dialect_name == "sqlite":
            number: TypeEngine[Any] = Text(collation=COLLATION)
            return type_coerce(collate(type_coerce(inner, number), COLLATION), number)
        return type_coerce(inner, Numeric())


def closed() -> Forbidden:
    """Return the error for an entity of which the actor may see no record."""
    return Forbidden(
        "entity_forbidden",
        "You have no right to see these records.",
        "Ask an administrator for a role that includes them.",
    )


def check_readable(published: Published, key: RightsKey, entity: str, name: str) -> None:
    """Raise Invalid for a field, or a field behind a lookup, that is unknown or hidden: both sound the same."""
    lookup, _, behind = name.rpartition(".")
    holder = entity
    if lookup:
        check_readable(published, key, entity, lookup)
        holder = target_entity(field_of(published, entity, lookup))
        if not holder or "." in lookup:
            raise unknown_field(published, key, entity, name)
    readable = rights_of(published, key, holder).readable
    if behind not in readable or behind not in _known(published, holder):
        raise unknown_field(published, key, holder, behind)


def readable_order(ctx: Context, entity: str, order: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of an order, fields with or without ``-``, by whose fields the actor may sort."""

    def may(part: str) -> bool:
        try:
            check_readable(ctx.published, rights_key(ctx.actor), entity, part.removeprefix("-"))
        except Invalid:
            return False
        return True

    return tuple(filter(may, order))


def _known(published: Published, entity: str) -> Mapping[str, Any]:
    return published.compiled(("fields", entity), lambda: fields_of(published.snapshot, entity))


def unknown_field(published: Published, key: RightsKey, entity: str, name: str) -> Invalid:
    """Return the error for a field that does not exist or may not be read."""
    readable = sorted(rights_of(published, key, entity).readable)
    suggestion = nearest(name, readable)
    label = published.snapshot.entity(entity).label
    hint = f"Did you mean '{suggestion}'?" if suggestion else "Look at the fields of the entity."
    return Invalid("unknown_field", f"{label} has no field '{name[:60]}'.", hint, "fields")


def checked_where(published: Published, key: RightsKey, entity: str, text: str) -> Checked:
    """Return a condition that a person wrote, limited to what that person may read; raises Invalid with the place."""
    return memory_of(published).get(("where", key, entity, text), lambda: _check_where(published, key, entity, text))


def _check_where(published: Published, key: RightsKey, entity: str, text: str) -> Checked:
    scope = EntityScope(published.snapshot, entity, lambda name: rights_of(published, key, name).readable)
    try:
        checked = compile_check(text, scope, BOOLEAN)
    except ExpressionError as error:
        raise where_invalid(error) from error
    problems = filter_problems(published, checked)
    if problems:
        raise where_invalid(ExpressionError(problems))
    return checked


def where_invalid(error: ExpressionError | EvaluationError) -> Invalid:
    """Return the error for a condition that cannot be used, with the line and column of each problem."""
    if isinstance(error, EvaluationError):
        return Invalid("where_invalid", str(error), "", "where")
    return Invalid("where_invalid", " ".join(str(problem) for problem in error.problems), "", "where")
