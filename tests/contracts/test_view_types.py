"""What every view type promises."""

from __future__ import annotations

import jsonschema
import pytest

from contracts.strategies import SNAPSHOT
from kith_metadata.kinds.view import View
from kith_metadata.spec import json_schema, properties_of
from kith_runtime.language import kith_language
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType

kith_language()


@pytest.mark.parametrize("member", [pytest.param(member, id=name) for name, member in view_types.items()])
def test_a_view_type_says_what_it_is(member: ViewType) -> None:
    assert type(member).__module__.rpartition(".")[2] == member.name
    assert member.label
    assert member.help.endswith(".")
    assert all(declared.title and declared.help.endswith(".") for declared in properties_of(member.Options))
    jsonschema.Draft202012Validator.check_schema(json_schema(member.Options))


def test_columns_are_fields_or_get_a_suggestion() -> None:
    data = {"entity": "base.user", "label": "All", "columns": {"name": {}, "created_at": {}, "manger": None}}
    view: View = SNAPSHOT.language.build(View, data, "base.all")
    assert view_types["list"].fields(view) == ("name", "created_at", "manger")
    assert view_types["list"].problems(view, SNAPSHOT) == (
        ("columns.manger", "'manger' is not a field of base.user. Did you mean 'manager'?"),
    )
