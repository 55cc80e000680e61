"""The titles of records by id, as far as the actor may see the records and read the field that names them."""

from __future__ import annotations

from collections.abc import Sequence

from kith_runtime.access.rights import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.compile import Question, plan_of
from kith_runtime.queries.plan import IDS, given_ids


def titles(ctx: Context, entity: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the titles of records by id; records that the actor may not see are missing, deleted ones are there."""
    return title_question(ctx, entity, ctx.snapshot.entity(entity).title, ids)


def title_question(ctx: Context, entity: str, field: str, ids: Sequence[str]) -> dict[str, str]:
    """Return a field of records as text by id; nothing when the actor may not read the field."""
    if not ids or field not in rights_for(ctx, entity).readable:
        return {}
    plan = plan_of(ctx, Question(entity, (field,), one="ids", rows="all", title=True))
    binds = {**plan.binds(ctx), IDS: given_ids(ids, ctx.database.dialect_name)}
    fetched = plan.one_of_many().run(ctx.connection, binds)
    values = plan.values.rows(fetched)
    return {raw[-1]: row[0] or "" for raw, row in zip(fetched, values, strict=True)}
