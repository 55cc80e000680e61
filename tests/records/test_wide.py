"""An entity with a thousand filled fields of all types: what has no room in a row works like everything else."""

from __future__ import annotations

import io
import random
import re
import struct
import textwrap
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from kith_platform.clock import FixedClock
from kith_platform.errors import Busy, Invalid
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.apply import Request
from kith_runtime.publish.operations.base import PublishRefused
from kith_runtime.publish.service import rollback
from kith_runtime.queries import Query, aggregate, select, select_json
from kith_runtime.queries.aggregation import Measure
from kith_runtime.queries.changes import history
from kith_runtime.queries.reading import get_json
from kith_runtime.records import ValidationFailed, VersionConflict
from kith_runtime.services import services_of
from kith_runtime.tables import table_of
from kith_runtime.tables.overflow import assignments
from support.api_client import ApiSite
from support.forms import form_values
from support.wide import SHAPES, declared, filled
from support.yaml_workspace import YamlWorkspace, yaml_workspace

FIELDS = 1000
NAME = {"type": "text", "required": True}


def _entity(name: str, fields: dict[str, Any], **more: Any) -> str:
    return yaml.safe_dump(
        {"entity": name, "label": name.title(), "fields": {"name": NAME, **fields}, **more}, sort_keys=False
    )


def _files(**entities: str) -> dict[str, str]:
    head = "app: crm\nlabel: CRM\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n"
    found = {"crm/app.yaml": head, "crm/company.yaml": _entity("company", {})}
    return {**found, **{f"crm/{name}.yaml": text for name, text in entities.items()}}


def _png() -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(b"\0\0\0\0")) + part(b"IEND", b"")


def _overflow(crm: YamlWorkspace, entity: str) -> set[str]:
    stored = crm.workspace.current.storage.entity(entity)
    return {name for name, kept in stored.fields.items() if any(column.overflow for column in kept.columns)}


def _as_json(values: Any) -> Any:
    return orjson.loads(orjson.dumps(values))


class Wide:
    """The thousand fields published, a record that fills them, and the fields of each type that are in the overflow."""

    def __init__(self, crm: YamlWorkspace) -> None:
        self.crm = crm
        with crm.writing() as ctx:
            self.company = records.create(ctx, "crm.company", {"name": "C"}).id
        self.values = filled(FIELDS, self.company, self._uploads())
        with crm.writing() as ctx:
            self.record = records.create(ctx, "crm.wide", {"name": "all", **self.values}).id
        inside = _overflow(crm, "crm.wide")
        self.inside: dict[str, list[str]] = {}
        for number in range(FIELDS):
            kind = SHAPES[number % len(SHAPES)][0]["type"]
            if f"f{number}" in inside:
                self.inside.setdefault(kind, []).append(f"f{number}")

    def _uploads(self) -> dict[str, list[str]]:
        files = services_of(self.crm.workspace).files
        wanted = {
            kind: sum(SHAPES[n % len(SHAPES)][0]["type"] == kind for n in range(FIELDS)) for kind in ("file", "image")
        }
        found: dict[str, list[str]] = {}
        for kind, count in wanted.items():
            image = kind == "image"
            body = _png() if image else b"plain words"
            name = "picture.png" if image else "note.txt"
            received = [files.receive(io.BytesIO(body), name, image=image) for _ in range(count)]
            with self.crm.workspace.database.write() as connection:
                found[kind] = [files.add(connection, content, "").id for content in received]
        return found

    def json(self, record: str = "") -> dict[str, Any]:
        with self.crm.reading() as ctx:
            return dict(_as_json(get_json(ctx, "crm.wide", record or self.record)))


@pytest.fixture
def wide(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Wide]:
    files = _files(wide=_entity("wide", declared(FIELDS), plural="Wides"))
    with yaml_workspace(database_url, tmp_path, files, clock) as opened:
        yield Wide(opened)


def _same(given: dict[str, Any], shown: dict[str, Any]) -> None:
    for name, value in given.items():
        found = {"key": shown[name]["key"]} if isinstance(value, dict) and "key" in value else shown[name]
        assert found == value, name


