"""Texts made safe for other languages: addresses, HTML and scripts."""

from __future__ import annotations

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.functions.pieces import checked_length

# In this order, so that what one step writes is not changed by a later one.
HTML_SIGNS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))
SCRIPT_SIGNS = (
    ("\\", "\\\\"), ("'", "\\'"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("<", "\\u003C"),
    (">", "\\u003E"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"),
)  # fmt: skip
PLAIN_IN_ADDRESSES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_TEXT = Parameter("text", t.TEXT_KINDS)
_PERCENT = {code: chr(code) if chr(code) in PLAIN_IN_ADDRESSES else f"%{code:02X}" for code in range(256)}


def _replaced(text: str, signs: tuple[tuple[str, str], ...]) -> str:
    for sign, written in signs:
        text = text.replace(sign, written)
    checked_length(len(text))
    return text


def html_encode(text: str) -> str:
    """Return a text as it stands in HTML, inside and outside of attributes."""
    return _replaced(text, HTML_SIGNS)


def _script_encode(text: str) -> str:
    return _replaced(text, SCRIPT_SIGNS)


def _url_encode(text: str) -> str:
    signs = text.encode()
    # Asked before it is written: three signs stand for each that is not plain.
    checked_length(len(signs) + 2 * len(signs.translate(None, PLAIN_IN_ADDRESSES.encode())))
    return "".join(map(_PERCENT.__getitem__, signs))


FAMILIES.register("encoding")(
    Family(
        "Encoding",
        (
            Function("url_encode", "Write a text as a part of an address: what is no letter, digit or one of -._~ "
                     "becomes %xx.", (_TEXT,), always(t.TEXT), _url_encode,
                     ('url_encode("a b&c/ä") == "a%20b%26c%2F%C3%A4"',), fallible=True),
            Function("html_encode", "Write a text so that HTML shows it as it is.", (_TEXT,), always(t.TEXT),
                     html_encode,
                     ('html_encode("<b>R&D</b>") == "&lt;b&gt;R&amp;D&lt;/b&gt;"', "html_encode('\"') == \"&quot;\""),
                     fallible=True),
            Function("script_encode", "Write a text so that it can stand in quotation marks in a script.", (_TEXT,),
                     always(t.TEXT), _script_encode,
                     ("script_encode(\"it's\") == \"it\\\\'s\"", 'script_encode("</b>") == "\\\\u003C/b\\\\u003E"'),
                     fallible=True),
        ),
    )
)  # fmt: skip
