"""Tables of credentials, sessions, tokens, codes, sign-in attempts and role assignments.

All are keyed by ``person_id``, the id of the person's record in the base app. Secrets are stored as hashes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from kith_platform.database.metadata import PLATFORM_TABLES
from kith_platform.database.types import IdText, JsonValue, UtcDateTime

CREDENTIAL = Table(
    "kith_credential",
    PLATFORM_TABLES,
    Column("person_id", IdText(), primary_key=True),
    Column("login", Text, nullable=False),
    Column("password_hash", Text),
    Column("password_set_at", UtcDateTime()),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Index("uq_kith_credential_login", "login", unique=True),
)

SESSION = Table(
    "kith_session",
    PLATFORM_TABLES,
    Column("token_hash", IdText(), primary_key=True),
    Column("id", IdText(), nullable=False),
    Column("person_id", IdText(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("last_seen_at", UtcDateTime(), nullable=False),
    Column("expires_at", UtcDateTime(), nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Index("ix_kith_session_person_id", "person_id"),
    Index("uq_kith_session_id", "id", unique=True),
)

TOKEN = Table(
    "kith_token",
    PLATFORM_TABLES,
    Column("token_hash", IdText(), primary_key=True),
    Column("id", IdText(), nullable=False),
    Column("person_id", IdText(), nullable=False),
    Column("name", Text, nullable=False),
    Column("start", Text, nullable=False),
    Column("scopes", JsonValue(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("expires_at", UtcDateTime()),
    Column("last_used_at", UtcDateTime()),
    Index("ix_kith_token_person_id", "person_id"),
    Index("uq_kith_token_id", "id", unique=True),
)

CODE = Table(
    "kith_code",
    PLATFORM_TABLES,
    Column("code_hash", IdText(), primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("person_id", IdText(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("expires_at", UtcDateTime(), nullable=False),
    Index("ix_kith_code_person_id", "person_id"),
)

ATTEMPT = Table(
    "kith_attempt",
    PLATFORM_TABLES,
    Column("subject", IdText(), primary_key=True),
    Column("failures", BigInteger, nullable=False),
    Column("pauses", BigInteger, nullable=False),
    Column("last_failed_at", UtcDateTime(), nullable=False),
    Column("blocked_until", UtcDateTime()),
)

ROLE_ASSIGNMENT = Table(
    "kith_role_assignment",
    PLATFORM_TABLES,
    Column("person_id", IdText(), primary_key=True),
    Column("role", IdText(), primary_key=True),
    Column("granted_at", UtcDateTime(), nullable=False),
    Column("granted_by", IdText(), nullable=False),
    Index("ix_kith_role_assignment_role", "role"),
)

_BATCH = 500

# Sign-in reads one session or token per request: these statements are built once.
_LIVE_SESSION = (
    select(SESSION, CREDENTIAL.c.disabled)
    .join_from(SESSION, CREDENTIAL, CREDENTIAL.c.person_id == SESSION.c.person_id, isouter=True)
    .where(SESSION.c.token_hash == bindparam("token_hash"))
)
_LIVE_TOKEN = (
    select(TOKEN, CREDENTIAL.c.disabled)
    .join_from(TOKEN, CREDENTIAL, CREDENTIAL.c.person_id == TOKEN.c.person_id, isouter=True)
    .where(TOKEN.c.token_hash == bindparam("token_hash"))
)


def add(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert one row."""
    connection.execute(insert(table).values(values))


def add_if_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert one row unless its primary key exists; tell whether it was inserted."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # The row count of such an insert is not known to every driver; a returned row is.
    key = next(iter(table.primary_key))
    statement = make(table).values(values).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None


def session_by_hash(connection: Connection, token_hash: str) -> Row[Any] | None:
    """Return the session with this token and whether its person is disabled."""
    return connection.execute(_LIVE_SESSION, {"token_hash": token_hash}).one_or_none()


def token_by_hash(connection: Connection, token_hash: str) -> Row[Any] | None:
    """Return the API token and whether its owner is disabled."""
    return connection.execute(_LIVE_TOKEN, {"token_hash": token_hash}).one_or_none()


def rows_of_person(connection: Connection, table: Table, person_id: str) -> Sequence[Row[Any]]:
    """Return a person's sessions or tokens, newest first."""
    statement = select(table).where(table.c.person_id == person_id)
    return connection.execute(statement.order_by(table.c.created_at.desc(), table.c.id.desc())).all()


def set_by_id(connection: Connection, table: Table, row_id: str, values: dict[str, Any]) -> None:
    """Change one session or token."""
    connection.execute(update(table).where(table.c.id == row_id).values(values))


