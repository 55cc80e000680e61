"""The one query that begins a request: who asks, and whether metadata or rights have moved since the last one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, true

from kith_platform.database.prepared import Prepared
from kith_platform.identity import hash_secret
from kith_platform.identity.store import CREDENTIAL, SESSION, TOKEN
from kith_runtime.publish.store import CURRENT, current_columns


def _live(table: Any) -> Select[Any]:
    return (
        select(table, CREDENTIAL.c.disabled, *current_columns())
        .select_from(table)
        .join(CREDENTIAL, CREDENTIAL.c.person_id == table.c.person_id, isouter=True)
        .join(CURRENT, true())
        .where(table.c.token_hash == bindparam("secret_hash"))
    )


_SESSION = Prepared(_live(SESSION))
_TOKEN = Prepared(_live(TOKEN))


def session_row(connection: Connection, secret: str) -> Any | None:
    """Return the session of a cookie's secret with what is live, or None when it has ended."""
    return _SESSION.first(connection, {"secret_hash": hash_secret(secret)})


def token_row(connection: Connection, secret: str) -> Any | None:
    """Return the API token of a secret with what is live, or None when it was revoked."""
    return _TOKEN.first(connection, {"secret_hash": hash_secret(secret)})
