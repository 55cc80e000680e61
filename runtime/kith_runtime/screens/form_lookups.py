"""Records that a lookup may take: as one types, and by the text alone where there is no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kith_metadata.expressions import Checked, nodes
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime.access import allows, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.any_lookup import AnyLookup
from kith_runtime.field_types.base import InputScope, InvalidValue, Linked, quoted
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.columns import field_of, target_entity
from kith_runtime.queries.many import select_ids
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import select
from kith_runtime.queries.record_lists import settled
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.scopes import asked_fields, environment_of, lookup_filter
from kith_runtime.screens.addresses import new_address

MOST = 10
MOST_RECENT = 12
MOST_TOGETHER = 8
"""Different demands of many records that a list of choices can meet at once."""

ID_LENGTH = 20
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Target:
    """Where a lookup may point: an entity and the condition on its records."""

    entity: str
    where: Checked | None = None


def targets_of(
    ctx: Context, declared: Field, holder: str = "", record: Mapping[str, Any] | None = None
) -> tuple[Target, ...]:
    """Return where a field may point, as far as the actor may see the entities.

    ``record`` is the record of ``holder`` that the lookup belongs to, as it is typed: without it a condition that asks
    for its fields is left to whoever saves.
    """
    kind = field_types[declared.type]
    if isinstance(kind, AnyLookup):
        found = [Target(name) for name in kind.targets(declared, ctx.snapshot)]
    else:
        target = declared.options.to if declared.type == "lookups" else target_entity(declared)
        found = [Target(target, _limit(ctx, holder, declared, record))] if target else []
    return tuple(item for item in found if rights_for(ctx, item.entity).visible)


def targets_for_all(ctx: Context, declared: Field, holder: str, records: Sequence[str]) -> tuple[Target, ...]:
    """Return where a field may point for every one of some records of ``holder``.

    Where they ask for too many different things, or for what the actor may not read, it is left to whoever saves.
    """
    names = asked_fields(ctx.published, holder, declared)
    distinct: dict[str, str] = {}
    if names and rights_for(ctx, holder).readable.issuperset(names):
        page = select_ids(ctx, Query(holder, names), records)
        distinct = {repr(row): record for record, row in zip(page.ids, page.rows, strict=True)}
    if not 0 < len(distinct) <= MOST_TOGETHER:
        return targets_of(ctx, declared, holder)
    found = [targets_of(ctx, declared, holder, RecordValues(ctx, holder, item, {})) for item in distinct.values()]
    return tuple(Target(each[0].entity, _all_of([item.where for item in each])) for each in zip(*found, strict=True))


def _all_of(conditions: Sequence[Checked | None]) -> Checked | None:
    """Return the condition that all conditions hold."""
    known = [item for item in conditions if item is not None]
    if len(known) < 2:
        return known[0] if known else None
    root = nodes.Logic(BOOLEAN, known[0].root.place, "and", tuple(item.root for item in known))
    uses = frozenset[str]().union(*(item.uses for item in known))
    return replace(known[0], root=root, uses=uses)


def _limit(ctx: Context, holder: str, declared: Field, record: Mapping[str, Any] | None) -> Checked | None:
    limit = lookup_filter(ctx.published, holder, declared) if holder else None
    if limit is None or (limit.around and record is None):
        return None
    return settled(limit, record or {}, environment_of(ctx))


def record_typed(
    ctx: Context, holder: str, declared: Field, record: str, typed: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return the record that a lookup belongs to: as it is saved, with what a form holds in the fields that matter.

    ``typed`` is raw input by field. None where the lookup asks for nothing of its record.
    """
    names = asked_fields(ctx.published, holder, declared)
    if not names:
        return None
    scope = InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
    given: dict[str, Any] = {}
    for name in typed.keys() & set(names) & rights_for(ctx, holder).readable:
        field = field_of(ctx.published, holder, name)
        try:
            given[name] = field_types[field.type].parse(typed[name], field, scope)
        except InvalidValue:
            given[name] = None
    known = record if _is_record(record) and allows(ctx, holder, "read", record) else None
    blank = {} if known else dict.fromkeys(fields_of(ctx.snapshot, holder))
    return RecordValues(ctx, holder, known, blank | given)


def _is_record(text: str) -> bool:
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum()


