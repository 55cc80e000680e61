"""Texts without regard to case, for every alphabet and alike on both databases.

SQLite's own ``lower`` knows only ASCII, and PostgreSQL's what the locale of the database knows. So PostgreSQL is asked
by the rules of Unicode, and SQLite compares by a collation that the database service adds to each connection; an index
by either serves look-ups as a plain one does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from kith_platform.database.letters import MARKED, PLAIN, SHARP
from kith_platform.database.sqlite import FOLD, LOWER, ORDER

SORT_LENGTH = 100
"""Texts are sorted by their first characters only: PostgreSQL refuses an index entry of more than 2,704 bytes."""

LAST_LETTER = "\U0010ffff"
"""What sorts after every text with the same beginning."""


class Folded(FunctionElement[str]):
    """A text to be compared for equality without regard to case, in queries and in unique indexes."""

    name = "kith_folded"
    type = Text()
    inherit_cache = True


class Lowered(FunctionElement[str]):
    """A text in lower case, to look for a part of it."""

    name = "kith_lowered"
    type = Text()
    inherit_cache = True


class Sorted(FunctionElement[str]):
    """What texts are sorted by: their first characters, without case and without marks on Latin letters."""

    name = "kith_sorted"
    type = Text()
    inherit_cache = True


def sort_key(element: ColumnElement[Any]) -> ColumnElement[str]:
    """Return what texts are sorted by; queries and indexes must agree on it, so it holds no binds of its own."""
    return Sorted(element)


def folded(element: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a text for comparison without regard to case; both sides must be folded."""
    return Folded(element)


FOLDS: Mapping[str, Callable[[ColumnElement[Any]], ColumnElement[str]]] = {"folded": folded, "order": sort_key}
"""What an index holds of a text, by name."""


def lowered(element: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a text in lower case."""
    return Lowered(element)


@compiles(Folded, "sqlite")
def _collated(element: Folded, compiler: SQLCompiler, **more: Any) -> str:
    return f"{compiler.process(element.clauses, **more)} COLLATE {FOLD}"


@compiles(Lowered, "sqlite")
def _called(element: Lowered, compiler: SQLCompiler, **more: Any) -> str:
    return f"{LOWER}({compiler.process(element.clauses, **more)})"


@compiles(Sorted, "sqlite")
def _ordered(element: Sorted, compiler: SQLCompiler, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, {SORT_LENGTH}) COLLATE {ORDER}"


@compiles(Sorted, "postgresql")
def _without_marks(element: Sorted, compiler: SQLCompiler, **more: Any) -> str:
    small = f'lower(substr({compiler.process(element.clauses, **more)}, 1, {SORT_LENGTH}) COLLATE "und-x-icu")'
    one, two = SHARP
    return f"replace(translate({small}, '{MARKED}', '{PLAIN}'), '{one}', '{two}') COLLATE \"C\""


@compiles(Folded, "postgresql")
@compiles(Lowered, "postgresql")
def _by_unicode(element: FunctionElement[str], compiler: SQLCompiler, **more: Any) -> str:
    return f'lower({compiler.process(element.clauses, **more)} COLLATE "und-x-icu")'
