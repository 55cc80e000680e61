"""Records that a lookup may take: as one types, and by the text alone where there is no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import Checked
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.any_lookup import AnyLookup
from kith_runtime.field_types.base import InputScope, Linked, quoted
from kith_runtime.queries.columns import field_of, target_entity
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.addresses import new_address

MOST = 10
MOST_RECENT = 12
ID_LENGTH = 20
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Target:
    """Where a lookup may point: an entity and the condition on its records."""

    entity: str
    where: str = ""


def targets_of(ctx: Context, declared: Field) -> tuple[Target, ...]:
    """Return where a field may point, as far as the actor may see the entities."""
    kind = field_types[declared.type]
    if isinstance(kind, AnyLookup):
        found = [Target(name) for name in kind.targets(declared, ctx.snapshot)]
    elif declared.type == "lookups":
        found = [Target(declared.options.to, declared.options.where)]
    else:
        target = target_entity(declared)
        found = [Target(target, getattr(declared.options, "where", ""))] if target else []
    return tuple(item for item in found if rights_for(ctx, item.entity).visible)


def creation(ctx: Context, targets: Sequence[Target], text: str) -> dict[str, str] | None:
    """Return where a record of that name is made, for somebody who may; only when there is one kind to choose from."""
    text = " ".join(text.split())[:LONGEST]
    if not text or len(targets) != 1 or not rights_for(ctx, targets[0].entity).create:
        return None
    entity = ctx.snapshot.entity(targets[0].entity)
    named = {entity.title: text} if entity.title in rights_for(ctx, entity.name).editable else {}
    return {"url": new_address(entity.name, **named), "label": f"New {entity.label.lower()} “{text}”"}


def suggestions(ctx: Context, target: Target, text: str, recent: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return records whose title holds a text, those that begin with it first.

    For a blank text those come first that the person looked at lately, given as ``entity:id``, then the newest.
    """
    fields = _shown(ctx, target.entity)
    if not fields:
        return []
    text = text.strip()[:LONGEST]
    if not text:
        return _recent(ctx, target, fields, recent)
    title, typed = fields[0], quoted(text.lower())
    sort = (title,) if field_types[field_of(ctx.published, target.entity, title).type].sortable else ()
    found = _options(ctx, target, fields, where=f"starts_with(lower({title}), {typed})", sort=sort)
    if len(found) < MOST:
        seen = {item["id"] for item in found}
        more = _options(ctx, target, fields, where=f"contains(lower({title}), {typed})", sort=sort)
        found += [item for item in more if item["id"] not in seen]
    return found[:MOST]


def _recent(ctx: Context, target: Target, fields: tuple[str, ...], recent: Sequence[str]) -> list[dict[str, str]]:
    ids = [item.partition(":")[2] for item in recent if item.partition(":")[0] == target.entity]
    ids = [item for item in ids if len(item) == ID_LENGTH and item.isalnum()]
    newest = _options(ctx, target, fields, sort=("-updated_at",))
    if not ids:
        return newest
    where = "id in [" + ", ".join(quoted(item) for item in ids) + "]"
    page = {item["id"]: item for item in _options(ctx, target, fields, where=where)}
    seen = [page[item] for item in ids if item in page]
    return [*seen, *(item for item in newest if item["id"] not in page)][:MOST]


def resolve(ctx: Context, targets: Sequence[Target], text: str, *, noun: str = "record") -> Linked:
    """Return the one record that bears a title; raises Invalid when none does, or several do."""
    text = " ".join(text.split())[:LONGEST]
    found: list[Linked] = []
    for target in targets:
        fields = _shown(ctx, target.entity)
        if fields and _comparable(ctx, target.entity, fields[0]):
            where = f"lower({fields[0]}) == lower({quoted(text)})"
            query = Query(target.entity, ("id", fields[0]), where=where, filters=_filters(ctx, target), limit=2)
            found += [Linked(record, title, target.entity) for record, title in select(ctx, query).rows]
    if not found:
        near = next((item["title"] for target in targets for item in suggestions(ctx, target, text)), "")
        hint = f"Did you mean {near}?" if near else "Type a part of its name and choose it from the list."
        raise Invalid("no_such_record", f"There is no {noun} named “{text}”.", hint)
    if len(found) > 1:
        raise Invalid("several_records", f"Several are named “{text}”.", "Choose one from the list.")
    return found[0]


def _comparable(ctx: Context, entity: str, name: str) -> bool:
    kind = field_types[field_of(ctx.published, entity, name).type]
    return kind.searchable


def _shown(ctx: Context, entity: str) -> tuple[str, ...]:
    """Return the fields that name a record to this actor: its title and the second line, as far as readable."""
    declared, readable = ctx.snapshot.entity(entity), rights_for(ctx, entity).readable
    if declared.title not in readable:
        return ()
    second = declared.subtitle if declared.subtitle in readable and declared.subtitle != declared.title else ""
    return (declared.title, second) if second else (declared.title,)


def _filters(ctx: Context, target: Target) -> tuple[str | Checked, ...]:
    if not target.where:
        return ()
    return (checked_expression(ctx.published, target.entity, target.where, BOOLEAN),)


def _options(
    ctx: Context, target: Target, fields: tuple[str, ...], *, where: str | None = None, sort: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    if where is not None and not where.startswith("id in ") and not _comparable(ctx, target.entity, fields[0]):
        return []
    query = Query(target.entity, fields, where=where, filters=_filters(ctx, target), sort=sort, limit=MOST, titles=True)
    page = select(ctx, query)
    kinds = [field_of(ctx.published, target.entity, name) for name in fields]
    scope = InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
    return [{"id": record, **_words(kinds, row, scope)} for record, row in zip(page.ids, page.rows, strict=True)]


def _words(fields: Sequence[Field], row: Sequence[Any], scope: InputScope) -> Mapping[str, str]:
    words = [
        ""
        if value is None
        else str(value)
        if isinstance(value, Linked)
        else field_types[item.type].text(value, item, scope)
        for item, value in zip(fields, row, strict=True)
    ]
    return {"title": words[0] or "Untitled", "hint": words[1] if len(words) > 1 else ""}
