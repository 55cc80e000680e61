"""How each asked field is read: which elements it selects, and how their columns become values or JSON.

Rows are converted column by column, and only where there is something to convert: most columns pass untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Dialect, FromClause, Text, literal

from kith_metadata.expressions.exact import round_half_up
from kith_metadata.kinds.entity import Field
from kith_metadata.values import Money
from kith_platform.database.types import UtcDateTime
from kith_platform.locale import PersonLocale
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import FieldType, InputScope, Linked
from kith_runtime.queries.amounts import amount_json_reader, amount_reader
from kith_runtime.queries.columns import field_of, stored_column, stored_columns, target_entity
from kith_runtime.queries.expression_sql import currency_sql, to_sql
from kith_runtime.queries.expression_where import RuleBinding, formula_of, rollup_element, rollup_limit
from kith_runtime.queries.server_formulas import MONEY_PLACES, formula_problems, server_formula
from kith_runtime.queries.source import Source

Cells = Sequence[Any]
Maker = Callable[[Sequence[Cells]], Cells]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Output:
    """One field of the answer. ``value`` makes a Python value of the elements' values, ``json`` what the API shows.

    Without them the first element passes as it is. ``link`` names a many-to-many lookup, which has no elements here and
    is filled in for the whole page afterwards.
    """

    name: str
    elements: tuple[ColumnElement[Any], ...]
    value: Callable[..., Any] | None = None
    json: Convert | None = None
    link: str = ""
    keys_only: bool = False
    """Blank when the first element is NULL, whatever the others hold."""
    json_of: Callable[..., Any] | None = None
    """Makes JSON of the elements' values directly, where a value on the way would only cost time."""
    raw: bool = False
    """``value`` and ``json_of`` take what the driver gives."""


def output_of(source: Source, name: str, *, titles: bool) -> Output:
    """Return how a field of the source's entity is read; with ``titles`` a lookup is read as ``Linked``."""
    if "." in name:
        lookup, _, behind = name.partition(".")
        target = target_entity(field_of(source.published, source.entity, lookup))
        found = _plain(source, target, source.linked(lookup), behind)
        return Output(name, found.elements, found.value, found.json)
    field = field_of(source.published, source.entity, name)
    kind = field_types[field.type]
    if name not in _columns(source, name) and field.type not in ("formula", "rollup") and not kind.stored:
        return Output(name, (), link=name)
    if titles and target_entity(field):
        return _linked(source, field)
    return _plain(source, source.entity, source.table, name)


def _columns(source: Source, name: str) -> tuple[str, ...]:
    return stored_columns(source.published, source.entity, name)


def _plain(source: Source, entity: str, table: FromClause, name: str) -> Output:
    field = field_of(source.published, entity, name)
    kind = field_types[field.type]
    if field.type in ("formula", "rollup"):
        return computed_output(source, entity, table, field)
    elements = tuple(table.c[column] for column in stored_columns(source.published, entity, name))
    if field.type == "money" and len(elements) == 2:
        dialect, scale = source.surroundings.dialect_name, getattr(elements[0].type, "scale", 0)
        as_value, as_json = amount_reader(dialect, scale), amount_json_reader(dialect, scale)
        return Output(name, elements, as_value, keys_only=True, json_of=as_json, raw=True)
    return Output(name, elements, _load(kind, field), _to_json(kind, field))


def _load(kind: FieldType, field: Field) -> Callable[..., Any] | None:
    if kind.simple:
        return None
    return lambda *stored: kind.load(stored, field)


def _to_json(kind: FieldType, field: Field) -> Convert | None:
    return None if kind.json_identity else lambda value: kind.to_json(value, field)


