"""Names of the app ``base`` by which the program itself finds people, teams and how a person reads numbers."""

from __future__ import annotations

from kith_metadata.uses import Target
from kith_runtime.people import NUMBER_FORMAT_NAMES
from kith_runtime.scopes import PERSON_ENTITY

_FIXED: frozenset[Target] = frozenset(
    {("entity", PERSON_ENTITY, ""), ("entity", "base.team", "")}
    | {
        ("field", PERSON_ENTITY, name)
        for name in ("name", "email", "active", "teams", "locale", "time_zone", "currency", "number_format")
    }
    | {("option", "base.number_format", name) for name in NUMBER_FORMAT_NAMES}
)


def is_fixed(target: Target) -> bool:
    """Tell whether the program looks for something by its name, so that it cannot be called otherwise."""
    return target in _FIXED
