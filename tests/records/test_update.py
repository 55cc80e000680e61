"""Changing records: history, optimistic locking per field, rights."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kith_platform.errors import Forbidden, NotFound
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.records import Record, ValidationFailed, VersionConflict
from kith_runtime.records.store import HISTORY
from support.yaml_workspace import YamlWorkspace


def _account(crm: YamlWorkspace, **values: object) -> Record:
    with crm.writing() as ctx:
        return records.create(ctx, "crm.account", {"name": "Acme", **values})


def test_a_change_raises_the_version_and_is_kept_in_the_history(crm: YamlWorkspace) -> None:
    ann = crm.person("Ann", "base.administrator")
    made = _account(crm)
    with crm.writing(ann) as ctx:
        saved = records.update(ctx, "crm.account", made.id, {"rating": 5, "name": "Acme"})
    assert saved.version == 2
    with crm.reading() as ctx:
        row = ctx.connection.execute(
            select(HISTORY).where(HISTORY.c.version == 2, HISTORY.c.record_id == made.id)
        ).one()
    assert row.changes == {"rating": [3, 5]}
    assert (row.actor_id, row.actor_name, row.door, row.action) == (ann.id, "Ann", "api", "update")


def test_the_same_values_change_nothing(crm: YamlWorkspace) -> None:
    made = _account(crm)
    with crm.writing() as ctx:
        assert records.update(ctx, "crm.account", made.id, {"name": "Acme", "rating": 3}).version == 1


def test_changes_of_different_fields_are_both_kept(crm: YamlWorkspace) -> None:
    made = _account(crm)
    with crm.writing() as ctx:
        records.update(ctx, "crm.account", made.id, {"rating": 5}, version=1)
    with crm.writing() as ctx:
        saved = records.update(ctx, "crm.account", made.id, {"country": "de"}, version=1)
    assert (saved.values["rating"], saved.values["country"], saved.version) == (5, "de", 3)


def test_changes_of_the_same_field_show_both_values(crm: YamlWorkspace) -> None:
    ann = crm.person("Ann", "base.administrator")
    made = _account(crm)
    with crm.writing(ann) as ctx:
        records.update(ctx, "crm.account", made.id, {"rating": 5}, version=1)
    with crm.writing() as ctx, pytest.raises(VersionConflict) as conflict:
        records.update(ctx, "crm.account", made.id, {"rating": 1, "country": "de"}, version=1)
    (field,) = conflict.value.fields
    assert (field.field, field.mine, field.theirs, field.before, field.by) == ("rating", 1, 5, 3, "Ann")
    assert conflict.value.version == 2


def test_the_same_new_value_from_both_is_no_conflict(crm: YamlWorkspace) -> None:
    made = _account(crm)
    with crm.writing() as ctx:
        records.update(ctx, "crm.account", made.id, {"rating": 5}, version=1)
        assert records.update(ctx, "crm.account", made.id, {"rating": 5}, version=1).version == 2


def test_reading_is_not_changing(crm: YamlWorkspace) -> None:
    ann, bob = crm.person("Ann", "crm.rep"), crm.person("Bob", "crm.rep")
    with crm.writing(ann) as ctx:
        account = records.create(ctx, "crm.account", {"name": "Ann's"})
        deal = records.create(ctx, "crm.deal", {"name": "Ann's"})
    with crm.writing(bob) as ctx:
        with pytest.raises(Forbidden):
            records.update(ctx, "crm.account", account.id, {"rating": 1})
        with pytest.raises(NotFound):
            records.update(ctx, "crm.deal", deal.id, {"name": "Bob's"})
        with pytest.raises(NotFound):
            records.update(ctx, "crm.deal", "0" * 20, {"name": "Bob's"})


def test_clearing_a_required_field_is_refused(crm: YamlWorkspace) -> None:
    made = _account(crm)
    with crm.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        records.update(ctx, "crm.account", made.id, {"name": " ", "rating": None})
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("name", "required")]


def test_a_changed_controlling_choice_checks_the_dependent_one(crm: YamlWorkspace) -> None:
    made = _account(crm, country="de", region="saxony")
    with crm.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        records.update(ctx, "crm.account", made.id, {"country": "nl"})
    assert refused.value.problems[0].field == "region"


def test_a_child_keeps_its_parent(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        one, two = (records.create(ctx, "crm.deal", {"name": name}) for name in ("One", "Two"))
        line = records.create(ctx, "crm.line", {"name": "l", "deal": one.id})
        with pytest.raises(ValidationFailed) as refused:
            records.update(ctx, "crm.line", line.id, {"deal": two.id})
    assert refused.value.problems[0].code == "fixed_parent"


def test_a_record_that_comes_under_a_keys_condition_is_checked(crm: YamlWorkspace) -> None:
    _account(crm, vat="1", site="x", rating=2)
    with crm.writing() as ctx:
        other = records.create(ctx, "crm.account", {"name": "Other", "vat": "1", "site": "x", "rating": 0})
        with pytest.raises(ValidationFailed) as refused:
            records.update(ctx, "crm.account", other.id, {"rating": 1})
    assert refused.value.problems[0].code == "not_unique"


def test_links_to_records_that_may_not_be_seen_are_not_shown_and_stay(crm: YamlWorkspace) -> None:
    ann, bob = crm.person("Ann", "crm.loner"), crm.person("Bob", "crm.rep")
    with crm.writing(bob) as ctx:
        hidden = records.create(ctx, "crm.account", {"name": "Hidden"}).id
    with crm.writing(ann) as ctx:
        friend, other = (records.create(ctx, "crm.account", {"name": name}).id for name in ("Friend", "Other"))
    with crm.writing(SYSTEM) as ctx:
        mine = records.create(ctx, "crm.account", {"name": "Mine", "owner": ann.id, "friends": [hidden, friend]}).id
    with crm.writing(ann) as ctx:
        assert records.read_record(ctx, "crm.account", mine).values["friends"] == (friend,)
        assert records.update(ctx, "crm.account", mine, {"friends": [friend]}).version == 1
        assert records.update(ctx, "crm.account", mine, {"friends": [other]}).values["friends"] == (other,)
    with crm.writing(SYSTEM) as ctx:
        assert set(records.read_record(ctx, "crm.account", mine).values["friends"]) == {hidden, other}
