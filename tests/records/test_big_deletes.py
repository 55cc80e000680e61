"""Deletes that take many records, in every shape, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from kith_platform.clock import FixedClock
from kith_platform.ids import new_id
from kith_runtime import queries, records
from kith_runtime.context import Context
from kith_runtime.records import ValidationFailed
from kith_runtime.tables import table_of
from support.yaml_workspace import YamlWorkspace, yaml_workspace

FILES = {
    "box/app.yaml": "app: box\nlabel: Box\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "box/folder.yaml": """
        entity: folder
        label: Folder
        ownership: none
        fields:
          name: {type: text, required: true}
          inside: {type: lookup, to: folder, on_delete: cascade}
          twin: {type: lookup, to: folder, on_delete: clear}
        """,
    "box/page.yaml": """
        entity: page
        label: Page
        ownership: none
        fields:
          name: {type: text}
          folder: {type: lookup, to: folder, on_delete: cascade}
        """,
    "box/remark.yaml": """
        entity: remark
        label: Remark
        ownership: none
        fields:
          name: {type: text, search: true}
          folder: {type: lookup, to: folder, on_delete: cascade}
          page: {type: lookup, to: page, on_delete: restrict}
          about: {type: lookup, to: page, on_delete: clear}
        """,
}


@pytest.fixture
def box(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """Folders in folders, in an empty database of each kind."""
    with yaml_workspace(database_url, tmp_path, FILES, clock) as opened:
        yield opened


def test_what_goes_too_does_not_hold_on(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        folder = records.create(ctx, "box.folder", {"name": "Folder"}).id
        page = records.create(ctx, "box.page", {"name": "Page", "folder": folder}).id
        records.create(ctx, "box.remark", {"name": "Remark", "folder": folder, "page": page})
        assert records.delete(ctx, "box.folder", folder).count() == 3


def test_a_deep_tree_goes_to_its_last_leaf_and_comes_back(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        tree = [records.create(ctx, "box.folder", {"name": "0"}).id]
        for number in range(1, 40):
            tree.append(records.create(ctx, "box.folder", {"name": str(number), "inside": tree[-1]}).id)
        assert records.delete(ctx, "box.folder", tree[0]).count() == 40
        records.restore(ctx, "box.folder", tree[0])
        assert records.read_record(ctx, "box.folder", tree[-1]).values["inside"] == tree[-2]


def test_a_circle_of_cascades_goes_whole_and_comes_back_whole(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        first = records.create(ctx, "box.folder", {"name": "a"}).id
        second = records.create(ctx, "box.folder", {"name": "b", "inside": first, "twin": first}).id
        records.update(ctx, "box.folder", first, {"inside": second, "twin": first})
        deletion = records.delete(ctx, "box.folder", second)
        assert (deletion.count(), deletion.cleared) == (2, [])
        records.restore(ctx, "box.folder", second)
        assert records.read_record(ctx, "box.folder", first).values["twin"] == first


def test_a_lookup_at_a_child_that_went_along_points_at_the_child_again(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        folder = records.create(ctx, "box.folder", {"name": "Folder"}).id
        page = records.create(ctx, "box.page", {"name": "Page", "folder": folder}).id
        remark = records.create(ctx, "box.remark", {"name": "Remark", "about": page}).id
        records.delete(ctx, "box.folder", folder)
        assert records.read_record(ctx, "box.remark", remark).values["about"] is None
        records.restore(ctx, "box.folder", folder)
        assert records.read_record(ctx, "box.remark", remark).values["about"] == page


def test_a_record_is_not_restored_while_what_it_holds_on_to_is_deleted(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        page = records.create(ctx, "box.page", {"name": "Page"}).id
        remark = records.create(ctx, "box.remark", {"name": "Remark", "page": page}).id
        records.delete(ctx, "box.remark", remark)
        records.delete(ctx, "box.page", page)
        with pytest.raises(ValidationFailed, match="Restore the page first"):
            records.restore(ctx, "box.remark", remark)
        records.restore(ctx, "box.page", page)
        assert records.restore(ctx, "box.remark", remark).values["page"] == page


@pytest.mark.parametrize("kind", ["folder", "about"])
def test_the_statements_of_a_delete_do_not_grow_with_what_it_clears_or_takes(box: YamlWorkspace, kind: str) -> None:
    target = "page" if kind == "about" else "folder"

    def statements(children: int) -> int:
        seen: list[str] = []

        def note(*arguments: Any) -> None:
            seen.append(arguments[2])

        with box.writing() as ctx:
            top = records.create(ctx, f"box.{target}", {"name": "Top"}).id
            for child in range(children):
                records.create(ctx, "box.remark", {"name": f"r{child}", kind: top})
            event.listen(ctx.connection.engine, "before_cursor_execute", note)
            records.delete(ctx, f"box.{target}", top)
            event.remove(ctx.connection.engine, "before_cursor_execute", note)
        return len(seen)

    assert statements(5) == statements(50) > 0


def test_deleted_records_leave_the_search_together_and_no_others(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        top = records.create(ctx, "box.folder", {"name": "Top"}).id
        for number in range(30):
            records.create(ctx, "box.remark", {"name": f"Findable {number}", "folder": top})
        stays = records.create(ctx, "box.remark", {"name": "Findable too"}).id
        assert len(_found(ctx)) == 31
        records.delete(ctx, "box.folder", top)
        assert _found(ctx) == [stays]
        records.restore(ctx, "box.folder", top)
        assert len(_found(ctx)) == 31


def _found(ctx: Context) -> list[str]:
    return list(queries.select(ctx, queries.Query("box.remark", ("id",), text="indab")).ids)


def test_seventy_thousand_ids_are_more_than_a_statement_has_places_for(box: YamlWorkspace) -> None:
    table = table_of(box.workspace.current, "box.page")
    with box.writing() as ctx:
        top = records.create(ctx, "box.folder", {"name": "Top"}).id
        one = records.create(ctx, "box.page", {"name": "p", "folder": top}).id
        # Copies of a row under new ids, which is quicker than to create that many records.
        row = dict(ctx.connection.execute(select(table).where(table.c.id == one)).mappings().one())
        ctx.connection.execute(insert(table), [{**row, "id": new_id(ctx.clock)} for _ in range(70_000)])
        assert records.delete(ctx, "box.folder", top).count() == 70_002


def test_the_bin_follows_a_publish_that_renames_or_drops(box: YamlWorkspace) -> None:
    with box.writing() as ctx:
        folder = records.create(ctx, "box.folder", {"name": "Folder"}).id
        page = records.create(ctx, "box.page", {"name": "Page", "folder": folder}).id
        remark = records.create(ctx, "box.remark", {"name": "Remark", "about": page}).id
        records.create(ctx, "box.remark", {"name": "Gone", "folder": folder})
        records.delete(ctx, "box.folder", folder)
    renamed = FILES["box/page.yaml"].replace("entity: page", "entity: sheet\n        was: page")
    box.publish({
        "box/page.yaml": renamed,
        "box/remark.yaml": FILES["box/remark.yaml"].replace("to: page", "to: sheet"),
    })  # fmt: skip
    with box.writing() as ctx:
        records.restore(ctx, "box.folder", folder)
        assert records.read_record(ctx, "box.sheet", page).values["folder"] == folder
        assert records.read_record(ctx, "box.remark", remark).values["about"] == page
        records.delete(ctx, "box.folder", folder)
    box.publish({"box/remark.yaml": ""})
    with box.writing() as ctx:
        records.restore(ctx, "box.folder", folder)
        assert records.read_record(ctx, "box.sheet", page).values["name"] == "Page"
