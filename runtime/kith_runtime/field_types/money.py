"""Exact amounts in a currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from kith_metadata.expressions import types as t
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_metadata.values import Money
from kith_runtime.field_types import field_types
from kith_runtime.field_types._amounts import CELL, is_shown_whole, whole_cell
from kith_runtime.field_types._currencies import CURRENCIES, MOST_PLACES, places_of_currency
from kith_runtime.field_types._numbers import DIGITS, check_range, fit, limit, places_of, plain, read_decimal
from kith_runtime.field_types._person import money_text, number_text, typed_money, typed_number
from kith_runtime.field_types._text import clean_line, shown
from kith_runtime.field_types.base import NUMBER_OPERATORS, Column, Example, FieldType, InputScope, InvalidValue

SHOWS_HELP = (
    "exact; whole: lists, cards, highlights and totals leave out the cents, forms and the record's page show them."
)


@field_types.register("money")
class MoneyType(FieldType):
    """An amount with its currency; the currency decides how many decimal places there are."""

    name = "money"
    label = "Money"
    help = "An exact amount in a currency, such as the value of a deal."
    icon = "coin"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):
        """The currency of amounts that name none, and the limits."""

        currency: str = prop(
            "Currency",
            "For amounts that name none, as an ISO 4217 code; each person's own when left out.",
            default="",
            schema={"pattern": "^([A-Z]{3})?$"},
        )
        min: float | str | None = prop("Smallest", "No limit when left out.", default=None)
        max: float | str | None = prop("Largest", "No limit when left out.", default=None)
        shows: Literal["exact", "whole"] = prop("Shows", SHOWS_HELP, default="exact")

    examples = (
        Example({"amount": "84000.00", "currency": "EUR"}, "€84,000.00"),
        Example({"amount": "-1250", "currency": "JPY"}, "-JP¥1,250", {"currency": "JPY"}),
        Example({"amount": "0.125", "currency": "KWD"}, "KWD\u00a00.125", {"currency": "KWD"}),
    )
    simple = False
    most_columns = 2
    control = "money"
    parts = ("amount", "currency")
    align = "end"
    width = "md"
    operators = NUMBER_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="decimal", scale=MOST_PLACES), Column(suffix="currency"))

    def store(self, value: Any, field: Field) -> tuple[Any, ...]:
        return (None, None) if value is None else (value.amount, value.currency)

    def load(self, stored: tuple[Any, ...], field: Field) -> Any:
        amount, currency = stored
        if amount is None:
            return None
        places = max(places_of_currency(currency), places_of(amount))
        return Money(amount.quantize(Decimal(1).scaleb(-places)), currency)

    def blank(self, raw: Any) -> bool:
        if isinstance(raw, Mapping) and "amount" in raw:
            return super().blank(raw["amount"])
        return super().blank(raw)

    def read(self, raw: Any, field: Field, scope: InputScope) -> Money:
        if isinstance(raw, Money):
            raw = {"amount": raw.amount, "currency": raw.currency}
        currency = field.options.currency or scope.locale.currency
        if isinstance(raw, Mapping):
            if set(raw) - {"amount", "currency"} or "amount" not in raw:
                raise InvalidValue(
                    "not_money", "The amount is not readable.", 'Write {"amount": "84000.00", "currency": "EUR"}.'
                )
            if not self.blank(raw.get("currency")):
                currency = read_currency(raw["currency"])
            raw = raw["amount"]
        if isinstance(raw, str) and scope.source == "form":
            raw, currency = split_amount(clean_line(raw), currency, scope)
        amount = fit_amount(read_decimal(raw, scope), read_currency(currency))
        check_range(amount, limit(field.options.min), limit(field.options.max))
        return Money(amount, currency)

    def to_json(self, value: Any, field: Field) -> Any:
        return {"amount": plain(value.amount), "currency": value.currency}

    def text(self, value: Any, field: Field, scope: InputScope) -> str:
        return money_text(value, scope)

    def input_text(self, value: Any, field: Field, scope: InputScope) -> str:
        return " ".join(self.input_parts(value, field, scope).values())

    def input_parts(self, value: Any, field: Field, scope: InputScope) -> Mapping[str, str]:
        places = places_of_currency(value.currency)
        return {"amount": number_text(value.amount, places, scope), "currency": value.currency}

    def json_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "amount": {"type": "string", "pattern": rf"^-?[0-9]{{1,{DIGITS - MOST_PLACES}}}(\.[0-9]{{1,4}})?$"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }

    def input_schema(self, field: Field, snapshot: Snapshot) -> dict[str, Any]:
        schema = self.json_schema(field, snapshot)
        amount = {"anyOf": [schema["properties"]["amount"], {"type": "number"}]}
        taken = {
            **schema,
            "required": ["amount"],
            "properties": {"amount": amount, "currency": {"enum": sorted(CURRENCIES)}},
        }
        return {"anyOf": [taken, *amount["anyOf"]]}

    def cell(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        if is_shown_whole(field.options):
            return whole_cell(value, prefix)
        return self.detail(field, value, snapshot)

    def cell_constants(self, field: Field, snapshot: Snapshot) -> Mapping[str, Any]:
        return CELL if is_shown_whole(field.options) else {}

    def detail(self, field: Field, value: str, snapshot: Snapshot, prefix: str = "") -> str:
        return "{{ f.money(" + value + ".amount, " + value + ".currency) }}"

    def literal(self, value: Any, field: Field) -> str:
        return plain(value.amount)

    def expression_type(self, field: Field, snapshot: Snapshot) -> t.Type:
        return t.MONEY


def read_currency(raw: Any) -> str:
    """Return a currency's code in capitals; refuses what ISO 4217 does not list."""
    code = clean_line(raw).upper()
    if code not in CURRENCIES:
        raise InvalidValue("no_such_currency", f"{shown(raw)} is not a currency.", "Write a code such as EUR or USD.")
    return code


def split_amount(text: str, currency: str, scope: InputScope) -> tuple[Any, str]:
    """Return the amount and the currency of a typed text such as ``84,000 EUR`` or ``€84,000``.

    A code at either end is taken off first: in "5 MXN" the M is not a million.
    """
    for code, amount in ((text[-3:], text[:-3]), (text[:3], text[3:])):
        if code.upper() in CURRENCIES and amount.strip():
            return amount, code.upper()
    try:
        return typed_number(text, scope), currency
    except InvalidValue as problem:
        try:
            return typed_money(text, currency, scope)
        except InvalidValue:
            raise problem from None


def fit_amount(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the places of its currency; refuses more of them."""
    places = places_of_currency(currency)
    if places_of(amount) > places:
        said = f"{places} decimal places" if places else "no decimal places"
        raise InvalidValue(
            "too_precise",
            f"{plain(amount)} has {places_of(amount)} decimal places; {currency} has {said}.",
            f"Write {plain(round(amount, places))}.",
        )
    return fit(amount, places, DIGITS - MOST_PLACES + places)
