"""What every field type promises; a new type in the folder is tested without being named here."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from contracts.strategies import BAD, LOCALES, NOW, SNAPSHOT, VALUES, field_of, scope_of
from kith_metadata.expressions import compile_check
from kith_metadata.expressions.scope import FieldScope
from kith_metadata.kinds.entity import Field
from kith_metadata.spec import json_schema, properties_of
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import OPERATORS, FieldType, InvalidValue, Linked
from kith_runtime.field_types.scope import field_info
from kith_runtime.language import kith_language

kith_language()
TYPES = [pytest.param(member, id=name) for name, member in field_types.items()]
EXAMPLES = [
    pytest.param(member, example, id=f"{name}-{number}")
    for name, member in field_types.items()
    for number, example in enumerate(member.examples)
]
WRITABLE = [found for found in EXAMPLES if not found.values[0].computed]  # type: ignore[attr-defined]
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.mark.parametrize("member", TYPES)
def test_a_type_says_what_it_is(member: FieldType) -> None:
    assert type(member).__module__.rpartition(".")[2] == member.name
    assert field_types[member.name] is member
    assert member.label
    assert member.help.endswith(".")
    assert len(member.examples) >= 2
    for declared in properties_of(member.Options):
        assert declared.title, declared.name
        assert declared.help.endswith("."), declared.name
    assert set(member.operators) <= set(OPERATORS)


@pytest.mark.parametrize("member", TYPES)
def test_options_have_a_valid_schema(member: FieldType) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(member.Options))


@pytest.mark.parametrize(("member", "example"), EXAMPLES)
def test_examples_have_valid_options_without_problems(member: FieldType, example: Any) -> None:
    jsonschema.validate(example.options or {}, json_schema(member.Options))
    field = field_of(member.name, example.options)
    assert member.problems(field, SNAPSHOT) == ()
    assert len(member.columns(field)) <= member.most_columns
    assert bool(member.columns(field)) is member.stored


@pytest.mark.parametrize(("member", "example"), WRITABLE)
def test_examples_survive_columns_and_json(member: FieldType, example: Any) -> None:
    field = field_of(member.name, example.options)
    value = member.parse(example.json, field, scope_of("json"))
    assert value is not None
    assert member.to_json(value, field) == example.json
    jsonschema.validate(example.json, member.json_schema(field, SNAPSHOT), format_checker=jsonschema.FormatChecker())
    jsonschema.validate(example.json, member.input_schema(field, SNAPSHOT))
    assert member.text(value, field, scope_of("json")) == example.text or member.name in ("date", "datetime")
    _check_storage(member, field, value)
    if member.json_identity:
        assert json.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z)) == example.json


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("member", "example"), WRITABLE)
def test_examples_survive_the_form_in_every_locale(member: FieldType, example: Any, locale: str) -> None:
    field = field_of(member.name, example.options)
    value = member.parse(example.json, field, scope_of("json"))
    scope = scope_of("form", locale)
    if member.parts:
        assert member.parse(member.input_parts(value, field, scope), field, scope) == value
    if member.parts != ("street", "city", "region", "postal_code", "country") and member.control != "file":
        assert member.parse(member.input_text(value, field, scope), field, scope) == value


def _check_storage(member: FieldType, field: Field, value: Any) -> None:
    if not member.stored:
        return
    stored = member.store(value, field)
    assert len(stored) == len(member.columns(field))
    assert member.load(stored, field) == value
    if member.simple:
        assert stored == (value,)


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), locale=st.sampled_from(sorted(LOCALES)))
def test_values_survive_columns_json_and_form(name: str, data: st.DataObject, locale: str) -> None:
    member, field = field_types[name], field_of(name)
    try:
        value = member.parse(data.draw(VALUES[name]), field, scope_of("json"))
    except InvalidValue:
        return
    if value is None:
        return
    assert member.parse(member.to_json(value, field), field, scope_of("json")) == value
    _check_storage(member, field, value)
    scope = scope_of("form", locale)
    if member.parts:
        assert member.parse(member.input_parts(value, field, scope), field, scope) == value
    elif _survives_as_text(value):
        assert member.parse(member.input_text(value, field, scope), field, scope) == value


def _survives_as_text(value: Any) -> bool:
    """A person's zone may not reach the first and the last day of the calendar."""
    return not isinstance(value, datetime) or 1 < value.year < 9999


