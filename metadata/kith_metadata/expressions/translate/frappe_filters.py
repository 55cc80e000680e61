"""Translating Frappe's `link_filters`: the conditions that a record must meet to be chosen in a lookup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import pieces
from kith_metadata.expressions.translate.foreign_scope import ForeignScope, Missing
from kith_metadata.expressions.translate.foreign_tree import Foreign
from kith_metadata.expressions.translate.frappe_values import compare, member
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.translate.refusals import TranslationError, syntax_error
from kith_metadata.expressions.translate.translated import Translated, Writing

MAX_FILTERS = 50
_SIGNS: Mapping[str, str] = {"=": "==", "==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ONE = (1, 1)


def translate_frappe_filters(text: str, scope: ForeignScope) -> Translated:
    """Return the filters as one condition on the record to be chosen; `scope` holds the fields of its DocType.

    Raises `TranslationError` with everything that cannot be carried. The place of a refusal is the number of its
    filter, as the column.
    """
    filters = _read(text)
    writing = Writing(scope, True, lambda node: None, lambda node: None)
    found = [_condition(writing, Foreign((1, number)), item) for number, item in enumerate(filters, start=1)]
    tests = [test for test in found if test is not None]
    if writing.refusals or len(tests) < len(found):
        raise TranslationError(tuple(writing.refusals))
    return Translated(pieces.joined("and", tests).text if tests else "true", t.BOOLEAN)


def _read(text: str) -> Sequence[Any]:
    try:
        filters = json.loads(text)
    except (ValueError, RecursionError):
        raise syntax_error(_ONE, "The filters are not JSON.") from None
    if not isinstance(filters, list) or len(filters) > MAX_FILTERS:
        raise syntax_error(_ONE, f"The filters are not a list of at most {MAX_FILTERS}.")
    return filters


def _condition(writing: Writing, node: Foreign, item: Any) -> Piece | None:
    """Return one filter: [the place of the lookup, field, operator, value]."""
    if not isinstance(item, list) or len(item) < 4 or not all(isinstance(part, str) for part in item[1:3]):
        return writing.refuse(node.place, "syntax", "A filter is a list of DocType, field, operator and value.")
    found = writing.scope.find((item[1],))
    if isinstance(found, Missing):
        return writing.refuse(node.place, found.code, found.message)
    field_piece = Piece(found.text, found.type, options=found.options, title=found.title)
    operator, value = item[2].strip().lower(), item[3]
    if isinstance(value, str) and value.startswith("eval:"):
        return writing.refuse(node.place, "function", "The value of a filter is itself a condition of Frappe.")
    if operator in _SIGNS:
        return compare(writing, node, _SIGNS[operator], (field_piece, _literal(value)))
    if operator in ("in", "not in"):
        values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        inside = member(writing, node, field_piece, [_literal(one) for one in values])
        return pieces.negated(inside) if inside and operator == "not in" else inside
    if operator in ("like", "not like"):
        return _like(writing, node, field_piece, (operator, str(value)))
    if operator == "is":
        return pieces.compared(field_piece, "!=" if str(value).lower() == "set" else "==", pieces.BLANK)
    return writing.refuse(node.place, "function", f"The operator '{operator[:40]}' has no counterpart.")


def _literal(value: Any) -> Piece:
    if value is None:
        return pieces.BLANK
    if isinstance(value, bool):
        return pieces.TRUE if value else pieces.FALSE
    if isinstance(value, int):
        number = pieces.number_literal(str(abs(value)))
        return number if value >= 0 else Piece(f"-{number.text}", t.INTEGER, pieces.SIGN, certain=True)
    return pieces.text_literal(str(value).strip())


def _like(writing: Writing, node: Foreign, field_piece: Piece, test: tuple[str, str]) -> Piece | None:
    operator, pattern = test
    part = pattern.strip("%")
    if "%" in part or "_" in part or not field_piece.is_text:
        return writing.refuse(node.place, "function", f"The pattern '{pattern[:40]}' has no counterpart.")
    name = "starts_with" if not pattern.startswith("%") else "ends_with" if not pattern.endswith("%") else "contains"
    found = call(name, t.BOOLEAN, field_piece, pieces.text_literal(part))
    return pieces.negated(found) if operator == "not like" else found
