"""Pages by key: every row once, in one order, forwards and backwards, whatever is blank or equal."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest

from kith_platform.errors import Invalid
from kith_runtime.access import Scope
from kith_runtime.queries import Query, select
from support.apps import TestApp, person

SORTS = (
    (),
    ("id",),
    ("-id",),
    ("name",),
    ("-name",),
    ("amount",),
    ("-amount",),
    ("probability",),
    ("close_date", "name"),
    ("-close_date", "name", "-amount"),
    ("-met_at",),
    ("done", "-stage"),
    ("stage", "close_date"),
    ("-account", "probability"),
    ("account.name", "-amount"),
    ("weighted",),
    ("-weighted", "name"),
    ("account_region",),
    ("-created_at",),
    ("owner", "code"),
)


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: ",".join(sort) or "default")
def test_pages_join_to_the_whole_list_in_both_directions(filled: TestApp, sort: tuple[str, ...]) -> None:
    with filled.reading() as ctx:
        whole = list(select(ctx, Query("crm.deal", ("id",), sort=sort, limit=200)).ids)
        assert len(whole) == len(set(whole)) == 40
        for limit in (1, 7, 39, 40):
            forwards: list[str] = []
            after: str | None = None
            while True:
                page = select(ctx, Query("crm.deal", ("id",), sort=sort, limit=limit, after=after))
                forwards.extend(page.ids)
                assert (page.previous is None) == (after is None)
                after = page.next
                if after is None:
                    break
            assert forwards == whole
            last = select(ctx, Query("crm.deal", ("id",), sort=sort, limit=limit, before=None, after=None))
            assert list(last.ids) == whole[:limit]
            back = _backwards(ctx, sort, limit, whole)
            assert back == whole


def _backwards(ctx: Any, sort: tuple[str, ...], limit: int, whole: list[str]) -> list[str]:
    page = select(ctx, Query("crm.deal", ("id",), sort=sort, limit=40))
    middle = select(ctx, Query("crm.deal", ("id",), sort=sort, limit=39)).next
    page = select(ctx, Query("crm.deal", ("id",), sort=sort, limit=1, after=middle))
    found = list(page.ids)
    before = page.previous
    while before is not None:
        page = select(ctx, Query("crm.deal", ("id",), sort=sort, limit=limit, before=before))
        assert page.next is not None
        found = [*page.ids, *found]
        before = page.previous
    return found


def test_blanks_come_last_in_both_directions_and_case_does_not_matter(filled: TestApp) -> None:
    with filled.reading() as ctx:
        up = [row[0] for row in select(ctx, Query("crm.deal", ("name",), sort=("name",), limit=200)).rows]
        down = [row[0] for row in select(ctx, Query("crm.deal", ("name",), sort=("-name",), limit=200)).rows]
    assert up[-1] is None
    assert down[-1] is None
    plain = [name.lower() for name in up if name and name.isascii()]
    assert plain == sorted(plain)
    assert [name.lower() for name in down if name and name.isascii()] == plain[::-1]


def test_a_cursor_of_another_question_is_refused(filled: TestApp) -> None:
    with filled.reading() as ctx:
        cursor = select(ctx, Query("crm.deal", ("id",), sort=("amount",), limit=5)).next
        for other in (
            Query("crm.deal", ("id",), sort=("-amount",), after=cursor),
            Query("crm.deal", ("id",), sort=("amount",), where='stage == "new"', after=cursor),
            Query("crm.account", ("id",), after=cursor),
        ):
            with pytest.raises(Invalid, match="another question"):
                select(ctx, other)


@pytest.mark.parametrize(
    "made_up",
    ["", "x", "AAAA", "é", "WyJhIl0", "[]", "e30", "bnVsbA", "=" * 9, "W10", '["', base64.b64encode(b"[1,2]").decode()],
)
def test_a_made_up_cursor_is_refused(filled: TestApp, made_up: str) -> None:
    with filled.reading() as ctx, pytest.raises(Invalid):
        select(ctx, Query("crm.deal", ("id",), after=made_up))


@pytest.mark.parametrize("sort", ["amount", "close_date", "met_at", "done", "name", "created_at", "weighted"])
@pytest.mark.parametrize(
    "value",
    ['"x"', "1", "true", "[1]", '{"d":"NaN"}', '{"d":"x"}', '{"t":"2026"}', '{"t":1}', '{"a":1}', "1.5",
     "99999999999999999999", '"\\u0000"', '{"t":"2026-01-01"}', '{"t":"2026-01-01T00:00:00"}'],
)  # fmt: skip
def test_a_cursor_with_a_value_of_another_type_is_refused_or_reads_nothing_odd(
    filled: TestApp, sort: str, value: str
) -> None:
    with filled.reading() as ctx:
        cursor = select(ctx, Query("crm.deal", ("id",), sort=(sort,), limit=5)).next or ""
    mark = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).split(b",")[0]
    forged = base64.urlsafe_b64encode(mark + b"," + value.encode() + b',"z"]').decode().rstrip("=")
    with filled.reading() as ctx:
        query = Query("crm.deal", ("id",), sort=(sort,), limit=5, after=forged)
        with suppress(Invalid):
            assert set(select(ctx, query).ids) <= set(select(ctx, Query("crm.deal", ("id",), limit=200)).ids)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_the_size_of_a_page_is_limited(filled: TestApp, limit: int) -> None:
    with filled.reading() as ctx, pytest.raises(Invalid):
        select(ctx, Query("crm.deal", ("id",), limit=limit))


def test_counts_stop_at_the_cap_only_when_asked(filled: TestApp) -> None:
    with filled.reading() as ctx:
        exact = select(ctx, Query("crm.deal", ("id",), limit=1, count="exact", where='stage == "new"'))
        capped = select(ctx, Query("crm.deal", ("id",), limit=1, count="capped"))
    assert (exact.count, exact.capped) == (20, False)
    assert (capped.count, capped.capped) == (40, False)


def test_a_page_counts_only_what_the_actor_may_see(filled: TestApp) -> None:
    with filled.reading(person("ann", "rep")) as ctx:
        page = select(ctx, Query("crm.deal", ("id", "owner"), count="exact", limit=200))
    assert page.count == 20
    assert {row[1] for row in page.rows} == {"ann"}
    assert filled.rights(person("ann", "rep"), "crm.deal").read == Scope(own=True)
