"""Figures over lists of records: which list a name means, and the types of what is worked out over it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from kith_metadata.expressions import types as t
from kith_metadata.expressions.check_names import MAX_STEPS, Names, dotted
from kith_metadata.expressions.list_names import names_of
from kith_metadata.expressions.nodes import Aggregate, Node
from kith_metadata.expressions.scope import ListInfo, Scope
from kith_metadata.expressions.types import Type
from kith_metadata.registry import nearest

AGGREGATES: dict[str, str] = {
    "count": "count(list, condition?)",
    "sum": "sum(list.field, condition?)",
    "min": "min(list.field, condition?)",
    "max": "max(list.field, condition?)",
    "avg": "avg(list.field, condition?)",
    "any": "any(list, condition?)",
    "all": "all(list, condition)",
    "first": "first(list.field, condition?)",
}
"""The figures over lists with the way to write each."""

MAX_AGGREGATES = 20
MAX_INSIDE = 2

_SUMMED = t.NUMBER_KINDS | {"duration"}
_SORTED = _SUMMED | {"date", "datetime", "time"}
_VALUES = {"sum": _SUMMED, "avg": t.NUMBER_KINDS, "min": _SORTED, "max": _SORTED}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that a path leads to, and what follows the list in the path."""

    info: ListInfo
    path: tuple[str, ...]
    rest: tuple[str, ...]


Inside = Callable[[Names, ast.expr, bool], Node | None]
"""Checks a part of the call with the names of the listed record; with True it must be a condition."""


def is_aggregate(node: ast.Call, names: Names) -> bool:
    """Tell whether a call is a figure over a list; min and max are also functions of plain values."""
    if not isinstance(node.func, ast.Name) or node.func.id not in AGGREGATES:
        return False
    if node.func.id not in ("min", "max"):
        return True
    path = dotted(node.args[0]) if node.args else None
    return path is not None and bool(_candidates(names.lists_scope(path), _own(path)))


