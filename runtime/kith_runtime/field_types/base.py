"""What a field type is: storage, input, display, query and expression behaviour in one small class.

A type lives in one file of this folder that bears its name. Everything but ``columns`` and ``read`` has a default, so
a new type is often thirty lines. A field type never touches the database, a request or a clock: it turns values
into columns, JSON, text and Jinja source, and the runtime does the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

from kith_metadata.expressions.scope import FieldInfo
from kith_metadata.expressions.types import Type
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_platform.locale import PersonLocale

ColumnKind = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "time", "json", "id"]


@dataclass(frozen=True, slots=True)
class Column:
    """One physical column of a field. The main column has no suffix; others are stored as ``field__suffix``.

    ``scale`` is the number of decimal places of a ``decimal`` column.
    """

    suffix: str = ""
    kind: ColumnKind = "text"
    scale: int = 0


@dataclass(frozen=True, slots=True)
class InputScope:
    """What a value may be read with: who types (locale, zone, currency) and where it comes from.

    ``source`` is ``json`` for typed input (API, metadata) and ``form`` for text that a person typed or a file held; in
    ``form`` numbers and dates are read as the person's locale writes them. ``now`` gives words such as "tomorrow" their
    meaning and leaves the year out of this year's dates; without it such words are refused and years always shown.
    """

    locale: PersonLocale
    snapshot: Snapshot
    source: Literal["json", "form"] = "json"
    now: datetime | None = None


class InvalidValue(Exception):
    """A value that the field cannot take: the message is a plain sentence, the hint says what to write."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code, self.message, self.hint = code, message, hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class RecordScope:
    """A record as the door is about to save it, for checks that need more than one value.

    ``values`` holds every field's new value, ``before`` the old ones (empty for a new record).
    """

    values: Mapping[str, Any]
    before: Mapping[str, Any]
    snapshot: Snapshot


HIDDEN = "Hidden record"
"""What stands for the title of a record that the reader may not see."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A looked-up record as screens and lists show it: its id, its title (None: hidden from the reader), its entity."""

    id: str
    title: str | None
    entity: str = ""

    def __str__(self) -> str:
        return self.title or ""


@dataclass(frozen=True, slots=True)
class Example:
    """A sample for documentation and the contract suite: options, a value as JSON and the text that people see (en)."""

    json: Any
    text: str
    options: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison that the filter builder offers: its words, its expression, and how many values it takes."""

    label: str
    pattern: str
    takes: Literal["", "value", "values"] = "value"
    joined: str = ""
    """Joins the expression of each value where there are several; without it the values stand in one list."""


OPERATORS: Mapping[str, Operator] = {
    "is": Operator("is", "{field} == {value}"),
    "is_not": Operator("is not", "{field} != {value}"),
    "one_of": Operator("is one of", "{field} in [{value}]", "values"),
    "none_of": Operator("is none of", "{field} not in [{value}]", "values"),
    "contains": Operator("contains", "contains(lower({field}), lower({value}))"),
    "contains_not": Operator("does not contain", "not contains(lower({field}), lower({value}))"),
    "has": Operator("has", "{value} in {field}", "values", " and "),
    "has_any": Operator("has any of", "{value} in {field}", "values", " or "),
    "has_not": Operator("has not", "{value} not in {field}", "values", " and "),
    "starts_with": Operator("starts with", "starts_with(lower({field}), lower({value}))"),
    "less": Operator("is less than", "{field} < {value}"),
    "at_most": Operator("is at most", "{field} <= {value}"),
    "more": Operator("is more than", "{field} > {value}"),
    "at_least": Operator("is at least", "{field} >= {value}"),
    "before": Operator("is before", "{field} < {value}"),
    "until": Operator("is on or before", "{field} <= {value}"),
    "after": Operator("is after", "{field} > {value}"),
    "since": Operator("is on or after", "{field} >= {value}"),
    "today": Operator("is today", "{field} == today()", ""),
    "past": Operator("is before today", "{field} < today()", ""),
    "future": Operator("is after today", "{field} > today()", ""),
    "yes": Operator("is yes", "{field} == true", ""),
    "no": Operator("is no", "{field} == false", ""),
    "me": Operator("is me", "{field} == me", ""),
    "blank": Operator("is blank", "{field} == blank", ""),
    "not_blank": Operator("is not blank", "{field} != blank", ""),
}


NUMBER_OPERATORS: tuple[str, ...] = ("is", "is_not", "less", "at_most", "more", "at_least", "blank", "not_blank")
CHOICE_OPERATORS: tuple[str, ...] = ("is", "is_not", "one_of", "none_of", "blank", "not_blank")


def literal(value: Any) -> str:
    """Return a plain value as a literal of the expression language.

    Dates, moments and times are texts; the language reads them as what they stand beside.

    >>> literal(Decimal("12.50")), literal(date(2026, 11, 24))
    ('12.50', '"2026-11-24"')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        return quoted(value.isoformat().replace("+00:00", "Z"))
    if isinstance(value, (date, time)):
        return quoted(value.isoformat())
    if isinstance(value, timedelta):
        return f"days({Decimal(value // timedelta(seconds=1)) / 86_400:.15f})"
    return quoted(str(value))


