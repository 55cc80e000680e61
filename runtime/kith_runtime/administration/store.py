"""What administration reads across people: accounts, sessions, tokens and publishes, with names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, not_, or_, select, tuple_

from kith_platform.identity import Session, Token
from kith_platform.identity.sessions import IDLE, session_of
from kith_platform.identity.store import CREDENTIAL, ROLE_ASSIGNMENT, SESSION, TOKEN
from kith_platform.identity.tokens import token_of
from kith_runtime.access import record_filter
from kith_runtime.context import Context
from kith_runtime.publish.store import PUBLISH, PublishRow
from kith_runtime.queries.columns import stored_columns
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.tables import link_table_of, table_of
from kith_runtime.tables.folding import lowered

TEAM_ENTITY = "base.team"

STATES = {
    "active": "Active",
    "waiting": "Never signed in",
    "disabled": "Disabled",
    "outside": "No sign-in",
}
"""The states of a person's way in, with the words for them."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with their way in. ``login`` is empty while they have none."""

    id: str
    name: str
    email: str
    login: str
    state: str


@dataclass(frozen=True, slots=True)
class PeopleQuestion:
    """Which people are wanted: part of a name or address, a state, and where the page before ended."""

    text: str = ""
    state: str = ""
    after: tuple[str, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Owned:
    """A session or token with the name of its person."""

    item: Session | Token
    person: str


class _People:
    """The columns of people and of their accounts, as they are stored in this snapshot."""

    def __init__(self, ctx: Context) -> None:
        self.table = table_of(ctx.published, PERSON_ENTITY)
        self.name = func.coalesce(self._column(ctx, "name"), "")
        self.email = func.coalesce(self._column(ctx, "email"), "")
        active = stored_columns(ctx.published, PERSON_ENTITY, "active")
        shut: list[ColumnElement[bool]] = [CREDENTIAL.c.disabled.is_(True)]
        if active:
            shut.append(self.table.c[active[0]].is_(False))
        self.shut = or_(*shut)
        self.live = self.table.c.deleted_at.is_(None)
        out, new = CREDENTIAL.c.person_id.is_(None), CREDENTIAL.c.password_hash.is_(None)
        self.states: dict[str, ColumnElement[bool]] = {
            "disabled": self.shut,
            "outside": and_(out, not_(self.shut)),
            "waiting": and_(not_(out), new, not_(self.shut)),
            "active": and_(not_(out), not_(new), not_(self.shut)),
        }

    def _column(self, ctx: Context, field: str) -> ColumnElement[Any]:
        found = stored_columns(ctx.published, PERSON_ENTITY, field)
        return self.table.c[found[0]] if found else literal("")

    def select(self) -> Select[Any]:
        """Return the statement that a person row is made from."""
        columns = [self.states[name].label(f"is_{name}") for name in STATES]
        return (
            select(self.table.c.id, self.name.label("name"), self.email.label("email"), CREDENTIAL.c.login, *columns)
            .select_from(self.table.outerjoin(CREDENTIAL, CREDENTIAL.c.person_id == self.table.c.id))
            .where(self.live)
        )


def people(ctx: Context, asked: PeopleQuestion) -> list[PersonRow]:
    """Return the people that the actor may read, by name."""
    columns = _People(ctx)
    order = (columns.name, columns.table.c.id)
    query = columns.select().order_by(*order).limit(asked.limit)
    readable = record_filter(ctx, PERSON_ENTITY, "read")
    if readable is not None:
        query = query.where(readable)
    for word in asked.text.split()[:5]:
        like = f"%{_escaped(word.lower())}%"
        parts = (lowered(part).like(like, escape="\\") for part in (columns.name, columns.email))
        query = query.where(or_(*parts))
    if asked.state in STATES:
        query = query.where(columns.states[asked.state])
    if asked.after is not None:
        query = query.where(tuple_(*order) > tuple_(*map(literal, asked.after)))
    return [_person_row(row) for row in ctx.connection.execute(query)]


def person(ctx: Context, person_id: str) -> PersonRow | None:
    """Return one person that the actor may read, or None."""
    columns = _People(ctx)
    query = columns.select().where(columns.table.c.id == person_id)
    readable = record_filter(ctx, PERSON_ENTITY, "read")
    if readable is not None:
        query = query.where(readable)
    row = ctx.connection.execute(query).one_or_none()
    return None if row is None else _person_row(row)


def names_of(ctx: Context, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of people by id, deleted ones too; for logs, which keep ids only."""
    wanted = sorted({each for each in ids if each})
    if not wanted:
        return {}
    columns = _People(ctx)
    query = select(columns.table.c.id, columns.name.label("name")).where(columns.table.c.id.in_(wanted))
    return {row.id: row.name for row in ctx.connection.execute(query)}


def person_choices(ctx: Context, limit: int = 500) -> list[tuple[str, str]]:
    """Return people as choices: id and name, the address beside it to tell equals apart."""
    found = people(ctx, PeopleQuestion(limit=limit))
    return [(row.id, f"{row.name}, {row.email}" if row.email else row.name) for row in found]


def roles_by_person(ctx: Context, ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the assigned roles of several people."""
    found: dict[str, list[str]] = defaultdict(list)
    query = select(ROLE_ASSIGNMENT).where(ROLE_ASSIGNMENT.c.person_id.in_(list(ids))).order_by(ROLE_ASSIGNMENT.c.role)
    for row in ctx.connection.execute(query):
        found[row.person_id].append(row.role)
    return found


def teams_by_person(ctx: Context, ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the names of the teams of several people; nothing where there are no teams."""
    found: dict[str, list[str]] = defaultdict(list)
    storage = ctx.published.storage
    if TEAM_ENTITY not in storage or "teams" not in storage.entity(PERSON_ENTITY).fields:
        return found
    names = stored_columns(ctx.published, TEAM_ENTITY, "name")
    if not names:
        return found
    links, teams = link_table_of(ctx.published, PERSON_ENTITY, "teams"), table_of(ctx.published, TEAM_ENTITY)
    query = (
        select(links.c.record_id, teams.c[names[0]].label("name"))
        .join(teams, teams.c.id == links.c.target_id)
        .where(links.c.record_id.in_(list(ids)), teams.c.deleted_at.is_(None))
        .order_by(teams.c[names[0]])
    )
    for row in ctx.connection.execute(query):
        found[row.record_id].append(row.name)
    return found


def holders_by_role(ctx: Context) -> dict[str, int]:
    """Return how many people hold each role."""
    columns = _People(ctx)
    query = (
        select(ROLE_ASSIGNMENT.c.role, func.count())
        .join(columns.table, columns.table.c.id == ROLE_ASSIGNMENT.c.person_id)
        .where(columns.live)
        .group_by(ROLE_ASSIGNMENT.c.role)
    )
    return {row[0]: row[1] for row in ctx.connection.execute(query)}


def holders(ctx: Context, role: str, limit: int = 200) -> list[PersonRow]:
    """Return the people who hold a role themselves, by name."""
    columns = _People(ctx)
    held = select(ROLE_ASSIGNMENT.c.person_id).where(ROLE_ASSIGNMENT.c.role == role)
    query = columns.select().where(columns.table.c.id.in_(held)).order_by(columns.name, columns.table.c.id).limit(limit)
    return [_person_row(row) for row in ctx.connection.execute(query)]


def live_sessions(ctx: Context, before: tuple[datetime, str] | None, limit: int = 50) -> list[Owned]:
    """Return the live sessions of everybody, the latest used first; ``before`` is where the page above ended."""
    order = (SESSION.c.last_seen_at, SESSION.c.id)
    query = _with_person(ctx, SESSION).where(
        SESSION.c.expires_at > ctx.now, SESSION.c.last_seen_at > ctx.now - IDLE + timedelta(microseconds=1)
    )
    query = query.order_by(*(column.desc() for column in order)).limit(limit)
    if before is not None:
        moment, last = before
        at = SESSION.c.last_seen_at
        query = query.where(or_(at < moment, and_(at == moment, SESSION.c.id < last)))
    return [Owned(session_of(row), row.person_name) for row in ctx.connection.execute(query)]


def session(ctx: Context, session_id: str) -> Owned | None:
    """Return anybody's session by its id."""
    row = ctx.connection.execute(_with_person(ctx, SESSION).where(SESSION.c.id == session_id)).one_or_none()
    return None if row is None else Owned(session_of(row), row.person_name)


def tokens(ctx: Context, after: str = "", limit: int = 50) -> list[Owned]:
    """Return the tokens of everybody, the newest first; ``after`` is the last id of the page above."""
    query = _with_person(ctx, TOKEN).order_by(TOKEN.c.id.desc()).limit(limit)
    if after:
        query = query.where(TOKEN.c.id < after)
    return [Owned(token_of(row), row.person_name) for row in ctx.connection.execute(query)]


def token(ctx: Context, token_id: str) -> Owned | None:
    """Return anybody's token by its id."""
    row = ctx.connection.execute(_with_person(ctx, TOKEN).where(TOKEN.c.id == token_id)).one_or_none()
    return None if row is None else Owned(token_of(row), row.person_name)


def publishes(ctx: Context, before: int | None, limit: int = 20) -> list[PublishRow]:
    """Return publishes, newest first, older than number ``before``."""
    query = select(PUBLISH).order_by(PUBLISH.c.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(PUBLISH.c.sequence < before)
    return [PublishRow(**row) for row in ctx.connection.execute(query).mappings()]


def _with_person(ctx: Context, table: Any) -> Select[Any]:
    columns = _People(ctx)
    joined = table.outerjoin(columns.table, columns.table.c.id == table.c.person_id)
    return select(table, columns.name.label("person_name")).select_from(joined)


def _person_row(row: Row[Any]) -> PersonRow:
    state = next((name for name in STATES if getattr(row, f"is_{name}")), "disabled")
    return PersonRow(row.id, row.name, row.email, row.login or "", state)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
