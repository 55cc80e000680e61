"""Texts without regard to case, for every alphabet and alike on both databases.

SQLite's own ``lower`` knows only ASCII, and PostgreSQL's what the locale of the database knows. So PostgreSQL is asked
by the rules of Unicode, and SQLite compares by a collation that the database service adds to each connection; an index
by either serves look-ups as a plain one does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from kith_platform.database.sqlite import FOLD, LOWER


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


def folded(element: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a text for comparison without regard to case; both sides must be folded."""
    return Folded(element)


def lowered(element: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a text in lower case."""
    return Lowered(element)


@compiles(Folded, "sqlite")
def _collated(element: Folded, compiler: SQLCompiler, **more: Any) -> str:
    return f"{compiler.process(element.clauses, **more)} COLLATE {FOLD}"


@compiles(Lowered, "sqlite")
def _called(element: Lowered, compiler: SQLCompiler, **more: Any) -> str:
    return f"{LOWER}({compiler.process(element.clauses, **more)})"


@compiles(Folded, "postgresql")
@compiles(Lowered, "postgresql")
def _by_unicode(element: FunctionElement[str], compiler: SQLCompiler, **more: Any) -> str:
    return f'lower({compiler.process(element.clauses, **more)} COLLATE "und-x-icu")'
