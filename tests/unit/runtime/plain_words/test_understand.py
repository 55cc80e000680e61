"""What a line of plain words says: days, times, reminders, lengths and choices; the rest stays as the title."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kith_platform.locale import PersonLocale, person_locale
from kith_runtime.plain_words import ChoiceWord, understand


def at(text: str) -> datetime:
    """Return a time of the person's own, which has no zone."""
    return datetime.fromisoformat(text)


TUESDAY = at("2026-11-24 10:30")
BRITISH = person_locale("en_GB", "Europe/Amsterdam")
AMERICAN = person_locale("en_US", "America/New_York")
GERMAN = person_locale("de_DE", "Europe/Berlin")
CHOICES = (
    ChoiceWord("priority", "high", "High", "Priority"),
    ChoiceWord("priority", "urgent", "Urgent", "Priority"),
)


@pytest.mark.parametrize(
    ("words", "title", "day", "clock"),
    [
        ("Call John", "Call John", None, None),
        ("Call John tomorrow", "Call John", date(2026, 11, 25), None),
        ("Call John today at 14:00", "Call John", date(2026, 11, 24), time(14)),
        ("Call John the day after tomorrow", "Call John", date(2026, 11, 26), None),
        ("Send offer Friday", "Send offer", date(2026, 11, 27), None),
        ("Send offer by Friday", "Send offer", date(2026, 11, 27), None),
        ("Send offer on fri", "Send offer", date(2026, 11, 27), None),
        ("Follow up Tuesday", "Follow up", date(2026, 12, 1), None),
        ("Follow up next Friday 9:00", "Follow up", date(2026, 12, 4), time(9)),
        ("Follow up next week", "Follow up", date(2026, 11, 30), None),
        ("Follow up next month", "Follow up", date(2026, 12, 1), None),
        ("Follow up by the end of the week", "Follow up", date(2026, 11, 27), None),
        ("Report at the end of the month", "Report at", date(2026, 11, 30), None),
        ("Follow up within a week", "Follow up", date(2026, 12, 1), None),
        ("Follow up in 3 days", "Follow up", date(2026, 11, 27), None),
        ("Follow up in two weeks", "Follow up", date(2026, 12, 8), None),
        ("Follow up in 1 month", "Follow up", date(2026, 12, 24), None),
        ("Check in 2 hours", "Check", date(2026, 11, 24), time(12, 30)),
        ("Visit 12 December", "Visit", date(2026, 12, 12), None),
        ("Visit Dec 12", "Visit", date(2026, 12, 12), None),
        ("Visit on the 3rd of March", "Visit on the", date(2027, 3, 3), None),
        ("Visit March 3, 2028 at 3pm", "Visit", date(2028, 3, 3), time(15)),
        ("Visit 2026-12-24 17:45", "Visit", date(2026, 12, 24), time(17, 45)),
        ("Lunch at noon", "Lunch", date(2026, 11, 24), time(12)),
        ("Ring at 9", "Ring", date(2026, 11, 25), time(9)),
        ("Ring at 9am", "Ring", date(2026, 11, 25), time(9)),
        ("Ring 3 pm", "Ring", date(2026, 11, 24), time(15)),
        ("Tomorrow: ring them", "ring them", date(2026, 11, 25), None),
    ],
)
def test_days_and_times(words: str, title: str, day: date | None, clock: time | None) -> None:
    said = understand(words, TUESDAY, BRITISH)
    assert (said.day, said.time) == (day, clock)
    assert said.title == title


@pytest.mark.parametrize(
    "words",
    [
        "Order 40 sensors",
        "Discuss 25:99",
        "Visit on 31 February",
        "Version 2.10 of the plan",
        "Send to may@example.com",
        "Look at https://example.com/2026/11",
        "Mondays are busy",
        "Sun protection for the sensors",
        "Price of 12/40 mix",
        "Buy 3 fridays shirts",
        "Call +31 6 2041 7790",
        "at 50% discount",
        "remind me 1 day before",
        "",
        "   ",
    ],
)
def test_what_is_no_time_stays_in_the_title(words: str) -> None:
    said = understand(words, TUESDAY, BRITISH)
    assert (said.day, said.time, said.reminder) == (None, None, None)
    assert said.title == " ".join(words.split())


