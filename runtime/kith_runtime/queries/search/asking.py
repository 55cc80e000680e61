"""What was typed as a question to the index: words by their beginning, or by any part of them.

Binds hold what was typed, so a statement serves every question of as many words. Nothing that people type is syntax:
words are letters and digits only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from kith_runtime.queries.search.index import place_of
from kith_runtime.queries.search.store import PARTS, SEARCH
from kith_runtime.queries.search.words import ways_of

Style = Literal["words", "parts"]
Has = Callable[[ColumnElement[str]], ColumnElement[bool]]

MOST_CANDIDATES = 1000
"""Records that are looked at for one question; a word that fits more should be made longer."""

ENTITY = "kith_searched"
_ASKED, _NEEDLE = "kith_asked", "kith_needle_{}_{}"
_PARTS = table(PARTS, column("rowid"))
_MOST_GRAMS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """The ways to understand what was typed: a record is found when it holds all words of one of them."""

    ways: tuple[tuple[str, ...], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many words each way has: all that a statement depends on."""
        return tuple(len(way) for way in self.ways)

    def needles(self, style: Style) -> list[list[str]]:
        """Return what must stand in the text of a record, by way."""
        return [[needle(word, style) for word in way] for way in self.ways]

    def binds(self, entity: str, style: Style, dialect: str, places: Sequence[str] = ()) -> dict[str, Any]:
        """Return the binds of :func:`candidates`; with an entity, only its records are found.

        ``places`` may name entities, those of the entity when left out: the database then need not look at others.
        """
        needles = self.needles(style)
        marks = [place_of(name) for name in places or ([entity] if entity else [])]
        sign = "" if dialect == "sqlite" else "%"
        found: dict[str, Any] = {
            _NEEDLE.format(number, place): f"{sign}{text}{sign}"
            for number, way in enumerate(needles)
            for place, text in enumerate(way)
        }
        found[_ASKED] = _grams(needles, marks) if dialect == "sqlite" else _tsquery(self.ways, marks)
        return {**found, ENTITY: entity}


def asked(text: str) -> Asked:
    """Return what a person typed as a question; it has no ways when there is no word in it."""
    return Asked(ways_of(text))


def needle(word: str, style: Style) -> str:
    """Return what stands in a text that holds a word: short words begin one, and a single sign is one."""
    if len(word) == 1:
        return f" {word} "
    return word if style == "parts" and len(word) > 2 else f" {word}"


def candidates(shape: Sequence[int], style: Style, dialect: str, *, one_entity: bool) -> Select[Any]:
    """Return the rows of the index that hold what was asked, what was touched last first.

    Fields that may not be read count as well: the caller limits the rows further with :func:`holds`.
    """
    if dialect == "sqlite":
        match = literal_column(PARTS).op("MATCH")(bindparam(_ASKED, None, Text()))
        query = select().select_from(_PARTS.join(SEARCH, SEARCH.c.seq == _PARTS.c.rowid)).where(match)
        query = query.where(holds(shape, [SEARCH.c.body], dialect)).order_by(_PARTS.c.rowid.desc())
    else:
        query = select().select_from(SEARCH).order_by(SEARCH.c.seq.desc())
        if style == "words":
            held = literal_column("kith_search.words").op("@@")(cast(bindparam(_ASKED, None, Text()), TSQUERY))
            query = query.where(held)
        else:
            query = query.where(holds(shape, [SEARCH.c.body], dialect))
    if one_entity:
        query = query.where(SEARCH.c.entity == bindparam(ENTITY, None, Text()))
    return query.limit(literal_column(str(MOST_CANDIDATES)))


def holds(shape: Sequence[int], texts: Sequence[ColumnElement[str]], dialect: str) -> ColumnElement[bool]:
    """Return the condition that each word of a way stands in any of some texts."""
    return holds_each(shape, dialect, lambda has: or_(*[has(text) for text in texts]))


def holds_each(
    shape: Sequence[int], dialect: str, anywhere: Callable[[Has], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Return the condition that ``anywhere`` holds for each word of a way; it gets the test of a text for a word."""

    def test(name: str) -> Has:
        bind = bindparam(name, None, Text())
        if dialect == "sqlite":
            return lambda text: func.instr(text, bind, type_=Integer()) > literal_column("0")
        return lambda text: text.like(bind)

    ways = [
        and_(*[anywhere(test(_NEEDLE.format(number, place))) for place in range(count)])
        for number, count in enumerate(shape)
    ]
    return or_(*ways)


def _grams(needles: list[list[str]], marks: Sequence[str]) -> str:
    """Return the question to FTS5: runs of three signs that together cover each needle."""
    ways = []
    for way in needles:
        grams = dict.fromkeys(gram for text in way for gram in _cover(text))
        ways.append("(" + " AND ".join(f'"{gram}"' for gram in grams) + ")")
    joined = " OR ".join(ways)
    places = " OR ".join(f'"{mark}"' for mark in marks)
    return f"({places}) AND ({joined})" if marks else joined


def _cover(text: str) -> list[str]:
    starts = [*range(0, len(text) - 2, 3), len(text) - 3]
    return [text[start : start + 3] for start in starts][-_MOST_GRAMS:]


def _tsquery(ways: Sequence[Sequence[str]], marks: Sequence[str]) -> str:
    joined = " | ".join(
        "(" + " & ".join(f"'{word}':*" if len(word) > 1 else f"'{word}'" for word in way) + ")" for way in ways
    )
    places = " | ".join(f"'{mark}'" for mark in marks)
    return f"({places}) & ({joined})" if marks else joined
