"""Who asks: sessions in the database, found with the person in one query, and what a person may see."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask, current_app, g
from flask_login import LoginManager, UserMixin
from sqlalchemy import ColumnElement, Connection, Engine, bindparam, insert, select, true, union_all
from werkzeug.exceptions import Unauthorized

from bench.handwritten.tables import LEAD, MEMBERSHIP, PERSON, SESSION, writing

_HASHER = PasswordHasher()
_FIND = (
    select(PERSON.c.id, PERSON.c.name, PERSON.c.role)
    .join(SESSION, SESSION.c.person_id == PERSON.c.id)
    .where(SESSION.c.token_hash == bindparam("token_hash"), SESSION.c.expires_at > bindparam("now"))
)


@dataclass(frozen=True)
class Person(UserMixin):
    """A signed-in person."""

    id: int
    name: str
    role: str
    token: str

    def get_id(self) -> str:
        """Return what the cookie keeps."""
        return self.token


def install(app: Flask) -> None:
    """Set up Flask-Login."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)

    @manager.unauthorized_handler
    def refuse() -> None:
        raise Unauthorized("Sign in first.")


def connection() -> Connection:
    """Return the reading connection of this request, opened on first use."""
    if "connection" not in g:
        engine: Engine = current_app.extensions["engine"]
        g.connection = engine.connect()
    return g.connection


def release(error: BaseException | None = None) -> None:
    """Give the reading connection back."""
    held = g.pop("connection", None)
    if held is not None:
        held.close()


def _load(token: str) -> Person | None:
    digest = hashlib.sha256(token.encode()).digest()
    row = connection().execute(_FIND, {"token_hash": digest, "now": datetime.now(UTC)}).one_or_none()
    return None if row is None else Person(row[0], row[1], row[2], token)


def sign_in(email: str, password: str) -> Person:
    """Begin a session; raises Unauthorized, which says the same for a wrong name and a wrong password."""
    row = connection().execute(select(PERSON).where(PERSON.c.email == email)).one_or_none()
    release()
    try:
        _HASHER.verify(row.password_hash if row is not None else _DUMMY, password)
    except VerifyMismatchError:
        row = None
    if row is None:
        raise Unauthorized("This name or password is wrong.")
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": hashlib.sha256(token.encode()).digest(),
        "person_id": row.id,
        "expires_at": datetime.now(UTC) + timedelta(days=7),
    }
    with writing(current_app.extensions["engine"]) as opened:
        opened.execute(insert(SESSION).values(values))
    return Person(row.id, row.name, row.role, token)


def password_hash(password: str) -> str:
    """Return the hash that the database keeps."""
    return _HASHER.hash(password)


_DUMMY = password_hash(secrets.token_hex())


def visible(role: str) -> ColumnElement[bool]:
    """Return which leads a role may read and change: managers all, representatives own and team; binds ``me``."""
    if role != "rep":
        return true()
    mine, theirs = MEMBERSHIP.alias(), MEMBERSHIP.alias()
    mates = (
        select(theirs.c.person_id)
        .join(mine, mine.c.team_id == theirs.c.team_id)
        .where(mine.c.person_id == bindparam("me"))
    )
    return LEAD.c.owner_id.in_(union_all(select(bindparam("me", type_=LEAD.c.owner_id.type)), mates))
