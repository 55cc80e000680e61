"""Whatever a foreign formula holds, it is translated or refused with places inside it: nothing else comes out."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import (
    ForeignField,
    MappedScope,
    Refusal,
    TranslationError,
    translate_frappe,
    translate_frappe_filters,
    translate_salesforce,
)
from kith_metadata.expressions.translate.salesforce_inference import infer_types
from kith_metadata.expressions.translate.salesforce_parse import parse_salesforce

EXAMPLES = int(os.environ.get("KITH_EXAMPLES", "200"))
SCOPE = MappedScope(
    {
        "amount": ForeignField("amount", t.MONEY),
        "name": ForeignField("name", t.TEXT),
        "open": ForeignField("open", t.BOOLEAN),
        "due": ForeignField("due", t.DATE),
        "stage": ForeignField("stage", t.choice("x.stage")),
        "owner": ForeignField("owner", t.record("x.user")),
    }
)
WORDS = r"""
amount name open due stage owner doc doc.name parent.x TRUE null not 1 2.5 'a' "b" ( ) [ ] , . ! + - * / ^ & && || =
== <> < >= ? : ; % /* */ ' " \ IF( CASE( AND( ISBLANK( LEFT( TEXT( VALUE( DATEVALUE( INCLUDES( in_list( cint( {!name}
$User.Id x:SUM .includes( é
"""
TEXTS = st.one_of(st.lists(st.sampled_from(WORDS.split()), max_size=30).map(" ".join), st.text(max_size=40))


def refusals_of(translate: Callable[[str], object], text: str) -> tuple[Refusal, ...]:
    """Return the refusals of a text that cannot be translated; every other error goes through."""
    try:
        translate(text)
    except TranslationError as error:
        return error.refusals
    return ()


def whole_salesforce(text: str) -> None:
    infer_types(parse_salesforce(text))
    translate_salesforce(text, SCOPE)


@pytest.mark.parametrize(
    "translate", [whole_salesforce, lambda text: translate_frappe(f"eval:{text}", SCOPE),
                  lambda text: translate_frappe_filters(text, SCOPE)],
    ids=["salesforce", "frappe", "filters"],
)  # fmt: skip
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(text=TEXTS)
def test_a_text_is_translated_or_refused(translate: Callable[[str], object], text: str) -> None:
    for refusal in refusals_of(translate, text):
        assert refusal.line >= 1
        assert refusal.column >= 1
        assert refusal.code