def test_a_thousand_filled_fields_are_saved_changed_deleted_and_brought_back(wide: Wide) -> None:
    assert set(wide.inside) >= {
        "text",
        "decimal",
        "money",
        "address",
        "json",
        "datetime",
        "time",
        "file",
        "auto_number",
    }
    first = wide.json()
    _same(wide.values, first)
    note, amount, spare = wide.inside["text"][0], wide.inside["money"][0], wide.inside["decimal"][0]
    number = wide.inside["auto_number"][0]
    assert first[number] == "S-0001"
    with wide.crm.writing() as ctx:
        records.update(ctx, "crm.wide", wide.record, {note: "theirs", spare: None}, version=1)
    with wide.crm.writing() as ctx:
        records.update(ctx, "crm.wide", wide.record, {amount: {"amount": "1", "currency": "USD"}}, version=1)
    with wide.crm.writing() as ctx, pytest.raises(VersionConflict) as conflict:
        records.update(ctx, "crm.wide", wide.record, {note: "mine"}, version=1)
    assert [(item.mine, item.theirs, item.before) for item in conflict.value.fields] == [
        ("mine", "theirs", wide.values[note])
    ]
    changed = {**wide.values, note: "theirs", spare: None, amount: {"amount": "1.00", "currency": "USD"}}
    _same(changed, wide.json())
    with wide.crm.reading() as ctx:
        told = [change.changes for change in history(ctx, "crm.wide", wide.record)]
    assert told[1] == {note: (wide.values[note], "theirs"), spare: (wide.values[spare], None)}
    assert {name for name in wide.values if name in told[2]} == set(wide.values)
    with wide.crm.writing() as ctx:
        records.delete(ctx, "crm.wide", wide.record)
    with wide.crm.writing() as ctx:
        assert records.restore(ctx, "crm.wide", wide.record).values["name"] == "all"
    _same(changed, wide.json())
    with wide.crm.writing() as ctx:
        records.delete(ctx, "crm.company", wide.company)
    pointers = [f"f{n}" for n in range(FIELDS) if SHAPES[n % len(SHAPES)][0]["type"] in ("lookup", "any_lookup")]
    assert {wide.json()[name] for name in pointers} == {None}
    with wide.crm.writing() as ctx:
        records.restore(ctx, "crm.company", wide.company)
    _same({name: changed[name] for name in pointers}, wide.json())


