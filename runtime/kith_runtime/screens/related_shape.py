"""The shape of a record's related lists for one set of rights: columns, how a row leaves, and the template of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from flask import current_app
from jinja2 import Template

from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.kinds.form import RelatedList, Tab
from kith_runtime.access import EntityRights, may_read, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.server_formulas import is_sortable
from kith_runtime.records.pointers import pointers_at
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.field_alone import editable_parts
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.formula_faults import fault_of
from kith_runtime.screens.record_source import ValueWriter
from kith_runtime.screens.related_source import ends, is_link, related_source

Leaving = Literal["", "unlink", "delete"]
"""How a row leaves a list: its lookup is emptied, or the row itself goes to the recycle bin."""


@dataclass(frozen=True, slots=True)
class RelatedColumn:
    """A column of a related list; ``sortable`` ones can order it."""

    name: str
    label: str
    end: bool
    sortable: bool


@dataclass(frozen=True, slots=True)
class RelatedBlock:
    """Records of another entity that point here. ``prefill`` is the field of a new one that points back, if allowed."""

    name: str
    title: str
    declared: RelatedList
    icon: str
    label: str
    fields: tuple[Field, ...]
    template: Template
    columns: tuple[RelatedColumn, ...] = ()
    prefill: str = ""
    editable: tuple[str, ...] = ()
    """The columns whose cells can be changed where they stand."""
    leaving: Leaving = ""
    joins: bool = False
    """Its records join this one to others, such as people with their roles; taking one out ends only the link."""


def related_blocks(
    ctx: Context, entity: str, named: Mapping[str, RelatedList], tabs: Mapping[str, Tab]
) -> Iterator[RelatedBlock]:
    """Yield the related lists of an entity's page: those its form names, else all that points here, and child tables.

    Lists whose entity, lookup or condition the actor may not read are absent.
    """
    lists = dict(named) or dict(_pointing(ctx, entity))
    listed = {(item.entity, item.by) for item in lists.values()}
    for tab in tabs.values():
        for section in tab.sections.values():
            for element in section.elements.values():
                options = element.options
                if element.element == "rows" and (options.entity, options.by) not in listed:
                    lists[element.name] = RelatedList(
                        name=element.name, entity=options.entity, by=options.by, label=element.label,
                        columns=tuple(options.columns), sort=tuple(options.sort),
                    )  # fmt: skip
    for item in lists.values():
        rights = rights_for(ctx, item.entity)
        if rights.visible and item.by in rights.readable and _may_know(ctx, item):
            yield _block(ctx, item, rights)


def _may_know(ctx: Context, item: RelatedList) -> bool:
    """Tell whether the actor may read all of the list's condition: what it holds back would tell the rest."""
    return not item.where or may_read(ctx, checked_expression(ctx.published, item.entity, item.where, BOOLEAN))


def _pointing(ctx: Context, entity_name: str) -> Iterator[tuple[str, RelatedList]]:
    """Yield lists for an entity whose form names none: every lookup that points here and is no activity."""
    for pointer in pointers_at(ctx, entity_name):
        entity = ctx.snapshot.entity(pointer.entity)
        if not pointer.polymorphic and pointer.field in entity.fields and not entity.activity:
            name = f"{pointer.entity.replace('.', '_')}_{pointer.field}"
            yield name, RelatedList(name=name, entity=pointer.entity, by=pointer.field)


def _block(ctx: Context, item: RelatedList, rights: EntityRights) -> RelatedBlock:
    entity = ctx.snapshot.entity(item.entity)
    fields = _fields(ctx, item, entity, rights)
    writer = ValueWriter(ctx.snapshot)
    source = related_source(writer, entity, fields)
    usable = editable_parts(ctx, item.entity)
    return RelatedBlock(
        name=item.name,
        title=item.label or entity.plural or entity.label,
        declared=item,
        icon=entity.icon,
        label=ctx.snapshot.said(entity.label),
        fields=fields,
        template=current_app.jinja_env.from_string(source, globals=writer.constants),
        columns=tuple(
            RelatedColumn(part.name, label_of(part), ends(part), is_sortable(ctx.published, item.entity, part.name))
            for part in fields
        ),
        prefill=item.by if rights.create and item.by in rights.editable and _points(ctx, item) else "",
        editable=tuple(part.name for part in fields if part.name in usable),
        leaving=_leaving(ctx, item, rights),
        joins=bool(fields) and is_link(fields[0]),
    )


def _fields(ctx: Context, item: RelatedList, entity: Entity, rights: EntityRights) -> tuple[Field, ...]:
    known = fields_of(ctx.snapshot, item.entity)
    columns = item.columns or (entity.title, entity.subtitle)
    names = [name for name in columns if name and name in known and name in rights.readable and name != item.by]
    return tuple(known[name] for name in dict.fromkeys(names) if not fault_of(ctx, item.entity, known[name]))


def _points(ctx: Context, item: RelatedList) -> bool:
    """Tell whether the list's field is a lookup whose value a new record can be given."""
    declared = fields_of(ctx.snapshot, item.entity)[item.by]
    return declared.type == "lookups" or bool(target_entity(declared))


def _leaving(ctx: Context, item: RelatedList, rights: EntityRights) -> Leaving:
    declared = fields_of(ctx.snapshot, item.entity)[item.by]
    held = declared.required or bool(getattr(declared.options, "parent", False))
    changes = not rights.update.nothing and item.by in rights.editable and not declared.read_only
    if not held and changes and _points(ctx, item):
        return "unlink"
    return "delete" if held and not rights.delete.nothing else ""
