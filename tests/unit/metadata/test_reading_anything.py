"""Whatever is in a file, reading and checking end with issues and never with a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kith_metadata.check import check, check_loaded
from kith_metadata.documents import documents_of
from kith_metadata.fast_schema import compile_schema
from kith_metadata.load import AppSource, Loaded
from kith_metadata.shape_words import WORDS
from kith_metadata.shapes import Shapes
from kith_metadata.yaml_reader import read_bytes
from support.small_language import LANGUAGE, write

VALID = b"""\
app: sales
label: Sales
version: 1.0.0
---
entity: deal
label: Deal
fields:
  name:   {type: text, required: true, max_length: 120}
  amount: {type: money, min: 0.5}
  stage:  {type: choice, options: {open: {label: "Open", hue: red}, won: {}}, default: open}
  up:     {type: lookup, to: deal, where: amount > 3}
  twice:  {type: formula, returns: money, formula: amount * 2}
keys:
  one: {fields: [name], where: "stage == 'won'"}
---
view: deals
entity: deal
label: Deals
type: board
group: stage
columns: {name: {}, amount: {sum: true}}
where: |
  amount > 1
  and stage != "won"
sort: [-amount]
---
form: deal
entity: deal
tabs: {main: {sections: {one: {elements: {name: {}, line: {element: divider}}}}}}
related: {below: {entity: deal, by: up, columns: [name]}}
---
role: rep
label: Rep
grants: {deal: {read: all, update: amount < 5, fields: {amount: none}}}
---
menu: main
label: Main
items: {deals: {view: deals}}
---
data: demo
entity: deal
purpose: demo
records: {a: {name: A, amount: 1.50}, b: {name: "= 'x'", up: a}}
---
patch: entity
of: deal
set: {label: x}
"""


def check_bytes(content: bytes) -> tuple[str, ...]:
    """Check an app of one file without touching a disk; return the codes."""
    reading = read_bytes(content, "it.yaml")
    documents = documents_of(reading, "sales", "it.yaml", LANGUAGE.kinds)
    patches = tuple(item for item in documents if item.kind == "patch")
    plain = tuple(item for item in documents if item.kind != "patch")
    head = next((item for item in plain if item.kind == "app"), None)
    lower = AppSource("sales", Path("sales"), head, plain, ())
    higher = AppSource("acme", Path("acme"), None, (), patches, customer=True)
    visible = {"sales": ("sales",), "acme": ("acme", "sales")}
    result = check_loaded(Loaded((lower, higher), tuple(reading.issues), visible), LANGUAGE)
    for issue in result.issues:
        assert issue.code.startswith("KM")
        assert issue.place.line >= 1
        assert issue.place.column >= 1
        assert issue.message
    assert (result.snapshot is None) == bool(result.errors)
    return tuple(issue.code for issue in result.issues)


def test_the_valid_file_is_valid() -> None:
    assert check_bytes(VALID.replace(b"patch: entity\nof: deal\nset: {label: x}\n", b"")) == ()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    check_bytes(content)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-{}[]\n ,'\"|>&*!%@#?~019\t\\", max_size=120))
def test_any_marks(text: str) -> None:
    check_bytes(text.encode())


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(VALID)), st.integers(0, 30), st.binary(max_size=6))
def test_a_valid_file_with_a_wound(start: int, length: int, put: bytes) -> None:
    check_bytes(VALID[:start] + put + VALID[start + length :])


WORDS_PUT = ("null", "[]", "{}", "true", "3", "1.5", "text", "[1]", "{a: 1}", "''", "[[x]]", "{a: {b: {c}}}", "[null]")


@pytest.mark.parametrize("seed", range(150))
def test_values_replaced_by_others(seed: int) -> None:
    """Every kind of value in every place."""
    chance = random.Random(seed)
    lines = VALID.decode().split("\n")
    for _ in range(3):
        index = chance.randrange(len(lines))
        if ":" in lines[index]:
            parts = lines[index].split(": ")
            at = chance.randrange(1, len(parts)) if len(parts) > 1 else 0
            if at:
                rest = parts[at]
                cut = next((n for n, sign in enumerate(rest) if sign in ",}"), len(rest))
                parts[at] = chance.choice(WORDS_PUT) + rest[cut:]
                lines[index] = ": ".join(parts)
    check_bytes("\n".join(lines).encode())


def all_shapes() -> list[tuple[str, dict[str, object]]]:
    shapes = Shapes(LANGUAGE)
    found: dict[str, dict[str, object]] = {}
    pending = list(LANGUAGE.kinds.values())
    while pending:
        cls = pending.pop()
        if cls.__name__ in found:
            continue
        shape = shapes.of(cls)
        found[cls.__name__] = shape.schema
        types = shapes.types(shape.variant) if shape.variant else ()
        for name in types:
            found[f"{cls.__name__} {name}"] = shapes.of(cls, name).schema
            pending.extend(inner.cls for inner in shapes.of(cls, name).inner.values())
        pending.extend(inner.cls for inner in shape.inner.values())
    return sorted(found.items())


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.decimals(-5, 5, places=1) | st.sampled_from(
        ["", "a", "text", "red", "user", "none", "read", "1.0.0", "A b", "x_note", "deal", "-amount", "a" * 300]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b__c", "name", "x_n"]), inner),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize(("name", "schema"), all_shapes())
def test_the_quick_check_and_jsonschema_agree(name: str, schema: dict[str, object]) -> None:
    quick, exact = compile_schema(schema), Draft202012Validator(schema)
    properties: dict[str, object] = schema["properties"]  # type: ignore[assignment]

    @settings(max_examples=25, deadline=None, database=None)
    @given(st.dictionaries(st.sampled_from([*properties, "x_note", "wrong"]), ANY, max_size=6) | ANY)
    def agree(value: object) -> None:
        assert quick(value) == exact.is_valid(value), value

    agree()


def test_every_keyword_in_use_has_words() -> None:
    used: set[str] = set()
    pending: list[object] = [schema for _, schema in all_shapes()]
    while pending:
        found = pending.pop()
        if isinstance(found, dict):
            used.update(key for key in found if key not in ("properties", "patternProperties"))
            for key, value in found.items():
                pending.extend(value.values() if key in ("properties", "patternProperties") else [value])
    containers = {"properties", "patternProperties", "propertyNames", "items", "required"}
    rules = set(Draft202012Validator.VALIDATORS) - containers
    assert used & rules <= set(WORDS)


def test_names_of_all_kinds_of_trouble_are_refused_or_work(tmp_path: Path) -> None:
    """Words of databases and browsers are ordinary names here."""
    words = ["select", "table", "order", "group", "user", "constructor", "prototype", "null_", "a" * 40, "a" * 41]
    fields = "".join(f"  {word}: {{type: text}}\n" for word in words)
    text = f"entity: select\nlabel: L\nfields:\n  name: {{type: text}}\n{fields}"
    result = check([write(tmp_path, {"sales/e.yaml": text})], LANGUAGE, root=tmp_path)
    assert [(issue.code, issue.place.line) for issue in result.issues] == [("KM020", 12), ("KM020", 14)]
