"""Fields without a right to read them, asked for at every place that could give them away."""

from __future__ import annotations

import base64

import pytest

from kith_platform.errors import Invalid
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Measure, Query, aggregate, count, select, select_json
from support.apps import TestApp, person

ASKED = [
    {"fields": ("margin",)},
    {"sort": ("margin",)},
    {"sort": ("-margin", "name")},
    {"sort": ("name", "margin")},
    {"where": "margin > 3"},
    {"where": "is_blank(margin)"},
    {"where": 'account.secret == "x"'},
    {"where": 'contains(account.secret, "x")'},
    {"filters": ("margin == 4",)},
    {"fields": ("account.secret",)},
    {"sort": ("account.secret",)},
    {"expand": {"account": ("secret",)}, "fields": ("account",)},
    {"where": "margin > 3", "count": "exact"},
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_hidden_field_sounds_like_one_that_does_not_exist(filled: TestApp, asked: dict[str, object]) -> None:
    query = Query("crm.deal", **{"fields": ("name",), **asked})  # type: ignore[arg-type]
    with filled.reading(SYSTEM) as ctx:
        select_json(ctx, query)
    unknown = {key: _renamed(value) for key, value in asked.items()}
    with filled.reading(person("ann", "rep")) as ctx:
        for read in (select_json,) if "expand" in asked else (select, select_json):
            with pytest.raises(Invalid) as hidden:
                read(ctx, query)
            with pytest.raises(Invalid) as missing:
                read(ctx, Query("crm.deal", **{"fields": ("name",), **unknown}))  # type: ignore[arg-type]
            assert hidden.value.code == missing.value.code
    if "where" in asked:
        with filled.reading(person("ann", "rep")) as ctx, pytest.raises(Invalid):
            count(ctx, query)


def _renamed(value: object) -> object:
    if isinstance(value, str):
        return value.replace("margin", "nargim").replace("secret", "tercse")
    if isinstance(value, tuple):
        return tuple(_renamed(item) for item in value)
    if isinstance(value, dict):
        return {key: _renamed(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize(
    ("measures", "group_by", "where"),
    [
        ({"n": Measure("sum", "margin")}, (), ()),
        ({"n": Measure("max", "margin")}, ("stage",), ()),
        ({"n": Measure("count")}, ("margin",), ()),
        ({"n": Measure("count")}, (), ("margin > 3",)),
    ],
)
def test_figures_and_groups_of_hidden_fields_are_refused(
    filled: TestApp, measures: dict[str, Measure], group_by: tuple[str, ...], where: tuple[str, ...]
) -> None:
    with filled.reading(SYSTEM) as ctx:
        aggregate(ctx, "crm.deal", measures, group_by=group_by, where=where)
    with filled.reading(person("ann", "rep")) as ctx, pytest.raises(Invalid):
        aggregate(ctx, "crm.deal", measures, group_by=group_by, where=where)


def test_a_cursor_carries_what_the_sort_reads_and_serves_nobody_to_pass_their_rights(filled: TestApp) -> None:
    query = Query("crm.deal", ("name",), sort=("-margin",), limit=5)
    with filled.reading(SYSTEM) as ctx:
        cursor = select(ctx, query).next
    assert cursor is not None
    with filled.reading(person("ann", "rep")) as ctx:
        with pytest.raises(Invalid):
            select(ctx, Query("crm.deal", ("name",), sort=("-margin",), limit=5, after=cursor))
        with pytest.raises(Invalid):
            select(ctx, Query("crm.deal", ("name",), sort=("name",), limit=5, after=cursor))
        own = select(ctx, Query("crm.deal", ("name",), sort=("-amount",), limit=3)).next
    assert own is not None
    padded = own + "=" * (-len(own) % 4)
    assert "margin" not in base64.urlsafe_b64decode(padded).decode(errors="replace")


def test_a_sort_behind_a_lookup_gives_no_value_of_a_hidden_record(filled: TestApp) -> None:
    with filled.reading(SYSTEM) as ctx:
        names = {row[0] for row in select(ctx, Query("crm.account", ("name",))).rows}
    with filled.reading(person("zed", "clerk", region="north")) as ctx:
        seen = {row[0] for row in select(ctx, Query("crm.account", ("name",))).rows}
        page = select(ctx, Query("crm.deal", ("account.name",), sort=("account.name",), limit=5))
        cursors = []
        while page.next:
            cursors.append(base64.urlsafe_b64decode(page.next + "=" * (-len(page.next) % 4)).decode().lower())
            assert {row[0] for row in page.rows} <= {*seen, None}
            query = Query("crm.deal", ("account.name",), sort=("account.name",), limit=5, after=page.next)
            page = select(ctx, query)
    assert names - seen
    assert cursors
    assert not any(name.lower() in cursor for name in names - seen for cursor in cursors)
