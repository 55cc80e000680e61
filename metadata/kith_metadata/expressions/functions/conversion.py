"""From values to text and from text to numbers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from kith_metadata.expressions import exact
from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.functions.text import TRIMMED
from kith_metadata.expressions.problems import EvaluationError

# Every engine reads exactly this, around which TRIMMED is cut off.
NUMBER_PATTERN = "[+-]?([0-9]{1,100}([.][0-9]{0,100})?|[.][0-9]{1,100})"
_NUMBER = re.compile(NUMBER_PATTERN, re.ASCII)
_SHOWN = frozenset(t.NUMBER_KINDS | t.TEXT_KINDS | {"date", "datetime", "time", "record"})


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds") + "Z"
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("milliseconds")
    return _digits(Decimal(exact.amount(value)))


def _digits(number: Decimal) -> str:
    """Write a number without thousands separators and without zeros that say nothing."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _number(text: str) -> Decimal:
    written = text.strip(TRIMMED)
    if not _NUMBER.fullmatch(written):
        raise EvaluationError.unreadable(written, "not a number. Test it first with is_number(…).")
    return exact.rounded(Decimal(written))


def _is_number(text: str | None) -> bool:
    return _NUMBER.fullmatch((text or "").strip(TRIMMED)) is not None


FAMILIES.register("conversion")(
    Family(
        "Texts and numbers",
        (
            Function("text", "Write a value as text: a number without thousands separators, a date as 2026-11-24, a "
                     "moment as 2026-11-24 09:00:00Z in UTC, a time as 09:30:00.000, an option by its name, a "
                     "record by its id.",
                     (Parameter("value", _SHOWN),), always(t.TEXT), _text,
                     ('text(1250.50) == "1250.5"', 'text(-0.5) == "-0.5"', 'text(100) == "100"',
                      'text(10 / 4 * 2) == "5"', 'len(text(today())) == 10', 'right(text(now()), 1) == "Z"',
                      "text(blank + 1) == blank", 'text(me) + "x" == text(me) + "x"')),
            Function("number", "Read a number from a text: digits, at most one point, a sign in front, spaces around. "
                     "Anything else is an error value.", (Parameter("text", t.TEXT_KINDS),), always(t.DECIMAL), _number,
                     ('number("1250.50") == 1250.5', 'number(" -.5 ") == -0.5', 'number("") == blank'), fallible=True),
            Function("is_number", "Tell whether number() can read a text.", (Parameter("text", t.TEXT_KINDS),),
                     always(t.BOOLEAN), _is_number,
                     ('is_number("12.5")', 'not is_number("1,250")', 'not is_number("1e5")', "not is_number(blank)"),
                     keeps_blank=True),
        ),
    )
)  # fmt: skip
