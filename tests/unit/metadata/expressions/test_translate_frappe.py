"""Frappe's conditions in our language: what is written, that our checker accepts it, and what is refused where."""

from __future__ import annotations

import pytest

from kith_metadata.expressions import FieldInfo, FieldScope, compile_check
from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import (
    ForeignField,
    MappedScope,
    Missing,
    TranslationError,
    translate_frappe,
    translate_frappe_filters,
)
from kith_metadata.expressions.types import Type

STATUS = t.choice("app.status")
KNOWN: dict[str, Type] = {
    "title": t.TEXT,
    "status": STATUS,
    "enabled": t.BOOLEAN,
    "public": t.BOOLEAN,
    "count": t.INTEGER,
    "price": t.DECIMAL,
    "due": t.DATE,
    "company": t.record("app.company"),
    "items": t.records("app.item"),
}
FOREIGN = MappedScope(
    {
        **{name: ForeignField(name, kind) for name, kind in KNOWN.items()},
        "status": ForeignField("status", STATUS, {"Open": "open"}),
        "company": ForeignField("company", t.record("app.company"), title="company.name"),
        "parent.channel": ForeignField("parent.channel", t.TEXT),
        "frappe.user.has_role.system manager": ForeignField('has_role("base.manager")', t.BOOLEAN),
    }
)
OURS = FieldScope(
    "app.document",
    {
        **{name: FieldInfo(kind, options=("open", "closed") if kind == STATUS else ()) for name, kind in KNOWN.items()},
        "parent": FieldInfo(t.record("app.parent")),
    },
    {"app.parent": {"channel": FieldInfo(t.TEXT)}, "app.company": {"name": FieldInfo(t.TEXT)}},
)

WRITTEN = [
    ("enabled", "enabled"),
    ("title", "title != blank"),
    ("count", "blank_value(count, 0) != 0"),
    ("items", "items != blank"),
    ("company", "company != blank"),
    ("1", "true"),
    ("eval:true;", "true"),
    ("eval: doc.enabled", "enabled"),
    ("eval:doc.enabled == 1", "enabled"),
    ("eval:doc.enabled==0", "not enabled"),
    ("eval:doc.enabled!=1", "not enabled"),
    ("eval:doc.enabled > 0", "enabled"),
    ("eval:(doc.enabled||0) == 1", "enabled"),
    ("eval:!doc.title", "title == blank"),
    ("eval:!(doc.enabled && doc.title)", "not (enabled and title != blank)"),
    ("eval:doc.status == 'Open'", 'status == "open"'),
    ("eval:doc.status === `Open` || doc.status !== 'Open';", 'status == "open" or status != "open"'),
    ('eval:(doc.title || "") == ""', "title == blank"),
    ("eval:doc.status == ''", "status == blank"),
    ("eval:doc.company == 'Acme'", 'company.name == "Acme"'),
    ("eval:doc.price > 0", "price > 0"),
    ("eval:doc.price < 5", "blank_value(price, 0) < 5"),
    ("eval:doc.count == '2'", "count == 2"),
    ("eval:in_list(['Open'], doc.status)", 'status in ["open"]'),
    ("eval:!in_list(['a', \"b\"], doc.title)", 'not title in ["a", "b"]'),
    ("eval:['a','b'].includes(doc.title)", 'title in ["a", "b"]'),
    ("eval:['a'].indexOf(doc.title) !== -1", 'title in ["a"]'),
    ("eval:['a'].indexOf(doc.title) == -1", 'not title in ["a"]'),
    ("eval:doc.title.includes('x')", 'contains(title, "x")'),
    ("eval:doc.enabled ? doc.title : doc.public", "title != blank if enabled else public"),
    ("eval:parent.channel=='Email'", 'parent.channel == "Email"'),
    ("eval:doc.title.length > 3", "len(title) > 3"),
]


@pytest.mark.parametrize(("condition", "ours"), WRITTEN)
def test_a_condition_is_written_in_our_language_and_checked(condition: str, ours: str) -> None:
    found = translate_frappe(condition, FOREIGN)
    assert found.text == ours
    compile_check(found.text, OURS, t.BOOLEAN)


def test_what_asks_for_more_than_the_record_is_written() -> None:
    assert translate_frappe("eval:!doc.__islocal", FOREIGN).text == "not is_new()"
    role = 'eval:frappe.user.has_role("System Manager") && doc.enabled'
    assert translate_frappe(role, FOREIGN).text == 'has_role("base.manager") and enabled'


REFUSED = [
    ("eval:doc.foo && doc.bar", [(1, 1, "unknown_field"), (1, 12, "unknown_field")]),
    ("eval:doc.__unsaved", [(1, 1, "screen")]),
    ("eval:frappe.utils.strip(doc.title)", [(1, 1, "function")]),
    ("eval:doc.due == 5", [(1, 9, "types")]),
    ("eval:doc.items[0].x", [(1, 10, "syntax")]),
    ("eval:doc.title ==", [(1, 13, "syntax")]),
    ("eval:doc.items.some(i => i.x)", [(1, 18, "syntax")]),
    ("eval:[1, 2]", [(1, 1, "list")]),
]


@pytest.mark.parametrize(("condition", "refusals"), REFUSED)
def test_what_cannot_be_carried_is_refused_with_every_place(
    condition: str, refusals: list[tuple[int, int, str]]
) -> None:
    with pytest.raises(TranslationError) as caught:
        translate_frappe(condition, FOREIGN)
    assert [(found.line, found.column, found.code) for found in caught.value.refusals] == refusals


FILTERS = [
    ('[["Item", "enabled", "=", 0]]', "not enabled"),
    ('[[{"fieldname": "x"}, "status", "in", ["Open", "closed"]]]', 'status in ["open", "closed"]'),
    ('[["Item", "title", "not in", "a, b"], ["Item", "count", ">", 3]]', 'not title in ["a", "b"] and count > 3'),
    ('[["Item", "title", "like", "%x%"]]', 'contains(title, "x")'),
    ('[["Item", "due", "is", "set"]]', "due != blank"),
    ("[]", "true"),
]


@pytest.mark.parametrize(("filters", "ours"), FILTERS)
def test_filters_of_a_link_become_one_condition(filters: str, ours: str) -> None:
    found = translate_frappe_filters(filters, FOREIGN)
    assert found.text == ours
    compile_check(found.text, OURS, t.BOOLEAN)


@pytest.mark.parametrize(
    "filters", ["x", "{}", '[["Item"]]', '[["Item", "foo", "=", 1]]', '[["I", "due", "between", 1]]']
)
def test_filters_that_cannot_be_carried_are_refused(filters: str) -> None:
    with pytest.raises(TranslationError):
        translate_frappe_filters(filters, FOREIGN)


def test_a_scope_may_say_why_a_name_is_missing() -> None:
    assert FOREIGN.find(("nothing",)) == Missing("unknown_field", "There is no field 'nothing'.")
