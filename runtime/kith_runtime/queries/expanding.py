"""Expansions of JSON rows: a lookup as its id, its title and, when asked for, more of its fields."""

from __future__ import annotations

from typing import Any

from kith_platform.errors import Invalid
from kith_runtime.access.rights import rights_for, rights_key
from kith_runtime.context import Context
from kith_runtime.queries.columns import field_of, target_entity
from kith_runtime.queries.compile import Question, check_readable, plan_of
from kith_runtime.queries.linking import reference_titles
from kith_runtime.queries.plan import IDS, given_ids
from kith_runtime.queries.query import Query


def expanded(ctx: Context, query: Query, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return JSON rows with each expanded lookup as a map with its title; a hidden record has the title null.

    Further fields pass through the rights of the target: a field that may not be read cannot be expanded.
    """
    key = rights_key(ctx.actor)
    for name, fields in query.expand.items():
        check_readable(ctx.published, key, query.entity, name)
        if name not in query.fields:
            raise Invalid("expand_unfit", f"{name} can be expanded only among the fields.", "Add it there.", "expand")
        if fields:
            _add_fields(ctx, query, name, fields, rows)
    return reference_titles(ctx, query, rows)


def _add_fields(ctx: Context, query: Query, name: str, fields: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    entity = target_entity(field_of(ctx.published, query.entity, name))
    if not entity or not rights_for(ctx, entity).visible:
        raise Invalid("expand_unfit", f"{name} has no fields that can be shown here.", "Leave them out.", "expand")
    plan = plan_of(ctx, Question(entity, fields, one="ids", rows="all"))
    ids = sorted({row[name]["id"] for row in rows if row[name]})
    binds = {**plan.binds(ctx), IDS: given_ids(ids, ctx.database.dialect_name)}
    fetched = plan.one_of_many().run(ctx.connection, binds)
    found = dict(zip([raw[-1] for raw in fetched], plan.json.dicts(fetched), strict=True))
    for row in rows:
        if row[name]:
            row[name] = {**row[name], **found.get(row[name]["id"], {})}
