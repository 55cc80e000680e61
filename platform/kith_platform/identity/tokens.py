"""API tokens: ``kith_`` and 43 random characters, shown once, stored as a hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kith_platform.clock import Clock
from kith_platform.database import Connection
from kith_platform.errors import Invalid
from kith_platform.identity import store
from kith_platform.identity.secrets import hash_secret, new_secret
from kith_platform.ids import new_id

PREFIX = "kith_"
_SHOWN = len(PREFIX) + 4
_USED_STEP = timedelta(minutes=1)
_NAME_LENGTH = 100


@dataclass(frozen=True)
class Token:
    """One API token; ``start`` are its first characters, for telling tokens apart."""

    id: str
    person_id: str
    name: str
    start: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class Tokens:
    """Makes, finds and revokes API tokens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def add(
        self,
        connection: Connection,
        person_id: str,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None = None,
    ) -> tuple[Token, str]:
        """Make a token for a person; return it and its secret text, which cannot be read again.

        Raises Invalid when the name is blank or too long, or the expiry has passed.
        """
        now = self._clock.now()
        name = name.strip()
        if not 0 < len(name) <= _NAME_LENGTH:
            raise Invalid("token_name", f"A token needs a name of 1 to {_NAME_LENGTH} characters.", "", "name")
        if expires_at is not None and expires_at <= now:
            raise Invalid("token_expiry", "The expiry is in the past.", "Choose a later one.", "expires_at")
        secret = PREFIX + new_secret()
        kept = tuple(sorted(set(scopes)))
        token = Token(new_id(self._clock), person_id, name, secret[:_SHOWN], kept, now, expires_at, None)
        values = {**vars(token), "token_hash": hash_secret(secret), "scopes": list(kept)}
        store.add(connection, store.TOKEN, values)
        return token, secret

    def find(self, connection: Connection, secret: str) -> Token | None:
        """Return the live token with this text, or None: unknown, revoked, expired, or its owner is disabled."""
        if not secret.startswith(PREFIX):
            return None
        row = store.token_by_hash(connection, hash_secret(secret))
        if row is None or row.disabled:
            return None
        token = token_of(row)
        return token if self.is_live(token) else None

    def is_live(self, token: Token) -> bool:
        """Tell whether the token has not expired."""
        return token.expires_at is None or self._clock.now() < token.expires_at

    def used_is_due(self, token: Token) -> bool:
        """Tell whether use should be noted, at most once a minute."""
        return token.last_used_at is None or self._clock.now() - token.last_used_at >= _USED_STEP

    def note_used(self, connection: Connection, token: Token) -> None:
        """Note that the token is in use."""
        store.set_by_id(connection, store.TOKEN, token.id, {"last_used_at": self._clock.now()})

    def of_person(self, connection: Connection, person_id: str) -> tuple[Token, ...]:
        """Return a person's tokens, newest first, expired ones too."""
        return tuple(map(token_of, store.rows_of_person(connection, store.TOKEN, person_id)))

    def revoke(self, connection: Connection, person_id: str, token_id: str) -> bool:
        """Delete one of the person's tokens; False when it is not theirs or gone."""
        return store.remove_of_person(connection, store.TOKEN, person_id, only=token_id) == 1

    def revoke_all(self, connection: Connection, person_id: str) -> int:
        """Delete all of the person's tokens; return how many."""
        return store.remove_of_person(connection, store.TOKEN, person_id)


def token_of(row: Any) -> Token:
    """Make a token from a row that has its columns."""
    return Token(
        row.id,
        row.person_id,
        row.name,
        row.start,
        tuple(row.scopes),
        row.created_at,
        row.expires_at,
        row.last_used_at,
    )
