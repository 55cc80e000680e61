"""What every form element promises."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from contracts.strategies import SNAPSHOT
from kith_metadata.kinds.form import Element
from kith_metadata.spec import json_schema, properties_of
from kith_runtime.form_elements import form_elements
from kith_runtime.form_elements.base import FormElement
from kith_runtime.language import kith_language

kith_language()


@pytest.mark.parametrize("member", [pytest.param(member, id=name) for name, member in form_elements.items()])
def test_an_element_says_what_it_is(member: FormElement) -> None:
    assert type(member).__module__.rpartition(".")[2] == member.name
    assert member.label
    assert member.help.endswith(".")
    assert all(declared.title and declared.help.endswith(".") for declared in properties_of(member.Options))
    jsonschema.Draft202012Validator.check_schema(json_schema(member.Options))


def _element(name: str, **data: Any) -> Element:
    built: Element = SNAPSHOT.language.build(Element, data, name)
    return built


def test_an_element_is_the_field_of_its_key() -> None:
    element = _element("manager")
    assert form_elements["field"].fields(element) == ("manager",)
    assert form_elements["field"].problems(element, "base.user", SNAPSHOT) == ()


def test_an_unknown_field_gets_a_suggestion() -> None:
    problems = form_elements["field"].problems(_element("manger"), "base.user", SNAPSHOT)
    assert problems == (("field", "'manger' is not a field of base.user. Did you mean 'manager'?"),)


def test_rows_name_a_lookup_that_points_to_the_form() -> None:
    good = _element("people", element="rows", entity="base.user", by="manager", columns=["name"])
    bad = _element("people", element="rows", entity="base.user", by="name", columns=["nick"])
    assert form_elements["rows"].problems(good, "base.user", SNAPSHOT) == ()
    assert [path for path, _ in form_elements["rows"].problems(bad, "base.user", SNAPSHOT)] == ["by", "columns"]
