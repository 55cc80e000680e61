"""What the contract suite feeds to field types: a small snapshot, fields of examples, values and bad input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_platform.locale import person_locale
from kith_runtime.field_types.base import InputScope
from kith_runtime.language import kith_language

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LOCALES = {
    "en": person_locale("en_GB", "Europe/London", "EUR"),
    "de": person_locale("de_DE", "Europe/Berlin", "EUR"),
    "fr": person_locale("fr_FR", "Europe/Paris", "EUR"),
}

_DOCUMENTS = {
    "option_set:base.stage": {
        "label": "Stage",
        "stages": True,
        "attributes": {"probability": {"type": "percent"}},
        "options": {
            "new": {"label": "New", "hue": "blue", "values": {"probability": 20}},
            "open": {"label": "Open <b>", "hue": "amber"},
            "old": {"label": "Old", "active": False},
            "won": {"label": "Won", "hue": "green", "closed": True},
        },
    },
    "entity:base.user": {
        "label": "User",
        "ownership": "none",
        "activities": True,
        "fields": {
            "name": {"type": "text"},
            "active": {"type": "boolean"},
            "salary": {"type": "money", "currency": "USD"},
            "age": {"type": "integer"},
            "manager": {"type": "lookup", "to": "base.user"},
        },
    },
}


def snapshot() -> Snapshot:
    """Return a snapshot with a person entity and a path of stages."""
    return Snapshot(kith_language(), {key: json.dumps(data) for key, data in _DOCUMENTS.items()})


SNAPSHOT = snapshot()


def field_of(type_name: str, options: Mapping[str, Any] | None = None, **common: Any) -> Field:
    """Return a field named ``value`` as the language builds it from plain data."""
    if type_name == "id":
        from_system: Field = Field(name="value", type="id", options=None)
        return from_system
    data = {"type": type_name, "label": "Value", **common, **(options or {})}
    built: Field = SNAPSHOT.language.build(Field, data, "value")
    return built


def scope_of(source: str, locale: str = "en") -> InputScope:
    """Return what input is read with."""
    return InputScope(LOCALES[locale], SNAPSHOT, source, NOW)  # type: ignore[arg-type]


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)

VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "text": _TEXTS,
    "long_text": _TEXTS,
    "rich_text": st.just("<p>") | _TEXTS.map(lambda text: f"<p>{text}</p>"),
    "integer": st.integers(-(2**63) + 1, 2**63 - 1),
    "decimal": st.decimals(Decimal("-9e15"), Decimal("9e15"), places=2),
    "percent": st.decimals(Decimal("-9e15"), Decimal("9e15"), places=2),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "datetime": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "time": st.times().map(lambda moment: moment.replace(microsecond=0).isoformat()),
    "duration": st.integers(-(10**10), 10**10).map(lambda seconds: f"{'-' if seconds < 0 else ''}PT{abs(seconds)}S"),
    "money": st.decimals(Decimal("-9e12"), Decimal("9e12"), places=2).map(
        lambda amount: {"amount": str(amount), "currency": "EUR"}
    ),
    "rating": st.integers(1, 5),
    "colour": st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"),
    "json": st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False,
    allow_infinity=False) | _TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
        max_leaves=8,
    ),
    "address": st.dictionaries(st.sampled_from(["street", "city", "region", "postal_code"]), _TEXTS, min_size=1),
}  # fmt: skip
"""JSON values by field type; a type that is missing here is tried with its examples alone."""

BAD: tuple[Any, ...] = (
    True, False, 0, 1, -1, 10**30, 2**63, 1.5, float("nan"), float("inf"), float("-inf"), -0.0, 1e300, 5e-324,
    Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("1E-999999"),
    "", " ", "NaN", "Infinity", "1e999", "1_000", "٣٤", "２", "0x10", "1,2,3", "--1", "-", ".", "9" * 5000,
    "1" + "0" * 400,
    "a\x00b", "\ud800", "x\udfff", "\u202eabc", "\u200b", "e\u0301", "𝄞", "\x1b[0m", "a\nb", "a\tb", "a\r\nb",
    "<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE x; --", "%s%n", "javascript:alert(1)",
    "data:text/html,x",
    "http://", "http://[", "https://a:b@c.de", "http://a.de:99999", "//a.de", "http://a b.de", "@", "a@",
    "@b.de", "a@b",
    "2026-13-01", "2026-02-30", "0000-00-00", "9999-99-99", "10000-01-01", "2026-11-24T25:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "24:00", "23:60", "PT", "P", "P999999999D", "PT9999999999999S", "-", "today",
    "31.02.2026",
    "+", "+1", "+99999999999999999999", "00", "#12", "#gggggg", "#12345é",
    [], [None], [[]], ["x"], [True], {}, {"": 1}, {"amount": []}, {"amount": "1", "currency": "ZZZ"},
    {"amount": "1", "x": 2},
    {"currency": "EUR"}, {"amount": {"amount": 1}}, {"entity": 1, "id": 2}, {"entity": "base.user", "id": "x"},
    {"id": ["x"]}, {"key": 5}, {"key": "a", "size": "big"}, {"street": 5}, {"country": "Atlantis"},
    {"planet": "Mars"},
    b"bytes", object(), {1, 2}, {1: 2}, ("x", 1), datetime(2026, 1, 1), range(3),  # noqa: DTZ001
)  # fmt: skip
"""Input that has broken programs before."""
