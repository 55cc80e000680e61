"""What becomes of a person's way in when their record changes: a new address, shut out, deleted, brought back."""

from __future__ import annotations

from collections.abc import Sequence

from kith_platform.database import Connection
from kith_platform.errors import Conflict
from kith_platform.identity import store
from kith_platform.identity.accounts import normal_login

_RELEASED = "deleted:"


class WaysIn:
    """Keeps logins, sessions and tokens in step with the records of people; needs no secrets and no clock."""

    def end(self, connection: Connection, people: Sequence[str]) -> None:
        """End the sessions, tokens and one-time links of people now; nothing brings them back."""
        for table in (store.SESSION, store.TOKEN, store.CODE):
            store.remove_of_people(connection, table, people)

    def release(self, connection: Connection, people: Sequence[str]) -> None:
        """Free the logins of people who are deleted, so that somebody else may sign in with the address."""
        for person in people:
            store.set_credential(connection, person, {"login": _RELEASED + person})

    def move(self, connection: Connection, person: str, login: str) -> str:
        """Make this the person's login and return the one before; empty when they have no way in, or it is the same.

        Raises Conflict when somebody else signs in with it.
        """
        login = normal_login(login)
        row = store.credential_of(connection, person)
        if row is None or row.login == login:
            return ""
        if store.credential_by_login(connection, login) is not None:
            raise Conflict("login_taken", f"Somebody signs in as {login} already.", "Choose another.", "login")
        store.set_credential(connection, person, {"login": login})
        return str(row.login)
