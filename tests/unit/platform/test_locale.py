"""How people read and type values: formats by locale, dates by the design's rules, inputs in plain words."""

from __future__ import annotations

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kith_platform.errors import Invalid
from kith_platform.locale import NUMBER_FORMATS, PersonLocale, minor_units, person_locale

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BLANK = "\N{NO-BREAK SPACE}"


@pytest.fixture
def british() -> PersonLocale:
    return person_locale("en_GB", "Europe/Amsterdam", "EUR")


@pytest.fixture
def german() -> PersonLocale:
    return person_locale("de_DE", "Europe/Berlin", "EUR")


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "written"),
    [
        ("en_GB", "EUR", "84000", "€84,000.00"),
        ("de_DE", "EUR", "-1234.5", f"-1.234,50{BLANK}€"),
        ("nl_NL", "EUR", "84000", f"€{BLANK}84.000,00"),
        ("ja_JP", "JPY", "1234.5", "￥1,234"),
        ("en_US", "KWD", "1.2345", f"KWD{BLANK}1.234"),
        ("hi_IN", "INR", "1234567.8", "₹12,34,567.80"),
        ("en_GB", "EUR", "0.005", "€0.00"),
        ("en_GB", "EUR", "99999999999999.99", "€99,999,999,999,999.99"),
    ],
)
def test_money_is_written_with_sign_groups_and_minor_units(
    locale: str, currency: str, amount: str, written: str
) -> None:
    assert person_locale(locale).money(Decimal(amount), currency) == written


def test_money_by_code_for_mixed_currencies(british: PersonLocale) -> None:
    assert british.money(Decimal("5"), "CHF", code=True) == f"CHF{BLANK}5.00"
    assert british.money(Decimal("5")) == "€5.00"


def test_numbers_follow_the_locale_or_the_chosen_format(german: PersonLocale) -> None:
    assert german.number(Decimal("1234567.80")) == "1.234.567,8"
    assert german.number(5) == "5"
    assert german.decimal(Decimal("2.345"), 2) == "2,34"
    assert german.percent(Decimal("12.5")) == f"12,5{BLANK}%"
    assert person_locale("de_DE", number_format="1,234.56").decimal(1234, 2) == "1,234.00"
    assert person_locale("es_ES").decimal(1234, 0) == "1.234"


def test_fifty_money_cells_take_less_than_a_millisecond() -> None:
    locale = person_locale("de_DE", "UTC", "EUR")
    locale.money(Decimal(1))
    amounts = [Decimal(number) * Decimal("1.37") for number in range(50)]
    fastest = 1.0
    for repeat in range(5):
        start = stopwatch.perf_counter()
        for amount in amounts:
            locale.money(amount + repeat)
        fastest = min(fastest, stopwatch.perf_counter() - start)
    assert fastest < 0.001


def test_minor_units_come_from_the_currency() -> None:
    assert [minor_units(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]


def test_dates_name_the_year_only_when_it_is_another(british: PersonLocale) -> None:
    assert british.date(date(2026, 11, 27), TODAY) == "Fri 27 Nov"
    assert british.date(date(2027, 11, 27), TODAY) == "Sat 27 Nov 2027"


def test_instants_are_shown_in_the_zone_of_the_person(british: PersonLocale) -> None:
    assert british.datetime(datetime(2026, 11, 24, 23, 30, tzinfo=UTC), NOW) == "Wed 25 Nov, 00:30"
    assert british.dates.full(NOW) == "Tuesday 24 November 2026, 10:00:00 CET"
    assert british.time(time(9, 5, 59)) == "09:05"
    assert person_locale("en_GB", "Pacific/Kiritimati").dates.today(NOW) == TODAY
    assert person_locale("en_GB", "Pacific/Kiritimati").dates.today(NOW + timedelta(hours=2)) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=12), "yesterday"),
        (timedelta(days=6), "6 d ago"),
        (timedelta(days=7), "Tue 17 Nov"),
        (timedelta(hours=-3), "Tue 24 Nov, 13:00"),
    ],
)
def test_past_events_are_told_by_distance(british: PersonLocale, before: timedelta, said: str) -> None:
    assert british.dates.ago(NOW - before, NOW) == said


