"""Tell every process that rights may have changed."""

from __future__ import annotations

from kith_runtime.context import Context
from kith_runtime.publish.store import bump_access
from kith_runtime.scopes import PERSON_ENTITY

ACCESS_ENTITIES = frozenset({PERSON_ENTITY, "base.team"})
"""Entities whose records decide who a person is and to which teams they belong."""


def bump_access_stamp(ctx: Context, entity: str) -> None:
    """Raise the access stamp when a record of a person or a team was written; other entities cost nothing."""
    if entity in ACCESS_ENTITIES:
        bump_access(ctx.connection)
