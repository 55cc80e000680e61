"""Who can sign in: the login and password of a person, and whether the person is disabled."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from kith_platform.clock import Clock
from kith_platform.database import Connection
from kith_platform.errors import Conflict, NotFound
from kith_platform.identity import store
from kith_platform.identity.passwords import Passwords, check_policy


@dataclass(frozen=True)
class Verified:
    """A right password; ``stale`` asks the caller to store it anew with today's parameters."""

    person_id: str
    stale: bool


@dataclass(frozen=True)
class Account:
    """What is known of a person's way in, without any secret."""

    person_id: str
    login: str
    has_password: bool
    disabled: bool


class Accounts:
    """Keeps logins and passwords."""

    def __init__(self, clock: Clock, passwords: Passwords) -> None:
        self._clock = clock
        self._passwords = passwords

    def add(self, connection: Connection, person_id: str, login: str) -> None:
        """Let a person sign in by this login, once a password is set.

        Raises Conflict when the login belongs to somebody, or the person has one.
        """
        login = normal_login(login)
        taken = store.credential_by_login(connection, login) or store.credential_of(connection, person_id)
        if taken is not None:
            raise Conflict("login_taken", f"Somebody signs in as {login} already.", "Choose another.", "login")
        values = {"person_id": person_id, "login": login, "disabled": False, "created_at": self._clock.now()}
        store.add(connection, store.CREDENTIAL, values)

    def find(self, connection: Connection, person_id: str) -> Account | None:
        """Return a person's account."""
        row = store.credential_of(connection, person_id)
        if row is None:
            return None
        return Account(row.person_id, row.login, row.password_hash is not None, row.disabled)

    def is_empty(self, connection: Connection) -> bool:
        """Tell whether nobody has an account yet: a new installation."""
        return store.count_credentials(connection) == 0

    def change_login(self, connection: Connection, person_id: str, login: str) -> None:
        """Give a person another login; raises Conflict when it is taken."""
        login = normal_login(login)
        taken = store.credential_by_login(connection, login)
        if taken is not None and taken.person_id != person_id:
            raise Conflict("login_taken", f"Somebody signs in as {login} already.", "Choose another.", "login")
        self._change(connection, person_id, {"login": login})

    def set_password(
        self,
        connection: Connection,
        person_id: str,
        password: str,
        *,
        personal: Iterable[str] = (),
        keep_session: str | None = None,
    ) -> None:
        """Store a new password and end the person's other sessions and open codes.

        Raises Invalid when the password is too weak. ``keep_session`` is the id of the session that asks.
        """
        row = store.credential_of(connection, person_id)
        login = [] if row is None else [row.login]
        check_policy(password, [*personal, *login])
        hashed = self._passwords.hash(password)
        self._change(connection, person_id, {"password_hash": hashed, "password_set_at": self._clock.now()})
        store.remove_of_person(connection, store.SESSION, person_id, keep=keep_session)
        store.remove_codes(connection, person_id)

    def renew_hash(self, connection: Connection, person_id: str, password: str) -> None:
        """Store a password that has just been verified with today's parameters; nothing else changes."""
        self._change(connection, person_id, {"password_hash": self._passwords.hash(password)})

    def verify(self, connection: Connection, login: str, password: str) -> Verified | None:
        """Return whose login and password these are, or None; a disabled person gets None.

        Takes the same time whether or not the login is known, so call it on a reading connection.
        """
        row = store.credential_by_login(connection, normal_login(login))
        stored = None if row is None else row.password_hash
        if not self._passwords.matches(stored, password) or row is None or row.disabled:
            return None
        return Verified(row.person_id, self._passwords.is_stale(row.password_hash))

    def disable(self, connection: Connection, person_id: str) -> None:
        """Shut a person out now: sessions, tokens and codes end with it; the password stays for enabling again."""
        self._change(connection, person_id, {"disabled": True})
        for table in (store.SESSION, store.TOKEN):
            store.remove_of_person(connection, table, person_id)
        store.remove_codes(connection, person_id)

    def enable(self, connection: Connection, person_id: str) -> None:
        """Let a disabled person sign in again; old sessions and tokens do not come back."""
        self._change(connection, person_id, {"disabled": False})

    def _change(self, connection: Connection, person_id: str, values: dict[str, object]) -> None:
        if not store.set_credential(connection, person_id, values):
            raise NotFound("no_account", "This person has no sign-in.", "Add a login first.")


def normal_login(login: str) -> str:
    """Return the form in which logins are compared: NFKC, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", login).strip().casefold()
