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
    `id`, and with `teams` as a tuple of ids; empty when nobody acts.
    """

    now: datetime
    today: date
    me: Mapping[str, Any] = field(default_factory=dict)
    time_zone: str = "UTC"

    @staticmethod
    def at(now: datetime, me: Mapping[str, Any], time_zone: str = "UTC") -> Environment:
        """Return the surroundings at a moment: today follows from the time zone."""
        return Environment(now, now.astimezone(ZoneInfo(time_zone)).date(), me, time_zone)
