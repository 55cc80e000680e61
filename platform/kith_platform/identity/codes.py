"""One-time codes: links that work once and for a while, such as the first administrator's start or a new password."""

from __future__ import annotations

from datetime import timedelta

from kith_platform.clock import Clock
from kith_platform.database import Connection
from kith_platform.identity import store
from kith_platform.identity.secrets import hash_secret, new_secret

START = "start"
SET_PASSWORD = "set_password"  # noqa: S105 - the name of a purpose
LIFETIME = timedelta(hours=24)


class Codes:
    """Issues codes and takes them back once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def issue(self, connection: Connection, purpose: str, person_id: str, lifetime: timedelta = LIFETIME) -> str:
        """Return a new code; the person's older codes of this purpose stop working."""
        store.remove_codes(connection, person_id, purpose)
        code = new_secret()
        now = self._clock.now()
        values = {
            "code_hash": hash_secret(code),
            "purpose": purpose,
            "person_id": person_id,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        store.add(connection, store.CODE, values)
        return code

    def look(self, connection: Connection, purpose: str, code: str) -> str | None:
        """Return whose code this is without using it up; for showing the form behind the link."""
        row = store.code_by_hash(connection, hash_secret(code), purpose)
        return row.person_id if row is not None and self._clock.now() < row.expires_at else None

    def use(self, connection: Connection, purpose: str, code: str) -> str | None:
        """Use a code up and return whose it is; of two at the same moment only one gets an answer."""
        row = store.take_code(connection, hash_secret(code), purpose)
        return row.person_id if row is not None and self._clock.now() < row.expires_at else None

    def remove_dead(self, connection: Connection) -> int:
        """Delete codes past their time; run now and then."""
        return store.remove_dead_codes(connection, self._clock.now())
