"""Notices for the bell: written where something happens to a person's work, read with the person's own rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kith_runtime.context import Context
from kith_runtime.personal.preferences import KNOWN
from kith_runtime.personal.store import add_many_notices, add_notices, preferences_of

ASSIGNED = "assigned"
MENTIONED = "mentioned"
FOLLOWED = "followed"

_QUIET = frozenset({"import", "system"})


def notify(ctx: Context, kind: str, record: tuple[str, str], people: Iterable[str]) -> None:
    """Tell people about a record ``(entity, id)``; nobody is told of what they did themselves.

    Imports and installs tell nobody: they would fill every bell at once.
    """
    told = sorted({person for person in people if person and person != ctx.actor.id})
    if told and ctx.door not in _QUIET:
        add_notices(ctx, kind, record, [person for person in told if _wants(ctx, person, kind)])


def notify_many(ctx: Context, kind: str, told: Iterable[tuple[tuple[str, str], Iterable[str]]]) -> None:
    """Tell people about many records, each given as ``((entity, id), people)``."""
    if ctx.door in _QUIET:
        return
    wants: dict[str, bool] = {}
    rows: list[tuple[tuple[str, str], str]] = []
    for record, people in told:
        for person in sorted({person for person in people if person and person != ctx.actor.id}):
            if person not in wants:
                wants[person] = _wants(ctx, person, kind)
            rows += [(record, person)] if wants[person] else []
    add_many_notices(ctx, kind, rows)


def _wants(ctx: Context, person: str, kind: str) -> bool:
    preference = KNOWN.get(f"notice_{kind}")
    return preference is None or preference.of(preferences_of(ctx, person)) == "on"


def tell_new_owner(ctx: Context, record: tuple[str, str], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Tell the person to whom somebody else just gave a record."""
    owner = _new_owner(before, after)
    if owner:
        notify(ctx, ASSIGNED, record, [owner])


def tell_new_owners(
    ctx: Context, changed: Iterable[tuple[tuple[str, str], Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    """Do the same for many records, each given as ``((entity, id), before, after)``."""
    told = [(record, _new_owner(before, after)) for record, before, after in changed]
    notify_many(ctx, ASSIGNED, [(record, [owner]) for record, owner in told if owner])


def _new_owner(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    owner = after.get("owner")
    return str(owner) if owner and owner != before.get("owner") else ""
