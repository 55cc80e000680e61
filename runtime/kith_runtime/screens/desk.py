"""What waits for a person at a list, asked for once in a request."""

from __future__ import annotations

from flask import g

from kith_runtime.context import Context
from kith_runtime.screens.store import Desk, desk_of


def desk_here(ctx: Context, entity: str) -> Desk:
    """Return the actor's desk at the list of an entity."""
    known: dict[str, Desk] = g.setdefault("kith_desks", {})
    if entity not in known:
        known[entity] = desk_of(ctx, entity)
    return known[entity]


def any_desk() -> Desk | None:
    """Return a desk that this request has asked for; what it says of the person is the same at every list."""
    return next(iter(g.get("kith_desks", {}).values()), None)


def forget_desk() -> None:
    """Ask again when it is next needed, because something on it was changed."""
    g.pop("kith_desks", None)
