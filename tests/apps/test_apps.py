"""The apps that come with Kith: they check clean, hang together, and their demo data is what it promises."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kith_metadata.check import check
from kith_metadata.expressions import compile_check
from kith_metadata.issues import format_text
from kith_metadata.kinds.entity import Field
from kith_metadata.kinds.role import Role
from kith_metadata.snapshot import Snapshot
from kith_platform.locale import PersonLocale
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope
from kith_runtime.field_types.system import fields_of
from kith_runtime.language import kith_language
from kith_runtime.scopes import EntityScope

APPS = Path(__file__).parents[2] / "apps"
NAMES = ("base", "sales", "service")

PROMISED = {
    "base.user": 6,
    "base.team": 2,
    "base.task": 150,
    "base.call": 100,
    "base.note": 120,
    "base.meeting": 20,
    "base.mail": 40,
    "sales.account": 40,
    "sales.contact": 120,
    "sales.lead": 80,
    "sales.deal": 60,
    "sales.deal_line": 60,
    "sales.quote": 20,
    "sales.product": 15,
    "sales.campaign": 5,
    "service.case": 90,
    "service.case_comment": 50,
    "service.article": 12,
    "service.agreement": 15,
}


@dataclass(frozen=True)
class DemoRecord:
    """One record of a data document: where it stands, its entity and its values."""

    document: str
    entity: str
    name: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.document}.{self.name}"


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    result = check([APPS], kith_language())
    assert not result.issues, "\n" + format_text(result.issues)
    assert result.snapshot is not None
    return result.snapshot


@pytest.fixture(scope="module")
def records(snapshot: Snapshot) -> tuple[DemoRecord, ...]:
    documents = [(name, snapshot.data(name)) for name in snapshot.names("data")]
    return tuple(
        DemoRecord(name, data.entity, key, values)
        for name, data in sorted(documents, key=lambda item: item[1].position)
        for key, values in data.records.items()
    )


def of_entity(records: tuple[DemoRecord, ...], entity: str) -> dict[str, Mapping[str, Any]]:
    return {record.name: record.values for record in records if record.entity == entity}


def values_of(snapshot: Snapshot, records: tuple[DemoRecord, ...]) -> Iterator[tuple[DemoRecord, Field, Any]]:
    for record in records:
        fields = fields_of(snapshot, record.entity)
        for name, value in record.values.items():
            if (record.entity, name) == ("base.user", "roles"):
                continue  # What a person may do; the installer hands it to the role assignments.
            assert name in fields, f"{record}: {record.entity} has no field '{name}'"
            yield record, fields[name], value


def role_names(snapshot: Snapshot, name: str) -> Iterator[str]:
    yield name
    for included in snapshot.role(name).includes:
        yield from role_names(snapshot, included)


def roles_of(snapshot: Snapshot, name: str) -> tuple[Role, ...]:
    return tuple(snapshot.role(found) for found in role_names(snapshot, name))


@pytest.mark.parametrize("names", [("base",), ("base", "sales"), NAMES])
def test_apps_check_clean_with_what_they_require(names: tuple[str, ...]) -> None:
    result = check([APPS], kith_language(), names=names)

    assert not result.issues, "\n" + format_text(result.issues)
    assert result.snapshot is not None
    assert set(result.snapshot.names("app")) == set(names)


def test_every_entity_has_form_view_menu_entry_and_description(snapshot: Snapshot) -> None:
    items = [item for name in snapshot.names("menu") for item in snapshot.menu(name).items.values()]
    in_menus = {item.entity or snapshot.view(item.view).entity for item in items}
    for name in snapshot.entities():
        assert snapshot.form_of(name) is not None, f"{name} has no form"
        assert snapshot.views_of(name), f"{name} has no view"
        assert name in in_menus, f"{name} stands in no menu"
        assert snapshot.entity(name).description, f"{name} does not say what it is for"


def test_every_entity_has_one_default_view(snapshot: Snapshot) -> None:
    for name in snapshot.entities():
        assert [view.default for view in snapshot.views_of(name)].count(True) == 1, name


def test_every_entity_can_be_read_by_a_role_that_is_not_the_administrator(snapshot: Snapshot) -> None:
    readable = {
        entity
        for name in snapshot.names("role")
        for entity, grant in snapshot.role(name).grants.items()
        if grant.read != "none" and not snapshot.role(name).everything
    }

    assert set(snapshot.entities()) <= readable


def test_menu_keys_open_one_thing_each(snapshot: Snapshot) -> None:
    keys = [item.key for name in snapshot.names("menu") for item in snapshot.menu(name).items.values() if item.key]

    assert len(keys) == len(set(keys)), sorted(keys)
    assert "h" not in keys, "G H goes home"


def test_every_form_shows_every_field_that_people_may_change(snapshot: Snapshot) -> None:
    for name in snapshot.entities():
        form = snapshot.form_of(name)
        assert form is not None
        sections = [section for tab in form.tabs.values() for section in tab.sections.values()]
        shown = {key for section in (*sections, *form.sections.values()) for key in section.elements}
        hidden = {
            key
            for key, field in snapshot.entity(name).fields.items()
            if key not in shown and not field.read_only and field.type not in ("auto_number", "formula", "rollup")
        }
        assert hidden == set(), name


def test_demo_data_holds_what_is_promised(records: tuple[DemoRecord, ...]) -> None:
    counts = {entity: len(of_entity(records, entity)) for entity in PROMISED}

    assert {entity: count for entity, count in counts.items() if count < PROMISED[entity]} == {}


def test_a_third_of_the_deals_have_lines_that_add_up(records: tuple[DemoRecord, ...]) -> None:
    deals, sums = of_entity(records, "sales.deal"), dict[str, Decimal]()
    for line in of_entity(records, "sales.deal_line").values():
        price, discount = Decimal(str(line["unit_price"])), Decimal(str(line.get("discount", 0)))
        total = Decimal(str(line["quantity"])) * price * (100 - discount) / 100
        sums[line["deal"]] = sums.get(line["deal"], Decimal(0)) + total

    assert len(sums) * 3 >= len(deals)
    assert {name: total for name, total in sums.items() if total != Decimal(str(deals[name]["amount"]))} == {}


def test_deals_are_open_won_and_lost(records: tuple[DemoRecord, ...]) -> None:
    stages = [deal["stage"] for deal in of_entity(records, "sales.deal").values()]

    assert set(stages) == {"qualify", "discovery", "proposal", "negotiation", "contract", "won", "lost"}
    assert stages.count("won") >= 15
    assert stages.count("lost") >= 8


def test_every_reference_in_the_data_resolves(snapshot: Snapshot, records: tuple[DemoRecord, ...]) -> None:
    known = {(record.entity, record.name) for record in records}
    for record, field, value in values_of(snapshot, records):
        if field.type in ("lookup", "lookups", "owner"):
            target = "base.user" if field.type == "owner" else field.options.to
            for name in value if isinstance(value, (list, tuple)) else [value]:
                assert (target, name) in known, f"{record}: {field.name} names '{name}'"
        elif field.type == "any_lookup":
            assert (value["entity"], value["id"]) in known, f"{record}: {field.name} names {value}"
            assert snapshot.entity(value["entity"]).activities, f"{record}: {value['entity']} has no activities"


def test_every_value_in_the_data_is_one_that_its_field_takes(
    snapshot: Snapshot, records: tuple[DemoRecord, ...]
) -> None:
    scope = InputScope(PersonLocale(), snapshot)
    for record, field, value in values_of(snapshot, records):
        if isinstance(value, str) and value.startswith("="):
            expected = field_types[field.type].expression_type(field, snapshot)
            compile_check(value[1:].strip(), EntityScope(snapshot, record.entity), expected)
        elif isinstance(value, dict) and field.type in ("file", "image"):
            assert set(value) == {"name", "content"}, f"{record}: {field.name}"
            with Image.open(BytesIO(b64decode("".join(value["content"].split()), validate=True))) as picture:
                assert picture.format == "WEBP", f"{record}: {field.name} is {picture.format}"
        elif field.type not in ("lookup", "lookups", "any_lookup", "owner"):
            parsed = field_types[field.type].parse(value, field, scope)
            assert parsed is not None, f"{record}: {field.name} is blank"


def test_every_record_has_what_is_required(snapshot: Snapshot, records: tuple[DemoRecord, ...]) -> None:
    for record in records:
        for name, field in snapshot.entity(record.entity).fields.items():
            given = name in record.values or field.default is not None or field.default_formula
            assert given or not field.required, f"{record} has no {name}"


def test_records_come_after_those_they_need(snapshot: Snapshot, records: tuple[DemoRecord, ...]) -> None:
    place = {(record.entity, record.name): index for index, record in enumerate(records)}
    for record, field, value in values_of(snapshot, records):
        if field.type == "lookup" and field.required:
            target = (field.options.to, value)
            assert place[target] < place[record.entity, record.name], f"{record} comes before {value}"


def test_data_holds_no_secrets(snapshot: Snapshot) -> None:
    for name in snapshot.names("data"):
        text = snapshot.documents[f"data:{name}"].lower()
        assert "password" not in text.replace("without a password", ""), name


@pytest.mark.parametrize("restricted", ["sales.deal.margin", "sales.product.cost", "sales.account.credit_limit"])
def test_only_sales_managers_are_granted_restricted_fields(snapshot: Snapshot, restricted: str) -> None:
    entity, _, name = restricted.rpartition(".")
    granted = {
        role.label
        for role in map(snapshot.role, snapshot.names("role"))
        if entity in role.grants and role.grants[entity].fields.get(name, "none") != "none"
    }

    assert snapshot.entity(entity).fields[name].sensitivity == "restricted"
    assert granted == {"Sales manager"}


@pytest.mark.parametrize("name", ["sales.rep", "sales.manager", "service.agent", "service.lead"])
def test_working_roles_include_what_every_member_may(snapshot: Snapshot, name: str) -> None:
    assert "base.member" in set(role_names(snapshot, name))
    assert not any(role.everything for role in roles_of(snapshot, name))
