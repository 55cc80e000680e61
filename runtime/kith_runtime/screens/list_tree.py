"""The filter builder as a tree: conditions and groups of them, read from a sent form whose inputs bear their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from kith_runtime.screens.list_state import LONGEST_TEXT, MOST_CONDITIONS, Condition

DEEPEST = 3
"""Groups nest so deep, the outermost included; what is deeper stays as text."""

_INPUT = re.compile(rf"([fxg])\.([0-9]{{1,3}}(?:-[0-9]{{1,3}}){{0,{DEEPEST - 1}}})")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part that the builder cannot show: it stays in the expression language, as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that are all joined by the same word, ``and`` or ``or``."""

    join: str = "and"
    items: tuple[Node, ...] = ()


Node = Condition | Phrase | Group


@dataclass(slots=True)
class _Place:
    """A place of the form while it is read; ``node`` is None for a group."""

    node: Condition | Phrase | None = None
    join: str = "and"
    below: dict[str, _Place] = field(default_factory=dict)


def is_sent(arguments: MultiDict[str, str]) -> bool:
    """Tell whether a builder was sent, and not only an address asked."""
    return "_mode" in arguments or any(_INPUT.fullmatch(name) for name in arguments)


def read_tree(arguments: MultiDict[str, str]) -> Group:
    """Return the tree of a sent builder, with what its pressed button adds or takes away.

    A line without a field yet is a condition with a blank field.
    """
    root = _Place(join=_join(arguments, ""))
    dropped = arguments.get("_drop", "")
    for kind, path in list(_inputs(arguments))[: MOST_CONDITIONS * 2]:
        if path != dropped and not path.startswith(f"{dropped}-"):
            at = _reach(root, path, arguments)
            at.node = None if kind == "g" else _leaf(arguments, kind, path)
    tree = _group(root)
    for button, added in (("_add", Condition("", "")), ("_group", Group("or", (Condition("", ""),)))):
        if button in arguments:
            tree = _with(tree, _numbers(root, arguments[button]), added)
    return tree


def _inputs(arguments: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    for name in arguments:
        found = _INPUT.fullmatch(name)
        if found is not None:
            yield found[1], found[2]


def _join(arguments: MultiDict[str, str], path: str) -> str:
    return "or" if arguments.get(f"j.{path}" if path else "j") == "or" else "and"


def _reach(root: _Place, path: str, arguments: MultiDict[str, str]) -> _Place:
    """Return the place of a path, making the groups on the way."""
    at, walked = root, ""
    for step in path.split("-"):
        walked = f"{walked}-{step}" if walked else step
        at = at.below.setdefault(step, _Place(join=_join(arguments, walked)))
    return at


def _leaf(arguments: MultiDict[str, str], kind: str, path: str) -> Condition | Phrase:
    if kind == "x":
        return Phrase(arguments.get(f"x.{path}", "")[:LONGEST_TEXT].strip())
    chosen = ",".join(part for part in arguments.getlist(f"v.{path}") if part)
    value = chosen or arguments.get(f"v.{path}__text", "")
    operator = arguments.get(f"o.{path}", "")[:40]
    return Condition(arguments.get(f"f.{path}", "")[:100], operator, value[:LONGEST_TEXT].strip())


def _group(place: _Place) -> Group:
    return Group(place.join, tuple(below.node or _group(below) for below in place.below.values()))


def _numbers(root: _Place, path: str) -> tuple[int, ...]:
    """Return a path of the form as positions in the tree; a path that leads nowhere is the outermost group."""
    at, found = root, []
    for step in path.split("-") if path not in ("", "root") else ():
        if step not in at.below or at.below[step].node is not None:
            return ()
        found.append(list(at.below).index(step))
        at = at.below[step]
    return tuple(found)


def _with(group: Group, path: tuple[int, ...], added: Node) -> Group:
    if not path:
        return replace(group, items=(*group.items, added))
    inner = group.items[path[0]]
    if not isinstance(inner, Group):
        return group
    items = list(group.items)
    items[path[0]] = _with(inner, path[1:], added)
    return replace(group, items=tuple(items))


def pruned(group: Group) -> Group:
    """Return a group without empty lines and empty groups; a group of one is what it holds."""
    items: list[Node] = []
    for item in group.items:
        kept: Node = pruned(item) if isinstance(item, Group) else item
        if isinstance(kept, Group) and len(kept.items) == 1:
            kept = kept.items[0]
        if _says_something(kept):
            items.append(kept)
    return Group(group.join, tuple(items))


def _says_something(node: Node) -> bool:
    if isinstance(node, Condition):
        return bool(node.field)
    return bool(node.text if isinstance(node, Phrase) else node.items)


def flattened(group: Group) -> Group:
    """Return the outermost group without a shell around a single group."""
    if len(group.items) == 1 and isinstance(group.items[0], Group):
        return flattened(group.items[0])
    return group
