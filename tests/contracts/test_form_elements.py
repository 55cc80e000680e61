"""What every form element promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from contracts.strategies import SNAPSHOT
from kith_metadata.check import check
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
    bad = _element("people", element="rows", entity="base.user", by="name", columns=["name"])
    assert form_elements["rows"].problems(good, "base.user", SNAPSHOT) == ()
    assert [path for path, _ in form_elements["rows"].problems(bad, "base.user", SNAPSHOT)] == ["by"]


def test_rows_are_of_their_entity_and_shown_by_the_record_of_the_form(tmp_path: Path) -> None:
    files = {
        "app.yaml": "app: yard\nlabel: Yard\nversion: 1.0.0\n",
        "boat.yaml": "entity: boat\nlabel: Boat\nownership: none\n"
        "fields: {name: {type: text}, length: {type: integer}}\n",
        "sail.yaml": "entity: sail\nlabel: Sail\nownership: none\n"
        "fields: {name: {type: text}, area: {type: integer}, boat: {type: lookup, to: boat, on_delete: cascade}}\n",
        "form.yaml": "form: boat\nentity: boat\ntabs:\n  all:\n    label: All\n    sections:\n      sails:\n"
        "        elements:\n          sails:\n            element: rows\n"
        "            entity: sail\n            by: boat\n"
        "            columns: [name, aera]\n            show_if: SHOW\n",
    }

    def told(show: str) -> list[str]:
        folder = tmp_path / show.split()[0] / "yard"
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_text(content.replace("SHOW", show))
        return [issue.message for issue in check([folder.parent], kith_language()).issues]

    unknown = "'aera' is not a field of yard.sail."
    assert told("length > 7") == [unknown]
    assert told("area > 7") == [unknown, "yard.boat has no field 'area'."]
