"""Every word begins with a capital, by one definition for every letter that there is, however long the text is."""

from __future__ import annotations

import unicodedata
from itertools import groupby

from kith_metadata.expressions.families import FUNCTIONS


def _by_definition(text: str) -> str:
    def inside(sign: str) -> bool:
        kind = unicodedata.category(sign)
        return kind[0] == "L" or kind == "Nd"

    words = ((found, "".join(signs)) for found, signs in groupby(text, inside))
    return "".join(word[0].upper() + word[1:].lower() if found else word for found, word in words)


def test_each_letter_is_turned_by_the_definition_at_the_beginning_inside_and_behind() -> None:
    title_case = FUNCTIONS["title_case"].python
    wrong = []
    for code in (*range(0x80, 0x3000), *range(0xA640, 0xAC00), *range(0xFB00, 0x10500)):
        sign = chr(code)
        if unicodedata.category(sign) != "Cs":
            text = f"xY{sign}aB {sign}cD {sign}{sign}É 1{sign}"
            wrong += [text] if title_case(text) != _by_definition(text) else []
            text = f"É{sign}b {sign}É"
            wrong += [text] if title_case(text) != _by_definition(text) else []
    assert wrong == []
