"""Kith's side: the published apps with the bench's people, and leads written into the tables behind the door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert

from bench import data
from bench.bulk import copy_links, copy_rows, without_indexes
from bench.settling import settle
from kith_metadata.check import check
from kith_metadata.snapshot import Snapshot
from kith_platform.identity import Accounts, Passwords
from kith_platform.ids import IdSequence
from kith_platform.settings import Settings
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.install.administrator import add_person
from kith_runtime.language import kith_language
from kith_runtime.publish.apply import Request
from kith_runtime.publish.reindex import rebuild_search
from kith_runtime.publish.service import publish
from kith_runtime.records.store import COUNTER
from kith_runtime.tables import link_table_of, table_of
from kith_runtime.workspace import Workspace, open_workspace

ENTITY = "sales.lead"
APPS = Path(__file__).resolve().parents[1] / "apps"
MADE = 100_000
"""So many leads are made one by one; a larger table, of a whole multiple, gets copies of them, which is faster."""

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of the bench's people and of what leads point to, by position."""

    people: tuple[str, ...]
    campaigns: tuple[str, ...]
    products: tuple[str, ...]
    tags: tuple[str, ...]


def load(settings: Settings, count: int, *extra: Path, search: bool = True, roles: tuple[str, ...] = ()) -> Ids:
    """Publish the apps (and those of ``extra`` folders) into an empty database and write the leads."""
    workspace = open_workspace(settings, prepare=True)
    try:
        publish_snapshot(workspace, checked_folders(APPS, *extra))
        with workspace.write(SYSTEM, "import") as ctx:
            ids = _people(ctx, ("sales.rep", *roles))
            _leads(ctx, ids, count)
            ctx.connection.execute(insert(COUNTER), {"entity": ENTITY, "field": "number", "period": "", "value": count})
            if search:
                rebuild_search(ctx)
        settle(settings.database_url)
    finally:
        workspace.close()
    return ids


def checked_folders(*folders: Path, custom: Path | None = None) -> Snapshot:
    """Return what stands in some folders of apps, checked."""
    result = check(list(folders), kith_language(), None, custom)
    if result.snapshot is None:
        raise SystemExit("\n".join(str(issue) for issue in result.issues[:10]))
    return result.snapshot


def publish_snapshot(workspace: Workspace, snapshot: Snapshot) -> None:
    """Make a snapshot live."""
    publish(workspace, snapshot, Request(SYSTEM, "Bench"))


def ids_in(body: bytes) -> list[str]:
    """Return the ids of a list that the API answered."""
    return [row["id"] for row in json.loads(body)["data"]]


def next_in(body: bytes) -> str | None:
    """Return the cursor of a list that the API answered."""
    found: str | None = json.loads(body)["next"]
    return found


def _people(ctx: Context, roles: tuple[str, ...]) -> Ids:
    teams = [records.create(ctx, "base.team", {"name": f"Bench team {index}"}).id for index in range(data.TEAMS)]
    people = [
        add_person(
            ctx,
            {"name": data.person_name(index), "email": data.person_email(index), "teams": [teams[data.team_of(index)]]},
            roles,
        )
        for index in range(data.PEOPLE)
    ]
    Accounts(ctx.clock, Passwords()).set_password(ctx.connection, people[data.REP], data.PASSWORD)
    campaigns = [_made(ctx, "sales.campaign", _campaign(index)) for index in range(data.CAMPAIGNS)]
    products = [_made(ctx, "sales.product", _product(ctx, index)) for index in range(data.PRODUCTS)]
    tags = [_made(ctx, "base.tag", {"name": f"Tag {index}"}) for index in range(data.TAGS)]
    return Ids(tuple(people), tuple(campaigns), tuple(products), tuple(tags))


def _made(ctx: Context, entity: str, values: Mapping[str, Any]) -> str:
    return records.create(ctx, entity, values).id


def _campaign(index: int) -> dict[str, Any]:
    return {"name": f"Campaign {index}", "kind": "mailing", "status": "planned"}


def _product(ctx: Context, index: int) -> dict[str, Any]:
    family = next(iter(ctx.snapshot.option_set("sales.product_family").options))
    price = {"amount": "100.00", "currency": "EUR"}
    return {"name": f"Product {index}", "code": f"BENCH-{index}", "family": family, "list_price": price}


def _leads(ctx: Context, ids: Ids, count: int) -> None:
    table, links = table_of(ctx.published, ENTITY), link_table_of(ctx.published, ENTITY, "tags")
    names = _columns(ctx)
    sequence, rows = IdSequence(), data.leads(min(count, MADE))
    with without_indexes(ctx.connection, (table.name, links.name)):
        while batch := list(islice(rows, _BATCH)):
            _insert(ctx.connection, table, [_row(lead, ids, names, sequence) for lead in batch], links, batch, ids)
        copies = max(0, count // MADE - 1)
        copy_rows(ctx, ENTITY, MADE, copies, {names["number"][0]: "-"})
        copy_links(ctx, links, copies)


def _insert(
    connection: Connection,
    table: Table,
    rows: list[dict[str, Any]],
    links: Table,
    batch: list[data.Lead],
    ids: Ids,
) -> None:
    connection.execute(insert(table), rows)
    tags = [
        {"record_id": row["id"], "target_id": ids.tags[tag], "position": place}
        for row, lead in zip(rows, batch, strict=True)
        for place, tag in enumerate(lead.tags)
    ]
    if tags:
        connection.execute(insert(links), tags)


def _columns(ctx: Context) -> dict[str, tuple[str, ...]]:
    stored = ctx.published.storage.entity(ENTITY)
    return {name: tuple(column.name for column in field.columns) for name, field in stored.fields.items()}


def _row(lead: data.Lead, ids: Ids, names: Mapping[str, tuple[str, ...]], sequence: IdSequence) -> dict[str, Any]:
    owner = ids.people[lead.owner]
    row: dict[str, Any] = {
        "id": sequence.next(lead.created_at),
        "version": 1,
        "created_at": lead.created_at,
        "created_by": owner,
        "updated_at": lead.created_at,
        "updated_by": owner,
    }
    values: dict[str, tuple[Any, ...]] = {
        "owner": (owner,),
        "name": (lead.name,),
        "number": (lead.number,),
        "company": (lead.company,),
        "job_title": (lead.job_title,),
        "email": (lead.email,),
        "mobile": (lead.mobile,),
        "website": (lead.website,),
        "status": (lead.status,),
        "rating": (lead.rating,),
        "source": (lead.source,),
        "campaign": (None if lead.campaign is None else ids.campaigns[lead.campaign],),
        "interest": (None if lead.interest is None else ids.products[lead.interest],),
        "estimated_value": (None, None) if lead.value is None else (Decimal(lead.value) / 100, "EUR"),
        "region": (lead.region,),
        "country": (lead.country,),
        "answer_due_at": (lead.answer_due_at,),
        "answered_at": (lead.answered_at,),
        "last_contact_on": (lead.last_contact_on,),
        "next_step": (lead.next_step,),
        "next_step_on": (lead.next_step_on,),
        "email_consent": (lead.consent,),
        "description": (lead.description,),
    }
    for name, parts in values.items():
        row.update(zip(names[name], parts, strict=True))
    return row
