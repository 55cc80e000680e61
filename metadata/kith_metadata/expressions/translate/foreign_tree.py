"""The tree of a foreign formula: one small set of nodes for Salesforce's formulas and Frappe's conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Foreign:
    """A part of a foreign formula and where it stands in its text (line and column, both from 1)."""

    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Number(Foreign):
    """A number, its digits as written."""

    digits: str


@dataclass(frozen=True, slots=True)
class Text(Foreign):
    """A text without its quotes and escapes."""

    value: str


@dataclass(frozen=True, slots=True)
class Word(Foreign):
    """A constant: `value` is True, False, or None for null."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Name(Foreign):
    """A reference, its parts as written between the dots: ("Account", "Name"), ("$User", "Id"), ("doc", "status")."""

    parts: tuple[str, ...]

    @property
    def written(self) -> str:
        """The reference as people write it."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call(Foreign):
    """A call of a function. A method, such as `["a"].includes(x)`, has the value before its dot as `target`."""

    name: str
    arguments: tuple[Foreign, ...]
    target: Foreign | None = None


@dataclass(frozen=True, slots=True)
class Items(Foreign):
    """A list that is written out."""

    members: tuple[Foreign, ...]


@dataclass(frozen=True, slots=True)
class Operation(Foreign):
    """An operator with one or two operands. Signs: + - * / & ^ == != < <= > >= && || ! and ? (with three)."""

    sign: str
    operands: tuple[Foreign, ...]


def parts_of(node: Foreign) -> tuple[Foreign, ...]:
    """Return the nodes directly below a node, in the order of the text."""
    match node:
        case Call():
            return (() if node.target is None else (node.target,)) + node.arguments
        case Items():
            return node.members
        case Operation():
            return node.operands
    return ()


def walk(node: Foreign) -> Iterator[Foreign]:
    """Yield a node and everything below it."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending.extend(reversed(parts_of(found)))
