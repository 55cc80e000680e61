"""Reading and writing leads: statements are built once for each shape and hold only bound values."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    tuple_,
    update,
)
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from bench.handwritten.people import Person, visible
from bench.handwritten.tables import CAMPAIGN, COUNTER, HISTORY, LEAD, LEAD_TAG, PERSON, PRODUCT, TAG, writing
from bench.handwritten.validation import Invalid, checked

COUNT_CAP = 1000
_WORD = re.compile(r"[^\W_]+")
_KEEPS_HISTORY = os.environ.get("BENCH_HISTORY", "1") == "1"

SHORT = ("id", "version", "name", "number", "company", "status", "source", "value_cents", "value_currency", "owner_id")
"""The columns of the list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; ``after`` is a cursor, ``words`` are looked up in the index."""

    status: str = ""
    after: str = ""
    words: str = ""
    limit: int = 50


def page(
    connection: Connection, person: Person, asked: Asked, shape: str = "short"
) -> tuple[Sequence[Any], str | None]:
    """Return one page of leads, newest first, and the cursor of the next."""
    values: dict[str, Any] = {"me": person.id, "limit": asked.limit + 1}
    if asked.status:
        values["status"] = asked.status
    if asked.after:
        values["after_at"], values["after_id"] = _read_cursor(asked.after)
    if asked.words:
        values["words"] = _match(asked.words, connection.dialect.name)
    statement = _page(
        person.role, shape, bool(asked.status), bool(asked.after), connection.dialect.name if asked.words else ""
    )
    rows = connection.execute(statement, values).all()
    if len(rows) <= asked.limit:
        return rows, None
    rows = rows[: asked.limit]
    last = rows[-1]
    return rows, _cursor(last.created_at, last.id)


def count(connection: Connection, person: Person, asked: Asked) -> int:
    """Return how many leads there are, counting at most one more than the cap."""
    values: dict[str, Any] = {"me": person.id, "limit": COUNT_CAP + 1}
    if asked.status:
        values["status"] = asked.status
    if asked.words:
        values["words"] = _match(asked.words, connection.dialect.name)
    statement = _count(person.role, bool(asked.status), connection.dialect.name if asked.words else "")
    return connection.execute(statement, values).scalar_one()


@cache
def _page(role: str, shape: str, by_status: bool, after: bool, searched: str) -> Select[Any]:
    statement = {
        "short": select(*(LEAD.c[name] for name in SHORT), LEAD.c.created_at),
        "html": select(*(LEAD.c[name] for name in SHORT), PERSON.c.name.label("owner_name"), LEAD.c.created_at).join(
            PERSON, PERSON.c.id == LEAD.c.owner_id
        ),
        "full": select(LEAD),
    }[shape]
    statement = _narrowed(statement, role, by_status, searched)
    if after:
        statement = statement.where(
            tuple_(LEAD.c.created_at, LEAD.c.id) < tuple_(bindparam("after_at"), bindparam("after_id"))
        )
    return statement.order_by(LEAD.c.created_at.desc(), LEAD.c.id.desc()).limit(bindparam("limit"))


@cache
def _count(role: str, by_status: bool, searched: str) -> Select[Any]:
    inner = _narrowed(select(literal_column("1")).select_from(LEAD), role, by_status, searched)
    return select(func.count()).select_from(inner.limit(bindparam("limit")).subquery())


def _narrowed(statement: Select[Any], role: str, by_status: bool, searched: str) -> Select[Any]:
    statement = statement.where(LEAD.c.deleted_at.is_(None), visible(role))
    if by_status:
        statement = statement.where(LEAD.c.status == bindparam("status"))
    if searched == "sqlite":
        statement = statement.where(text("lead.id IN (SELECT rowid FROM lead_search WHERE lead_search MATCH :words)"))
    elif searched:
        statement = statement.where(text("lead.words @@ to_tsquery('simple', :words)"))
    return statement


def _match(words: str, dialect: str) -> str:
    found = _WORD.findall(words.lower())[:8]
    if not found:
        raise BadRequest("Type a word to search for.")
    return " ".join(f"{word}*" for word in found) if dialect == "sqlite" else " & ".join(f"{word}:*" for word in found)


@cache
def _one(role: str, locked: bool) -> Select[Any]:
    statement = select(LEAD).where(LEAD.c.id == bindparam("lead"), LEAD.c.deleted_at.is_(None), visible(role))
    return statement.with_for_update(of=LEAD) if locked else statement


_TAGS_OF = select(LEAD_TAG.c.tag_id).where(LEAD_TAG.c.lead_id == bindparam("lead")).order_by(LEAD_TAG.c.tag_id)
_TAGS_OF_MANY = select(LEAD_TAG).where(LEAD_TAG.c.lead_id.in_(bindparam("leads", expanding=True)))
_NEXT_NUMBER = (
    update(COUNTER).where(COUNTER.c.name == "lead").values(value=COUNTER.c.value + 1).returning(COUNTER.c.value)
)
_REFERENCES = {
    "campaign_id": select(CAMPAIGN.c.id).where(CAMPAIGN.c.id == bindparam("key")),
    "interest_id": select(PRODUCT.c.id).where(PRODUCT.c.id == bindparam("key")),
    "owner_id": select(PERSON.c.id).where(PERSON.c.id == bindparam("key")),
}
_NAMES = {
    "campaign_id": select(CAMPAIGN.c.name).where(CAMPAIGN.c.id == bindparam("key")),
    "interest_id": select(PRODUCT.c.name).where(PRODUCT.c.id == bindparam("key")),
    "owner_id": select(PERSON.c.name).where(PERSON.c.id == bindparam("key")),
}


def get(connection: Connection, person: Person, lead: int) -> RowMapping:
    """Return one lead; one that the person may not see is as unknown as one that is not there."""
    row = connection.execute(_one(person.role, False), {"lead": lead, "me": person.id}).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such lead.")
    return row


def tags_of(connection: Connection, lead: int) -> list[int]:
    """Return the tags of a lead."""
    return list(connection.execute(_TAGS_OF, {"lead": lead}).scalars())


def tags_of_many(connection: Connection, leads: Sequence[int]) -> dict[int, list[int]]:
    """Return the tags of the leads of a page, in one query."""
    found: dict[int, list[int]] = {lead: [] for lead in leads}
    for lead, tag in connection.execute(_TAGS_OF_MANY, {"leads": leads}):
        found[lead].append(tag)
    return found


def tag_names(connection: Connection, lead: int) -> list[str]:
    """Return the names of a lead's tags for the form."""
    query = select(TAG.c.name).join(LEAD_TAG, LEAD_TAG.c.tag_id == TAG.c.id).where(LEAD_TAG.c.lead_id == lead)
    return list(connection.execute(query).scalars())


