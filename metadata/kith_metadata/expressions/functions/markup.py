"""Links, images and line breaks: safe HTML that is put together from escaped parts and nothing else."""

from __future__ import annotations

import re
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.functions.encoding import html_encode
from kith_metadata.expressions.functions.pieces import checked_length
from kith_metadata.expressions.functions.text import TRIMMED

# Every engine reads exactly these, without regard to case. An address of the own site has one slash, not two.
LINKED = "^(https?://|mailto:|tel:|/([^/\\\\]|$))"
PICTURED = "^(https?://|/([^/\\\\]|$))"
UNSEEN = "\t\n\r"
MAX_PIXELS = 2_000
_LINKED, _PICTURED = re.compile(LINKED, re.ASCII | re.IGNORECASE), re.compile(PICTURED, re.ASCII | re.IGNORECASE)
_WITHOUT = str.maketrans({**dict.fromkeys(UNSEEN), " ": "%20"})
_ADDRESS = Parameter("address", t.TEXT_KINDS)
_PIXELS = frozenset({"integer", "decimal"})


def _cleaned(address: str | None) -> str:
    # Browsers pass over tabs and line ends in addresses, so they could hide what an address begins with.
    return (address or "").strip(TRIMMED).translate(_WITHOUT)


def _link(address: str | None, text: str | None) -> str | None:
    shown = text or address
    if shown is None:
        return None
    url, words = _cleaned(address), html_encode(shown)
    if not _LINKED.match(url):
        return words
    result = f'<a href="{html_encode(url)}">{words}</a>'
    checked_length(len(result))
    return result


def _image(address: str | None, text: str | None, height: Any = None, width: Any = None) -> str | None:
    url, words = _cleaned(address), html_encode(text or "")
    if not _PICTURED.match(url):
        return words or None
    size = _pixels("height", height) + _pixels("width", width)
    result = f'<img src="{html_encode(url)}" alt="{words}"{size}>'
    checked_length(len(result))
    return result


def _link_image(address: str | None, picture: str | None, text: str | None, *size: Any) -> str | None:
    url, shown = _cleaned(address), _image(picture, text, *size)
    if shown is None or not _LINKED.match(url):
        return shown
    result = f'<a href="{html_encode(url)}">{shown}</a>'
    checked_length(len(result))
    return result


def _pixels(name: str, number: Any) -> str:
    whole = 0 if number is None else min(int(number), MAX_PIXELS)
    return f' {name}="{whole}"' if whole > 0 else ""


def _line_break() -> str:
    return "<br>"


FAMILIES.register("markup")(
    Family(
        "Links and images",
        (
            Function("link", "Return a text that leads to an address: http, https, mailto, tel or a path of this site. "
                     "Another address gives the text alone.", (_ADDRESS, Parameter("text", t.TEXT_KINDS)),
                     always(t.MARKUP), _link,
                     ('link("https://example.com", "Site") != blank', "link(blank, blank) == blank"),
                     keeps_blank=True, fallible=True, around=("image", "link_image")),
            Function("link_image", "Return an image that leads to an address; `link(address, image(…))` is the same.",
                     (_ADDRESS, Parameter("image", t.TEXT_KINDS), Parameter("text", t.TEXT_KINDS),
                      Parameter("height", _PIXELS, optional=True), Parameter("width", _PIXELS, optional=True)),
                     always(t.MARKUP), _link_image,
                     ('link_image("/a", "/flag.png", "Flag", 16) != blank', 'link("/a", image("x:y", blank)) == blank'),
                     keeps_blank=True, fallible=True),
            Function("image", "Return the image of an address, with the words for those who do not see it, and its "
                     "size in pixels.", (_ADDRESS, Parameter("text", t.TEXT_KINDS),
                                    Parameter("height", _PIXELS, optional=True),
                                    Parameter("width", _PIXELS, optional=True)),
                     always(t.MARKUP), _image,
                     ('image("/flag.png", "Flag", 16, 24) != blank', 'image("javascript:x", blank) == blank'),
                     keeps_blank=True, fallible=True),
            Function("line_break", "Return the end of a line between texts with links and images.", (),
                     always(t.MARKUP), _line_break, ('line_break() + "" != blank',)),
        ),
    )
)  # fmt: skip
