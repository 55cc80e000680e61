"""What a field type is: storage, input, display, query and expression behaviour in one small class.

A type lives in one file of this folder that bears its name. Everything but ``columns`` and ``parse`` has a default, so
a new type is often thirty lines. A field type never touches the database, a request or a clock: it turns values
into columns, JSON, text and Jinja source, and the runtime does the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

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
    ``form`` numbers and dates are read as the person's locale writes them.
    """

    locale: PersonLocale
    snapshot: Snapshot
    source: Literal["json", "form"] = "json"


class InvalidValue(Exception):
    """A value that the field cannot take. The message is a whole sentence in plain words; the hint says what to write."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code, self.message, self.hint = code, message, hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Example:
    """A sample for documentation and the contract suite: options, a value as JSON and the text that people see (en)."""

    json: Any
    text: str
    options: Mapping[str, Any] | None = None


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
    sortable: ClassVar[bool] = True
    filterable: ClassVar[bool] = True
    searchable: ClassVar[bool] = False
    control: ClassVar[str] = "text"
    """The shared input that edits it: text, textarea, rich, number, money, boolean, date, datetime, time, choice,
    choices, lookup, lookups, file, address, rating, colour, json, none."""
    align: ClassVar[Literal["start", "end"]] = "start"
    operators: ClassVar[tuple[str, ...]] = ("is", "is_not", "blank", "not_blank")

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
        raise NotImplementedError

    def to_json(self, value: Any, field: Field) -> Any:
        """Return a value that is not None as the API shows it; ``parse(to_json(v))`` gives ``v`` again."""
        return value

    def text(self, value: Any, field: Field, locale: PersonLocale) -> str:
        """Return a value that is not None as a person reads it: in cells, histories and exports."""
        return str(value)

    def input_text(self, value: Any, field: Field, locale: PersonLocale) -> str:
        """Return a value that is not None as the form's input holds it; ``parse`` in ``form`` reads it back."""
        return self.text(value, field, locale)

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        """Return the JSON Schema of the value as the API shows it, without null."""
        return {"type": "string"}

    # ---- screens -----------------------------------------------------------------------------------------------

    def cell(self, field: Field, value: str, snapshot: Snapshot) -> str:
        """Return the Jinja source of a list cell for a value that is not None.

        ``value`` is the Jinja expression of the value. The template has ``f`` (the person's formatter, a
        :class:`PersonLocale`), ``icon(name)`` and ``url(endpoint, …)``; output is escaped unless a constant.
        """
        return "{{ " + value + " }}"

    # ---- queries and expressions -------------------------------------------------------------------------------

    def expression_type(self, field: Field, snapshot: Snapshot) -> Type | None:
        """Return the type that expressions see; None when expressions cannot use the field."""
        return None

    def blank(self, raw: Any) -> bool:
        """Tell whether raw input means no value."""
        return raw is None or (isinstance(raw, str) and not raw.strip())