@pytest.mark.parametrize("source", ["json", "form"])
@pytest.mark.parametrize("raw", BAD, ids=lambda raw: ascii(raw).partition(" at 0x")[0][:24])
def test_bad_input_is_refused_in_plain_words_or_taken_whole(raw: Any, source: str) -> None:
    for name, member in field_types.items():
        field = field_of(name, member.examples[0].options)
        try:
            value = member.parse(raw, field, scope_of(source))
        except InvalidValue as problem:
            _check_words(name, problem)
        else:
            if value is not None:
                orjson.dumps(member.to_json(value, field))
                _check_storage(member, field, value)


def _check_words(name: str, problem: InvalidValue) -> None:
    assert problem.code, name
    assert problem.message.endswith("."), (name, problem.message)
    assert not problem.hint or problem.hint[-1] in ".?…}", (name, problem.hint)
    problem.message.encode()


@pytest.mark.parametrize("member", TYPES)
def test_blank_is_no_value(member: FieldType) -> None:
    field = field_of(member.name, member.examples[0].options)
    for source in ("json", "form"):
        assert member.parse(None, field, scope_of(source)) is None
        assert member.parse("", field, scope_of(source)) is None
    assert member.parse("  ", field, scope_of("form")) is None
    if member.parts:
        assert member.parse(dict.fromkeys(member.parts, ""), field, scope_of("form")) is None


@pytest.mark.parametrize(("member", "example"), EXAMPLES)
def test_cells_are_markup_of_the_value_alone(member: FieldType, example: Any) -> None:
    field = field_of(member.name, example.options)
    if member.computed:
        returned = {"decimal": Decimal("3.00"), "markup": '3<br><script>x</script><a href="/" style="x">x</a>'}
        value: Any = returned.get(example.options.get("returns", ""), 3)
    else:
        value = member.parse(example.json, field, scope_of("json"))
    for shown in {member.cell(field, "v", SNAPSHOT, "p_"), member.detail(field, "v", SNAPSHOT, "p_")}:
        html = _render(shown, value, member, field)
        assert "<script" not in html
        assert "style=" not in html
        assert html.strip()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", HOSTILE), ("long_text", HOSTILE), ("rich_text", HOSTILE), ("email", HOSTILE), ("phone", HOSTILE),
        ("url", HOSTILE), ("auto_number", HOSTILE), ("colour", HOSTILE), ("choice", HOSTILE), ("choices", (HOSTILE,)),
        ("lookup", Linked("0" * 20, HOSTILE)), ("lookups", (Linked("0" * 20, HOSTILE),)), ("owner", HOSTILE),
        ("any_lookup", Linked("0" * 20, HOSTILE, "base.user")), ("json", {HOSTILE: HOSTILE}), ("rating", HOSTILE),
    ],
)  # fmt: skip
def test_html_in_a_value_is_escaped(name: str, value: Any) -> None:
    member = field_types[name]
    field = field_of(name, member.examples[0].options)
    for source in (member.cell(field, "v", SNAPSHOT, "p_"), member.detail(field, "v", SNAPSHOT, "p_")):
        html = _render(source, value, member, field)
        assert "<img" not in html
        reader = _Attributes()
        reader.feed(html)
        assert not reader.names & {"onerror", "src"}


class _Attributes(HTMLParser):
    """Collects the names of all attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {name for name, _ in attrs}


def _render(source: str, value: Any, member: FieldType, field: Field) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    constants = {f"p_{name}": item for name, item in member.cell_constants(field, SNAPSHOT).items()}
    template = environment.from_string(source, globals=constants)
    return template.render(
        v=value, f=LOCALES["en"], now=NOW, today=NOW.date(), icon=lambda name: "", url=lambda *names, **parts: "/x"
    )


@pytest.mark.parametrize(("member", "example"), WRITABLE)
def test_filters_are_expressions_that_check(member: FieldType, example: Any) -> None:
    field = field_of(member.name, example.options)
    info = field_info(field, SNAPSHOT)
    scope = scope_of("form")
    value = member.parse(example.json, field, scope_of("json"))
    assert info is not None or not member.operators
    for operator in member.operators:
        one = value[:1] if isinstance(value, tuple) else value
        text = member.filter_expression(field, operator, member.input_text(one, field, scope), scope)
        assert info is not None
        checked = compile_check(text, FieldScope("base.user", {"value": info}))
        assert checked.type.kind == "boolean"