def computed_elements(source: Source, entity: str, table: FromClause, field: Field) -> tuple[ColumnElement[Any], ...]:
    """Return the elements of a formula or roll-up: its value, and the currency beside an amount of money.

    The database must be able to work it out: see :func:`formula_problems`.
    """
    source.has_expression = True
    if field.type == "rollup":
        limit = rollup_limit(source.published, field)
        source.uses |= frozenset() if limit is None else limit.uses
        column = rollup_element(source.surroundings, (entity, table), field, source.visible)
        return (column.element,) if column.currency is None else (column.element, column.currency)
    checked = formula_of(source.published, entity, field.name)
    source.uses |= checked.uses
    binding = formula_binding(source, entity, table, field)
    value = to_sql(checked, binding, condition=False)
    if field.options.returns != "money":
        return (value,)
    currency = currency_sql(checked, binding)
    return (value, literal(field.options.currency or None, Text()) if currency is None else currency)


def formula_binding(source: Source, entity: str, table: FromClause, field: Field) -> RuleBinding:
    """Return what the expression engine needs to write a formula of an entity over a table of the source."""
    return RuleBinding(source.surroundings, entity, table, None if field.options.full_rights else source.visible)


def server_output(source: Source, entity: str, table: FromClause, field: Field, *, reasons: bool = False) -> Output:
    """Return how a formula is worked out on the server, from what the database reads for it.

    With ``reasons`` it says why it could not be worked out for a record. A record that is not there has no value.
    """
    source.has_expression = True
    checked = formula_of(source.published, entity, field.name)
    source.uses |= checked.uses
    found = server_formula(formula_binding(source, entity, table, field), field, checked, reasons=reasons)
    json = _to_json(field_types[field.type], field)
    return Output(field.name, (table.c.id, *found.elements), found.value, json, keys_only=True)


def computed_output(source: Source, entity: str, table: FromClause, field: Field) -> Output:
    """Return how a formula or roll-up is worked out and read, also one that is stored and kept true by this."""
    if field.type == "formula" and formula_problems(source.published, entity, field.name):
        return server_output(source, entity, table, field)
    kind = field_types[field.type]
    elements = computed_elements(source, entity, table, field)
    value: Callable[..., Any] | None = None
    if len(elements) > 1:
        value = _money
    elif field.type == "formula" and field.options.returns in ("decimal", "percent"):
        places, shift = field.options.scale, 2 if field.options.returns == "percent" else 0
        value = lambda number: round_half_up(number.scaleb(shift), places)  # noqa: E731
    return Output(field.name, elements, value, _to_json(kind, field), keys_only=True)


def _money(amount: Decimal, currency: str | None) -> Money:
    return Money(round_half_up(amount, MONEY_PLACES), currency or "")


def title_output(source: Source, entity: str, table: FromClause, name: str = "") -> Output | None:
    """Return how the title of a record, or the field ``name``, is read as text; None when it may not be read."""
    declared = name or source.published.snapshot.entity(entity).title
    if declared not in source.rights(entity).readable:
        return None
    field = field_of(source.published, entity, declared)
    kind = field_types[field.type]
    found = _plain(source, entity, table, declared)
    if kind.simple and kind.json_identity and kind.searchable:
        return Output(declared, found.elements)
    scope = InputScope(PersonLocale(), source.published.snapshot)
    load = found.value

    def text(*stored: Any) -> str:
        return kind.text(stored[0] if load is None else load(*stored), field, scope)

    return Output(declared, found.elements, text)


def _linked(source: Source, field: Field) -> Output:
    target = target_entity(field)
    pointer = stored_column(source.published, source.entity, source.table, field.name).element
    if source.rights(target).read.nothing:
        return Output(field.name, (pointer,), lambda key: Linked(key, None, target), linked_json, keys_only=True)
    alias = source.linked(field.name)
    title = title_output(source, target, alias)
    seen: tuple[ColumnElement[Any], ...] = () if title is None else title.elements
    text = None if title is None else title.value

    def link(key: str, found: str | None, *stored: Any) -> Linked:
        if found is None:
            return Linked(key, None, target)
        words = stored[0] if stored and (text is None or stored[0] is None) else text(*stored) if text else None
        return Linked(key, words or "", target)

    if title is not None and text is None:
        return Output(field.name, (pointer, alias.c.id, *seen), link, keys_only=True, json_of=_linked_columns_json)
    return Output(field.name, (pointer, alias.c.id, *seen), link, linked_json, keys_only=True)


