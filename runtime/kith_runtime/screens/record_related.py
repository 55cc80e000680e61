"""The related lists of a record's page: what points here, a few rows of each, and where to see all or make one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlencode

from flask import request
from markupsafe import Markup

from kith_metadata.expressions import Checked
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import NotFound
from kith_runtime.access import rights_for
from kith_runtime.access.filters import allowed
from kith_runtime.access.rights import Operation, parent_fields
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.compile import readable_order
from kith_runtime.queries.many import select_ids
from kith_runtime.queries.query import Page, Query
from kith_runtime.queries.reading import count, select
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.addresses import list_address, new_address, record_address
from kith_runtime.screens.blocks import Block
from kith_runtime.screens.list_state import ALL
from kith_runtime.screens.parameters import Unfit, one_of
from kith_runtime.screens.record_shape import RecordShape
from kith_runtime.screens.record_top import guarded, shape_of
from kith_runtime.screens.related_shape import RelatedBlock
from kith_runtime.screens.rendering import render_part

SORT = "sort."
"""What begins the parameter by which a record's address orders one of its lists."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where its order is asked for, as a page and as a part, and how it is ordered now."""

    name: str
    label: str
    end: bool
    sort: str = ""
    part: str = ""
    order: str = ""

    @property
    def sign(self) -> str:
        """The icon of its order."""
        return "arrow-down" if self.order == "descending" else "arrow-up"


@dataclass(frozen=True, slots=True)
class Place:
    """One related list of one record."""

    entity: str
    record: str
    shape: RecordShape
    block: RelatedBlock

    @property
    def at(self) -> str:
        """The address of the list itself."""
        return f"{record_address(self.entity, self.record)}/related/{quote(self.block.name)}"

    @property
    def slot(self) -> str:
        """The id of the element that holds the list's form."""
        return f"rel-{self.block.name}-form"

    def leave(self, snapshot: Snapshot) -> str:
        """What taking out a row is called."""
        if self.block.leaving == "unlink" or self.block.joins:
            return f"Remove from this {snapshot.said(self.shape.entity.label)}"
        return f"Delete {self.block.label}"


@dataclass(frozen=True, slots=True)
class RelatedPart:
    """A related list as drawn: its rows, how many there are, and where to see all or make one."""

    rows: Markup
    total: str
    all: str
    create: str
    label: str
    none: bool
    name: str = ""
    entity: str = ""
    at: str = ""
    key: str = ""
    slot: str = ""
    form: str = ""
    editable: str = ""
    leaves: bool = False
    heads: Sequence[Head] = ()
    of: str = ""

    @property
    def sorts(self) -> bool:
        """Tell whether there is an order to choose."""
        return not self.none and any(head.sort for head in self.heads)


def place_in(ctx: Context, entity: str, record: str, name: str) -> Place:
    """Return a related list by its name; raises NotFound for one that is not there or not for these eyes."""
    shape = shape_of(ctx, entity)
    block = next((item for item in shape.related if item.name == name), None)
    if block is None:
        raise NotFound("unknown_list", f"There is no list '{name[:60]}' here.", "Open the record again.")
    return Place(entity, record, shape, block)


def related_parts(ctx: Context, shape: RecordShape, record: str, *, paper: bool = False) -> list[Block[RelatedPart]]:
    """Return all related lists of a record; each may have failed alone. On paper they have no tools."""
    for name in request.args:
        if name.startswith(SORT):
            one_of(name, name.removeprefix(SORT), [part.name for part in shape.related], "list of this page")
    return [related_block(ctx, Place(shape.entity.name, record, shape, part), paper=paper) for part in shape.related]


def related_block(ctx: Context, place: Place, *, sort: str = "", paper: bool = False) -> Block[RelatedPart]:
    """Return one related list of a record, which may have failed alone; ``sort`` orders it by a column."""
    block = place.block
    asked = sort or request.args.get(SORT + block.name, "")[:100]
    return guarded(ctx, block.name, block.title, partial(_part, ctx, place, asked, paper=paper))


def _part(ctx: Context, place: Place, asked: str, *, paper: bool) -> RelatedPart:
    block, declared = place.block, place.block.declared
    query = _query(ctx, place, _order(ctx, block, asked))
    page = select(ctx, query)
    total = str(len(page.ids))
    if page.next is not None:
        found, capped = count(ctx, query)
        total = ctx.locale.number(found) + ("+" if capped else "")
    return RelatedPart(
        rows=_rows(ctx, place, page, tools=not paper),
        total=total,
        all=_all(ctx, place, query.sort if asked else ()) if page.next is not None else "",
        create=new_address(declared.entity, **{block.prefill: place.record}) if block.prefill else "",
        label=block.label,
        none=not page.ids,
        name=block.name,
        entity=declared.entity,
        at=place.at,
        key=f"{place.entity}/{place.record}/{block.name}",
        slot=place.slot,
        form=f"rel-{block.name}-out",
        editable=" ".join(block.editable),
        leaves=bool(block.leaving),
        heads=_heads(place, query.sort),
        of=ctx.snapshot.said(place.shape.entity.label),
    )


