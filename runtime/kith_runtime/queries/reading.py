"""Read lists, single records, counts and titles, always inside the actor's rights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import DataError, ProgrammingError

from kith_platform.errors import Invalid, NotFound
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.columns import surroundings_of
from kith_runtime.queries.compile import compile_plan, plan_of, question_of
from kith_runtime.queries.expanding import expanded
from kith_runtime.queries.linking import fill_links, with_reference_titles
from kith_runtime.queries.paging import Segment, Step, key_name, read_cursor, write_cursor
from kith_runtime.queries.plan import IDS, LIMIT, RELATED, Plan
from kith_runtime.queries.query import COUNT_CAP, MOST_ROWS, Page, Query
from kith_runtime.queries.reasons import add_reasons
from kith_runtime.queries.search.within import search_binds


def select(ctx: Context, query: Query) -> Page:
    """Return a page of rows of Python values.

    Raises Invalid for fields, conditions and cursors that do not fit (a field without the right to read it sounds like
    one that does not exist), and Forbidden when the entity is closed to the actor.
    """
    asked = _complete(ctx, query)
    plan = plan_of(ctx, question_of(asked, titles=asked.titles))
    found = _Reading(ctx, plan, asked).page()
    rows: Sequence[tuple[Any, ...]] = plan.values.rows(found.rows)
    rows = fill_links(ctx, plan, asked, rows, found.ids)
    if asked.titles:
        rows = with_reference_titles(ctx, asked, rows)
    return _page(asked, found, rows)


def select_json(ctx: Context, query: Query) -> Page:
    """Return a page whose rows are dictionaries of JSON values, as the API shows them; ``expand`` adds titles.

    With ``reasons`` a record of which something could not be worked out says why, see :mod:`.reasons`.
    """
    asked = replace(_complete(ctx, query), titles=False)
    plan = plan_of(ctx, question_of(replace(asked, reasons=False), titles=False))
    found = _Reading(ctx, plan, asked).page()
    if plan.links:
        filled = fill_links(ctx, plan, asked, plan.json.rows(found.rows), found.ids)
        rows: list[Any] = [dict(zip(asked.fields, row, strict=True)) for row in filled]
    else:
        rows = plan.json.dicts(found.rows)
    if asked.reasons:
        add_reasons(ctx, asked, rows, found.ids)
    if asked.expand:
        rows = expanded(ctx, asked, rows)
    return _page(asked, found, rows)


def select_dicts(ctx: Context, query: Query) -> list[dict[str, Any]]:
    """Return the rows of a page as dictionaries of Python values."""
    return select(ctx, query).dicts()


def get(ctx: Context, entity: str, id: str, fields: Sequence[str] = (), *, titles: bool = False) -> dict[str, Any]:
    """Return the values of one live record by field, ``id`` and ``version`` always among them.

    Without ``fields`` all that the actor may read. Raises NotFound for a record that is not there or not for these
    eyes.
    """
    return _values_of(ctx, Query(entity, tuple(fields), titles=titles), id)


def get_shown(ctx: Context, entity: str, id: str, fields: Sequence[str]) -> dict[str, Any]:
    """Return the values of one live record for a page, as :func:`get` does with titles.

    A formula that could not be worked out for this record is an ``ErrorValue`` with the reason.
    """
    return _values_of(ctx, Query(entity, tuple(fields), titles=True, reasons=True), id)


def _values_of(ctx: Context, asked: Query, record: str) -> dict[str, Any]:
    query = _complete(ctx, asked)
    plan, fetched = _fetch_one(ctx, query, record)
    rows: Sequence[tuple[Any, ...]] = fill_links(ctx, plan, query, plan.values.rows(fetched), [record])
    if query.titles:
        rows = with_reference_titles(ctx, query, rows)
    return {**dict(zip(query.fields, rows[0], strict=True)), "id": record, "version": fetched[0][-2]}


def get_json(
    ctx: Context, entity: str, id: str, fields: Sequence[str] = (), expand: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, Any]:
    """Return one live record as the API shows it, with reasons; the rest is as in :func:`get`."""
    query = _complete(ctx, Query(entity, tuple(fields), expand=expand or {}))
    plan, fetched = _fetch_one(ctx, query, id)
    rows = fill_links(ctx, plan, query, plan.json.rows(fetched), [id])
    found = dict(zip(query.fields, rows[0], strict=True))
    add_reasons(ctx, query, [found], [id])
    if query.expand:
        found = expanded(ctx, query, [found])[0]
    return {**found, "id": id, "version": fetched[0][-2]}


def _fetch_one(ctx: Context, query: Query, record: str) -> tuple[Plan, Sequence[Any]]:
    plan = plan_of(ctx, replace(question_of(query, titles=query.titles), one="id"))
    fetched = plan.one().run(ctx.connection, {**plan.binds(ctx), IDS: _clean(record)})
    if not fetched:
        label = ctx.snapshot.said(ctx.snapshot.entity(query.entity).label)
        raise NotFound("not_found", f"This {label} does not exist, or you may not see it.", "Look in the list.")
    return plan, fetched


def count(ctx: Context, query: Query, *, capped: bool = True) -> tuple[int, bool]:
    """Return how many records a query has, and whether there are more than that; a capped count stops at the cap."""
    plan = plan_of(ctx, question_of(query, titles=False))
    return _Reading(ctx, plan, query).count(capped=capped)


def select_all_ids(ctx: Context, query: Query, most: int) -> tuple[Sequence[str], bool]:
    """Return the ids of the records of a query, at most so many, and whether there are more.

    They are read by one statement: page by page, the database would look at all that matches once for each page.
    """
    asked = replace(query, fields=("id",), sort=(), limit=most, before=None, after=None, titles=False, count="none")
    found = _Reading(ctx, plan_of(ctx, question_of(asked, titles=False)), asked).page()
    return found.ids, found.next is not None


def related(ctx: Context, query: Query, by: str, id: str) -> Page:
    """Return a page of the records whose lookup ``by`` points to a record."""
    return select(ctx, replace(query, related=(by, id)))


def neighbours(ctx: Context, query: Query, id: str) -> tuple[str | None, str | None]:
    """Return the ids before and after a record in the order of a query, found by key however long the list is.

    Both are None for a record that is not in the list, and at its ends.
    """
    plain = replace(query, fields=("id",), titles=False, limit=1, after=None, before=None)
    place = _place(ctx, plain, id)
    if place is None:
        return None, None
    before = select(ctx, replace(plain, before=place)).ids
    after = select(ctx, replace(plain, after=place)).ids
    return (before[0] if before else None), (after[0] if after else None)


def standing(ctx: Context, query: Query, id: str) -> int | None:
    """Return which number a record has in the order of a query, counted from 1; None when it is not in the list.

    One past the cap of counts stands for every place beyond it: not more rows than that are walked.
    """
    plain = replace(query, fields=("id",), titles=False, limit=COUNT_CAP, after=None, before=None)
    place = _place(ctx, plain, id)
    if place is None:
        return None
    return _Reading(ctx, plan_of(ctx, question_of(plain, titles=False)), replace(plain, before=place)).before() + 1


def _place(ctx: Context, plain: Query, id: str) -> str | None:
    """Return the cursor of a record in the order of a query; None when it is not in the list."""
    here = replace(plain, limit=1, filters=(*plain.filters, f"id == {json.dumps(_clean(id))}"))
    # Compiled for this once: kept, the statement of each record would push out those that are used again.
    question = question_of(here, titles=False)
    one = compile_plan(surroundings_of(ctx), rights_key(ctx.actor), question, ctx.connection.dialect)
    found = _Reading(ctx, one, here).page()
    if not found.rows:
        return None
    plan = plan_of(ctx, question_of(plain, titles=False))
    return write_cursor(plan.mark, found.rows[0][one.width - len(one.keys) :])


def _complete(ctx: Context, query: Query) -> Query:
    if not 1 <= query.limit <= MOST_ROWS:
        raise Invalid("bad_limit", f"A page has 1 to {MOST_ROWS} rows, not {query.limit}.", "", "limit")
    if query.fields:
        return query
    readable = rights_for(ctx, query.entity).readable
    return replace(query, fields=tuple(name for name in fields_of(ctx.snapshot, query.entity) if name in readable))


def _clean(text: str) -> str:
    # PostgreSQL refuses NUL with an error of its own; no id has one.
    return text.replace("\0", "")


@dataclass(slots=True)
class _Found:
    rows: Sequence[Any]
    ids: Sequence[str]
    next: str | None
    previous: str | None
    count: int | None = None
    capped: bool = False
    version_at: int = 0


def _page(query: Query, found: _Found, rows: Sequence[Any]) -> Page:
    versions = [row[found.version_at] for row in found.rows]
    return Page(query.fields, rows, found.ids, versions, found.next, found.previous, found.count, found.capped)


class _Reading:
    """One call: its binds, its cursor and the steps through the list."""

    def __init__(self, ctx: Context, plan: Plan, query: Query) -> None:
        self._ctx = ctx
        self._plan = plan
        self._query = query
        self._binds: dict[str, Any] = plan.binds(ctx)
        if query.related:
            self._binds[RELATED] = _clean(query.related[1])
        if query.text:
            self._binds |= search_binds(ctx, query.text, query.entity)

    def page(self) -> _Found:
        query = self._query
        backwards = query.before is not None
        cursor = self._cursor(query.before or query.after)
        fetched = self._fetch(cursor, backwards)
        more = len(fetched) > query.limit
        fetched = fetched[: query.limit]
        if backwards:
            fetched.reverse()
        follows = bool(fetched) and (backwards or more)
        precedes = bool(fetched) and (more if backwards else query.after is not None)
        found = _Found(
            rows=fetched,
            ids=[row[-1] for row in fetched],
            next=self._cursor_of(fetched[-1]) if follows else None,
            previous=self._cursor_of(fetched[0]) if precedes else None,
            version_at=self._plan.width - len(self._plan.keys) - 1,
        )
        if query.count != "none":
            found.count, found.capped = self.count(capped=query.count == "capped")
        return found

    def before(self) -> int:
        """Return how many rows stand before the cursor, at most as many as the query's limit."""
        return min(len(self._fetch(self._cursor(self._query.before), backwards=True)), self._query.limit)

    def count(self, *, capped: bool) -> tuple[int, bool]:
        rows = self._plan.count(capped=capped).run(self._ctx.connection, self._binds)
        number = rows[0][0]
        return (COUNT_CAP, True) if capped and number > COUNT_CAP else (number, False)

    def _cursor(self, text: str | None) -> list[Any] | None:
        if text is None:
            return None
        types = [key.element.type for key in self._plan.keys]
        return read_cursor(text, self._plan.mark, types, self._ctx.database.dialect_name)

    def _cursor_of(self, row: Sequence[Any]) -> str:
        return write_cursor(self._plan.mark, row[self._plan.width - len(self._plan.keys) :])

    def _fetch(self, cursor: list[Any] | None, backwards: bool) -> list[Any]:
        wanted = self._query.limit + 1
        fetched: list[Any] = []
        for segment, begins in self._segments(cursor, backwards):
            blanks = None if begins is None else tuple(value is None for value in begins)
            left = wanted - len(fetched)
            statement = self._plan.page(Step(segment, backwards, blanks), left)
            binds = {**self._binds, LIMIT: left}
            for number, value in enumerate(begins or ()):
                binds[key_name(number)] = value
            try:
                fetched.extend(statement.run(self._ctx.connection, binds))
            except (DataError, ProgrammingError, OverflowError) as error:
                if cursor is None:
                    raise
                raise Invalid("cursor_unfit", "This place in the list cannot be found.", "Begin again.") from error
            if len(fetched) >= wanted:
                break
        return fetched

    def _segments(self, cursor: list[Any] | None, backwards: bool) -> list[tuple[Segment, list[Any] | None]]:
        """The segments to read, in the order of reading, each with the cursor that stands in it."""
        if not self._plan.keys[0].nullable:
            return [("held", cursor)]
        in_blank = cursor is not None and cursor[0] is None
        if backwards:
            if cursor is None or in_blank:
                return [("blank", cursor), ("held", None)]
            return [("held", cursor)]
        if in_blank:
            return [("blank", cursor)]
        return [("held", cursor), ("blank", None)]