def test_people_and_programs_work_with_a_thousand_fields(wide: Wide) -> None:
    site = ApiSite(wide.crm)
    root = wide.crm.person("Root", "base.administrator")
    api = site.client(root)
    note = wide.inside["text"][0]
    body = {name: value for name, value in wide.values.items() if not (isinstance(value, dict) and "key" in value)}
    made = api.post("/api/v1/crm.wide", {"name": "by program", **body})
    assert made.status_code == 201, made.get_data(as_text=True)[:300]
    record = made.get_json()["id"]
    assert api.patch(f"/api/v1/crm.wide/{record}", {note: "patched"}).status_code == 200
    listed = api.get("/api/v1/crm.wide", where=f'{note} == "patched"', sort=note, fields=f"name,{note}").get_json()
    assert [(row["name"], row[note]) for row in listed["data"]] == [("by program", "patched")]
    client = site.app.test_client()
    serializer = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
    client.set_cookie("kith_session", serializer.dumps({"_user_id": site.session(root), "_fresh": True}))
    address = f"/e/crm.wide/{wide.record}/edit"
    page = client.get(address)
    assert page.status_code == 200
    html = page.get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', html)
    assert token is not None
    sent = {**form_values(html), "csrf_token": token[1], note: "typed in the form"}
    answer = client.post(address, data=sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
    _same({**wide.values, note: "typed in the form"}, wide.json())
    assert client.get(f"/e/crm.wide/{wide.record}").status_code == 200


TWINS: dict[str, dict[str, Any]] = {
    "word": {"type": "text"},
    "count": {"type": "integer"},
    "size": {"type": "decimal", "scale": 3},
    "share": {"type": "percent"},
    "price": {"type": "money", "currency": "EUR"},
    "ready": {"type": "boolean"},
    "day": {"type": "date"},
    "moment": {"type": "datetime"},
    "hour": {"type": "time"},
    "length": {"type": "duration"},
    "kind": {"type": "choice", "options": {"small": {}, "large": {}, "other": {}}},
    "data": {"type": "json"},
    "tags": {"type": "choices", "options": {"red": {}, "green": {}}},
    "firm": {"type": "lookup", "to": "company", "on_delete": "clear"},
    "about": {"type": "any_lookup", "to": ["company"], "on_delete": "clear"},
}
CONDITIONS = (
    "{0}word == 'zoë 3'", "{0}word < 'm'", "contains({0}word, 'O')", "{0}word == blank", "lower({0}word) != 'x'",
    "{0}count > 3", "{0}count * 2 + 1 <= 7", "{0}size >= 1.25", "{0}size / 3 < 0.5", "{0}share > 10",
    "{0}price > 100", "{0}ready", "not {0}ready", "{0}day > '2026-03-01'", "{0}day == blank",
    "{0}day < today()", "{0}moment >= '2026-01-05T00:00:00Z'", "{0}kind == 'small'",
    "{0}kind in ['small', 'large']", "'red' in {0}tags", "{0}firm.name == 'C1'", "{0}firm != blank",
    "{0}count > 1 and ({0}ready or {0}size < 0)", "({0}count if {0}ready else 0) > 2",
)  # fmt: skip
SORTS = ("word", "count", "size", "share", "price", "day", "moment", "hour", "length", "kind", "ready")


class Twins:
    """Records in which each field exists twice, ``a_…`` as a column of its own and ``b_…`` in the overflow."""

    def __init__(self, crm: YamlWorkspace, seed: int) -> None:
        self.crm, self.random = crm, random.Random(seed)
        with crm.writing() as ctx:
            self.firms = [records.create(ctx, "crm.company", {"name": f"C{number}"}).id for number in range(3)]
            for number in range(40):
                values = {name: self.value(name) for name in TWINS}
                both = {f"{side}_{name}": value for side in "ab" for name, value in values.items()}
                records.create(ctx, "crm.twin", {"name": f"r{number}", **both})

    def value(self, name: str) -> Any:
        pick = self.random
        if pick.random() < 0.2:
            return None
        number = pick.randint(-3, 6)
        made: dict[str, Any] = {
            "word": pick.choice(["Zoë", "zoë", "O'Hara", "müll", 'it\'s \\ "x" 𝄞', "Ärger"]) + f" {number}",
            "count": pick.choice([number, number * 10**15 + 1]),
            "size": str(Decimal(number) / 8),
            "share": str(Decimal(number) * 5),
            "price": {"amount": str(Decimal(number) * Decimal("33.25")), "currency": pick.choice(["EUR", "USD"])},
            "ready": number > 1,
            "day": str(date(2026, 3, 1) + timedelta(days=number * 17)),
            "moment": (datetime(2026, 1, 1, 8, 30, 0, number + 3, UTC) + timedelta(days=number)).isoformat(),
            "hour": f"{number + 8:02}:15:00",
            "length": f"PT{number + 5}M",
            "kind": pick.choice(["small", "large", "other"]),
            "data": {"n": number, "list": [1.5, None, "ü"]},
            "tags": pick.choice([["red"], ["red", "green"]]),
            "firm": pick.choice(self.firms),
            "about": {"entity": "crm.company", "id": pick.choice(self.firms)},
        }
        return made[name]

    def rows(self, side: str, where: str = "", sort: str = "") -> list[dict[str, Any]]:
        """Return all rows of a list, page by page, with the side taken off the names."""
        names = ("name", *(f"{side}_{name}" for name in TWINS))
        order = () if not sort else (("-" if sort[0] == "-" else "") + f"{side}_{sort.lstrip('-')}", "name")
        found: list[dict[str, Any]] = []
        after = None
        with self.crm.reading() as ctx:
            while True:
                condition = where.format(f"{side}_")
                page = select_json(ctx, Query("crm.twin", names, where=condition, sort=order, limit=7, after=after))
                found += [{key.removeprefix(f"{side}_"): value for key, value in row.items()} for row in page.rows]
                after = page.next
                if after is None:
                    return found


def _twin_texts() -> tuple[dict[str, str], dict[str, str]]:
    """Return an entity that fills its rows, and the same with twins of its first fields, for which no room is left."""
    fillers = {f"x{number}": {"type": "text"} for number in range(300)}
    keys = {f"k{number}": {"type": "text", "index": True} for number in range(52)}
    keys |= {f"d{number}": {"type": "date", "index": True} for number in range(4)}
    sides = {side: {f"{side}_{name}": _copy(shape) for name, shape in TWINS.items()} for side in "ab"}
    twice = {
        side: {f"{side}_twice": {"type": "formula", "formula": f"{side}_count + 1", "returns": "integer"}}
        for side in "ab"
    }
    before = {**sides["a"], **twice["a"], **fillers}
    after = {**before, **keys, **sides["b"], **twice["b"]}
    return _files(twin=_entity("twin", before, plural="Twins")), _files(twin=_entity("twin", after, plural="Twins"))


def _copy(value: Any) -> Any:
    """Return plain data anew, so that YAML writes no aliases."""
    return orjson.loads(orjson.dumps(value))


@pytest.fixture
def twins(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Twins]:
    first, second = _twin_texts()
    with yaml_workspace(database_url, tmp_path, first, clock) as opened:
        opened.publish(second)
        yield Twins(opened, 7)


def test_fields_that_a_full_entity_gets_are_in_the_overflow_and_answer_alike(twins: Twins) -> None:
    inside = _overflow(twins.crm, "crm.twin")
    assert {f"b_{name}" for name in TWINS} <= inside
    assert not any(name.startswith("a_") for name in inside)
    for where in CONDITIONS:
        assert twins.rows("a", where) == twins.rows("b", where), where
    for sort in SORTS:
        for order in (sort, f"-{sort}"):
            assert twins.rows("a", sort=order) == twins.rows("b", sort=order), order
    kinds = {len(twins.rows("a", where)) for where in CONDITIONS}
    assert len(kinds) > 6, "the conditions choose different records"


def test_figures_and_groups_of_the_overflow_are_those_of_columns(twins: Twins) -> None:
    found: dict[str, list[Any]] = {}
    for side in "ab":
        found[side] = []
        for name in ("count", "size", "share", "price", "length"):
            measures = {kind: Measure(kind, f"{side}_{name}") for kind in ("sum", "min", "max", "avg")}
            for group in ("kind", "ready", "word", "day", "firm"):
                with twins.crm.reading() as ctx:
                    rows = aggregate(ctx, "crm.twin", measures, group_by=(f"{side}_{group}",))
                found[side].append(
                    [{key.removeprefix(f"{side}_"): value for key, value in row.items()} for row in rows]
                )
    assert found["a"] == found["b"]
    with twins.crm.reading() as ctx:
        pairs = select(ctx, Query("crm.twin", ("a_twice", "b_twice", "a_firm", "b_firm"), titles=True, limit=200)).rows
    assert all((row[0], row[2]) == (row[1], row[3]) for row in pairs)
    assert any(row[1] is not None for row in pairs)


def test_lookups_in_the_overflow_are_blanked_and_filled_with_their_record(twins: Twins) -> None:
    before = twins.rows("b")
    with twins.crm.writing() as ctx:
        records.delete(ctx, "crm.company", twins.firms[0])
    blanked = twins.rows("b")
    assert blanked == twins.rows("a")
    assert {row["firm"] for row in blanked} == {None, *twins.firms[1:]}
    with twins.crm.writing() as ctx:
        records.restore(ctx, "crm.company", twins.firms[0])
    assert twins.rows("b") == before


def test_people_who_change_different_fields_at_once_lose_nothing(twins: Twins) -> None:
    with twins.crm.writing() as ctx:
        record = records.create(ctx, "crm.twin", {"name": "shared", "b_word": "w", "b_count": 0, "b_size": "0"}).id

    def write(name: str) -> None:
        for number in range(1, 13):
            for _ in range(50):
                try:
                    with twins.crm.writing() as ctx:
                        records.update(ctx, "crm.twin", record, {name: number})
                    break
                except Busy:
                    continue

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, ("b_count", "b_size", "b_share")))
    with twins.crm.reading() as ctx:
        values = records.read_record(ctx, "crm.twin", record).values
    assert (values["b_word"], values["b_count"], values["b_size"], values["b_share"]) == ("w", 12, 12, 12)


