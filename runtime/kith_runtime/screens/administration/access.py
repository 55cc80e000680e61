"""Why somebody can or cannot: a small form, answered in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, request

from kith_runtime.access import explain_access
from kith_runtime.actors import SYSTEM
from kith_runtime.administration import store
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.people import load_actor
from kith_runtime.screens.administration.frame import AdminPage, entered, sections_of
from kith_runtime.screens.parameters import one_of
from kith_runtime.screens.rendering import render

blueprint = Blueprint("admin_access", __name__, url_prefix="/admin/access")

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AdminAccessPage(AdminPage):
    """The question and its answer."""

    people: Sequence[Choice] = ()
    entities: Sequence[Choice] = ()
    fields: Sequence[Choice] = ()
    person_id: str = ""
    entity_name: str = ""
    field_name: str = ""
    record: str = ""
    sentences: Sequence[str] = ()
    problem: str = ""


@blueprint.get("")
def show_access() -> Response:
    """Show the form, and the answer once a person and an entity are chosen."""
    ctx = entered("roles")
    asked = request.args
    person, entity = asked.get("person", ""), asked.get("entity", "")
    known = bool(one_of("entity", entity, ctx.snapshot.entities(), "kind of record"))
    fields = fields_of(ctx.snapshot, entity) if known else {}
    field = asked.get("field", "") if asked.get("field", "") in fields else ""
    record = _record_id(asked.get("record", ""))
    sentences, problem = _answer(ctx, person, (entity, field, record)) if person and known else ((), "")
    page = AdminAccessPage(
        "Access",
        section="access",
        sections=sections_of(ctx),
        people=store.person_choices(ctx),
        entities=_entities(ctx),
        fields=[(item.name, item.label or item.name) for item in fields.values()],
        person_id=person,
        entity_name=entity if known else "",
        field_name=field,
        record=record,
        sentences=sentences,
        problem=problem,
    )
    return render("admin_access.html", page)


def _answer(ctx: Context, person: str, asked: tuple[str, str, str]) -> tuple[Sequence[str], str]:
    entity, field, record = asked
    actor = load_actor(replace(ctx, actor=SYSTEM), person)
    if actor is None:
        return (), "This person is disabled or gone, so nothing is open to them."
    return explain_access(replace(ctx, actor=actor), entity, field or None, record or None), ""


def _record_id(typed: str) -> str:
    """Return the id from what was typed, which may be the address of a record's page."""
    return typed.strip().rstrip("/").rpartition("/")[2][:40]


def _entities(ctx: Context) -> list[Choice]:
    found = []
    for name in ctx.snapshot.names("entity"):
        entity = ctx.snapshot.entity(name)
        found.append((name, f"{entity.plural or entity.label} ({name.partition('.')[0]})"))
    return sorted(found, key=lambda choice: choice[1].casefold())
