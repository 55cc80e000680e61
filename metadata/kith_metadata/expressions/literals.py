"""Which types go together in comparisons, and text literals that become options, dates or moments beside a field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.nodes import Literal, Node
from kith_metadata.expressions.types import Type
from kith_metadata.registry import nearest

Report = Callable[..., None]
Options = Mapping[str, tuple[str, ...]]

_SHAPES = {
    "date": 'Write a date as "2026-11-24".',
    "datetime": 'Write a moment as "2026-11-24T09:00:00Z".',
    "time": 'Write a time as "09:30".',
}


def adapt(node: Node, wanted: Type, options: Options, report: Report) -> Node:
    """Read a text literal as the type it stands beside; report one that cannot be read. Others stay as they are."""
    if not isinstance(node, Literal) or node.type != t.TEXT:
        return node
    if node.value is None:
        return Literal(t.BLANK, node.place, None) if wanted.kind not in t.TEXT_KINDS else node
    if wanted.kind == "choice":
        _check_option(node, wanted, options, report)
        return Literal(wanted, node.place, node.value)
    if wanted.kind in _SHAPES:
        value = _read(wanted.kind, node.value)
        if value is None:
            report(node.place, "wrong_value", f"'{node.value[:40]}' is not a {wanted}.", _SHAPES[wanted.kind])
        return Literal(wanted, node.place, value)
    if wanted.kind == "record" and wanted.name:
        return Literal(wanted, node.place, node.value)
    return node


def adapt_item(item: Node, container: Type, options: Options, report: Report) -> Node:
    """Adapt the left side of `in` to what its right side holds."""
    if container.kind == "choices":
        return adapt(item, Type("choice", container.name), options, report)
    if container.kind == "records":
        return adapt(item, t.record(container.name), options, report)
    return adapt(item, container.item, options, report) if container.item else item


def comparable(left: Type, right: Type, sign: str) -> bool:
    """Tell whether two types can be compared by == != < <= > >=."""
    if sign not in ("==", "!="):
        kinds = t.ORDERED_KINDS
        return (left.kind in kinds and left.kind == right.kind) or (t.is_number(left) and t.is_number(right))
    if "blank" in (left.kind, right.kind):
        return True
    if t.is_number(left) and t.is_number(right):
        return True
    if left.kind in t.TEXT_KINDS and right.kind in t.TEXT_KINDS:
        return left.kind != right.kind or left.name == right.name
    if left.kind == "record":
        return right.kind == "record" and left.name == right.name and left.name is not None
    return left == right and left.kind in ("boolean", "date", "datetime", "time", "duration")


def may_contain(container: Type, item: Type) -> bool:
    """Tell whether `item in container` has a meaning."""
    if container.kind == "text":
        return item.kind in t.TEXT_KINDS | {"blank"}
    if container.kind == "choices":
        return item.kind in ("text", "blank") or (item.kind == "choice" and item.name == container.name)
    if container.kind == "records":
        return item.kind == "blank" or (item.kind == "record" and item.name == container.name)
    return container.item is not None and comparable(item, container.item, "==")


def compare_hint(left: Type, right: Type, sign: str) -> str:
    """Say what could be meant by a comparison that is not possible."""
    kinds = {left.kind, right.kind}
    if kinds == {"date", "datetime"}:
        return "Turn the moment into a date with date_of(…), or compare with now()."
    if "blank" in kinds:
        return "Only == and != can be used with blank."
    if kinds & {"choices", "records"}:
        return 'Use `in`, for example: "vip" in labels.'
    if sign not in ("==", "!=") and "choice" in kinds:
        return "Options have no order; use ==, != or `in`."
    if kinds & t.TEXT_KINDS and kinds & t.NUMBER_KINDS:
        return "Put the value in quotes, or read a number from the text with number(…)."
    if "record" in kinds and "text" in kinds:
        return "Compare with a field of the record, such as account.name."
    return ""


def _check_option(node: Literal, wanted: Type, options: Options, report: Report) -> None:
    known = options.get(wanted.name or "", ())
    if not known or node.value in known:
        return
    near = nearest(node.value, known)
    hint = f"Did you mean '{near}'?" if near else f"Options: {', '.join(known[:12])}."
    report(node.place, "unknown_option", f"'{node.value[:40]}' is not an option of {wanted.name}.", hint)


def _read(kind: str, text: str) -> Any:
    try:
        if kind == "date":
            return date.fromisoformat(text) if len(text) == 10 else None
        if kind == "time":
            found = time.fromisoformat(text)
            return found if found.tzinfo is None and not found.microsecond else None
        moment = datetime.fromisoformat(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
