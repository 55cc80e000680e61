"""Upsert by key, bulk with a result per row, and forms with child rows."""

from __future__ import annotations

import pytest

from kith_platform.errors import Invalid, NotFound, TooLarge
from kith_runtime import queries, records
from kith_runtime.queries import Query, select
from kith_runtime.records import BulkRefused, ChildRow, ChildRows, Operation, Save, ValidationFailed
from kith_runtime.records.bulk import Kind
from support.statements import counted_statements
from support.yaml_workspace import YamlWorkspace


def test_the_second_upsert_changes_the_first_ones_record(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        first = records.upsert(ctx, "crm.account", "by_vat", {"name": "A", "vat": "1", "site": "x", "rating": 2})
        second = records.upsert(ctx, "crm.account", "by_vat", {"vat": "1", "site": "X", "rating": 4})
        third = records.upsert(ctx, "crm.account", "by_vat", {"vat": "1", "site": "x", "rating": 4})
    assert first.created
    assert not second.created
    assert (second.id, second.version, second.values["rating"]) == (first.id, 2, 4)
    assert third.version == 2


def test_an_unknown_key_and_a_missing_part_are_named(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        with pytest.raises(Invalid, match="by_vat"):
            records.upsert(ctx, "crm.account", "by_vats", {})
        with pytest.raises(ValidationFailed) as refused:
            records.upsert(ctx, "crm.account", "by_vat", {"vat": "1"})
    assert [problem.field for problem in refused.value.problems] == ["site"]


def test_a_failed_row_leaves_the_others_standing(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        results = records.bulk(
            ctx,
            [
                Operation("create", "crm.account", values={"name": "One"}),
                Operation("create", "crm.account", values={"name": "one"}),
                Operation("create", "crm.account", values={"name": "Two"}),
                Operation("update", "crm.account", "0" * 20, values={"rating": 1}),
            ],
        )
    assert [result.error is None for result in results] == [True, False, True, False]
    with crm.writing() as ctx:
        kept = results[0].record
        assert kept is not None
        assert records.read_record(ctx, "crm.account", kept.id).values["name"] == "One"
        assert records.create(ctx, "crm.account", {"name": "Three"}).values["number"] == "A-2026-0003"


def test_all_or_nothing_leaves_nothing(crm: YamlWorkspace) -> None:
    operations = [Operation("create", "crm.account", values={"name": name}) for name in ("One", "One")]
    with pytest.raises(BulkRefused), crm.writing() as ctx:
        records.bulk(ctx, operations, all_or_nothing=True)
    with crm.writing() as ctx:
        assert records.create(ctx, "crm.account", {"name": "One"}).version == 1


def test_too_many_operations_are_refused(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx, pytest.raises(TooLarge):
        records.bulk(ctx, [Operation("create", "crm.account")] * 1001)


def test_a_form_saves_its_child_rows_with_it_or_nothing(crm: YamlWorkspace) -> None:
    rows = [ChildRow({"name": "a", "quantity": "2"}), ChildRow({"name": "", "quantity": "0"})]
    lines = ChildRows("lines", "crm.line", "deal", rows)
    with pytest.raises(ValidationFailed) as refused, crm.writing() as ctx:
        records.save(ctx, Save("crm.deal", {"name": ""}, children=[lines]))
    assert {problem.field for problem in refused.value.problems} == {"name", "lines.1.name", "lines.1.quantity"}
    lines = ChildRows("lines", "crm.line", "deal", rows[:1])
    with crm.writing() as ctx:
        deal = records.save(ctx, Save("crm.deal", {"name": "Deal", "amount": "12,50"}, children=[lines]))
    assert deal.version == 1


def test_child_rows_are_added_changed_and_taken_away(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        deal = records.create(ctx, "crm.deal", {"name": "Deal"})
        kept, gone = (records.create(ctx, "crm.line", {"name": name, "deal": deal.id}) for name in ("kept", "gone"))
        rows = [
            ChildRow({"name": "changed"}, id=kept.id, version=1),
            ChildRow(id=gone.id, remove=True),
            ChildRow({"name": "new"}),
        ]
        records.save(
            ctx, Save("crm.deal", {}, id=deal.id, version=1, children=[ChildRows("lines", "crm.line", "deal", rows)])
        )
        assert records.read_record(ctx, "crm.line", kept.id).values["name"] == "changed"
        assert records.delete(ctx, "crm.deal", deal.id).count() == 3


def test_an_operation_on_an_entity_that_is_not_there_fails_alone_and_in_words(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        results = records.bulk(
            ctx,
            [
                Operation("create", "crm.acount", values={"name": "One"}),
                Operation("create", "crm.account", values={"name": "Two"}),
            ],
        )
    assert isinstance(results[0].error, NotFound)
    assert str(results[0].error) == "There is no entity 'crm.acount'. Did you mean 'crm.account'?"
    assert results[1].error is None


def test_an_upsert_that_its_condition_could_not_find_again_is_refused_each_time(crm: YamlWorkspace) -> None:
    values = {"name": "A", "vat": "1", "site": "x"}
    with crm.writing() as ctx:
        for _ in range(2):
            with pytest.raises(ValidationFailed, match="could not be found again") as refused:
                records.upsert(ctx, "crm.account", "by_vat", {**values, "rating": 0})
            assert [problem.code for problem in refused.value.problems] == ["key_does_not_apply"]
        made = records.upsert(ctx, "crm.account", "by_vat", {**values, "rating": 1})
        with pytest.raises(ValidationFailed, match="could not be found again"):
            records.upsert(ctx, "crm.account", "by_vat", {**values, "rating": 0})
        assert records.upsert(ctx, "crm.account", "by_vat", values).id == made.id


def test_who_may_not_read_a_key_does_not_learn_that_it_is_there(crm: YamlWorkspace) -> None:
    crm.publish(
        {
            "crm/roles.yaml": """
                role: clerk
                label: Clerk
                grants:
                  account: {create: true, read: all, update: all, fields: {vat: none}}
                """
        }
    )
    ann = crm.person("Ann", "crm.clerk")
    with crm.writing(ann) as ctx:
        for key in ("by_vat", "nonsense"):
            with pytest.raises(Invalid) as refused:
                records.upsert(ctx, "crm.account", key, {"vat": "1", "site": "x"})
            assert str(refused.value) == f"Account has no key '{key}'. Its keys are: name."


def test_a_refused_create_leaves_its_idempotency_key_free(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        with pytest.raises(ValidationFailed):
            records.create(ctx, "crm.account", {"name": ""}, idempotency_key="k")
        made = records.create(ctx, "crm.account", {"name": "Acme"}, idempotency_key="k")
        records.delete(ctx, "crm.account", made.id)
        with pytest.raises(NotFound, match="deleted since"):
            records.create(ctx, "crm.account", {"name": "Acme"}, idempotency_key="k")


def test_deletes_in_bulk_end_as_they_would_one_by_one(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        made = [records.create(ctx, "crm.account", {"name": f"Account {number}"}).id for number in range(12)]
        records.update(ctx, "crm.account", made[7], {"rating": 1})
        records.create(ctx, "crm.deal", {"name": "Holds on", "account": made[3]})
        note = records.create(
            ctx, "crm.note", {"name": "Goes along", "regarding": {"entity": "crm.account", "id": made[5]}}
        ).id
        partner = records.create(ctx, "crm.account", {"name": "Stays", "partner": made[6]}).id
    versions = {made[7]: 1, made[8]: 1}
    asked = [*made[:10], made[1], "0" * 20, "no id", *made[10:]]
    with crm.writing() as ctx:
        operations = [Operation("delete", "crm.account", record, version=versions.get(record)) for record in asked]
        results = records.bulk(ctx, operations)
    codes = [None if result.error is None else result.error.code for result in results]
    expected = [None] * len(asked)
    expected[3], expected[7] = "delete_blocked", "version_conflict"
    expected[10] = expected[11] = expected[12] = "not_found"
    assert codes == expected
    gone = [record for record, code in zip(asked, codes, strict=True) if code is None]
    with crm.writing() as ctx:
        for record in gone:
            with pytest.raises(NotFound):
                records.read_record(ctx, "crm.account", record)
        with pytest.raises(NotFound):
            records.read_record(ctx, "crm.note", note)
        assert records.read_record(ctx, "crm.account", partner).values["partner"] is None
        assert [change.action for change in queries.history(ctx, "crm.account", made[0])] == ["delete", "create"]
        assert records.read_record(ctx, "crm.account", made[3]).values["name"] == "Account 3"


def test_each_delete_of_a_bulk_comes_back_alone_and_is_found_again(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        made = [records.create(ctx, "crm.account", {"name": f"Vanishing {number}"}).id for number in range(6)]
    with crm.writing() as ctx:
        results = records.bulk(ctx, [Operation("delete", "crm.account", record) for record in made])
        assert not [result.error for result in results if result.error is not None]
    with crm.writing() as ctx:
        assert not select(ctx, Query("crm.account", ("name",), text="Vanishing")).ids
        back = records.restore(ctx, "crm.account", made[2])
        assert (back.id, back.version) == (made[2], 3)
    with crm.writing() as ctx:
        assert select(ctx, Query("crm.account", ("name",), text="Vanishing")).ids == [made[2]]
        assert records.create(ctx, "crm.account", {"name": "Vanishing 0"}).version == 1


def test_who_may_not_delete_learns_it_for_each_record(crm: YamlWorkspace) -> None:
    owner, other = crm.person("Own", "crm.rep"), crm.person("Other", "crm.rep")
    with crm.writing(owner) as ctx:
        mine = [records.create(ctx, "crm.account", {"name": f"Mine {number}"}).id for number in range(5)]
    with crm.writing(other) as ctx:
        theirs = [records.create(ctx, "crm.account", {"name": f"Theirs {number}"}).id for number in range(5)]
        mixed = [record for pair in zip(theirs, mine, strict=True) for record in pair]
        results = records.bulk(ctx, [Operation("delete", "crm.account", record) for record in [*theirs[:4], *mixed]])
    codes = [None if result.error is None else result.error.code for result in results]
    assert codes[:4] == [None] * 4
    assert codes[4:] == [*(["not_found", "delete_forbidden"] * 4), None, "delete_forbidden"]


def test_a_set_asks_the_database_no_more_often_for_many_records_than_for_few(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        deals = [records.create(ctx, "crm.deal", {"name": f"Deal {number}"}).id for number in range(60)]

    def statements(kind: Kind, some: list[str], values: dict[str, str]) -> int:
        with crm.writing() as ctx, counted_statements() as found:
            results = records.bulk(ctx, [Operation(kind, "crm.deal", record, values) for record in some])
        assert [result.error for result in results] == [None] * len(some)
        return len(found)

    few, many = deals[:10], deals[10:]
    for kind, values in (("update", {"name": "Changed"}), ("delete", {}), ("restore", {})):
        first = statements(kind, few, values)
        again = statements(kind, many, {name: f"{value} again" for name, value in values.items()})
        assert again <= max(first, 30), kind


def test_in_a_set_a_value_that_one_gives_up_is_free_for_the_next(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        made = {name: records.create(ctx, "crm.account", {"name": name}).id for name in "ABCD"}
        asked = {"A": "E", "B": "a", "C": "F", "D": "b"}
        changes = [Operation("update", "crm.account", made[name], {"name": new}) for name, new in asked.items()]
        assert [result.error for result in records.bulk(ctx, changes)] == [None] * 4
        again = [Operation("update", "crm.account", record, {"name": "A"}) for record in made.values()]
        told = [result.error and result.error.field for result in records.bulk(ctx, again)]
        names = [records.read_record(ctx, "crm.account", record).values["name"] for record in made.values()]
    assert (told, names) == (["name", None, "name", "name"], ["E", "A", "F", "b"])