def fits(ctx: Context, targets: Sequence[Target], record: str) -> bool:
    """Tell whether a lookup may point to a record that the actor may see."""
    if not _is_record(record):
        return False
    where = f"id == {quoted(record)}"
    queries = [Query(item.entity, ("id",), where=where, filters=_filters(item), limit=1) for item in targets]
    return any(select(ctx, query).ids for query in queries)


def creation(ctx: Context, targets: Sequence[Target], text: str) -> dict[str, str] | None:
    """Return where a record of that name is made, for somebody who may; only when there is one kind to choose from."""
    text = " ".join(text.split())[:LONGEST]
    if not text or len(targets) != 1 or not rights_for(ctx, targets[0].entity).create:
        return None
    entity = ctx.snapshot.entity(targets[0].entity)
    editable = rights_for(ctx, entity.name).editable
    named = {entity.title: text, **_demanded(targets[0].where)}
    named = {name: value for name, value in named.items() if name in editable}
    return {"url": new_address(entity.name, **named), "label": f"New {ctx.snapshot.said(entity.label)} “{text}”"}


def _demanded(where: Checked | None) -> dict[str, str]:
    """Return the fields for which a condition leaves one value, so that a new record has it from the start."""
    root = None if where is None else where.root
    parts = root.operands if isinstance(root, nodes.Logic) and root.operator == "and" else (root,)
    found: dict[str, str] = {}
    for part in parts:
        match part:
            case nodes.Compare(operator="==", left=nodes.Field(path=(name,)), right=nodes.Literal(value=str(value))):
                found[name] = value
            case nodes.Compare(operator="==", left=nodes.Literal(value=str(value)), right=nodes.Field(path=(name,))):
                found[name] = value
    return found


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
    ids = [item for item in ids if _is_record(item)]
    newest = _options(ctx, target, fields, sort=("-updated_at",))
    if not ids:
        return newest
    where = "id in [" + ", ".join(quoted(item) for item in ids) + "]"
    page = {item["id"]: item for item in _options(ctx, target, fields, where=where)}
    seen = [page[item] for item in ids if item in page]
    return [*seen, *(item for item in newest if item["id"] not in page)][:MOST]


def resolve(ctx: Context, targets: Sequence[Target], text: str, *, noun: str = "record", asks: str = "") -> Linked:
    """Return the one record that bears a title; raises Invalid when none does, or several do.

    ``asks`` are the labels of the fields with which a record has to go.
    """
    text = " ".join(text.split())[:LONGEST]
    found = _named(ctx, targets, text)
    if not found and _named(ctx, [Target(target.entity) for target in targets], text):
        why = f" does not go with what {asks} says." if asks else " cannot be chosen here."
        raise Invalid("does_not_fit", f"“{text}”{why}", f"Choose another one{f', or change {asks}' if asks else ''}.")
    if not found:
        near = next((item["title"] for target in targets for item in suggestions(ctx, target, text)), "")
        hint = f"Did you mean {near}?" if near else "Type a part of its name and choose it from the list."
        raise Invalid("no_such_record", f"There is no {noun} named “{text}”.", hint)
    if len(found) > 1:
        raise Invalid("several_records", f"Several are named “{text}”.", "Choose one from the list.")
    return found[0]


def _named(ctx: Context, targets: Sequence[Target], text: str) -> list[Linked]:
    found: list[Linked] = []
    for target in targets:
        fields = _shown(ctx, target.entity)
        if fields and _comparable(ctx, target.entity, fields[0]):
            where = f"lower({fields[0]}) == lower({quoted(text)})"
            query = Query(target.entity, ("id", fields[0]), where=where, filters=_filters(target), limit=2)
            found += [Linked(record, title, target.entity) for record, title in select(ctx, query).rows]
    return found


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


def _filters(target: Target) -> tuple[str | Checked, ...]:
    return () if target.where is None else (target.where,)


def _options(
    ctx: Context, target: Target, fields: tuple[str, ...], *, where: str | None = None, sort: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    if where is not None and not where.startswith("id in ") and not _comparable(ctx, target.entity, fields[0]):
        return []
    query = Query(target.entity, fields, where=where, filters=_filters(target), sort=sort, limit=MOST, titles=True)
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
