"""What an expression may know besides its record: the time, the person and the person's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Environment:
    """The surroundings of one evaluation, the same for every expression of a request.

    `now` is an aware UTC moment; `today` is the date in `time_zone`; `me` holds the fields of the person who acts, with
    `id`, and with `teams` as a tuple of ids; empty when nobody acts. `roles` are the full names of the person's roles
    with those that they include, `settings` the values by name. `former` is the record before the change: None for a
    new one, and where nothing changes.
    """

    now: datetime
    today: date
    me: Mapping[str, Any] = field(default_factory=dict)
    time_zone: str = "UTC"
    roles: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)
    former: Mapping[str, Any] | None = None
    outers: tuple[Mapping[str, Any], ...] = ()
    """The records around, the nearest last, while a record of a list is looked at."""

    @staticmethod
    def at(
        now: datetime,
        me: Mapping[str, Any],
        time_zone: str = "UTC",
        roles: frozenset[str] = frozenset(),
        settings: Mapping[str, Any] | None = None,
    ) -> Environment:
        """Return the surroundings at a moment: today follows from the time zone."""
        return Environment(now, now.astimezone(ZoneInfo(time_zone)).date(), me, time_zone, roles, settings or {})