def quoted(text: str) -> str:
    """Return a text as a text literal of the expression language."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(sign, written)
    return f'"{text}"'


class FieldType:
    """The base of every field type; one stateless instance of each is registered.

    ``simple`` types have one column whose Python value is the field's value. ``json_identity`` types have values that
    orjson writes as the API shows them, so that reading a list costs nothing per cell.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""
    icon: ClassVar[str] = "forms"
    Options: ClassVar[type[FieldOptions]] = FieldOptions
    examples: ClassVar[Sequence[Example]] = ()

    simple: ClassVar[bool] = True
    json_identity: ClassVar[bool] = False
    stored: ClassVar[bool] = True
    """False for values that live elsewhere (link tables) or are worked out (formulas)."""
    computed: ClassVar[bool] = False
    """True for values that are worked out from others and can never be written."""
    internal: ClassVar[bool] = False
    """True for types of system fields, which documents cannot use."""
    parts: ClassVar[tuple[str, ...]] = ()
    """Inputs of a value that is typed in several of them (``address__city``); raw input is then a map of these."""
    sortable: ClassVar[bool] = True
    filterable: ClassVar[bool] = True
    searchable: ClassVar[bool] = False
    control: ClassVar[str] = "text"
    """The shared input that edits it: text, textarea, rich, number, money, boolean, date, datetime, time, choice,
    choices, lookup, lookups, file, address, rating, colour, json, none."""
    align: ClassVar[Literal["start", "end"]] = "start"
    most_columns: ClassVar[int] = 1
    """The most physical columns that a field of the type takes."""
    width: ClassVar[Literal["xs", "sm", "md", "lg", "xl"]] = "lg"
    """How wide its column of a list is, when the view does not say."""
    operators: ClassVar[tuple[str, ...]] = ("is", "is_not", "blank", "not_blank")
    """Words of :data:`OPERATORS` that the filter builder offers."""

    # ---- storage -----------------------------------------------------------------------------------------------

    def columns(self, field: Field) -> tuple[Column, ...]:
        """Return the physical columns, the main one first."""
        raise NotImplementedError

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        """Return the value as Python values of its columns; a blank value is all None."""
        return (value,)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        """Return the value of the columns' Python values; the inverse of :meth:`store`."""
        return stored[0]

    # ---- input and output --------------------------------------------------------------------------------------

    def parse(self, raw: Any, field: Field, scope: InputScope) -> Any:
        """Return the value of raw input; None when it is blank. Raises :class:`InvalidValue`."""
        return None if self.blank(raw) else self.read(raw, field, scope)

    def read(self, raw: Any, field: Field, scope: InputScope) -> Any:
        """Return the value of raw input that is not blank. Raises :class:`InvalidValue`."""
        raise NotImplementedError

    def check_in_record(self, value: Any, field: Field, record: RecordScope) -> None:
        """Check a changed value against the rest of its record. Raises :class:`InvalidValue`.

        The records door calls it for every field that has a value and for which it, or a field named by
        :meth:`depends_on`, changed.
        """

    def depends_on(self, field: Field) -> tuple[str, ...]:
        """Return the names of the fields whose change makes a new check of this one necessary."""
        return ()

    def to_json(self, value: Any, field: Field) -> Any:
        """Return a value that is not None as the API shows it; ``parse(to_json(v))`` gives ``v`` again."""
        return value

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        """Return a value that is not None as a person reads it: in cells, histories and exports."""
        return str(value)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        """Return a value that is not None as the form's input holds it; ``parse`` in ``form`` reads it back."""
        return self.text(value, field, scope)

    def input_parts(self, value: Any, field: Field, scope: InputScope) -> Mapping[str, str]:
        """Return the texts of the inputs named by ``parts``; ``parse`` in ``form`` reads the map back."""
        return {}

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        """Return the JSON Schema of the value as the API shows it, without null."""
        return {"type": "string"}

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        """Return the JSON Schema of the values that the API takes, without null."""
        return self.json_schema(field, snapshot)

    def stands_for(self, field: Field, snapshot: Snapshot) -> Field:
        """Return the field as the runtime sees it: itself, or what a stored computed field is kept as."""
        return field

    def problems(self, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        """Return what is wrong with the field's own options, as pairs of option and sentence."""
        return ()

    # ---- screens -----------------------------------------------------------------------------------------------

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        """Return the Jinja source of a list cell for a value that is not None.

        ``value`` is the Jinja expression of the value. The template has ``f`` (the person's formatter, a
        :class:`PersonLocale`), ``now`` and ``today`` (the person's), ``icon(name)``, ``url(endpoint, …)`` and this
        field's constants, each under ``prefix`` and its name; output is escaped unless it is Markup.
        """
        return "<bdi>{{ " + value + " }}</bdi>"

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        """Return what :meth:`cell` and :meth:`detail` use, by name: ready Markup or functions, made once per template.

        The caller hands each to the template under ``prefix + name``, with a prefix of its own for each cell.
        """
        return {}

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        """Return the Jinja source that shows the value on a record's page, where it has more room than in a list."""
        return self.cell(field, value, snapshot, prefix)

    # ---- queries and expressions -------------------------------------------------------------------------------

    def expression_type(self, field: Field, snapshot: Snapshot) -> Type | None:
        """Return the type that expressions see; None when expressions cannot use the field."""
        return None

    def expression_info(self, field: Field, snapshot: Snapshot) -> FieldInfo | None:
        """Return the field as expressions see it: its type, label, and for choices the options and their attributes."""
        kind = self.expression_type(field, snapshot)
        return None if kind is None else FieldInfo(kind, field.label or field.name)

    def blank(self, raw: Any) -> bool:
        """Tell whether raw input means no value."""
        return raw is None or (isinstance(raw, str) and not raw.strip())

    def literal(self, value: Any, field: Field) -> str:
        """Return a value that is not None as a literal of the expression language."""
        return literal(value)

    def operand(self, field: Field) -> str:
        """Return how expressions read the value that filters compare."""
        return field.name

    def filter_expression(self, field: Field, operator: str, operand: str, scope: InputScope) -> str:
        """Return a condition of the filter builder as text of the expression language.

        ``operand`` is what the person wrote, in form notation; several are separated by commas. Raises
        :class:`InvalidValue` when the operator or the operand does not fit.
        """
        if operator not in self.operators:
            raise InvalidValue("operator_unknown", f'{field.label or field.name} cannot be filtered by "{operator}".')
        known = OPERATORS[operator]
        if not known.takes:
            return known.pattern.format(field=self.operand(field))
        texts = [part.strip() for part in operand.split(",")] if known.takes == "values" else [operand]
        written = [self._written(text, field, scope) for text in texts if known.takes != "values" or text]
        if not written:
            raise InvalidValue("operand_missing", "The filter has no value.", "Choose one, or remove the filter.")
        if known.joined:
            each = [known.pattern.format(field=self.operand(field), value=value) for value in written]
            return each[0] if len(each) == 1 else f"({known.joined.join(each)})"
        return known.pattern.format(field=self.operand(field), value=", ".join(written))

    def _written(self, text: str, field: Field, scope: InputScope) -> str:
        value = self.parse(text, field, scope)
        if value is None:
            raise InvalidValue("operand_missing", "The filter has no value.", "Write one, or remove the filter.")
        return self.literal(value, field)
