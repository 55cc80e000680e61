"""Time as a part that is handed in, so that tests and replays decide what "now" is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved.

    Example::

        clock = FixedClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
        clock.advance(minutes=5)
    """

    def __init__(self, now: datetime) -> None:
        self._now = _aware(now)

    def now(self) -> datetime:
        """Return the instant at which this clock stands."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move the clock to an aware instant, also backwards."""
        self._now = _aware(now)

    def advance(self, **amount: float) -> datetime:
        """Move the clock forward by ``timedelta(**amount)`` and return the new instant."""
        self._now += timedelta(**amount)
        return self._now


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A clock needs an aware datetime; add tzinfo=UTC.")
    return moment.astimezone(UTC)
