"""Colleagues whom a text mentions: "@Ana Ferreira, can you share the report?"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from kith_metadata.values import Reference
from kith_runtime.access import allows, may, rights_for
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.field_types.base import quoted
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.people import load_actor
from kith_runtime.personal.notices import MENTIONED, notify
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.queries.titling import titles
from kith_runtime.records import initial_values
from kith_runtime.records.writer import writer_for
from kith_runtime.screens.record_kinds import ActivityKind

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
    """Tell everybody whom a text mentions about the record that holds it, as far as they work here and may see it."""
    people = [person for person in _meant(ctx, text) if not _missing(ctx, record, _reader(ctx, person))]
    if people:
        notify(ctx, MENTIONED, record, people)


def unheard(ctx: Context, record: tuple[str, str], kind: ActivityKind, text: str) -> str:
    """Return in words whom an activity of a kind with this text would not reach. Blank for nobody.

    Those are people who have left, or may not see the record or the activity. No more is told of them than that:
    whether somebody wants notices at all is theirs to know.
    """
    people = _meant(ctx, text)
    names = titles(ctx, PERSON, people)
    shared = Counter(names.get(person, "") for person in people)
    readers = {person: _reader(ctx, person) for person in people}
    missing = [
        (names.get(person, ""), why)
        for person, reader in readers.items()
        if (why := _missing(ctx, record, reader) or _blind(ctx, record, kind, reader))
    ]
    told = []
    for (name, why), count in Counter(missing).items():
        who = name if count == shared[name] else f"One of {shared[name]} people called {name}"
        told.append(f"{who} {why}.")
    return " ".join(told)


def _meant(ctx: Context, text: str) -> list[str]:
    return [person for person in (mentioned(ctx, text) if "@" in text else []) if person != ctx.actor.id]


def _reader(ctx: Context, person: str) -> Context | None:
    """Return a context of somebody else, to ask what they may see; None for who works here no more."""
    other = load_actor(replace(ctx, actor=SYSTEM), person)
    return None if other is None else replace(ctx, actor=other)


def _missing(ctx: Context, record: tuple[str, str], reader: Context | None) -> str:
    """Return why a notice about a record would never be read; blank where it would."""
    if reader is None:
        return "has left and gets no notice"
    label = ctx.snapshot.said(ctx.snapshot.entity(record[0]).label)
    seen = allows(reader, record[0], "read", record[1])
    return "" if seen else f"may not see this {label} and gets no notice"


def _blind(ctx: Context, record: tuple[str, str], kind: ActivityKind, reader: Context | None) -> str:
    """Return that somebody who gets a notice would find the record without the activity; blank where they see it."""
    writer = writer_for(ctx, kind.entity.name)
    several = writer.slots[kind.by].field.type == "any_lookup"
    about = {kind.by: Reference(*record) if several else record[1], "created_by": ctx.actor.id}
    values = dict.fromkeys(writer.slots) | initial_values(ctx, writer) | about
    if reader is None or may(reader, kind.entity.name, "read", values):
        return ""
    label, said = ctx.snapshot.said(ctx.snapshot.entity(record[0]).label), ctx.snapshot.said(kind.entity.label)
    return f"gets a notice of this {label}, but may not see your {said}"
