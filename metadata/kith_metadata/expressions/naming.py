"""Where an expression names fields, lists, options and roles, to the character, and the same text with other names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kith_metadata.expressions import nodes
from kith_metadata.expressions import types as t
from kith_metadata.expressions.check import analyse
from kith_metadata.expressions.check_names import Target
from kith_metadata.expressions.parse import parse
from kith_metadata.expressions.problems import ExpressionError
from kith_metadata.expressions.scope import Scope
from kith_metadata.expressions.types import Type

_WORD = re.compile(r"[A-Za-z_]\w*")
_DOT = re.compile(r"\s*\.\s*")
_QUOTED = re.compile(r"""(["'])([A-Za-z_][\w.]*)\1""")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A name in the text of an expression, from `start` up to `end`; `place` is its line and column.

    `target` is ``("field", entity, name)``, ``("list", entity, lookup)``, ``("role", name, "")`` or, with the name of
    the type, ``("option", "sales.deal_stage", "won")``.
    """

    start: int
    end: int
    place: tuple[int, int]
    target: Target


@dataclass(frozen=True, slots=True)
class Naming:
    """What an expression names. ``reads`` are its fields as (entity, name); ``complete`` tells that every name was
    found in the text, which a comment between the parts of a path can prevent."""

    text: str
    names: tuple[Named, ...]
    reads: frozenset[tuple[str, str]]
    complete: bool

    def with_names(self, new_name: Callable[[Target, str], str]) -> str:
        """Return the text with what ``new_name`` gives for the target of each name and how it is written now."""
        text = self.text
        for named in reversed(self.names):
            text = text[: named.start] + new_name(named.target, text[named.start : named.end]) + text[named.end :]
        return text


def naming_of(
    text: str,
    scope: Scope,
    expected: Type | None = None,
    around: Scope | None = None,
    *,
    result: Type | None = None,
) -> Naming:
    """Return what an expression names; raises :class:`ExpressionError` for one with problems.

    ``result`` is the type of what takes the value: texts that may come out are options of it, though the checker need
    not know.

    >>> from kith_metadata.expressions import FieldInfo, FieldScope
    >>> scope = FieldScope("sales.deal", {"stage": FieldInfo(t.choice("sales.stage"), options=("won",))})
    >>> [(text.start, text.target) for text in naming_of('stage == "won"', scope).names]
    [(0, ('field', 'sales.deal', 'stage')), (10, ('option', 'sales.stage', 'won'))]
    """
    found = analyse(parse(text), scope, expected, around)
    if found.checked is None:
        raise ExpressionError(found.problems, found.mended)
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    names: set[Named] = set()
    complete = True
    places = [(spot.place, spot.step, spot.target) for spot in found.spots]
    places += [(node.place, 0, target) for node, target in _options(found.checked.root, result)]
    for place, step, target in places:
        start = starts[place[0] - 1] + place[1] - 1
        span = _step(text, start, step) if target[0] in ("field", "list") else _inside_quotes(text, start)
        if span is None:
            complete = False
        else:
            names.add(Named(*span, (place[0], place[1] + span[0] - start), target))
    return Naming(text, tuple(sorted(names)), found.checked.reads, complete)


def _step(text: str, start: int, step: int) -> tuple[int, int] | None:
    """Return where a name of a dotted text begins and ends."""
    for _ in range(step):
        word = _WORD.match(text, start)
        dot = _DOT.match(text, word.end()) if word else None
        if dot is None:
            return None
        start = dot.end()
    word = _WORD.match(text, start)
    return word.span() if word else None


def _inside_quotes(text: str, start: int) -> tuple[int, int] | None:
    quoted = _QUOTED.match(text, start)
    return quoted.span(2) if quoted else None


def _options(root: nodes.Node, result: Type | None) -> Iterator[tuple[nodes.Node, Target]]:
    """Yield the options that an expression names by their texts."""
    for node in every_node(root):
        if isinstance(node, nodes.Literal) and node.type.kind == "choice" and node.value:
            yield node, ("option", node.type.name or "", str(node.value))
    pending = [root] if result is not None and result.kind == "choice" else []
    while pending:
        node = pending.pop()
        if isinstance(node, nodes.Choose):
            pending += [node.chosen, node.otherwise]
        elif isinstance(node, nodes.Literal) and node.type == t.TEXT and node.value and result is not None:
            yield node, ("option", result.name or "", str(node.value))


def every_node(root: nodes.Node) -> Iterator[nodes.Node]:
    """Yield a node and every part of it."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(nodes.children(node))
