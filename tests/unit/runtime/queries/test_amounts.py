"""The short way to amounts gives what the field type itself gives."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kith_runtime.field_types import discover, field_types
from kith_runtime.queries.amounts import amount_json_reader, amount_reader
from support.apps import publish

discover()
FIELD = publish().snapshot.entity("crm.deal").fields["amount"]


@given(scaled=st.integers(-(10**17), 10**17), currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF", "CHF"]))
def test_both_databases_give_the_value_of_the_field_type(scaled: int, currency: str) -> None:
    exact = Decimal(scaled).scaleb(-4)
    expected = field_types["money"].load((exact, currency), FIELD)
    for dialect, stored in (("sqlite", scaled), ("postgresql", exact)):
        value = amount_reader(dialect, 4)(stored, currency)
        assert value == expected
        assert str(value.amount) == str(expected.amount) or not scaled
        shown = amount_json_reader(dialect, 4)(stored, currency)
        assert shown == field_types["money"].to_json(value, FIELD)