def typed_aggregate(node: ast.Call, place: tuple[int, int], names: Names, inside: Inside) -> Node | None:
    """Return the typed figure, or None after reporting why it is not possible."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if not 1 <= len(node.args) <= 2 or (name == "all" and len(node.args) < 2):
        names.report(place, "wrong_count", f"{name}() does not take {len(node.args)} arguments.",
                     f"Write {AGGREGATES[name]}.")  # fmt: skip
        return None
    if not names.may_list(place, MAX_AGGREGATES, MAX_INSIDE):
        return None
    found = _list(node.args[0], name, names)
    if found is None:
        return None
    inner = names.inside(found.info.entity)
    value = _value(node.args[0], name, found, inner)
    condition = inside(inner, node.args[1], True) if len(node.args) == 2 else None
    result = _result(name, found, value)
    if result is None or (found.rest and value is None) or (len(node.args) == 2 and condition is None):
        return None
    info = found.info
    if info.ours:
        names.note_link(found.path)
        names.reads.add((_holder(names.scope, found.path), info.by))
    else:
        names.reads.add((info.entity, info.by))
    return Aggregate(result, place, name, found.path, info.entity, info.by, info.ours, value, condition)


def _holder(scope: Scope, path: tuple[str, ...]) -> str:
    """Return the entity whose field stands at the end of a path."""
    for step in path[:-1]:
        info = scope.field(step)
        scope = scope if info is None or info.type.name is None else scope.related(info.type.name)
    return scope.entity


def _own(path: tuple[str, ...]) -> tuple[str, ...]:
    return path[1:] if path[0] == "this" and len(path) > 1 else path


def _candidates(
    scope: Scope, path: tuple[str, ...]
) -> tuple[tuple[ListInfo, ...], tuple[str, ...], tuple[str, ...]] | None:
    """Follow lookups to the first name that means a list; None when the path meets no list."""
    for taken, step in enumerate(path[: MAX_STEPS + 1]):
        info = scope.field(step)
        if info is not None and info.type.kind == "records" and info.type.name:
            return (ListInfo(info.type.name, step, ours=True),), path[: taken + 1], path[taken + 1 :]
        if info is None:
            found = scope.lists(step)
            return (found, path[: taken + 1], path[taken + 1 :]) if found else None
        if info.type.kind != "record" or info.type.name is None:
            return None
        scope = scope.related(info.type.name)
    return None


def _list(source: ast.expr, name: str, names: Names) -> Listed | None:
    place, path = names.place(source), dotted(source)
    if path is None:
        names.report(place, "wrong_type", f"{name}() works over a list of records.", f"Write {AGGREGATES[name]}.")
        return None
    if path[0] == "this" and names.whole is not names:
        names.report(place, "not_allowed", f"'{'.'.join(path)}' is a list of another record than the one in this list.",
                     "Put it into a roll-up field of that record.")  # fmt: skip
        return None
    scope = names.lists_scope(path)
    own = _own(path)
    found = _candidates(scope, own)
    if found is None:
        known = _known(scope)
        near = nearest(own[0], known)
        hint = f"Did you mean '{near}'?" if near else f"Lists: {', '.join(known[:12])}." if known else ""
        names.report(place, "unknown_list", f"'{'.'.join(path)}' is no list of records of {scope.entity}.", hint)
        return None
    infos, way, rest = found
    if len(infos) > 1:
        said = " or ".join(f"those of {info.entity} by {info.by}" for info in infos[:4])
        shown = [".".join((*way[:-1], _clear(scope, way, info))) for info in infos[:4]]
        names.report(place, "ambiguous", f"'{way[-1]}' can mean several lists: {said}.",
                     f"Write {' or '.join(shown)}.")  # fmt: skip
        return None
    if not rest and name in _VALUES:
        names.report(place, "wrong_type", f"{name}() needs a field of the records in '{'.'.join(way)}'.",
                     f"Write {AGGREGATES[name]}.")  # fmt: skip
        return None
    before = len(path) - len(own)
    names.follow(way[:-1], place, before)
    target = ("field", _holder(scope, way), infos[0].by) if infos[0].ours else ("list", infos[0].entity, infos[0].by)
    names.note(place, before + len(way) - 1, target)
    return Listed(infos[0], way, rest)


def _clear(scope: Scope, way: tuple[str, ...], info: ListInfo) -> str:
    for step in way[:-1]:
        found = scope.field(step)
        scope = scope if found is None or found.type.name is None else scope.related(found.type.name)
    return next((name for name in names_of(info) if len(scope.lists(name)) == 1), names_of(info)[-1])


def _known(scope: Scope) -> tuple[str, ...]:
    own = tuple(name for name in scope.names() if (info := scope.field(name)) and info.type.kind == "records")
    return (*own, *scope.list_names())


def _value(source: ast.expr, name: str, found: Listed, inner: Names) -> Node | None:
    if not found.rest:
        return None
    place = inner.place(source)
    if name in ("count", "any", "all"):
        shown = ".".join(found.path)
        inner.report(place, "wrong_type", f"{name}() takes the list alone, not its field '{'.'.join(found.rest)}'.",
                     f"Write {name}({shown}, {'.'.join(found.rest)} != blank).")  # fmt: skip
        return None
    value = inner.path(found.rest, place, (dotted(source) or ())[: -len(found.rest)])
    if value is not None and name in _VALUES and value.type.kind not in _VALUES[name]:
        inner.report(place, "wrong_type", f"There is no {name} of {value.type}.",
                     f"{name}() takes {', '.join(sorted(_VALUES[name]))}.")  # fmt: skip
        return None
    if value is not None and value.type.kind in ("records", "json"):
        inner.report(place, "wrong_type", f"{name}() cannot give {value.type}.", "Choose a field with one value.")
        return None
    return value


def _result(name: str, found: Listed, value: Node | None) -> Type | None:
    if name == "count":
        return t.INTEGER
    if name in ("any", "all"):
        return t.BOOLEAN
    if value is None:
        return t.record(found.info.entity) if name == "first" and not found.rest else None
    if name == "avg":
        return value.type if value.type.kind in ("money", "percent") else t.DECIMAL
    return value.type
