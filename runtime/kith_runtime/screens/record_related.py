"""The related lists of a record's page: what points here, a few rows of each, and where to see all or make one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from kith_metadata.expressions import Checked
from kith_metadata.expressions.types import BOOLEAN
from kith_runtime.context import Context
from kith_runtime.queries.query import Query
from kith_runtime.queries.reading import count, select
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.addresses import list_address, new_address, record_address
from kith_runtime.screens.blocks import Block
from kith_runtime.screens.list_state import ALL
from kith_runtime.screens.record_shape import RecordShape, RelatedBlock
from kith_runtime.screens.record_top import guarded
from kith_runtime.screens.rendering import render_part


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


def related_parts(ctx: Context, shape: RecordShape, record: str) -> list[Block[RelatedPart]]:
    """Return all related lists of a record; each may have failed alone."""
    return [guarded(ctx, part.name, part.title, partial(related_part, ctx, part, record)) for part in shape.related]


def related_part(ctx: Context, part: RelatedBlock, record: str) -> RelatedPart:
    """Return one related list of a record."""
    declared = part.declared
    filters: tuple[Checked, ...] = ()
    if declared.where:
        filters = (checked_expression(ctx.published, declared.entity, declared.where, BOOLEAN),)
    names = tuple(item.name for item in part.fields)
    query = Query(
        declared.entity, names or ("id",), filters=filters, sort=declared.sort, limit=declared.limit,
        related=(declared.by, record), titles=True,
    )  # fmt: skip
    page = select(ctx, query)
    total = str(len(page.ids))
    if page.next is not None:
        found, capped = count(ctx, query)
        total = ctx.locale.number(found) + ("+" if capped else "")
    rows = render_part(
        part.template,
        {
            "rows": list(zip(page.ids, page.rows, strict=True)),
            "address": lambda key: record_address(declared.entity, key),
        },
    )
    condition = f"{declared.by} == {json.dumps(record)}" + (f" and ({declared.where})" if declared.where else "")
    return RelatedPart(
        rows=Markup(rows),  # noqa: S704  our own template, which escapes
        total=total,
        all=list_address(declared.entity, ALL, where=condition) if page.next is not None else "",
        create=new_address(declared.entity, **{part.prefill: record}) if part.prefill else "",
        label=part.label,
        none=not page.ids,
        name=part.name,
    )