def _query(ctx: Context, place: Place, sort: tuple[str, ...]) -> Query:
    declared = place.block.declared
    filters: tuple[Checked, ...] = ()
    if declared.where:
        filters = (checked_expression(ctx.published, declared.entity, declared.where, BOOLEAN),)
    names = tuple(item.name for item in place.block.fields)
    return Query(
        declared.entity, names or ("id",), filters=filters, sort=sort, limit=declared.limit,
        related=(declared.by, place.record), titles=True, reasons=True,
    )  # fmt: skip


def _order(ctx: Context, block: RelatedBlock, asked: str) -> tuple[str, ...]:
    if not asked:
        return readable_order(ctx, block.declared.entity, block.declared.sort)
    if not any(column.sortable and column.name == asked.lstrip("-") for column in block.columns):
        raise Unfit(SORT + block.name, "This list cannot be sorted that way.", "Choose one of its columns.")
    return (asked,)


def _all(ctx: Context, place: Place, sort: tuple[str, ...]) -> str:
    """Return the address of the full list with the same filter and order."""
    declared = place.block.declared
    record, by = json.dumps(place.record), declared.by
    points = fields_of(ctx.snapshot, declared.entity)[by]
    condition = f"{record} in {by}" if points.type == "lookups" else f"{by} == {record}"
    condition += f" and ({declared.where})" if declared.where else ""
    return list_address(declared.entity, ALL, where=condition, sort=",".join(sort))


def _heads(place: Place, sort: tuple[str, ...]) -> list[Head]:
    now = sort[0] if sort else ""
    heads = []
    for column in place.block.columns:
        order = {column.name: "ascending", f"-{column.name}": "descending"}.get(now, "")
        wanted = f"-{column.name}" if order == "ascending" else column.name
        page = f"{record_address(place.entity, place.record)}?{urlencode({SORT + place.block.name: wanted})}"
        page, part = f"{page}#rel-{place.block.name}", f"{place.at}?{urlencode({'sort': wanted})}"
        heads.append(Head(column.name, column.label, column.end, *((page, part, order) if column.sortable else ())))
    return heads


def _rows(ctx: Context, place: Place, page: Page, *, tools: bool = True) -> Markup:
    block = place.block
    changes = _which(ctx, block, "update", page.ids) if tools else frozenset()
    leaves = changes if block.leaving == "unlink" else frozenset()
    if tools and block.leaving == "delete":
        leaves = _which(ctx, block, "delete", page.ids)
    if not block.editable:
        changes = frozenset()
    rows = [(key, row, key in changes, key in leaves) for key, row in zip(page.ids, page.rows, strict=True)]
    drawn = render_part(
        block.template,
        {
            "rows": rows,
            "address": partial(record_address, block.declared.entity),
            "at": place.at,
            "slot": place.slot,
            "form": f"rel-{block.name}-out",
            "leave": place.leave(ctx.snapshot),
            "unlinks": block.leaving == "unlink" or block.joins,
            "tools": tools,
        },
    )
    return Markup(drawn)  # noqa: S704  our own template, which escapes


def _which(ctx: Context, block: RelatedBlock, operation: Operation, ids: Sequence[str]) -> frozenset[str]:
    """Return the rows that the actor may change, or delete; asked of the database only where rights differ by row."""
    entity = block.declared.entity
    rights = rights_for(ctx, entity)
    scope = rights.scope(operation)
    if scope.nothing or not ids:
        return frozenset()
    if scope == rights.read and not any(parent_fields(ctx.snapshot, entity)):
        return frozenset(ids)
    return allowed(ctx, entity, operation, ids)


def related_row(ctx: Context, key: str, child: str) -> tuple[str, int]:
    """Return a row of a related list as it is now with its version; ``key`` names the list as the page does."""
    entity, _, rest = key[:400].partition("/")
    record, _, name = rest.partition("/")
    place = place_in(ctx, entity, record, name)
    names = tuple(item.name for item in place.block.fields)
    page = select_ids(ctx, Query(place.block.declared.entity, names or ("id",), titles=True, reasons=True), [child])
    return str(_rows(ctx, place, page)), page.versions[0] if page.versions else 0
