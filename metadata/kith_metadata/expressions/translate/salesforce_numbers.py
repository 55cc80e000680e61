"""Salesforce's functions on numbers and places on the globe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.pieces import Piece, call, number_literal
from kith_metadata.expressions.translate.salesforce_rules import Rule, plain, same_type

# Places after the point that a division leaves trustworthy.
_NOISE = "12"


def _rounded(arguments: Sequence[Piece]) -> Piece:
    return call("round", arguments[0].type if arguments[0].type.kind == "money" else t.DECIMAL, *arguments)


def _whole(name: str) -> Rule:
    """Round to whole numbers; what a division or a length of time left at the last digits is dropped before."""

    def write(arguments: Sequence[Piece]) -> Piece:
        (found,) = arguments
        divided = " / " in found.text or "in_days(" in found.text
        rounded = call("round", t.DECIMAL, found, number_literal(_NOISE)) if divided else found
        return call(name, t.INTEGER, rounded)

    return Rule(("number",), write)


def _on_number(name: str) -> Rule:
    return Rule(("number",), plain(name, t.DECIMAL))


RULES: Mapping[str, Rule] = {
    "ABS": Rule(("number",), same_type("abs")),
    "ROUND": Rule(("number", "number"), _rounded, least=1),
    "TRUNC": Rule(("number", "number"), plain("truncate", t.DECIMAL), least=1),
    "FLOOR": _whole("round_down"),
    "CEILING": _whole("round_up"),
    "MFLOOR": _whole("floor"),
    "MCEILING": _whole("ceiling"),
    "MOD": Rule(("number", "number"), plain("mod", t.DECIMAL)),
    "MAX": Rule(("any",), same_type("max"), repeated=True),
    "MIN": Rule(("any",), same_type("min"), repeated=True),
    "SQRT": _on_number("sqrt"),
    "EXP": _on_number("exp"),
    "LN": _on_number("ln"),
    "LOG": _on_number("log10"),
    "PI": Rule((), plain("pi", t.DECIMAL)),
    "SIN": _on_number("sin"),
    "COS": _on_number("cos"),
    "TAN": _on_number("tan"),
    "ASIN": _on_number("asin"),
    "ACOS": _on_number("acos"),
    "ATAN": _on_number("atan"),
    "ATAN2": Rule(("number", "number"), plain("atan2", t.DECIMAL)),
    "PICKLISTCOUNT": Rule(("choices",), plain("option_count", t.INTEGER)),
}