def test_a_change_of_one_field_keeps_what_another_writer_has_put_beside_it(twins: Twins) -> None:
    table = table_of(twins.crm.workspace.current, "crm.twin")
    with twins.crm.writing() as ctx:
        record = records.create(
            ctx, "crm.twin", {"name": "n", "b_word": "w", "b_data": {"deep": {"x": 1, "y": None}}}
        ).id
        for change in ({"b_count": 5, "b_word": None}, {"b_data": {"deep": {"z": 2}}}, {"b_size": Decimal("1.5")}):
            ctx.connection.execute(update(table).where(table.c.id == record).values(assignments(table, change)))
        found = records.read_record(ctx, "crm.twin", record).values
    kept = [found[name] for name in ("b_count", "b_word", "b_data", "b_size")]
    assert kept == [5, None, {"deep": {"z": 2}}, Decimal("1.500")]


def test_fields_of_the_overflow_are_renamed_converted_dropped_and_brought_back(twins: Twins) -> None:
    text = _twin_texts()[1]["crm/twin.yaml"]
    before = twins.rows("b")
    renamed = text.replace("  b_word:\n", "  b_title:\n    was: b_word\n")
    twins.crm.publish({"crm/twin.yaml": renamed})
    with twins.crm.reading() as ctx:
        titles = select(ctx, Query("crm.twin", ("b_title",), sort=("name",), limit=200)).rows
    assert sorted(str(row[0]) for row in titles) == sorted(str(row["word"]) for row in before)
    rollback(twins.crm.workspace, Request(SYSTEM))
    assert twins.rows("b") == before
    # A number becomes a text, in new keys of the overflow, and the old values come back with a rollback.
    twins.crm.publish(
        {
            "crm/twin.yaml": text.replace("  b_count:\n    type: integer", "  b_count:\n    type: text").replace(
                "formula: b_count + 1", "formula: a_count + 1"
            )
        }
    )
    assert "b_count" in _overflow(twins.crm, "crm.twin")
    converted = {row["name"]: row["count"] for row in twins.rows("b")}
    assert converted == {row["name"]: None if row["count"] is None else str(row["count"]) for row in before}
    rollback(twins.crm.workspace, Request(SYSTEM))
    assert twins.rows("b") == before
    dropped = text.replace("  b_size:\n    type: decimal\n    scale: 3\n", "")
    assert dropped != text
    twins.crm.publish({"crm/twin.yaml": dropped})
    with twins.crm.reading() as ctx, pytest.raises(Invalid):
        select(ctx, Query("crm.twin", ("b_size",)))
    twins.crm.publish({"crm/twin.yaml": text})
    assert twins.rows("b") == before