def names_of(connection: Connection, row: RowMapping) -> dict[str, str]:
    """Return what people read for the references of a lead."""
    found = {}
    for column, statement in _NAMES.items():
        if row[column] is not None:
            found[column] = connection.execute(statement, {"key": row[column]}).scalar_one_or_none() or ""
    return found


def create(engine: Engine, person: Person, sent: Mapping[str, Any]) -> tuple[dict[str, Any], list[int]]:
    """Check and save a new lead; returns its columns and tags."""
    row = checked({"name": None, **sent})
    tags = row.pop("tags", ())
    now = datetime.now(UTC)
    row = {**_BLANK, **{name: value for name, value in row.items() if value is not None}}
    row |= {"version": 1, "created_at": now, "created_by": person.id, "updated_at": now, "updated_by": person.id}
    row["owner_id"] = row["owner_id"] or person.id
    with writing(engine) as connection:
        _check_references(connection, row)
        row["number"] = f"L-{connection.execute(_NEXT_NUMBER).scalar_one():05}"
        row["id"] = connection.execute(insert(LEAD).values(), row).inserted_primary_key[0]
        _set_tags(connection, row["id"], tags)
        _note(connection, person, row, {name: [None, value] for name, value in row.items() if value is not None})
    return row, list(tags)


def change(
    engine: Engine, person: Person, lead: int, sent: Mapping[str, Any], version: int | None
) -> tuple[dict[str, Any], list[int]]:
    """Check and save some fields; ``version`` is the one that the caller had read."""
    with writing(engine) as connection:
        statement = _one(person.role, connection.dialect.name != "sqlite")
        before = connection.execute(statement, {"lead": lead, "me": person.id}).mappings().one_or_none()
        if before is None:
            raise NotFound("There is no such lead.")
        if version is not None and version != before["version"]:
            raise Conflict(f"Somebody saved version {before['version']} meanwhile.")
        row = checked(sent, before)
        tags = row.pop("tags", None)
        changes = {name: [before[name], value] for name, value in row.items() if value != before[name]}
        _check_references(connection, {name: row[name] for name in changes})
        if tags is not None:
            connection.execute(delete(LEAD_TAG).where(LEAD_TAG.c.lead_id == lead))
            _set_tags(connection, lead, tags)
        values = {name: pair[1] for name, pair in changes.items()}
        values |= {"version": before["version"] + 1, "updated_at": datetime.now(UTC), "updated_by": person.id}
        connection.execute(_change(tuple(values)), {**values, "key": lead})
        row = {**before, **values}
        _note(connection, person, row, changes)
        return row, list(tags) if tags is not None else tags_of(connection, lead)


@cache
def _change(columns: tuple[str, ...]) -> Any:
    return update(LEAD).where(LEAD.c.id == bindparam("key")).values({name: bindparam(name) for name in columns})


def _check_references(connection: Connection, row: Mapping[str, Any]) -> None:
    problems = {}
    for column, statement in _REFERENCES.items():
        key = row.get(column)
        if key is not None and connection.execute(statement, {"key": key}).one_or_none() is None:
            problems[column.removesuffix("_id")] = "Choose one that exists."
    if problems:
        raise Invalid(problems)


def _set_tags(connection: Connection, lead: int, tags: Sequence[int]) -> None:
    if tags:
        connection.execute(insert(LEAD_TAG), [{"lead_id": lead, "tag_id": tag} for tag in tags])


def _note(connection: Connection, person: Person, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    if not _KEEPS_HISTORY:
        return
    kept = {name: [_plain(value) for value in pair] for name, pair in changes.items()}
    connection.execute(
        insert(HISTORY),
        {
            "lead_id": row["id"],
            "version": row["version"],
            "person_id": person.id,
            "at": row["updated_at"],
            "changes": kept,
        },
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int)) or value is None else value.isoformat()


_BLANK: Mapping[str, Any] = {
    **dict.fromkeys(column.name for column in LEAD.columns if column.name not in ("id", "words")),
    "status": "new",
    "email_consent": "unknown",
}


def _cursor(at: datetime, lead: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {lead}".encode()).decode()


def _read_cursor(text_: str) -> tuple[datetime, int]:
    try:
        at, _, lead = base64.urlsafe_b64decode(text_).decode().partition(" ")
        return datetime.fromisoformat(at), int(lead)
    except ValueError:
        raise BadRequest("This is not a cursor of a former page.") from None
