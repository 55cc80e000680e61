"""Single promises of single field types."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.strategies import SNAPSHOT, field_of, scope_of
from kith_metadata.values import Money
from kith_runtime.field_types import field_types
from kith_runtime.field_types.auto_number import format_number, period_of
from kith_runtime.field_types.base import InvalidValue, RecordScope
from kith_runtime.field_types.scope import entity_scope, field_info
from kith_runtime.field_types.system import fields_of
from kith_runtime.language import kith_language
from kith_runtime.publish.convert import Side, convert


def _parse(name: str, raw: Any, source: str = "json", locale: str = "en", **options: Any) -> Any:
    return field_types[name].parse(raw, field_of(name, options), scope_of(source, locale))


def _refusal(name: str, raw: Any, source: str = "json", **options: Any) -> str:
    with pytest.raises(InvalidValue) as caught:
        _parse(name, raw, source, **options)
    return f"{caught.value.message} {caught.value.hint}"


def test_messages_say_what_to_write() -> None:
    assert _refusal("money", "24k5", "form") == '"24k5" is not a number. Write 24500 or 24.5k.'
    assert _refusal("decimal", "12.345") == "12.345 has 3 decimal places; this field has 2 decimal places. Write 12.34."
    assert _refusal("choice", "smal", options={"small": {}}) == '"smal" is not in the list. Did you mean small?'
    assert _refusal("datetime", "2026-11-24T09:00:00").startswith('"2026-11-24T09:00:00" says no time zone.')


@pytest.mark.parametrize("raw", [True, "1_000", "NaN", "1e3", "٣", float("inf"), float("nan"), "0x1f", 10**18])
def test_numbers_are_strict_for_programs(raw: Any) -> None:
    assert _refusal("decimal", raw)


def test_a_whole_number_is_no_text_and_no_truth() -> None:
    assert _parse("integer", 5.0) == 5
    assert _refusal("integer", "5")
    assert _refusal("integer", True)
    assert _refusal("boolean", 1)


@pytest.mark.parametrize(
    ("raw", "locale", "expected"),
    [
        ("next friday", "en", "2026-12-04"),
        ("in 3 weeks", "en", "2026-12-15"),
        ("übermorgen", "de", "2026-11-26"),
        ("next friday", "de", "2026-12-04"),
        ("Fr., 27. Nov. 2026", "de", "2026-11-27"),
    ],
)
def test_days_are_read_in_plain_words_too(raw: str, locale: str, expected: str) -> None:
    assert _parse("date", raw, "form", locale).isoformat() == expected
    assert _parse("datetime", raw, "form", locale).date().isoformat() == expected
    assert _refusal("date", f"{raw} or so", "form")
    assert _refusal("date", raw)


@pytest.mark.parametrize(
    ("raw", "locale", "expected"),
    [
        ("€84,000", "en", Money(Decimal("84000.00"), "EUR")),
        ("84.000,50 USD", "de", Money(Decimal("84000.50"), "USD")),
        ("5 MXN", "en", Money(Decimal("5.00"), "MXN")),
        ("24.5k", "en", Money(Decimal("24500.00"), "EUR")),
    ],
)
def test_money_is_read_as_people_write_it(raw: str, locale: str, expected: Money) -> None:
    assert _parse("money", raw, "form", locale) == expected


def test_money_has_the_places_of_its_currency() -> None:
    assert _parse("money", {"amount": "0.125", "currency": "KWD"}).amount == Decimal("0.125")
    assert "JPY has no decimal places. Write 12." in _refusal("money", {"amount": "12.4", "currency": "JPY"})
    assert "EUR has 2 decimal places" in _refusal("money", {"amount": "1.005", "currency": "EUR"})


def test_text_is_normalised_and_counted_in_characters() -> None:
    assert _parse("text", "  Zoe\u0301 ") == "Zoé"
    assert _parse("text", "𝄞𝄞", max_length=2) == "𝄞𝄞"
    assert "(U+0000)" in _refusal("text", "a\x00b")
    assert _refusal("text", "\ud800")
    assert _refusal("text", "a" * 10_000, pattern="(a+)+b", max_length=4000)


def test_rich_text_keeps_safe_tags_alone() -> None:
    cleaned = _parse("rich_text", '<p onclick=x>a<script>b</script><a href="javascript:c">d</a></p>')
    assert cleaned == '<p>a<a rel="noopener noreferrer">d</a></p>'
    assert _parse("rich_text", "<p> <br></p>") is None


def test_a_moment_of_a_person_is_kept_in_utc() -> None:
    assert _parse("datetime", "2026-07-01 09:00", "form", "de") == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    twice = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    field, scope = field_of("datetime"), scope_of("form", "de")
    assert field_types["datetime"].parse(field_types["datetime"].input_text(twice, field, scope), field, scope) == twice


def test_an_inactive_option_stays_and_cannot_be_chosen_anew() -> None:
    field = field_of("choice", {"options_from": "base.stage"})
    kind = field_types["choice"]
    kind.check_in_record("old", field, RecordScope({"value": "old"}, {"value": "old"}, SNAPSHOT))
    with pytest.raises(InvalidValue, match="not used any more"):
        kind.check_in_record("old", field, RecordScope({"value": "old"}, {}, SNAPSHOT))


def test_a_controlling_field_limits_the_options() -> None:
    options = {"options": {"nl": {}, "de": {}}, "depends_on": "region", "allowed": {"benelux": ["nl"]}}
    field, kind = field_of("choice", options), field_types["choice"]
    assert kind.depends_on(field) == ("region",)
    kind.check_in_record("nl", field, RecordScope({"region": "benelux"}, {}, SNAPSHOT))
    kind.check_in_record("de", field, RecordScope({"region": None}, {}, SNAPSHOT))
    with pytest.raises(InvalidValue, match="does not go with"):
        kind.check_in_record("de", field, RecordScope({"region": "benelux"}, {}, SNAPSHOT))


def test_the_ring_of_a_stage_fills_step_by_step() -> None:
    chips = field_types["choice"].cell_constants(field_of("choice", {"options_from": "base.stage"}), SNAPSHOT)["chips"]
    assert 'data-hue="blue"><i class="k-prog" data-share="20">' in chips["new"]
    assert 'data-share="100"' in chips["won"]
    assert "Open &lt;b&gt;" in chips["open"]
    assert "Gone by" in chips["gone_by"]


def test_auto_numbers_count_in_periods() -> None:
    field = field_of("auto_number", {"format": "Q-{year}-{number:4}"})
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    assert format_number(field, 412, moment) == "Q-2026-0412"
    assert period_of(field, moment) == "2026"
    assert period_of(field_of("auto_number", {"format": "{number}"}), moment) == ""


@pytest.mark.parametrize(
    ("value", "old", "new", "expected"),
    [
        ("12.50", "text", "decimal", Decimal("12.50")),
        (Decimal("12.00"), "decimal", "integer", 12),
        (7, "integer", "text", "7"),
        ("2026-11-24", "text", "date", date(2026, 11, 24)),
        (Money(Decimal("12.50"), "EUR"), "money", "decimal", Decimal("12.50")),
        (Decimal("12.50"), "decimal", "money", Money(Decimal("12.50"), "EUR")),
        ("yes", "text", "boolean", True),
        (timedelta(minutes=90), "duration", "text", "PT1H30M"),
    ],
)
def test_values_change_their_type_where_they_fit(value: Any, old: str, new: str, expected: Any) -> None:
    assert convert(value, side(old), side(new)) == expected


def test_a_value_that_does_not_fit_is_not_bent() -> None:
    with pytest.raises(InvalidValue):
        convert("soon", side("text"), side("date"))
    with pytest.raises(InvalidValue):
        convert(Decimal("12.50"), side("decimal"), side("integer"))


def side(type: str) -> Side:
    return Side(field_of(type), SNAPSHOT)


def test_every_entity_has_its_system_fields() -> None:
    fields = fields_of(SNAPSHOT, "base.user")
    assert list(fields)[-8:] == [
        "id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deletion",
    ]  # fmt: skip
    assert "owner" not in fields
    assert fields["created_by"].options.to == "base.user"


def test_expressions_see_options_and_their_attributes() -> None:
    info = field_info(field_of("choice", {"options_from": "base.stage"}), SNAPSHOT)
    assert info is not None
    assert info.options == ("new", "open", "old", "won")
    assert info.attributes["probability"].values["new"] == 20
    found = entity_scope(SNAPSHOT, "base.user").field("manager")
    assert found is not None
    assert str(found.type) == "record of base.user"


def test_a_rollup_has_the_type_of_what_it_sums() -> None:
    options = {"over": "base.user", "by": "manager", "function": "sum", "field": "salary"}
    field = field_of("rollup", options)
    kind = field_types["rollup"]
    assert str(kind.expression_type(field, SNAPSHOT)) == "money"
    assert kind.text(Money(Decimal("5.00"), "EUR"), field, scope_of("json")) == "€5.00"
    assert kind.problems(field, SNAPSHOT) == ()
    assert kind.problems(field_of("rollup", {**options, "field": "name"}), SNAPSHOT)


def test_documents_cannot_use_internal_types() -> None:
    assert "id" not in kith_language().variants["field_types"]
    assert kith_language() is kith_language()