@pytest.mark.parametrize(
    ("words", "reminder"),
    [
        ("Follow up next Friday 9:00, remind me 1 day before", at("2026-12-03 09:00")),
        ("Follow up Friday, remind me a day before", at("2026-11-26 09:00")),
        ("Follow up Friday 14:00 remind me 15 minutes before", at("2026-11-27 13:45")),
        ("Follow up Friday 14:00, remind me 2 hours earlier", at("2026-11-27 12:00")),
        ("Follow up Friday 14:00 with a reminder one week before", at("2026-11-20 14:00")),
        ("Follow up Friday, remind me tomorrow at 8:00", at("2026-11-25 08:00")),
        ("Follow up Friday, remind me Thursday", at("2026-11-26 09:00")),
        ("Follow up Friday, remind me at 8:00", at("2026-11-27 08:00")),
        ("Follow up, remind me tomorrow", at("2026-11-25 09:00")),
    ],
)
def test_reminders(words: str, reminder: datetime) -> None:
    said = understand(words, TUESDAY, BRITISH)
    assert said.reminder == reminder
    assert said.title == "Follow up"


def test_next_friday_said_on_a_friday_is_in_seven_days() -> None:
    said = understand("Follow up next Friday 9:00, remind me 1 day before", at("2026-11-20 10:42"), BRITISH)
    assert said.moment == at("2026-11-27 09:00")
    assert said.reminder == at("2026-11-26 09:00")


def test_numbers_stand_in_the_order_of_the_person() -> None:
    assert understand("Visit 3/12/2026", TUESDAY, BRITISH).day == date(2026, 12, 3)
    assert understand("Visit 3/12/2027", TUESDAY, AMERICAN).day == date(2027, 3, 12)
    assert understand("Besuch 3.12.2026", TUESDAY, GERMAN).day == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("words", "title", "day", "clock"),
    [
        ("Nachfassen nächsten Freitag um 9 Uhr", "Nachfassen", date(2026, 12, 4), time(9)),
        ("Angebot bis Freitag", "Angebot", date(2026, 11, 27), None),
        ("Anrufen übermorgen 14:30", "Anrufen", date(2026, 11, 26), time(14, 30)),
        ("Anrufen in drei Tagen", "Anrufen", date(2026, 11, 27), None),
        ("Messe am 12. Dezember", "Messe", date(2026, 12, 12), None),
        ("Call tomorrow 9:00", "Call", date(2026, 11, 25), time(9)),
    ],
)
def test_german_and_english_for_a_german(words: str, title: str, day: date, clock: time | None) -> None:
    said = understand(words, TUESDAY, GERMAN)
    assert (said.title, said.day, said.time) == (title, day, clock)


def test_a_german_reminder() -> None:
    said = understand("Nachfassen Freitag 9:00, erinnere mich 1 Tag vorher", TUESDAY, GERMAN)
    assert said.reminder == at("2026-11-26 09:00")
    assert said.title == "Nachfassen"


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("Demo tomorrow 14:00 for 1 hour", timedelta(hours=1)),
        ("Demo tomorrow 14:00 for 45 minutes", timedelta(minutes=45)),
        ("Demo tomorrow 14:00 for half an hour", timedelta(minutes=30)),
        ("Demo tomorrow 14:00 for an hour", timedelta(hours=1)),
    ],
)
def test_lengths(words: str, length: timedelta) -> None:
    said = understand(words, TUESDAY, BRITISH)
    assert (said.length, said.title) == (length, "Demo")


def test_choices_by_their_labels() -> None:
    assert understand("Call now, high priority", TUESDAY, BRITISH, choices=CHOICES).choices == {"priority": "high"}
    said = understand("Call !urgent tomorrow", TUESDAY, BRITISH, choices=CHOICES)
    assert (said.choices, said.title) == ({"priority": "urgent"}, "Call")
    assert understand("The high road", TUESDAY, BRITISH, choices=CHOICES).choices == {}


def test_what_a_person_takes_back_stays_in_the_title() -> None:
    words = "Prepare Friday report tomorrow 9:00"
    assert understand(words, TUESDAY, BRITISH).day == date(2026, 11, 27)
    said = understand(words, TUESDAY, BRITISH, ignore=frozenset({"day", "time"}))
    assert (said.title, said.day, said.time) == (words, None, None)


def test_the_places_of_what_was_understood() -> None:
    words = "Follow up next Friday 9:00, remind me 1 day before"
    said = understand(words, TUESDAY, BRITISH)
    assert [(item.kind, words[item.start : item.end]) for item in said.found] == [
        ("day", "next Friday"),
        ("time", "9:00"),
        ("reminder", "remind me 1 day before"),
    ]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.sampled_from([BRITISH, AMERICAN, GERMAN, person_locale("ar", "Asia/Riyadh")]))
def test_nothing_is_an_error(words: str, locale: PersonLocale) -> None:
    said = understand(words, TUESDAY, locale, choices=CHOICES)
    assert all(0 <= item.start < item.end <= len(words) for item in said.found)
    assert said.title or not words.strip() or said.found or not " ".join(words.split())


def test_a_long_line_takes_no_time_at_all() -> None:
    said = understand("remind me in in in 1 1 1 " * 4000, TUESDAY, BRITISH)
    assert said.reminder is None
