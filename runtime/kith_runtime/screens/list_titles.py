"""Records that a filter names by their title, found as the actor may see them."""

from __future__ import annotations

from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.base import quoted
from kith_runtime.queries import Query, select


def find_by_title(ctx: Context, entity: str, text: str) -> str:
    """Return the id of the record that bears a title; raises Invalid when none does, or several do."""
    name = ctx.snapshot.entity(entity).title
    rights = rights_for(ctx, entity)
    label = ctx.snapshot.said(ctx.snapshot.entity(entity).label)
    missing = Invalid("no_such_record", f"There is no {label} named “{text[:60]}”.", "Choose one from the list.")
    if not rights.visible or name not in rights.readable:
        raise missing
    page = select(ctx, Query(entity, ("id",), where=f"lower({name}) == lower({quoted(text)})", limit=2))
    if not page.ids:
        raise missing
    if len(page.ids) > 1:
        raise Invalid("several_records", f"Several are named “{text[:60]}”.", "Choose one from the list.")
    return page.ids[0]
