"""Text: case, length, trimming and searching. Searching is exact: upper and lower case differ."""

from __future__ import annotations

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always

TRIMMED = " \t\r\n"
_TEXT = Parameter("text", t.TEXT_KINDS)
_PART = Parameter("part", t.TEXT_KINDS)
# Lists search texts with links and images too.
_SEARCHED = Parameter("text", frozenset(t.TEXT_KINDS | {"markup"}))


def _length(text: str | None) -> int:
    return len(text or "")


def _trim(text: str) -> str | None:
    return text.strip(TRIMMED) or None


def contains(text: str | None, part: str | None) -> bool:
    """Tell whether a part occurs in a text; a blank part occurs nowhere, so that a blank never opens a rule."""
    return bool(text and part and part in text)


def _starts_with(text: str | None, part: str | None) -> bool:
    return bool(text and part and text.startswith(part))


def _ends_with(text: str | None, part: str | None) -> bool:
    return bool(text and part and text.endswith(part))


FAMILIES.register("text")(
    Family(
        "Text",
        (
            Function("lower", "Return the text in lower case.", (_TEXT,), always(t.TEXT), str.lower,
                     ('lower("ACME Ltd") == "acme ltd"', 'lower("ÄÖ") == "äö"', "lower(blank) == blank")),
            Function("upper", "Return the text in upper case.", (_TEXT,), always(t.TEXT), str.upper,
                     ('upper("Acme") == "ACME"', 'upper("é") == "É"')),
            Function("trim", "Remove spaces, tabs and line ends around the text.", (_TEXT,), always(t.TEXT), _trim,
                     ('trim("  a b ") == "a b"', 'trim("   ") == blank')),
            Function("len", "Count the characters; a blank text has 0.", (_TEXT,), always(t.INTEGER), _length,
                     ('len("abc") == 3', 'len("") == 0', "len(blank) == 0"), keeps_blank=True),
            Function("contains", "Tell whether a part occurs in a text; a blank part never does.", (_SEARCHED, _PART),
                     always(t.BOOLEAN), contains,
                     ('contains("Salesforce", "force")', 'not contains("Salesforce", "Force")',
                      'not contains("a", "")', 'contains("50% off_now", "% off_")'), keeps_blank=True),
            Function("starts_with", "Tell whether a text begins with a part; a blank part never does.", (_TEXT, _PART),
                     always(t.BOOLEAN), _starts_with,
                     ('starts_with("Acme", "Ac")', 'not starts_with("Acme", "ac")', 'not starts_with("Ac", "Acme")'),
                     keeps_blank=True),
            Function("ends_with", "Tell whether a text ends with a part; a blank part never does.", (_TEXT, _PART),
                     always(t.BOOLEAN), _ends_with,
                     ('ends_with("a.pdf", ".pdf")', 'not ends_with("a.pdf", "_pdf")', 'not ends_with("f", "pdf")'),
                     keeps_blank=True),
        ),
    )
)  # fmt: skip
