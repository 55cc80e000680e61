"""Checks what was sent for a lead: every problem is reported at once, by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bench.handwritten.options import CONSENTS, COUNTRIES, REASONS, REGIONS, SOURCES, STATUSES


class Invalid(Exception):
    """The values do not fit; ``problems`` maps fields to what is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("Some values do not fit.")
        self.problems = dict(problems)


def checked(sent: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the columns for what was sent; ``before`` holds the stored row when a lead is changed."""
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in sent.items():
        read = _READERS.get(name)
        if read is None:
            problems[name] = "There is no such field."
            continue
        try:
            found.update(read(value) if value not in (None, "") else dict.fromkeys(_COLUMNS.get(name, (name,))))
        except ValueError as problem:
            problems[name] = str(problem)
    _check_whole({**(before or {"status": "new"}), **found}, problems)
    if problems:
        raise Invalid(problems)
    return found


def _check_whole(row: Mapping[str, Any], problems: dict[str, str]) -> None:
    for name in ("name", "status"):
        if not row.get(name):
            problems.setdefault(name, "Fill this in.")
    country = row.get("country")
    if country and country not in COUNTRIES.get(row.get("region") or "", ()):
        problems.setdefault("country", "Choose a country of the region.")


def _line(name: str, most: int) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, str) or "\n" in value or "\0" in value:
            raise ValueError("Write one line of text.")
        text = value.strip()
        if len(text) > most:
            raise ValueError(f"At most {most} characters.")
        return {name: text or None}

    return read


def _long(name: str, most: int) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, str) or "\0" in value or len(value) > most:
            raise ValueError(f"Write a text of at most {most} characters.")
        return {name: value}

    return read


def _choice(name: str, options: Mapping[str, Any]) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if value not in options:
            raise ValueError("Choose one of the list.")
        return {name: value}

    return read


def _key(name: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        try:
            return {name: int(value)}
        except (TypeError, ValueError):
            raise ValueError("Choose one of the list.") from None

    return read


def _email(value: Any) -> dict[str, Any]:
    try:
        return {"email": validate_email(value, check_deliverability=False).normalized}
    except (EmailNotValidError, TypeError):
        raise ValueError("Write an address like name@example.com.") from None


def _phone(name: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        try:
            number = phonenumbers.parse(value, "NL")
        except (phonenumbers.NumberParseException, TypeError):
            raise ValueError("Write the number like +31 20 624 1111.") from None
        if not phonenumbers.is_possible_number(number):
            raise ValueError("Write the number like +31 20 624 1111.")
        return {name: phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}

    return read


def _website(value: Any) -> dict[str, Any]:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")) or len(value) > 2048:
        raise ValueError("Write an address like https://www.example.com.")
    return {"website": value}


def _rating(value: Any) -> dict[str, Any]:
    if isinstance(value, bool) or str(value) not in ("1", "2", "3", "4", "5"):
        raise ValueError("Choose 1 to 5.")
    return {"rating": int(value)}


def _money(value: Any) -> dict[str, Any]:
    given = value if isinstance(value, Mapping) else {"amount": value}
    try:
        amount = Decimal(str(given.get("amount")))
    except InvalidOperation:
        raise ValueError("Write an amount like 12500.00.") from None
    cents = amount * 100
    if not amount.is_finite() or cents != int(cents) or not 0 <= cents < 1 << 62:
        raise ValueError("Write an amount from 0, with at most two decimals.")
    if given.get("currency", "EUR") not in ("EUR", "USD", "GBP", "CHF"):
        raise ValueError("This currency is not used here.")
    return {"value_cents": int(cents), "value_currency": given.get("currency", "EUR")}


def _date(name: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        try:
            return {name: date.fromisoformat(value)}
        except (TypeError, ValueError):
            raise ValueError("Write a date like 2026-11-24.") from None

    return read


def _moment(name: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValueError("Write a time like 2026-11-24T09:00:00Z.") from None
        return {name: moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)}

    return read


def _tags(value: Any) -> dict[str, Any]:
    if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
        raise ValueError("Send a list of tags.")
    return {"tags": tuple(dict.fromkeys(value))}


_COLUMNS = {"estimated_value": ("value_cents", "value_currency")}
_COLUMNS |= {"campaign": ("campaign_id",), "interest": ("interest_id",), "owner": ("owner_id",)}
_READERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "name": _line("name", 120),
    "company": _line("company", 160),
    "job_title": _line("job_title", 120),
    "email": _email,
    "mobile": _phone("mobile"),
    "phone": _phone("phone"),
    "website": _website,
    "status": _choice("status", STATUSES),
    "rating": _rating,
    "source": _choice("source", SOURCES),
    "campaign": _key("campaign_id"),
    "interest": _key("interest_id"),
    "owner": _key("owner_id"),
    "estimated_value": _money,
    "region": _choice("region", REGIONS),
    "country": _choice("country", {code: code for codes in COUNTRIES.values() for code in codes}),
    "answer_due_at": _moment("answer_due_at"),
    "answered_at": _moment("answered_at"),
    "last_contact_on": _date("last_contact_on"),
    "next_step": _line("next_step", 120),
    "next_step_on": _date("next_step_on"),
    "reason": _choice("reason", REASONS),
    "converted_on": _date("converted_on"),
    "email_consent": _choice("email_consent", CONSENTS),
    "tags": _tags,
    "description": _long("description", 20_000),
}
