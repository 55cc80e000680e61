"""Deleting and restoring: cascade, restrict, clear, and everything back together."""

from __future__ import annotations

import pytest

from kith_platform.errors import Forbidden, NotFound
from kith_runtime import records
from kith_runtime.queries import history
from kith_runtime.records import Blocked, ValidationFailed, VersionConflict
from support.yaml_workspace import YamlWorkspace


def test_children_go_and_come_back_with_their_parent(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        deal = records.create(ctx, "crm.deal", {"name": "Deal"})
        lines = [records.create(ctx, "crm.line", {"name": f"l{n}", "deal": deal.id}) for n in range(3)]
        gone = records.create(ctx, "crm.line", {"name": "earlier", "deal": deal.id})
        records.delete(ctx, "crm.line", gone.id)
    with crm.writing() as ctx:
        assert records.delete(ctx, "crm.deal", deal.id).count() == 4
    with crm.reading() as ctx:
        for line in lines:
            with pytest.raises(NotFound):
                records.read_record(ctx, "crm.line", line.id)
    with crm.writing() as ctx:
        records.restore(ctx, "crm.deal", deal.id)
        assert records.read_record(ctx, "crm.line", lines[2].id).version == 3
        with pytest.raises(NotFound):
            records.read_record(ctx, "crm.line", gone.id)


def test_restrict_lists_what_blocks_and_counts_the_hidden(crm: YamlWorkspace) -> None:
    ann, bob = crm.person("Ann", "crm.rep"), crm.person("Bob", "crm.rep")
    with crm.writing(ann) as ctx:
        account = records.create(ctx, "crm.account", {"name": "Acme"})
        records.create(ctx, "crm.deal", {"name": "Ann's deal", "account": account.id})
    with crm.writing(bob) as ctx:
        records.create(ctx, "crm.deal", {"name": "Bob's deal", "account": account.id})
    with crm.writing(ann) as ctx, pytest.raises(Blocked) as blocked:
        records.delete(ctx, "crm.account", account.id)
    (blocker,) = blocked.value.blockers
    assert [title for _, title in blocker.records] == ["Ann's deal"]
    assert (blocker.total, blocker.hidden) == (2, 1)
    assert "Acme" in str(blocked.value)


def test_clear_blanks_the_lookup_and_restore_points_it_again(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        parent = records.create(ctx, "crm.account", {"name": "Parent"})
        child = records.create(ctx, "crm.account", {"name": "Child", "partner": parent.id})
        records.delete(ctx, "crm.account", parent.id)
        assert records.read_record(ctx, "crm.account", child.id).values["partner"] is None
        records.restore(ctx, "crm.account", parent.id)
        assert records.read_record(ctx, "crm.account", child.id).values["partner"] == parent.id


def test_a_polymorphic_lookup_cascades_too(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        account = records.create(ctx, "crm.account", {"name": "Acme"})
        about = {"entity": "crm.account", "id": account.id}
        note = records.create(ctx, "crm.note", {"name": "Met", "regarding": about})
        records.delete(ctx, "crm.account", account.id)
        with pytest.raises(NotFound):
            records.read_record(ctx, "crm.note", note.id)
        records.restore(ctx, "crm.account", account.id)
        assert records.read_record(ctx, "crm.note", note.id).values["name"] == "Met"


def test_a_deleted_name_is_free_and_stops_the_restore_when_taken(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        first = records.create(ctx, "crm.account", {"name": "Acme"})
        records.delete(ctx, "crm.account", first.id)
        records.create(ctx, "crm.account", {"name": "Acme"})
        with pytest.raises(ValidationFailed) as refused:
            records.restore(ctx, "crm.account", first.id)
    assert refused.value.problems[0].code == "not_unique"


def test_a_child_is_not_restored_under_a_deleted_parent(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        deal = records.create(ctx, "crm.deal", {"name": "Deal"})
        line = records.create(ctx, "crm.line", {"name": "line", "deal": deal.id})
        records.delete(ctx, "crm.line", line.id)
        records.delete(ctx, "crm.deal", deal.id)
        with pytest.raises(ValidationFailed) as refused:
            records.restore(ctx, "crm.line", line.id)
    assert refused.value.problems[0].code == "parent_deleted"


def test_only_who_may_delete_deletes(crm: YamlWorkspace) -> None:
    ann, bob = crm.person("Ann", "crm.rep"), crm.person("Bob", "crm.rep")
    with crm.writing(ann) as ctx:
        account = records.create(ctx, "crm.account", {"name": "Ann's"})
    with crm.writing(bob) as ctx, pytest.raises(Forbidden):
        records.delete(ctx, "crm.account", account.id)


def test_a_delete_of_an_old_version_is_refused(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        account = records.create(ctx, "crm.account", {"name": "Acme"})
        records.update(ctx, "crm.account", account.id, {"rating": 1})
        with pytest.raises(VersionConflict):
            records.delete(ctx, "crm.account", account.id, version=1)


def test_a_cleared_lookup_is_blank_between_and_filled_again_with_its_history(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        target = records.create(ctx, "crm.account", {"name": "Target"}).id
        kept, changed = (
            records.create(ctx, "crm.account", {"name": name, "partner": target}).id for name in ("Kept", "Changed")
        )
        records.delete(ctx, "crm.account", target)
        assert records.read_record(ctx, "crm.account", kept).values["partner"] is None
        records.update(ctx, "crm.account", changed, {"partner": kept})
        records.restore(ctx, "crm.account", target)
        assert records.read_record(ctx, "crm.account", kept).values["partner"] == target
        assert records.read_record(ctx, "crm.account", changed).values["partner"] == kept
    with crm.reading() as ctx:
        entries = [(item.version, item.changes.get("partner")) for item in history(ctx, "crm.account", kept)]
    assert entries == [(3, (None, target)), (2, (target, None)), (1, (None, target))]


def test_what_is_restored_before_its_target_points_nowhere_until_that_is_back(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        target = records.create(ctx, "crm.account", {"name": "Target"}).id
        pointing = records.create(ctx, "crm.account", {"name": "Pointing", "partner": target}).id
        records.delete(ctx, "crm.account", pointing)
        records.delete(ctx, "crm.account", target)
        assert records.restore(ctx, "crm.account", pointing).values["partner"] is None
        records.restore(ctx, "crm.account", target)
        assert records.read_record(ctx, "crm.account", pointing).values["partner"] == target
