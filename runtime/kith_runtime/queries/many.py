"""Read records that are named by their ids, each within the actor's rights, with one statement for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kith_runtime.context import Context
from kith_runtime.queries.compile import Question, plan_of, question_of
from kith_runtime.queries.linking import fill_links, with_reference_titles
from kith_runtime.queries.plan import IDS, Plan, given_ids
from kith_runtime.queries.query import Page, Query


def select_ids(ctx: Context, query: Query, ids: Sequence[str]) -> Page:
    """Return the live records of ``ids`` as rows of Python values, in the order of ``ids``; others are left out."""
    plan, fetched = _fetch(ctx, replace(question_of(query, titles=query.titles), one="ids"), ids)
    found = [row[-1] for row in fetched]
    rows: Sequence[tuple[Any, ...]] = fill_links(ctx, plan, query, plan.values.rows(fetched), found)
    if query.titles:
        rows = with_reference_titles(ctx, query, rows)
    return Page(query.fields, rows, found, [row[-2] for row in fetched])


def json_by_id(ctx: Context, query: Query, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the live records of ``ids`` as the API shows them, by id, each with its ``version``."""
    plan, fetched = _fetch(ctx, replace(question_of(query, titles=False), one="ids"), ids)
    found = [row[-1] for row in fetched]
    rows = fill_links(ctx, plan, query, plan.json.rows(fetched), found)
    names = (*query.fields, "version")
    values = ((*row, raw[-2]) for row, raw in zip(rows, fetched, strict=True))
    return {record: dict(zip(names, row, strict=True)) for record, row in zip(found, values, strict=True)}


def versions_of(ctx: Context, entity: str, ids: Sequence[str]) -> dict[str, int]:
    """Return the versions of the live records of ``ids`` that the actor may see, by id."""
    _, fetched = _fetch(ctx, Question(entity, ("id",), one="ids"), ids)
    return {row[-1]: row[-2] for row in fetched}


def _fetch(ctx: Context, question: Question, ids: Sequence[str]) -> tuple[Plan, Sequence[Any]]:
    plan = plan_of(ctx, question)
    binds = {**plan.binds(ctx), IDS: given_ids(ids, ctx.database.dialect_name)}
    order = {record: place for place, record in enumerate(ids)}
    fetched = plan.one_of_many().run(ctx.connection, binds)
    return plan, sorted(fetched, key=lambda row: order[row[-1]])