def _linked_columns_json(key: str, found: str | None, title: str | None) -> dict[str, Any]:
    return {"id": key, "title": None if found is None else title or ""}


def linked_json(value: Linked) -> dict[str, Any]:
    """Return a looked-up record as the API shows it; the title of a hidden one is null."""
    return {"id": value.id, "title": value.title}


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns fetched rows into answer columns; ``makers`` run in the order of the fields."""

    makers: tuple[Maker, ...]
    names: tuple[str, ...]

    def rows(self, fetched: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Return rows of values."""
        if not fetched:
            return []
        columns = tuple(zip(*fetched, strict=True))
        return (
            list(zip(*[maker(columns) for maker in self.makers], strict=True)) if self.makers else [()] * len(fetched)
        )

    def dicts(self, fetched: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """Return rows as dictionaries."""
        names = self.names
        return [dict(zip(names, row)) for row in self.rows(fetched)]  # noqa: B905  # checked once, not per row


def maker_of(output: Output, first: int, dialect: Dialect, *, as_json: bool) -> Maker:
    """Return the maker of an output whose elements begin at column ``first`` of the fetched rows."""
    if output.link:
        return lambda columns: (None,) * len(columns[0])
    if as_json and output.value is None and _is_moment(output.elements[0]):
        return _mapped(first, _short_moment if dialect.name == "sqlite" else _moment_text)
    readers = [element.type.dialect_impl(dialect).result_processor(dialect, None) for element in output.elements]
    json = output.json if as_json else None
    if output.raw:
        readers = [None] * len(readers)
    if output.value is None:
        steps = [step for step in (readers[0], json) if step is not None]
        if not steps:
            return lambda columns: columns[first]
        return _mapped(first, steps[0] if len(steps) == 1 else _both(steps[0], steps[1]))
    if as_json and output.json_of is not None:
        output, json = replace(output, value=output.json_of), None
    if output.keys_only and output.value is not None and json is None and not any(readers):
        return _keyed(output.value, first, first + len(output.elements))
    return _loaded(output, first, readers, json)


def _keyed(load: Callable[..., Any], first: int, last: int) -> Maker:
    """The common case of :func:`_loaded`: a blank key is a blank value, and no column needs reading."""
    return lambda columns: [
        None if stored[0] is None else load(*stored) for stored in zip(*columns[first:last], strict=True)
    ]


def _is_moment(element: ColumnElement[Any]) -> bool:
    return isinstance(element.type, UtcDateTime)


def _short_moment(stored: str) -> str:
    """Return a moment as SQLite keeps it in the form of the API: no fraction when there is none."""
    return stored[:19] + "Z" if stored[19:26] == ".000000" else stored


def _moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _both(first: Convert, second: Convert) -> Convert:
    return lambda value: second(first(value))


def _mapped(index: int, convert: Convert) -> Maker:
    return lambda columns: [None if cell is None else convert(cell) for cell in columns[index]]


def _loaded(output: Output, first: int, readers: Sequence[Convert | None], json: Convert | None) -> Maker:
    last = first + len(readers)
    load = output.value
    keys_only = output.keys_only
    reads = [(number, read) for number, read in enumerate(readers) if read is not None]

    def make(columns: Sequence[Cells]) -> Cells:
        cells: list[Any] = []
        for stored in zip(*columns[first:last], strict=True):
            if stored[0] is None and (keys_only or all(part is None for part in stored)):
                cells.append(None)
                continue
            if reads:
                parts = list(stored)
                for number, read in reads:
                    parts[number] = read(parts[number])
                stored = tuple(parts)
            value = load(*stored)  # type: ignore[misc]
            cells.append(json(value) if json is not None and value is not None else value)
        return cells

    return make
