"""What is said to who may read a record but not write it: that it is so, and who can help."""

from __future__ import annotations

from kith_platform.errors import Forbidden
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.titling import titles

_PERSON = "base.user"
_VERBS = {"update": "change", "delete": "delete"}


def forbidden(ctx: Context, entity: str, operation: str, owner: str | None = None) -> Forbidden:
    """Return the error for a record that the actor may read but not write; ``owner`` is the id of who owns it."""
    noun = ctx.snapshot.said(ctx.snapshot.entity(entity).label)
    verb = _VERBS.get(operation, operation)
    words = f"You may read this {noun} but not {verb} it."
    return Forbidden(f"{operation}_forbidden", words, who_can_help(ctx, entity, owner))


def who_can_help(ctx: Context, entity: str, owner: str | None = None) -> str:
    """Say who can change a record: its owner by name, as far as the actor may see both, else where to ask."""
    if ctx.snapshot.entity(entity).ownership == "none" or owner == ctx.actor.id:
        return "Ask an administrator for a role that allows it."
    if not owner or "owner" not in rights_for(ctx, entity).readable:
        return "Ask its owner."
    name = titles(ctx, _PERSON, [owner]).get(owner)
    return f"Its owner is {name}." if name else "Ask its owner."
