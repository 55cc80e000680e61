"""Creating records: defaults, numbers, every problem at once, rights, idempotency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Table, Text, insert, literal, select, text
from sqlalchemy.exc import IntegrityError

from kith_metadata.values import Money
from kith_platform.errors import Forbidden
from kith_platform.ids import new_id
from kith_runtime import records
from kith_runtime.records import KeyReused, ValidationFailed
from kith_runtime.tables import table_of
from kith_runtime.tables.folding import folded
from support.yaml_workspace import YamlWorkspace


def test_a_new_record_has_defaults_number_owner_and_version(crm: YamlWorkspace) -> None:
    ann = crm.person("Ann", "crm.rep")
    with crm.writing(ann) as ctx:
        first = records.create(ctx, "crm.account", {"name": "Acme"})
        second = records.create(ctx, "crm.account", {"name": "Bolt", "rating": 5})
    assert first.values["rating"] == 3
    assert second.values["rating"] == 5
    assert first.values["since"] == date(2026, 11, 24)
    assert first.values["owner"] == ann.id
    assert [first.values["number"], second.values["number"]] == ["A-2026-0001", "A-2026-0002"]
    assert (first.version, first.values["created_by"]) == (1, ann.id)


def test_all_problems_come_at_once(crm: YamlWorkspace) -> None:
    ann = crm.person("Ann", "crm.rep")
    with crm.writing(ann) as ctx, pytest.raises(ValidationFailed) as refused:
        records.create(
            ctx,
            "crm.account",
            {"rating": 9, "naem": "x", "country": "de", "region": "holland", "partner": "0" * 20, "version": 7},
        )
    found = {problem.field: problem.code for problem in refused.value.problems}
    assert set(found) == {"name", "rating", "naem", "region", "partner", "version"}
    assert found["name"] == "required"
    assert found["naem"] == "unknown_field"
    assert found["partner"] == "unknown_record"
    assert found["version"] == "read_only"
    assert "name" in next(p.hint for p in refused.value.problems if p.field == "naem")


def test_a_refused_create_leaves_nothing_and_no_gap_in_the_numbers(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        records.create(ctx, "crm.account", {"name": "Acme"})
    with pytest.raises(ValidationFailed), crm.writing() as ctx:
        records.create(ctx, "crm.account", {"name": "acme"})
    with crm.writing() as ctx:
        assert records.create(ctx, "crm.account", {"name": "Bolt"}).values["number"] == "A-2026-0002"


@pytest.mark.parametrize("sign", ["é", "İ", "a"])
def test_a_text_too_long_to_be_unique_is_refused_in_words(crm: YamlWorkspace, sign: str) -> None:
    ann = crm.person("Ann", "crm.rep")
    fits = "".join(f"{number:x}{sign}" for number in range(4000))[: 2000 // len(f"f{sign}".encode()) - 200]
    with crm.writing(ann) as ctx:
        note = records.create(ctx, "crm.note", {"name": "Fits", "reference": fits})
        with pytest.raises(ValidationFailed) as refused:
            records.create(ctx, "crm.note", {"name": "Long", "reference": (fits * 9)[:3900]})
        with pytest.raises(ValidationFailed):
            records.update(ctx, "crm.note", note.id, {"reference": (fits * 9)[:3900]})
    assert [(item.field, item.code) for item in refused.value.problems] == [("reference", "too_long_for_unique")]


def test_unique_ignores_case_and_names_the_field(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        records.create(ctx, "crm.account", {"name": "Acme"})
        with pytest.raises(ValidationFailed) as refused:
            records.create(ctx, "crm.account", {"name": "ACME"})
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("name", "not_unique")]


def test_a_conditional_key_binds_only_where_it_holds(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        records.create(ctx, "crm.account", {"name": "A", "vat": "1", "site": "x", "rating": 0})
        records.create(ctx, "crm.account", {"name": "B", "vat": "1", "site": "x", "rating": 0})
        records.create(ctx, "crm.account", {"name": "C", "vat": "1", "site": "x", "rating": 2})
        with pytest.raises(ValidationFailed):
            records.create(ctx, "crm.account", {"name": "D", "vat": "1", "site": "X", "rating": 2})


def test_who_may_not_create_is_refused(crm: YamlWorkspace) -> None:
    reader = crm.person("Rea", "crm.reader")
    with crm.writing(reader) as ctx, pytest.raises(Forbidden):
        records.create(ctx, "crm.account", {"name": "Acme"})
    nobody = crm.person("Nob")
    with crm.writing(nobody) as ctx, pytest.raises(Forbidden):
        records.create(ctx, "crm.deal", {"name": "x"})


def test_a_restricted_field_can_neither_be_set_nor_seen(crm: YamlWorkspace) -> None:
    ann = crm.person("Ann", "crm.rep")
    with crm.writing(ann) as ctx, pytest.raises(ValidationFailed) as refused:
        records.create(ctx, "crm.account", {"name": "Acme", "secret": "x"})
    assert refused.value.problems[0].code == "unknown_field"
    with crm.writing(ann) as ctx:
        assert "secret" not in records.create(ctx, "crm.account", {"name": "Acme"}).values


def test_the_same_key_gives_the_same_record(crm: YamlWorkspace) -> None:
    ann = crm.person("Ann", "crm.rep")
    with crm.writing(ann) as ctx:
        first = records.create(ctx, "crm.account", {"name": "Acme"}, idempotency_key="k1")
    with crm.writing(ann) as ctx:
        again = records.create(ctx, "crm.account", {"name": "Acme"}, idempotency_key="k1")
        assert again.id == first.id
        with pytest.raises(KeyReused):
            records.create(ctx, "crm.account", {"name": "Other"}, idempotency_key="k1")


def test_money_is_exact_and_links_keep_their_order(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        deal = records.create(
            ctx, "crm.deal", {"name": "Big", "amount": {"amount": "9007199254740.93", "currency": "EUR"}}
        )
        one, two = (records.create(ctx, "crm.account", {"name": name}) for name in ("One", "Two"))
        both = records.create(ctx, "crm.account", {"name": "Three", "friends": [two.id, one.id, two.id]})
    with crm.reading() as ctx:
        assert records.read_record(ctx, "crm.deal", deal.id).values["amount"] == Money(
            Decimal("9007199254740.93"), "EUR"
        )
        assert records.read_record(ctx, "crm.account", both.id).values["friends"] == (two.id, one.id)


def test_a_child_needs_a_parent_that_may_be_changed(crm: YamlWorkspace) -> None:
    ann, bob = crm.person("Ann", "crm.rep"), crm.person("Bob", "crm.rep")
    with crm.writing(ann) as ctx:
        deal = records.create(ctx, "crm.deal", {"name": "Ann's"})
        records.create(ctx, "crm.line", {"name": "l", "deal": deal.id})
        with pytest.raises(ValidationFailed) as orphan:
            records.create(ctx, "crm.line", {"name": "l"})
    assert orphan.value.problems[0].code == "required"
    with crm.writing(bob) as ctx, pytest.raises(ValidationFailed) as refused:
        records.create(ctx, "crm.line", {"name": "l", "deal": deal.id})
    assert refused.value.problems[0].code == "unknown_record"


@pytest.mark.parametrize(("first", "second"), [("ÄRGER GmbH", "ärger gmbh"), ("ÖÇ Ñandú", "öç ñANDÚ"), ("ЖУК", "жук")])
def test_unique_texts_ignore_case_in_every_alphabet(crm: YamlWorkspace, first: str, second: str) -> None:
    with crm.writing() as ctx:
        made = records.create(ctx, "crm.account", {"name": first}).id
        with pytest.raises(ValidationFailed) as refused:
            records.create(ctx, "crm.account", {"name": second})
        assert [(item.field, item.code) for item in refused.value.problems] == [("name", "not_unique")]
        assert records.upsert(ctx, "crm.account", "name", {"name": second, "vat": "1"}).id == made
        assert records.create(ctx, "crm.account", {"name": first + " 2"}).version == 1


def test_the_database_itself_holds_texts_unique_in_every_alphabet(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        records.create(ctx, "crm.account", {"name": "ÄRGER"})
    table = writer_for_account(crm)
    row = {"id": new_id(crm.workspace.clock), "version": 1, "name": "ärger"}
    with pytest.raises(IntegrityError), crm.writing() as ctx:
        now = {"created_at": ctx.now, "updated_at": ctx.now}
        ctx.connection.execute(insert(table).values(**row, **now))


def test_a_look_up_of_a_unique_text_uses_its_index(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        if ctx.database.dialect_name == "postgresql":
            ctx.connection.execute(text("SET LOCAL enable_seqscan = off"))
        column = writer_for_account(crm).c.name
        asked = select(column).where(folded(column) == folded(literal("Ä", Text())), column.is_not(None))
        asked = asked.where(writer_for_account(crm).c.deleted_at.is_(None))
        said = asked.compile(ctx.connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN " if ctx.database.dialect_name == "sqlite" else "EXPLAIN "
        plan = str(ctx.connection.exec_driver_sql(explain + str(said)).all())
    assert "ix_crm__account__u_name" in plan, plan


def writer_for_account(crm: YamlWorkspace) -> Table:
    """Return the table of accounts."""
    return table_of(crm.workspace.current, "crm.account")
