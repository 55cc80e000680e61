"""Salesforce's functions on numbers and places on the globe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.translate.salesforce_rules import Rule, plain, same_type


def _rounded(arguments: Sequence[Piece]) -> Piece:
    return call("round", arguments[0].type if arguments[0].type.kind == "money" else t.DECIMAL, *arguments)


def _on_number(name: str) -> Rule:
    return Rule(("number",), plain(name, t.DECIMAL))


RULES: Mapping[str, Rule] = {
    "ABS": Rule(("number",), same_type("abs")),
    "ROUND": Rule(("number", "number"), _rounded, least=1),
    "TRUNC": Rule(("number", "number"), plain("truncate", t.DECIMAL), least=1),
    "FLOOR": Rule(("number",), plain("round_down", t.INTEGER)),
    "CEILING": Rule(("number",), plain("round_up", t.INTEGER)),
    "MFLOOR": Rule(("number",), plain("floor", t.INTEGER)),
    "MCEILING": Rule(("number",), plain("ceiling", t.INTEGER)),
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
