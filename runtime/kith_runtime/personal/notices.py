"""Notices for the bell: written where something happens to a person's work, read with the person's own rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kith_runtime.context import Context
from kith_runtime.personal.preferences import KNOWN
from kith_runtime.personal.store import add_notices, preferences_of

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


def _wants(ctx: Context, person: str, kind: str) -> bool:
    preference = KNOWN.get(f"notice_{kind}")
    return preference is None or preference.of(preferences_of(ctx, person)) == "on"


def tell_new_owner(ctx: Context, record: tuple[str, str], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Tell the person to whom somebody else just gave a record."""
    owner = after.get("owner")
    if owner and owner != before.get("owner"):
        notify(ctx, ASSIGNED, record, [str(owner)])
