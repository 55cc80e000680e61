"""Ask every screen for things that cannot be: each part of each address, with each value of a corpus of bad input."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from flask import Flask, Request, has_request_context, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

BAD = (
    "", "'\"><b>x</b>", "\0", "a\0b", "²", "٣", "-1", "0", "1e309", "9" * 40, "2026-02-30", "9999-12-31", "0001-01-01",
    "10000-01-01", "__class__", "id.__class__", "name ==", "(" * 400, "not " * 900, "a or " * 900, "name,-name,name",
    "nope", "-", "01jd3m5zq8w9v7k2t4xa",
    "bm90IGEgY3Vyc29y", "WzEsMl0", "W10", "[]", "{}", "1'; DROP TABLE base__user;--",
    "../../etc/passwd", "owner.password", "margin", "margin > 3", "%", "x" * 3000, "inf", "nan", "-9223372036854775809",
    "1970-01-01T99:99", "\U0001d518\u202e", "board", "calendar", "is", "one_of",
)  # fmt: skip
"""Garbage, wrong types, names that are not there or are hidden, cursors of nobody, and values without measure."""

_PART = re.compile(r"<(?:[^>:]*:)?([^>]+)>")


class _Noting(ImmutableMultiDict[str, str]):
    """The arguments of a request, noting for which ones a screen asks."""

    asked: ClassVar[dict[str, set[str]]] = defaultdict(set)

    def _note(self, name: object) -> None:
        if has_request_context() and request.endpoint:
            self.asked[request.endpoint].add(str(name))

    def get(self, key: Any, *more: Any, **named: Any) -> Any:
        self._note(key)
        return super().get(key, *more, **named)

    def getlist(self, key: Any, *more: Any, **named: Any) -> Any:
        self._note(key)
        return super().getlist(key, *more, **named)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)


class NotingRequest(Request):
    """A request of an app whose screens are to be swept."""

    parameter_storage_class = _Noting


@dataclass
class Sweep:
    """The addresses of an app. ``known`` are the parts of good addresses: an entity, a record of it, and so on."""

    app: Flask
    known: Mapping[str, str]
    rules: list[Rule] = field(init=False)

    def __post_init__(self) -> None:
        left_out = ("/api", "/static")
        self.rules = [
            rule
            for rule in self.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not str(rule).startswith(left_out)
        ]

    def address(self, rule: Rule, **bad: str) -> str:
        """Return the address of a screen, with some parts replaced by bad ones."""
        parts = {**self.known, **bad}
        return _PART.sub(lambda found: quote(parts.get(found[1], self.known["record"]), safe=""), str(rule))

    def good(self) -> Iterator[str]:
        """Yield the good address of each screen; asking for these tells which parameters the screens know."""
        for rule in self.rules:
            yield self.address(rule)

    def bad_parts(self, step: int) -> Iterator[str]:
        """Yield addresses with one bad part of the path: every ``step``-th value, each part from another one on."""
        for number, rule in enumerate(self.rules):
            for name in sorted(rule.arguments):
                yield from (self.address(rule, **{name: value}) for value in BAD[number % step :: step] if value)

    def bad_parameters(self, step: int) -> Iterator[str]:
        """Yield addresses with one bad parameter, for each that a screen asked for when its good address was opened."""
        for rule in self.rules:
            base = self.address(rule)
            for index, name in enumerate(sorted(_Noting.asked[str(rule.endpoint)])):
                yield from (f"{base}?{urlencode([(name, value)])}" for value in BAD[index % step :: step])
