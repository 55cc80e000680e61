"""Sign-in attempts: guessing is slowed per account and per address, for all processes together.

A try is counted before the password is checked and taken back when it was right, so that many tries at the same
moment do not slip through. After a pause the next one is twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kith_platform.clock import Clock
from kith_platform.database import Connection
from kith_platform.errors import NotSignedIn, RateLimited
from kith_platform.identity import store
from kith_platform.identity.accounts import normal_login
from kith_platform.identity.secrets import hash_secret

_FORGET = timedelta(hours=24)
_LONGEST_PAUSE = timedelta(hours=4)


@dataclass(frozen=True)
class Allowance:
    """How many wrong tries are free, and how long the first pause is."""

    tries: int
    pause: timedelta


PER_ACCOUNT = Allowance(5, timedelta(minutes=15))
PER_ADDRESS = Allowance(20, timedelta(minutes=15))


@dataclass(frozen=True)
class Attempt:
    """A try that has been counted: what is left after it, and the pause that follows when nothing is left."""

    account: str
    address: str
    tries_left: int
    pause: timedelta

    def refusal(self) -> NotSignedIn:
        """Return the error for a wrong password; it sounds the same for unknown people."""
        pause = pause_in_words(self.pause)
        if self.tries_left == 0:
            hint = f"Try again in {pause}."
        else:
            tries = "1 try" if self.tries_left == 1 else f"{self.tries_left} tries"
            hint = f"{tries} left, then a {_as_adjective(self.pause)} pause."
        return NotSignedIn("wrong_password", "E-mail and password do not match.", hint)


class Attempts:
    """Counts tries in the database.

    Example::

        with database.write() as connection:
            attempt = attempts.start(connection, login, address)
        ...  # check the password on a reading connection
        raise attempt.refusal()
    """

    def __init__(self, clock: Clock, account: Allowance = PER_ACCOUNT, address: Allowance = PER_ADDRESS) -> None:
        self._clock = clock
        self._account = account
        self._address = address

    def start(self, connection: Connection, login: str, address: str) -> Attempt:
        """Count a try before its password is checked, in a transaction of its own that is committed first.

        Raises RateLimited while the account or the address is paused; that try is not counted.
        """
        account_subject = f"account:{hash_secret(normal_login(login))}"
        address_subject = f"address:{address}"
        now = self._clock.now()
        self._check_pause(connection, (account_subject, address_subject), now)
        account_left, account_pause = self._count(connection, account_subject, self._account)
        address_left, address_pause = self._count(connection, address_subject, self._address)
        if account_left <= address_left:
            return Attempt(account_subject, address_subject, account_left, account_pause)
        return Attempt(account_subject, address_subject, address_left, address_pause)

    def succeeded(self, connection: Connection, attempt: Attempt) -> None:
        """Forget the account's tries and take this one back from the address."""
        store.remove_attempts(connection, attempt.account)
        row = store.attempts_for_change(connection, attempt.address)
        if row is None:
            return
        if row.failures == 0 and row.pauses > 0:
            # This right try was the one that began the pause.
            values = {"failures": self._address.tries - 1, "pauses": row.pauses - 1, "blocked_until": None}
        else:
            values = {"failures": max(0, row.failures - 1)}
        store.set_attempts(connection, attempt.address, values)

    def remove_old(self, connection: Connection) -> int:
        """Delete what has been quiet for a day; run now and then."""
        return store.remove_old_attempts(connection, self._clock.now() - _FORGET)

    def _check_pause(self, connection: Connection, subjects: tuple[str, ...], now: datetime) -> None:
        # Always the account first: two tries that lock the same rows cannot wait for each other.
        for subject in subjects:
            new = {"subject": subject, "failures": 0, "pauses": 0, "last_failed_at": now}
            store.add_if_new(connection, store.ATTEMPT, new)
            row = store.attempts_for_change(connection, subject)
            if row is not None and row.blocked_until is not None and row.blocked_until > now:
                rest = row.blocked_until - now
                raise RateLimited(
                    "sign_in_paused",
                    "Too many tries to sign in.",
                    f"Try again in {pause_in_words(rest)}.",
                    retry_after=rest.total_seconds(),
                )

    def _count(self, connection: Connection, subject: str, allowance: Allowance) -> tuple[int, timedelta]:
        now = self._clock.now()
        row = store.attempts_for_change(connection, subject)
        quiet = row is None or now - row.last_failed_at >= _FORGET
        failures = 1 if row is None or quiet else row.failures + 1
        pauses = 0 if row is None or quiet else row.pauses
        pause = min(allowance.pause * 2 ** min(pauses, 10), _LONGEST_PAUSE)
        left = max(0, allowance.tries - failures)
        values: dict[str, object] = {"failures": failures, "pauses": pauses, "last_failed_at": now}
        if left == 0:
            values.update(failures=0, pauses=pauses + 1, blocked_until=now + pause)
        store.set_attempts(connection, subject, values)
        return left, pause


def pause_in_words(pause: timedelta) -> str:
    """Say a pause in whole minutes or hours, rounded up: ``"15 minutes"``, ``"1 hour"``."""
    amount, unit = _amount(pause)
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"


def _as_adjective(pause: timedelta) -> str:
    amount, unit = _amount(pause)
    return f"{amount}-{unit}"


def _amount(pause: timedelta) -> tuple[int, str]:
    minutes = max(1, -(-int(pause.total_seconds()) // 60))
    if minutes >= 120 or minutes == 60:
        return -(-minutes // 60), "hour"
    return minutes, "minute"
