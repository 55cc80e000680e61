"""Who acts: a person, an API token of a person, or the system itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kith_platform.locale import PersonLocale

Permission = str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with what access follows from: roles and teams, by full role name and team record id.

    ``id`` is the record id of the person (``base.user``), or empty for the system. ``scopes`` limits a token
    (``read``, ``write``, ``admin``); a person in the browser has all of them. Rights come from ``roles`` alone,
    so that two people with the same roles share everything that is compiled for them.
    """

    id: str
    kind: Literal["user", "token", "system"]
    name: str
    roles: frozenset[str] = frozenset()
    teams: tuple[str, ...] = ()
    permissions: frozenset[Permission] = frozenset()
    scopes: frozenset[str] = frozenset({"read", "write", "admin"})
    locale: PersonLocale = field(default_factory=PersonLocale)
    person: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_system(self) -> bool:
        """The system holds every right; only code that says so explicitly acts as it."""
        return self.kind == "system"


SYSTEM = Actor(id="", kind="system", name="System")
"""The actor of installs, publishes and repairs."""