def remove_of_person(
    connection: Connection, table: Table, person_id: str, *, only: str | None = None, keep: str | None = None
) -> int:
    """Delete a person's rows: all, the one with id ``only``, or all but ``keep``; return how many went."""
    statement = delete(table).where(table.c.person_id == person_id)
    if only is not None:
        statement = statement.where(table.c.id == only)
    if keep is not None:
        statement = statement.where(table.c.id != keep)
    return connection.execute(statement).rowcount


def remove_of_people(connection: Connection, table: Table, people: Sequence[str]) -> None:
    """Delete all rows of several people."""
    for start in range(0, len(people), _BATCH):
        connection.execute(delete(table).where(table.c.person_id.in_(people[start : start + _BATCH])))


def remove_dead_sessions(connection: Connection, now: datetime, idle_since: datetime) -> int:
    """Delete the sessions that can never be used again."""
    dead = or_(SESSION.c.expires_at <= now, SESSION.c.last_seen_at <= idle_since)
    return connection.execute(delete(SESSION).where(dead)).rowcount


def credential_by_login(connection: Connection, login: str) -> Row[Any] | None:
    """Return the credential with this normalised login."""
    return connection.execute(select(CREDENTIAL).where(CREDENTIAL.c.login == login)).one_or_none()


def credential_of(connection: Connection, person_id: str) -> Row[Any] | None:
    """Return a person's credential."""
    return connection.execute(select(CREDENTIAL).where(CREDENTIAL.c.person_id == person_id)).one_or_none()


def set_credential(connection: Connection, person_id: str, values: dict[str, Any]) -> bool:
    """Change a person's credential; tell whether there is one."""
    statement = update(CREDENTIAL).where(CREDENTIAL.c.person_id == person_id).values(values)
    return connection.execute(statement).rowcount == 1


def count_credentials(connection: Connection) -> int:
    """Return how many people can sign in or could."""
    return connection.scalar(select(func.count()).select_from(CREDENTIAL)) or 0


def take_code(connection: Connection, code_hash: str, purpose: str) -> Row[Any] | None:
    """Delete a code and return it; of several at once, one gets it."""
    statement = delete(CODE).where(CODE.c.code_hash == code_hash, CODE.c.purpose == purpose)
    return connection.execute(statement.returning(CODE)).one_or_none()


def code_by_hash(connection: Connection, code_hash: str, purpose: str) -> Row[Any] | None:
    """Return a code without using it up."""
    statement = select(CODE).where(CODE.c.code_hash == code_hash, CODE.c.purpose == purpose)
    return connection.execute(statement).one_or_none()


def remove_codes(connection: Connection, person_id: str, purpose: str | None = None) -> int:
    """Delete a person's codes, all or of one purpose."""
    statement = delete(CODE).where(CODE.c.person_id == person_id)
    if purpose is not None:
        statement = statement.where(CODE.c.purpose == purpose)
    return connection.execute(statement).rowcount


def remove_dead_codes(connection: Connection, now: datetime) -> int:
    """Delete codes past their time."""
    return connection.execute(delete(CODE).where(CODE.c.expires_at <= now)).rowcount


def attempts_for_change(connection: Connection, subject: str) -> Row[Any] | None:
    """Return the tries of a subject and hold the row until the transaction ends."""
    return connection.execute(select(ATTEMPT).where(ATTEMPT.c.subject == subject).with_for_update()).one_or_none()


def set_attempts(connection: Connection, subject: str, values: dict[str, Any]) -> None:
    """Write the tries of a subject."""
    connection.execute(update(ATTEMPT).where(ATTEMPT.c.subject == subject).values(values))


def remove_attempts(connection: Connection, subject: str) -> None:
    """Forget the tries of a subject."""
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.subject == subject))


def remove_old_attempts(connection: Connection, before: datetime) -> int:
    """Forget subjects without a failure since then."""
    return connection.execute(delete(ATTEMPT).where(ATTEMPT.c.last_failed_at < before)).rowcount


def roles_of(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Return a person's roles, sorted."""
    statement = select(ROLE_ASSIGNMENT.c.role).where(ROLE_ASSIGNMENT.c.person_id == person_id)
    return tuple(connection.scalars(statement.order_by(ROLE_ASSIGNMENT.c.role)))


def people_with(connection: Connection, role: str) -> tuple[str, ...]:
    """Return the people who have a role, sorted."""
    statement = select(ROLE_ASSIGNMENT.c.person_id).where(ROLE_ASSIGNMENT.c.role == role)
    return tuple(connection.scalars(statement.order_by(ROLE_ASSIGNMENT.c.person_id)))


def remove_role(connection: Connection, person_id: str, role: str) -> bool:
    """Take a role away; tell whether the person had it."""
    statement = delete(ROLE_ASSIGNMENT).where(ROLE_ASSIGNMENT.c.person_id == person_id, ROLE_ASSIGNMENT.c.role == role)
    return connection.execute(statement).rowcount == 1
