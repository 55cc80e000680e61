"""Sessions: who is signed in, in which browser, until when.

The browser holds a random token; the database holds its hash. A session ends by itself after 12 hours without use,
and after 7 days in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kith_platform.clock import Clock
from kith_platform.database import Connection
from kith_platform.identity import store
from kith_platform.identity.secrets import hash_secret, new_secret
from kith_platform.ids import new_id

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_SEEN_STEP = timedelta(minutes=1)
_AGENT_LENGTH = 300


@dataclass(frozen=True)
class Session:
    """One signed-in browser; ``id`` may be shown, the token never comes back."""

    id: str
    person_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str
    address: str


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, clock: Clock, idle: timedelta = IDLE, longest: timedelta = LONGEST) -> None:
        self._clock = clock
        self._idle = idle
        self._longest = longest

    def begin(self, connection: Connection, person_id: str, user_agent: str, address: str) -> tuple[Session, str]:
        """Sign a person in; return the session and the token for the cookie, which is always a new one."""
        now = self._clock.now()
        agent = user_agent[:_AGENT_LENGTH].replace("\x00", "")
        session = Session(new_id(self._clock), person_id, now, now, now + self._longest, agent, address)
        token = new_secret()
        store.add(connection, store.SESSION, {"token_hash": hash_secret(token), **vars(session)})
        return session, token

    def find(self, connection: Connection, token: str) -> Session | None:
        """Return the live session of a token, or None: unknown, ended, too old, or the person is disabled."""
        row = store.session_by_hash(connection, hash_secret(token))
        if row is None or row.disabled:
            return None
        session = session_of(row)
        return session if self.is_live(session) else None

    def is_live(self, session: Session) -> bool:
        """Tell whether neither of the two time limits has passed."""
        now = self._clock.now()
        return now < session.expires_at and now - session.last_seen_at < self._idle

    @property
    def idle(self) -> timedelta:
        """After how long without use a session ends."""
        return self._idle

    def has_rested(self, session: Session) -> bool:
        """Tell whether a session ended because nobody used it for too long."""
        return self._clock.now() - session.last_seen_at >= self._idle

    def seen_is_due(self, session: Session) -> bool:
        """Tell whether use should be noted: at most once a minute, so that reading does not mean writing."""
        return self._clock.now() - session.last_seen_at >= _SEEN_STEP

    def note_seen(self, connection: Connection, session: Session, address: str) -> None:
        """Note that the session is in use, and from where."""
        store.set_by_id(connection, store.SESSION, session.id, {"last_seen_at": self._clock.now(), "address": address})

    def of_person(self, connection: Connection, person_id: str) -> tuple[Session, ...]:
        """Return a person's live sessions, newest first."""
        rows = store.rows_of_person(connection, store.SESSION, person_id)
        return tuple(session for session in map(session_of, rows) if self.is_live(session))

    def end(self, connection: Connection, person_id: str, session_id: str) -> bool:
        """End one of the person's sessions; False when it is not theirs or gone."""
        return store.remove_of_person(connection, store.SESSION, person_id, only=session_id) == 1

    def end_others(self, connection: Connection, person_id: str, keep: str) -> int:
        """End all of the person's sessions but one; return how many."""
        return store.remove_of_person(connection, store.SESSION, person_id, keep=keep)

    def end_all(self, connection: Connection, person_id: str) -> int:
        """End all of the person's sessions; return how many."""
        return store.remove_of_person(connection, store.SESSION, person_id)

    def remove_dead(self, connection: Connection) -> int:
        """Delete sessions past their limits; run now and then."""
        now = self._clock.now()
        return store.remove_dead_sessions(connection, now, now - self._idle)


def session_of(row: Any) -> Session:
    """Make a session from a row that has its columns, for example one that was joined with other tables."""
    return Session(row.id, row.person_id, row.created_at, row.last_seen_at, row.expires_at, row.user_agent, row.address)
