"""Fill the database with the bench's people and leads."""

from __future__ import annotations

from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, text

from bench import data
from bench.handwritten.people import password_hash
from bench.handwritten.tables import (
    CAMPAIGN,
    COUNTER,
    LEAD,
    LEAD_TAG,
    MEMBERSHIP,
    PERSON,
    PRODUCT,
    TAG,
    create_tables,
    open_engine,
    writing,
)
from bench.settling import settle

_BATCH = 5_000


def load(database_url: str, count: int) -> None:
    """Make tables in an empty database and write the leads."""
    engine = open_engine(database_url)
    create_tables(engine)
    with writing(engine) as connection:
        _people(connection)
        rows = data.leads(count)
        while batch := list(islice(rows, _BATCH)):
            connection.execute(insert(LEAD), [_row(lead) for lead in batch])
            tags = [{"lead_id": lead.index + 1, "tag_id": tag + 1} for lead in batch for tag in lead.tags]
            if tags:
                connection.execute(insert(LEAD_TAG), tags)
        connection.execute(insert(COUNTER), {"name": "lead", "value": count})
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER SEQUENCE lead_id_seq RESTART WITH {count + 1}"))
    engine.dispose()
    settle(database_url)


def _people(connection: Connection) -> None:
    hashed = password_hash(data.PASSWORD)
    people = [
        {
            "id": key + 1,
            "name": data.person_name(key),
            "email": data.person_email(key),
            "role": "rep",
            "password_hash": hashed,
        }
        for key in range(data.PEOPLE)
    ]
    connection.execute(insert(PERSON), people)
    members = [{"person_id": key + 1, "team_id": data.team_of(key) + 1} for key in range(data.PEOPLE)]
    connection.execute(insert(MEMBERSHIP), members)
    for table, count in ((CAMPAIGN, data.CAMPAIGNS), (PRODUCT, data.PRODUCTS), (TAG, data.TAGS)):
        name = table.name.capitalize()
        connection.execute(insert(table), [{"id": key + 1, "name": f"{name} {key}"} for key in range(count)])


def _row(lead: data.Lead) -> dict[str, Any]:
    return {
        "id": lead.index + 1,
        "version": 1,
        "created_at": lead.created_at,
        "created_by": lead.owner + 1,
        "updated_at": lead.created_at,
        "updated_by": lead.owner + 1,
        "owner_id": lead.owner + 1,
        "name": lead.name,
        "number": lead.number,
        "company": lead.company,
        "job_title": lead.job_title,
        "email": lead.email,
        "mobile": lead.mobile,
        "website": lead.website,
        "status": lead.status,
        "rating": lead.rating,
        "source": lead.source,
        "campaign_id": None if lead.campaign is None else lead.campaign + 1,
        "interest_id": None if lead.interest is None else lead.interest + 1,
        "value_cents": lead.value,
        "value_currency": None if lead.value is None else "EUR",
        "region": lead.region,
        "country": lead.country,
        "answer_due_at": lead.answer_due_at,
        "answered_at": lead.answered_at,
        "last_contact_on": lead.last_contact_on,
        "next_step": lead.next_step,
        "next_step_on": lead.next_step_on,
        "email_consent": lead.consent,
        "description": lead.description,
    }
