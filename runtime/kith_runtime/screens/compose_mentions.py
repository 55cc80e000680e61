"""Colleagues whom a text mentions: "@Ana Ferreira, can you share the report?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.base import quoted
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.personal.notices import MENTIONED, notify
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select

MOST_MENTIONS = 20
_MENTION = re.compile(r"(?<![\w@])@(\w[\w'’-]*)")
_NAMESAKES = 50


def mentioned(ctx: Context, text: str) -> list[str]:
    """Return the ids of the people whom a text mentions by their whole name; of a longer and a shorter name the longer.

    A name that several people bear mentions all of them: nobody who is meant is left out.
    """
    title = ctx.snapshot.entity(PERSON).title
    if not rights_for(ctx, PERSON).visible or title not in rights_for(ctx, PERSON).readable:
        return []
    found: list[str] = []
    for first, rest in _beginnings(text):
        where = f"starts_with(lower({title}), {quoted(first.lower())})"
        rows = select(ctx, Query(PERSON, ("id", title), where=where, limit=_NAMESAKES)).rows
        fitting = [(key, name) for key, name in rows if name and _begins(rest, name)]
        longest = max((len(name) for _, name in fitting), default=0)
        found += [key for key, name in fitting if len(name) == longest]
    return list(dict.fromkeys(found))


def _beginnings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the first word of each mention with the text that follows the sign, each beginning once."""
    seen: set[str] = set()
    for match in _MENTION.finditer(text):
        rest = text[match.start() + 1 :][:200]
        if rest not in seen and len(seen) < MOST_MENTIONS:
            seen.add(rest)
            yield match[1], rest


def _begins(text: str, name: str) -> bool:
    after = text[len(name) : len(name) + 1]
    return text[: len(name)].lower() == name.lower() and not (after.isalnum() or after == "_")


def tell_mentioned(ctx: Context, record: tuple[str, str], text: str) -> None:
    """Tell everybody whom a text mentions about the record that holds it."""
    people = mentioned(ctx, text) if "@" in text else []
    if people:
        notify(ctx, MENTIONED, record, people)
