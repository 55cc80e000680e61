"""The types that names must have by the way a Salesforce formula uses them, for names that no metadata describes."""

from __future__ import annotations

from collections.abc import Mapping

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.foreign_tree import Call, Foreign, Name, Number, Operation, Text, Word
from kith_metadata.expressions.translate.salesforce import RULES
from kith_metadata.expressions.types import Type

_Wanted = tuple[Foreign, Type | None]
_WANTED: Mapping[str, Type] = {
    "text": t.TEXT,
    "number": t.DECIMAL,
    "date": t.DATE,
    "moment": t.DATETIME,
    "calendar": t.DATE,
    "clock": t.DATETIME,
    "instant": t.DATETIME,
    "choices": t.choices("inferred"),
}
_RESULTS: Mapping[str, Type] = {
    "TODAY": t.DATE,
    "DATE": t.DATE,
    "DATEVALUE": t.DATE,
    "NOW": t.DATETIME,
    "DATETIMEVALUE": t.DATETIME,
    "TEXT": t.TEXT,
    "LEFT": t.TEXT,
    "RIGHT": t.TEXT,
    "MID": t.TEXT,
    "SUBSTITUTE": t.TEXT,
    "LEN": t.INTEGER,
    "VALUE": t.DECIMAL,
    "YEAR": t.INTEGER,
    "MONTH": t.INTEGER,
    "DAY": t.INTEGER,
}
_CONDITIONS = frozenset({"AND", "OR", "NOT"})
_PASSING = frozenset({"BLANKVALUE", "NULLVALUE", "IFERROR", "MAX", "MIN"})


def infer_types(tree: Foreign, result: Type | None = None) -> dict[str, Type]:
    """Return the type of each name, in small letters, that its use tells; `result` is what the formula gives."""
    found: dict[str, Type] = {}
    pending: list[_Wanted] = [(tree, result)]
    while pending:
        node, wanted = pending.pop()
        if isinstance(node, Name) and wanted is not None:
            found.setdefault(node.written.lower(), wanted)
        elif isinstance(node, Operation):
            pending.extend(reversed(_operation(node, wanted)))
        elif isinstance(node, Call):
            pending.extend(reversed(_call(node, wanted)))
    return found


def _operation(node: Operation, wanted: Type | None) -> list[_Wanted]:
    if node.sign in ("&&", "||", "!"):
        kinds: list[Type | None] = [t.BOOLEAN] * len(node.operands)
    elif node.sign in ("*", "/", "^"):
        kinds = [t.DECIMAL, t.DECIMAL]
    elif node.sign == "&":
        kinds = [t.TEXT, t.TEXT]
    elif node.sign in ("+", "-"):
        kinds = _sum(node, wanted)
    else:
        left, right = node.operands
        kinds = [_kind(right), _kind(left)]
    return list(zip(node.operands, kinds, strict=True))


def _sum(node: Operation, wanted: Type | None) -> list[Type | None]:
    known = [_kind(operand) for operand in node.operands]
    kinds = {kind.kind for kind in known if kind is not None}
    if wanted is not None and wanted.kind in ("date", "datetime") and len(known) == 2:
        return [wanted, t.DECIMAL]
    if kinds & {"date", "datetime"} and node.sign == "-":
        # Only a name can say that the other side is a date, and not a number of days.
        date = next(kind for kind in known if kind is not None)
        return [date if _sounds_like_date(operand) else t.DECIMAL for operand in node.operands]
    if "text" in kinds or (wanted is not None and wanted.kind == "text"):
        return [t.TEXT] * len(known)
    return [t.DECIMAL] * len(known)


def _sounds_like_date(node: Foreign) -> bool:
    return isinstance(node, Name) and "date" in node.parts[-1].lower()


def _call(node: Call, wanted: Type | None) -> list[_Wanted]:
    kinds: list[Type | None] = [None] * len(node.arguments)
    if node.name in _CONDITIONS:
        kinds = [t.BOOLEAN] * len(kinds)
    elif node.name in _PASSING:
        kinds = [wanted] * len(kinds)
    elif node.name == "IF" and kinds:
        kinds = [t.BOOLEAN, *[wanted] * (len(kinds) - 1)]
    elif node.name in ("ISPICKVAL", "INCLUDES") and kinds:
        kinds[0] = t.choice("inferred") if node.name == "ISPICKVAL" else t.choices("inferred")
    elif node.name == "CASE" and len(kinds) > 2:
        value = _kind(node.arguments[1])
        kinds = [wanted if index % 2 == 0 else value for index in range(len(kinds))]
        kinds[0] = t.choice("inferred") if value == t.TEXT else value
        kinds[-1] = wanted if len(kinds) % 2 == 0 else kinds[-1]
    elif node.name in RULES:
        wants = RULES[node.name].wants or ("any",)
        kinds = [_WANTED.get(wants[min(index, len(wants) - 1)]) for index in range(len(kinds))]
        if node.name == "VALUE" and kinds:
            kinds[0] = t.TEXT
    return list(zip(node.arguments, kinds, strict=True))


def _kind(node: Foreign) -> Type | None:
    """Return what a part of the tree is, as far as it shows by itself."""
    match node:
        case Number():
            return t.DECIMAL
        case Text():
            return t.TEXT
        case Word(value=bool()):
            return t.BOOLEAN
        case Call():
            return _RESULTS.get(node.name)
        case Operation(sign="*" | "/" | "^"):
            return t.DECIMAL
        case Operation(sign="&"):
            return t.TEXT
    return None