def test_a_unique_field_of_the_overflow_is_unique(twins: Twins) -> None:
    text = _twin_texts()[1]["crm/twin.yaml"]
    late = {"u_code": {"type": "text", "unique": True}, "u_day": {"type": "date", "unique": True}}
    twins.crm.publish(
        {"crm/twin.yaml": text.replace("plural:", textwrap.indent(yaml.safe_dump(late), "  ") + "plural:")}
    )
    assert {"u_code", "u_day"} <= _overflow(twins.crm, "crm.twin")
    with twins.crm.writing() as ctx:
        records.create(ctx, "crm.twin", {"name": "n", "u_code": "Zoë-1", "u_day": "2026-01-01"})
    for values in ({"u_code": "zoë-1"}, {"u_day": "2026-01-01"}):
        with twins.crm.writing() as ctx, pytest.raises(ValidationFailed, match="has this U"):
            records.create(ctx, "crm.twin", {"name": "n", **values})
    if twins.crm.workspace.database.dialect_name == "postgresql":
        _refused_by_the_database(twins)


def _refused_by_the_database(twins: Twins) -> None:
    """PostgreSQL has many writers, so an index stands behind the check; SQLite has one."""
    table = table_of(twins.crm.workspace.current, "crm.twin")
    with twins.crm.writing() as ctx:
        other = records.create(ctx, "crm.twin", {"name": "n", "u_code": "2"}).id
    taken = update(table).where(table.c.id == other).values(assignments(table, {"u_day": date(2026, 1, 1)}))
    with pytest.raises(IntegrityError), twins.crm.writing() as ctx:
        ctx.connection.execute(taken)


def test_a_field_of_the_overflow_becomes_unique_only_when_its_values_are(twins: Twins) -> None:
    text = _twin_texts()[1]["crm/twin.yaml"]
    unique = text.replace("  b_kind:\n    type: choice", "  b_kind:\n    unique: true\n    type: choice")
    assert unique != text
    with pytest.raises(PublishRefused, match="b_kind is to be unique, but"):
        twins.crm.publish({"crm/twin.yaml": unique})