@pytest.mark.parametrize(
    ("days", "said"), [(0, "today"), (1, "yesterday"), (6, "6 d ago"), (7, "Tue 17 Nov"), (-1, "Wed 25 Nov")]
)
def test_days_that_are_over_say_how_long_ago_they_were(british: PersonLocale, days: int, said: str) -> None:
    assert british.dates.since(TODAY - timedelta(days=days), TODAY) == said


@pytest.mark.parametrize(
    ("days", "said"), [(-2, "2 d late"), (0, "today"), (1, "tomorrow"), (7, "in 7 days"), (8, "Wed 2 Dec")]
)
def test_due_dates_are_told_by_distance(british: PersonLocale, days: int, said: str) -> None:
    assert british.dates.due(TODAY + timedelta(days=days), TODAY) == said


def test_skipped_and_repeated_hours_of_daylight_saving(german: PersonLocale) -> None:
    gap = datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001 - a time as a person types it
    assert german.dates.is_skipped(gap)
    assert german.dates.to_utc(gap).astimezone(german.dates.zone).hour == 3
    twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert not german.dates.is_skipped(twice)
    assert german.dates.to_utc(twice) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "said"), [(90, "1h 30m"), (0, "0m"), (45, "45m"), (1560, "26h"), (-90, "-1h 30m"), (0.5, "30s")]
)
def test_durations_are_written_in_hours_and_minutes(british: PersonLocale, amount: float, said: str) -> None:
    assert british.duration(timedelta(minutes=amount)) == said


@pytest.mark.parametrize(
    ("typed", "german_value", "british_value"),
    [
        ("24.500,00", "24500", "24500"),
        ("24,500.00", "24500", "24500"),
        ("24.5k", "24500", "24500"),
        ("24,5 K", "24500", "24500"),
        ("1 234,5", "1234.5", "1234.5"),
        ("24.500", "24500", "24.5"),
        ("24,500", "24.5", "24500"),
        ("1.234.567", "1234567", "1234567"),
        ("1'234.50", "1234.5", "1234.5"),
        ("-3", "-3", "-3"),
        ("−3,5", "-3.5", "-3.5"),
        ("2m", "2000000", "2000000"),
    ],
)
def test_numbers_are_read_as_the_person_writes_them(
    german: PersonLocale, british: PersonLocale, typed: str, german_value: str, british_value: str
) -> None:
    assert german.read_number(typed) == Decimal(german_value)
    assert british.read_number(typed) == Decimal(british_value)


@pytest.mark.parametrize(
    "typed", ["", "-", "1_000", "1e5", "٣", "NaN", "Infinity", "1.23.4", "12,3,4", "0x10", "1" * 100, "k", "1\x00"]
)
def test_what_is_no_number_is_refused(british: PersonLocale, typed: str) -> None:
    with pytest.raises(Invalid):
        british.read_number(typed)


def test_number_error_says_what_to_write(british: PersonLocale) -> None:
    with pytest.raises(Invalid) as caught:
        british.read_number("24k5")
    assert str(caught.value) == '"24k5" is not a number. Write 24500 or 24.5k.'


@given(
    st.decimals(-(10**15), 10**15, places=3),
    st.sampled_from(["en_GB", "de_DE", "fr_FR", "de_CH", "hi_IN", "sv_SE", "pl_PL", "ar_EG"]),
    st.sampled_from(["", *NUMBER_FORMATS]),
)
def test_written_numbers_read_back_the_same(value: Decimal, locale: str, number_format: str) -> None:
    person = person_locale(locale, number_format=number_format)
    assert person.read_number(person.decimal(value, 3)) == value


@pytest.mark.parametrize(
    ("typed", "amount", "currency"),
    [
        ("24.5k", "24500", "EUR"),
        ("€ 24,500.00", "24500", "EUR"),
        ("80 USD", "80", "USD"),
        ("usd 80", "80", "USD"),
        ("$80", "80", "USD"),
        ("£1,000", "1000", "GBP"),
        ("-5 CHF", "-5", "CHF"),
    ],
)
def test_money_is_read_with_its_currency(british: PersonLocale, typed: str, amount: str, currency: str) -> None:
    assert british.read_money(typed) == (Decimal(amount), currency)


