"""The filter of a list: lines of the builder as expressions, as chips in words, and as a form with its choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.field_types.base import OPERATORS, InputScope, InvalidValue
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import titles
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.server_formulas import server_problems
from kith_runtime.screens.cells import label_of
from kith_runtime.screens.list_relative import RELATIVE, relative_expression, takes_of, words_of
from kith_runtime.screens.list_state import Condition, ListState
from kith_runtime.screens.list_titles import find_by_title

_ID_LENGTH = 20
_SEVERAL = frozenset({"one_of", "has_any"})
_LEFT_OUT = frozenset({"id", "version", "deleted_at", "deletion"})


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in words, with the address of the list without it; a broken one says what is wrong."""

    label: str
    operator: str
    value: str
    remove: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that the builder offers: its operators, and its options when it is a choice."""

    name: str
    label: str
    operators: tuple[tuple[str, str, str], ...]
    control: str
    options: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""
    lookup: str = ""


@dataclass(frozen=True, slots=True)
class FilterLine:
    """A line of the builder as it is drawn: its field's choices, and what was written. ``words`` names a lookup."""

    field: FilterField | None
    operator: str
    value: str
    takes: str
    words: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of one question: expressions to ask, chips to show, lines to edit, and whether all of it fits."""

    expressions: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    lines: tuple[FilterLine, ...] = ()
    problem: str = ""


def filter_fields(ctx: Context, entity: str) -> tuple[FilterField, ...]:
    """Return the fields that the actor can filter by, in the order of their declaration."""
    key = ("filter fields", rights_key(ctx.actor), entity)
    return ctx.published.compiled(key, lambda: tuple(_fields(ctx, entity)))


def _fields(ctx: Context, entity: str) -> Iterator[FilterField]:
    readable = rights_for(ctx, entity).readable
    for declared in fields_of(ctx.snapshot, entity).values():
        kind = field_types[declared.type]
        usable = kind.filterable and kind.expression_type(declared, ctx.snapshot) is not None
        usable = usable and not server_problems(ctx.published, entity, declared.name)
        if declared.name in readable and declared.name not in _LEFT_OUT and usable and not declared.hidden:
            yield FilterField(
                declared.name,
                label_of(declared),
                _operators(shown_field(declared, ctx.snapshot)),
                _control(declared),
                _options(ctx, declared),
                "Several: separate with commas" if _SEVERAL.intersection(kind.operators) else "",
                target_entity(declared) or _linked(declared),
            )


def shown_field(declared: Field, snapshot: Snapshot) -> Field:
    """Return the field whose values people compare with: a formula has those of what it returns."""
    result = getattr(field_types[declared.type], "result", None)
    found: Field = declared if result is None else result(declared, snapshot)
    return found


def _operators(declared: Field) -> tuple[tuple[str, str, str], ...]:
    kind = field_types[declared.type]
    found = [(word, OPERATORS[word].label, str(OPERATORS[word].takes)) for word in kind.operators]
    if declared.type in ("date", "datetime"):
        # Before the two about blanks, which stand last for every type.
        found[-2:-2] = [(word, operator.label, operator.takes) for word, operator in RELATIVE.items()]
    return tuple(found)


def _linked(declared: Field) -> str:
    """Return the entity that a many-to-many lookup points to."""
    return declared.options.to if declared.type == "lookups" else ""


def _control(declared: Field) -> str:
    return field_types[declared.type].control


def _options(ctx: Context, declared: Field) -> tuple[tuple[str, str], ...]:
    if _control(declared) not in ("choice", "choices") or not hasattr(declared.options, "options_from"):
        return ()
    return tuple((name, option_label(name, option)) for name, option in options_of(declared, ctx.snapshot).items())


def read_filter(ctx: Context, state: ListState) -> Filter:
    """Return the filter of a question; a line that does not fit is kept, shown with its problem, and not asked."""
    known = {item.name: item for item in filter_fields(ctx, state.entity)}
    expressions: list[str] = []
    chips: list[Chip] = []
    lines: list[FilterLine] = []
    for index, condition in enumerate(state.conditions):
        found = known.get(condition.field)
        expression, words, problem = condition_read(ctx, state.entity, found, condition)
        if expression:
            expressions.append(expression)
        operator, shown = words_of(condition.operator, words)
        takes = takes_of(condition.operator)
        label = found.label if found is not None else condition.field
        chips.append(Chip(label, operator, shown if takes else "", state.without(index), problem))
        lines.append(FilterLine(found, condition.operator, condition.value, takes, words, problem))
    broken = [f"{chip.label}: {chip.problem}" for chip in chips if chip.problem]
    return Filter(tuple(expressions), tuple(chips), tuple(lines), " ".join(broken))


def condition_words(ctx: Context, entity: str, found: FilterField | None, condition: Condition) -> tuple[str, str, str]:
    """Return field, operator and value of a condition as people read them."""
    _, words, _ = condition_read(ctx, entity, found, condition)
    operator, shown = words_of(condition.operator, words)
    return (
        found.label if found is not None else condition.field,
        operator,
        shown if takes_of(condition.operator) else "",
    )


def condition_read(ctx: Context, entity: str, found: FilterField | None, condition: Condition) -> tuple[str, str, str]:
    """Return a condition as an expression, its value in words, and what is wrong with it."""
    if found is None:
        return "", condition.value, f"There is no field '{condition.field}' that you can filter by."
    declared = fields_of(ctx.snapshot, entity)[condition.field]
    kind = field_types[declared.type]
    scope = InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
    try:
        if condition.operator in RELATIVE and declared.type in ("date", "datetime"):
            text = relative_expression(condition.operator, declared.name, declared.type, condition.value)
            return text, condition.value, ""
        operand, words = _operand(ctx, found, declared, condition)
        return kind.filter_expression(declared, condition.operator, operand, scope), words, ""
    except InvalidValue as fault:
        return "", condition.value, f"{fault.message} {fault.hint}".strip()
    except Invalid as fault:
        return "", condition.value, str(fault)


def _operand(ctx: Context, found: FilterField, declared: Field, condition: Condition) -> tuple[str, str]:
    """Return the operand as the field type reads it, and as people read it: a lookup by its title."""
    if condition.operator in OPERATORS and not OPERATORS[condition.operator].takes:
        return "", ""
    if found.lookup:
        parts = [part.strip() for part in condition.value.split(",") if part.strip()]
        ids = [part if is_id(part) else find_by_title(ctx, found.lookup, part) for part in parts]
        named = titles(ctx, found.lookup, ids)
        return ",".join(ids), ", ".join(named.get(item) or "Hidden record" for item in ids)
    options = dict(found.options)
    if options:
        parts = [part.strip() for part in condition.value.split(",") if part.strip()]
        return condition.value, ", ".join(options.get(part, part) for part in parts)
    return condition.value, _words(ctx, declared, condition.value)


def _words(ctx: Context, declared: Field, value: str) -> str:
    """Return what was understood of a value: “1500” becomes “€1,500.00”, “tomorrow” a day."""
    kind = field_types[declared.type]
    scope = InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
    if kind.control not in ("date", "datetime", "money", "number", "time"):
        return value
    found = kind.parse(value, declared, scope)
    return value if found is None else kind.text(found, declared, scope)


def is_id(text: str) -> bool:
    """Tell whether a text is written as the id of a record."""
    return len(text) == _ID_LENGTH and text.isascii() and text.isalnum() and text == text.lower()
