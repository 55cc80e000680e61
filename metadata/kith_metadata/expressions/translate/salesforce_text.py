"""Salesforce's functions on texts, and those that give marked-up text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.pieces import (
    BLANK,
    CONDITIONAL,
    PRODUCT,
    SUM,
    Piece,
    call,
    choose,
    compared,
    joined,
)
from kith_metadata.expressions.translate.salesforce_rules import Build, Rule, plain
from kith_metadata.expressions.translate.salesforce_values import MARKUP, as_text


def _value(arguments: Sequence[Piece]) -> Piece:
    (found,) = arguments
    return found if found.is_number else call("number", t.DECIMAL, as_text(found))


def _substring(arguments: Sequence[Piece]) -> Piece:
    """SUBSTR counts a negative start from the end, and gives nothing before the beginning."""
    text, start, *length = arguments
    whole = call("len", t.INTEGER, text)
    count = length[0] if length else whole
    from_end = f"mid({text.text}, {whole.text} + {start.at(PRODUCT)} + 1, {count.text})"
    inside = f"{whole.text} + {start.at(PRODUCT)} >= 0"
    counted = f"mid({text.text}, {start.text}, {count.text})"
    if start.text.isdigit():
        return Piece(counted, t.TEXT)
    return Piece(f"{counted} if {start.at(SUM)} >= 0 else ({from_end} if {inside} else blank)", t.TEXT, CONDITIONAL)


def _substitute(arguments: Sequence[Piece]) -> Piece:
    """A blank part gives a blank text in Salesforce."""
    replaced = call("replace", t.TEXT, *arguments)
    if arguments[1].certain:
        return replaced
    return choose(compared(arguments[1], "==", BLANK), BLANK, replaced, t.TEXT)


def _searched(name: str) -> Build:
    """Every text contains, begins with and ends with a blank part in Salesforce."""

    def write(arguments: Sequence[Piece]) -> Piece:
        found = call(name, t.BOOLEAN, *arguments)
        return found if arguments[1].certain else joined("or", (call("is_blank", t.BOOLEAN, arguments[1]), found))

    return write


def _format_duration(arguments: Sequence[Piece]) -> Piece:
    if len(arguments) == 2 and arguments[1].type.kind in ("time", "datetime"):
        difference = Piece(f"abs(in_seconds({arguments[0].text} - {arguments[1].text}))", t.DECIMAL)
        return call("format_duration", t.TEXT, difference)
    return call("format_duration", t.TEXT, *arguments)


def _unformatted(arguments: Sequence[Piece]) -> Piece:
    return as_text(arguments[0])


def _without_locale(name: str) -> Rule:
    return Rule(("text", "any"), lambda arguments: call(name, t.TEXT, arguments[0]), least=1)


RULES: Mapping[str, Rule] = {
    "LEFT": Rule(("text", "number"), plain("left", t.TEXT)),
    "RIGHT": Rule(("text", "number"), plain("right", t.TEXT)),
    "MID": Rule(("text", "number", "number"), plain("mid", t.TEXT)),
    "SUBSTR": Rule(("text", "number", "number"), _substring, least=2),
    "LEN": Rule(("text",), plain("len", t.INTEGER)),
    "TRIM": Rule(("text",), plain("trim", t.TEXT)),
    "UPPER": _without_locale("upper"),
    "LOWER": _without_locale("lower"),
    "INITCAP": _without_locale("title_case"),
    "REVERSE": Rule(("text",), plain("reverse", t.TEXT)),
    "LPAD": Rule(("text", "number", "text"), plain("pad_left", t.TEXT), least=2),
    "RPAD": Rule(("text", "number", "text"), plain("pad_right", t.TEXT), least=2),
    "SUBSTITUTE": Rule(("text", "text", "text"), _substitute),
    "FIND": Rule(("text", "text", "number"), plain("find", t.INTEGER), least=2),
    "CONTAINS": Rule(("text", "text"), _searched("contains")),
    "BEGINS": Rule(("text", "text"), _searched("starts_with")),
    "ENDS": Rule(("text", "text"), _searched("ends_with")),
    "LIKE": Rule(("text", "text"), plain("like", t.BOOLEAN)),
    "REGEX": Rule(("text", "text"), plain("matches", t.BOOLEAN)),
    "TEXT": Rule(("any",), _unformatted),
    "VALUE": Rule(("any",), _value),
    "ISNUMBER": Rule(("text",), plain("is_number", t.BOOLEAN)),
    "CHR": Rule(("number",), plain("char", t.TEXT)),
    "CHAR": Rule(("number",), plain("char", t.TEXT)),
    "ASCII": Rule(("text",), plain("code", t.INTEGER)),
    "FORMATDURATION": Rule(("any", "any"), _format_duration, least=1),
    "URLENCODE": Rule(("text",), plain("url_encode", t.TEXT)),
    "HTMLENCODE": Rule(("text",), plain("html_encode", t.TEXT)),
    "JSENCODE": Rule(("text",), plain("script_encode", t.TEXT)),
    "HYPERLINK": Rule(("text", "text", "any"), lambda found: call("link", MARKUP, *found[:2]), least=2),
    "IMAGE": Rule(("text", "text", "number", "number"), plain("image", MARKUP), least=2),
    "BR": Rule((), plain("line_break", MARKUP)),
}