@pytest.mark.parametrize("typed", ["80 XQX", "EUR 80 USD", "much", ""])
def test_what_is_no_money_is_refused(british: PersonLocale, typed: str) -> None:
    with pytest.raises(Invalid):
        british.read_money(typed)


@pytest.mark.parametrize(
    ("locale", "typed", "day"),
    [
        ("en_GB", "2026-11-27", date(2026, 11, 27)),
        ("en_GB", "3/12/2026", date(2026, 12, 3)),
        ("en_US", "3/12/2026", date(2026, 3, 12)),
        ("de_DE", "3.12.26", date(2026, 12, 3)),
        ("de_DE", "3.12.", date(2026, 12, 3)),
        ("en_GB", "27 nov", date(2026, 11, 27)),
        ("en_GB", "Fri 27 Nov", date(2026, 11, 27)),
        ("en_US", "Nov 27, 2027", date(2027, 11, 27)),
        ("de_DE", "27. Dezember 2026", date(2026, 12, 27)),
        ("en_GB", "5 jan", date(2027, 1, 5)),
        ("en_GB", "tomorrow", date(2026, 11, 25)),
        ("en_GB", "fri", date(2026, 11, 27)),
        ("en_GB", "Tuesday", date(2026, 12, 1)),
        ("en_GB", "+3d", date(2026, 11, 27)),
        ("en_GB", "−1 w", date(2026, 11, 17)),
        ("en_GB", "2 months", date(2027, 1, 24)),
    ],
)
def test_dates_are_read_as_people_type_them(locale: str, typed: str, day: date) -> None:
    assert person_locale(locale).read_date(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["", "2026-02-30", "31/02/2026", "soon", "+9999y", "12345", "1/2/3/4", "9" * 90])
def test_what_is_no_date_is_refused_with_an_example(british: PersonLocale, typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        british.read_date(typed, TODAY)
    assert caught.value.hint == "Write it like 2026-11-24, 24 Nov, fri or +3d."


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("9", time(9)),
        ("9:30", time(9, 30)),
        ("0930", time(9, 30)),
        ("9.30 pm", time(21, 30)),
        ("12am", time(0)),
        ("23:59:58", time(23, 59, 58)),
    ],
)
def test_times_are_read_as_people_type_them(british: PersonLocale, typed: str, moment: time) -> None:
    assert british.read_time(typed) == moment


@pytest.mark.parametrize("typed", ["", "24:00", "9:75", "13pm", "nine", "٣"])
def test_what_is_no_time_is_refused(british: PersonLocale, typed: str) -> None:
    with pytest.raises(Invalid):
        british.read_time(typed)


@pytest.mark.parametrize(
    "typed", ["2026-11-27T09:30", "2026-11-27 9:30", "27 nov 9:30", "fri 9.30 am", "27/11/2026 0930"]
)
def test_datetimes_are_read_in_the_zone_of_the_person(british: PersonLocale, typed: str) -> None:
    assert british.read_datetime(typed, TODAY) == datetime(2026, 11, 27, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "2026-11-27", "Fri, 27 Nov 2026", "9:30", "yesterday at noon"])
def test_what_is_no_datetime_is_refused(british: PersonLocale, typed: str) -> None:
    with pytest.raises(Invalid):
        british.read_datetime(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("1h 30m", 90),
        ("90", 90),
        ("1:30", 90),
        ("1.5h", 90),
        ("1,5 h", 90),
        ("2 hours", 120),
        ("1d 2h", 1560),
        ("30s", 0.5),
    ],
)
def test_durations_are_read_as_people_type_them(british: PersonLocale, typed: str, minutes: float) -> None:
    assert british.read_duration(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["", "1h 30", "h", "1 fortnight", "1:75", "-5", "9" * 50])
def test_what_is_no_duration_is_refused(british: PersonLocale, typed: str) -> None:
    with pytest.raises(Invalid):
        british.read_duration(typed)


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"locale": "xx_YY"}, "locale"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"currency": "XQX"}, "currency"),
        ({"number_format": "1#2"}, "number_format"),
    ],
)
def test_choices_that_do_not_exist_are_named(choice: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        person_locale(**choice)
    assert caught.value.field == field


def test_right_to_left_is_known() -> None:
    assert person_locale("ar_EG").is_right_to_left
    assert not person_locale("en_GB").is_right_to_left
