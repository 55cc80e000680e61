"""The global search: records of all entities that the actor may see, by words in fields that the actor may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kith_runtime.access.rights import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.compile import Question, plan_of
from kith_runtime.queries.plan import IDS, actor_binds, given_ids
from kith_runtime.queries.search.match import MOST_CANDIDATES, Match, matches
from kith_runtime.queries.titling import title_question, titles

MOST_ROUNDS = 3
"""How often more candidates are fetched when the actor may not see those that matched first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its title, its second line, and the field that holds the words."""

    entity: str
    id: str
    title: str
    subtitle: str
    field: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one entity, best first; ``more`` says that there are others."""

    entity: str
    hits: Sequence[Hit]
    more: bool = False


def search(ctx: Context, text: str, limit: int = 5, entity: str | None = None) -> list[Group]:
    """Return up to ``limit`` hits of each entity; a hit in the title comes before one elsewhere, then what is newer.

    What people type is words and nothing else: no sign in it has a meaning. Without a word there is no hit.
    """
    found: dict[str, dict[str, Match]] = {}
    for round_number in range(MOST_ROUNDS):
        candidates = matches(ctx, text, entity or "", skip=round_number * MOST_CANDIDATES)
        for name, by_record in _visible(ctx, candidates).items():
            found.setdefault(name, {}).update(
                {record: match for record, match in by_record.items() if record not in found.get(name, {})}
            )
        if len(candidates) < MOST_CANDIDATES or any(len(hits) >= limit for hits in found.values()):
            break
    groups = [_group(ctx, name, list(by_record.values()), limit) for name, by_record in found.items()]
    return sorted([group for group in groups if group.hits], key=lambda group: group.entity)


def _visible(ctx: Context, candidates: Sequence[Match]) -> dict[str, dict[str, Match]]:
    by_entity: dict[str, dict[str, Match]] = {}
    for match in candidates:
        known = by_entity.setdefault(match.entity, {})
        title = ctx.snapshot.entity(match.entity).title
        if match.record not in known or match.field == title:
            known.setdefault(match.record, match)
            if match.field == title:
                known[match.record] = match
    return {name: _allowed(ctx, name, by_record) for name, by_record in by_entity.items()}


def _allowed(ctx: Context, entity: str, by_record: dict[str, Match]) -> dict[str, Match]:
    if rights_for(ctx, entity).read.nothing:
        return {}
    plan = plan_of(ctx, Question(entity, (), one="ids"))
    binds = {**actor_binds(ctx), IDS: given_ids(list(by_record), ctx.database.dialect_name)}
    seen = {row[-1] for row in plan.one_of_many().run(ctx.connection, binds)}
    return {record: match for record, match in by_record.items() if record in seen}


def _group(ctx: Context, entity: str, found: list[Match], limit: int) -> Group:
    declared = ctx.snapshot.entity(entity)
    found.sort(key=lambda match: match.field != declared.title)
    shown = found[:limit]
    ids = [match.record for match in shown]
    named = titles(ctx, entity, ids)
    second = title_question(ctx, entity, declared.subtitle, ids) if declared.subtitle else {}
    hits = [
        Hit(entity, match.record, named.get(match.record, ""), second.get(match.record, ""), match.field)
        for match in shown
    ]
    return Group(entity, hits, more=len(found) > limit)
