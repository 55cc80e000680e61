"""The history of a record, as far as the reader may see it."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from kith_platform.errors import Forbidden, NotFound
from kith_runtime.queries import Query, history, select
from kith_runtime.queries.change import HIDDEN_RECORD
from kith_runtime.queries.field_changes import field_changes
from kith_runtime.records.store import HISTORY
from support.apps import NOW, TestApp, person


def _deal_of(app: TestApp, owner: str) -> str:
    with app.reading() as ctx:
        return select(ctx, Query("crm.deal", ("id",), where=f'owner == "{owner}"', limit=1)).ids[0]


def _write(app: TestApp, record: str, version: int, changes: dict[str, list[object]]) -> None:
    with app.database.write() as connection:
        connection.execute(
            insert(HISTORY).values(
                entity="crm.deal", record_id=record, version=version, at=NOW, actor_id="ann", actor_name="Ann",
                door="api", trace="t", action="update", changes=changes,
            )
        )  # fmt: skip


def test_changes_come_newest_first_and_hidden_fields_are_only_counted(filled: TestApp) -> None:
    deal = _deal_of(filled, "ann")
    _write(filled, deal, 2, {"name": ["a", "b"], "margin": ["1", "2"]})
    _write(filled, deal, 3, {"margin": ["2", "3"]})
    with filled.reading(person("ann", "rep")) as ctx:
        newest, older = history(ctx, "crm.deal", deal)
        assert (newest.version, newest.changes, newest.hidden) == (3, {}, 1)
        assert (dict(older.changes), older.hidden) == ({"name": ("a", "b")}, 1)
        assert older.as_json()["changes"] == {"name": {"from": "a", "to": "b"}}
        assert [change.version for change in history(ctx, "crm.deal", deal, before=newest.seq)] == [2]
        assert len(history(ctx, "crm.deal", deal, limit=1)) == 1
    with filled.reading() as ctx:
        assert history(ctx, "crm.deal", deal)[0].changes == {"margin": ("2", "3")}


def test_the_history_of_a_hidden_record_is_hidden(filled: TestApp) -> None:
    bobs = _deal_of(filled, "bob")
    _write(filled, bobs, 2, {"name": ["a", "b"]})
    with filled.reading(person("ann", "rep")) as ctx, pytest.raises(NotFound):
        history(ctx, "crm.deal", bobs)
    with filled.reading(person("ann")) as ctx, pytest.raises(Forbidden):
        history(ctx, "crm.deal", bobs)


def test_records_that_the_reader_may_not_see_stand_in_lookups_without_their_id(filled: TestApp) -> None:
    deal = _deal_of(filled, "ann")
    _write(filled, deal, 2, {"account": ["acc0", "acc1"], "helpers": [["ann"], ["ann", "bob"]], "owner": [None, "bob"]})
    _write(filled, deal, 3, {"account": ["acc1", None]})
    with filled.reading(person("ann", "team", teams=("team",))) as ctx:
        newest, older = history(ctx, "crm.deal", deal)
        assert dict(newest.changes) == {"account": (HIDDEN_RECORD, None)}
        assert dict(older.changes) == {
            "account": ("acc0", HIDDEN_RECORD),
            "helpers": ([HIDDEN_RECORD], [HIDDEN_RECORD, HIDDEN_RECORD]),
            "owner": (None, HIDDEN_RECORD),
        }
        said = str([change.as_json()["changes"] for change in (newest, older)])
        said += str(field_changes(ctx, "crm.deal", deal, "account")) + str(
            [change.changes for change in field_changes(ctx, "crm.deal", deal, "helpers")]
        )
        assert "acc1" not in said
        assert "bob" not in said
    with filled.reading() as ctx:
        assert history(ctx, "crm.deal", deal)[0].changes == {"account": ("acc1", None)}


def test_deleted_records_that_the_reader_might_see_keep_their_id(filled: TestApp) -> None:
    deal = _deal_of(filled, "ann")
    filled.row("crm.account", id="acc9", name="Gone", owner="ann", deleted_at=NOW)
    _write(filled, deal, 2, {"account": ["acc9", "acc2"]})
    with filled.reading(person("ann", "team", teams=("team",))) as ctx:
        assert history(ctx, "crm.deal", deal)[0].changes == {"account": ("acc9", HIDDEN_RECORD)}
