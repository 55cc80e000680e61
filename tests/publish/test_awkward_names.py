"""Names that databases keep for themselves, long names, wide entities and many entities, on both databases."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.records import ValidationFailed
from support.publishing import TEXT, Site, crm, entity

NAME = {"type": "text", "required": True}
WORDS = (
    "select", "order", "group", "user", "from", "where", "table", "column", "rowid", "oid", "ctid", "xmin", "xmax",
    "cmin", "cmax", "tableoid", "class", "import", "index", "key", "primary", "check", "case", "end", "window", "limit",
    "offset", "values", "default", "constraint", "left", "items", "keys", "text", "json", "date", "count", "prefix",
)  # fmt: skip


def test_words_of_sql_and_of_the_databases_are_names_of_fields(site: Site) -> None:
    site.publish(crm(thing=entity({"name": NAME})))
    site.publish(crm(thing=entity({"name": NAME, **dict.fromkeys(WORDS, TEXT)})))
    record = site.create("thing", name="n", **{word: word.upper() for word in WORDS})
    site.update("thing", record, select="changed")
    with site.workspace.read(SYSTEM, "api") as ctx:
        values = records.read_record(ctx, "crm.thing", record).values
    assert {word: values[word] for word in WORDS} == {word: word.upper() for word in WORDS} | {"select": "changed"}
    site.consistent()


def test_words_of_sql_and_of_the_databases_are_names_of_entities(site: Site) -> None:
    site.publish(crm(**{word: entity({"name": NAME, "other": TEXT}) for word in WORDS}))
    for word in WORDS:
        site.create(word, name=word, other="x")
        assert site.values(word, "name") == [word]


@pytest.mark.parametrize("app", ["sqlite", "pg", "kith", "sqlite_more"])
def test_an_app_may_be_called_like_what_a_database_keeps_for_itself(site: Site, app: str) -> None:
    site.publish({f"app:{app}": {"label": "A", "version": "1.0.0"}, f"entity:{app}.thing": entity({"name": NAME})})
    with site.workspace.write(SYSTEM, "api") as ctx:
        assert records.create(ctx, f"{app}.thing", {"name": "n"}).version == 1


def test_names_of_forty_characters_that_differ_in_the_last_one_stay_apart(site: Site) -> None:
    one, other = "a" * 39 + "b", "a" * 39 + "c"
    link = {"type": "lookups", "to": f"crm.{other}"}
    fields = {"name": NAME, one: {**TEXT, "unique": True}, other: {**TEXT, "unique": True}}
    links = {"l" + one[1:]: link, "l" + other[1:]: link}
    site.publish(crm(**{one: entity({**fields, **links}), other: entity({"name": NAME})}))
    first, second = site.create(other, name="1"), site.create(other, name="2")
    site.create(one, name="n", **{one: "x", other: "y", "l" + one[1:]: [first], "l" + other[1:]: [second]})
    assert [site.values(one, name) for name in (one, other, "l" + one[1:], "l" + other[1:])] == [
        ["x"], ["y"], [first], [second],
    ]  # fmt: skip


def test_a_thousand_fields_are_written_and_read(site: Site) -> None:
    kinds = {
        "integer": 12345678901,
        "text": "ten chars!",
        "decimal": Decimal("12.50"),
        "boolean": True,
        "date": date(2026, 1, 1),
    }
    names = {f"f{number}": list(kinds)[number % 5] for number in range(1000)}
    site.publish(crm(wide=entity({"name": NAME, **{name: {"type": kind} for name, kind in names.items()}})))
    record = site.create("wide", name="n", **{name: kinds[kind] for name, kind in names.items()})
    with site.workspace.read(SYSTEM, "api") as ctx:
        values = records.read_record(ctx, "crm.wide", record).values
    assert {name: values[name] for name in names} == {name: kinds[kind] for name, kind in names.items()}


def test_a_value_too_long_for_its_index_is_refused_in_words_and_nothing_is_lost(site: Site) -> None:
    site.publish(crm(thing=entity({"name": NAME, "mark": {"type": "text", "unique": True, "max_length": 20000}})))
    mark = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(200))
    with pytest.raises(ValidationFailed, match="so long a text cannot be"):
        site.create("thing", name="n", mark=mark)
    mark = mark[:2000]
    site.create("thing", name="n", mark=mark)
    assert site.values("thing", "mark") == [mark]


def test_five_hundred_entities_are_published_at_once(site: Site) -> None:
    fields = {"name": NAME, **{f"f{number}": TEXT for number in range(5)}}
    site.publish(crm(**{f"e{number}": entity(fields) for number in range(500)}))
    site.create("e499", name="last", f4="x")
    assert site.values("e499", "f4") == ["x"]


def test_an_external_key_is_unique_and_finds_its_record(site: Site) -> None:
    site.publish(crm(thing=entity({"name": NAME, "erp": {"type": "text", "external_key": True}})))
    record = site.create("thing", name="1", erp="a")
    with pytest.raises(ValidationFailed, match="has this Erp already"):
        site.create("thing", name="2", erp="A")
    with site.workspace.write(SYSTEM, "api") as ctx:
        found = records.upsert(ctx, "crm.thing", "erp", {"name": "3", "erp": "a"})
    assert (found.id, found.created, found.values["name"]) == (record, False, "3")


@pytest.mark.parametrize(
    ("field", "formula", "expected"),
    [
        ({"type": "decimal", "scale": 2}, "1 / 3", Decimal("0.33")),
        ({"type": "decimal", "scale": 2}, "0.125", Decimal("0.12")),
        ({"type": "integer"}, "2 + 2", 4),
        ({"type": "integer", "max": 3}, "2 + 2", None),
        ({"type": "integer"}, "1 / 3", None),
        ({"type": "text", "max_length": 3}, '"abcdef"', None),
        ({"type": "datetime"}, "today()", None),
    ],
)
def test_a_default_formula_gives_what_the_field_holds_or_a_problem(
    site: Site, field: dict[str, object], formula: str, expected: object
) -> None:
    site.publish(crm(thing=entity({"name": NAME, "x": {**field, "default_formula": formula}})))
    if expected is None:
        with pytest.raises(ValidationFailed, match="The default of X gives no value"):
            site.create("thing", name="n")
        return
    with site.workspace.write(SYSTEM, "api") as ctx:
        made = records.create(ctx, "crm.thing", {"name": "n"})
    assert (made.values["x"], site.values("thing", "x")) == (expected, [expected])
