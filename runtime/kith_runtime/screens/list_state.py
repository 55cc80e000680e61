"""What the address of a list asks for, and the addresses of lists that differ in one thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict

MOST_CONDITIONS = 20
LONGEST_MORE = 2000
LONGEST_TEXT = 4000
ALL = "all"
"""The view that shows every record; it exists for every entity without being declared."""

MORE = ("as", "on", "scale", "open")
"""Parameters of the other ways to show records: as a board or a calendar, on which day, and so on."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the filter builder, as it was written: a field, a word of the operators, and what it compares to."""

    field: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ListState:
    """The question in a list's address. ``start`` is the number of the first row, a label and nothing more."""

    entity: str
    view: str = ""
    sort: tuple[str, ...] = ()
    where: str = ""
    text: str = ""
    conditions: tuple[Condition, ...] = ()
    after: str = ""
    before: str = ""
    start: int = 1
    exact: bool = False
    more: tuple[tuple[str, str], ...] = ()
    saved: str = ""
    """The id of the saved view that this question began as; it may have been changed since."""
    group: str = ""

    @property
    def looked_at(self) -> str:
        """The saved view, or the app's view, that a person is in."""
        return self.saved or self.view

    @property
    def filtered(self) -> bool:
        """Tell whether a person narrowed the view further."""
        return bool(self.where or self.text or self.conditions)

    @property
    def paged(self) -> bool:
        """Tell whether this is another page than the first."""
        return bool(self.after or self.before)

    def asked(self, name: str) -> str:
        """Return a parameter of :data:`MORE`; empty when the address says nothing of it."""
        return dict(self.more).get(name, "")

    def shown(self, **more: str) -> str:
        """Return the address of the same records shown otherwise, such as ``shown(scale="week")``; blank leaves out."""
        known = {**dict(self.more), **{name.rstrip("_"): value for name, value in more.items()}}
        return self.address(more=tuple((name, known[name]) for name in MORE if known.get(name)))

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Yield the parameters of the address, without those that say nothing."""
        single = (
            ("view", self.view),
            ("saved", self.saved),
            ("group", self.group),
            ("sort", ",".join(self.sort)),
            ("q", self.text),
            ("where", self.where),
            ("after", self.after),
            ("before", self.before),
            ("from", str(self.start) if self.paged and self.start > 1 else ""),
            ("count", "all" if self.exact else ""),
        )
        yield from ((name, value) for name, value in single if value)
        yield from self.more
        for condition in self.conditions:
            yield from (("f", condition.field), ("o", condition.operator), ("v", condition.value))

    def address(self, suffix: str = "", **changes: Any) -> str:
        """Return the address of this list with some things changed; another question begins at its first page."""
        if not changes.keys() & {"after", "before"}:
            changes |= {"after": "", "before": "", "start": 1}
        return replace(self, **changes).here(suffix)

    def here(self, suffix: str = "") -> str:
        """Return this list's own address."""
        text = urlencode(list(self.parameters()))
        return f"/e/{quote(self.entity)}{suffix}" + (f"?{text}" if text else "")

    def without(self, index: int) -> str:
        """Return the address without one condition."""
        kept = self.conditions[:index] + self.conditions[index + 1 :]
        return self.address(conditions=kept)


def read_state(entity: str, arguments: MultiDict[str, str]) -> ListState:
    """Return the question of an address; lengths are cut, meanings are checked by whoever answers."""
    return ListState(
        entity,
        view=arguments.get("view", "")[:200],
        sort=tuple(part.strip() for part in arguments.get("sort", "")[:400].split(",") if part.strip()),
        where=arguments.get("where", "")[:LONGEST_TEXT].strip(),
        text=arguments.get("q", "")[:200].strip(),
        conditions=tuple(_conditions(arguments)),
        after=arguments.get("after", "")[:LONGEST_TEXT],
        before=arguments.get("before", "")[:LONGEST_TEXT],
        start=_number(arguments.get("from", "")),
        exact=arguments.get("count") == "all",
        more=tuple((name, arguments[name][:LONGEST_MORE]) for name in MORE if arguments.get(name)),
        saved=arguments.get("saved", "")[:40],
        group=arguments.get("group", "")[:100],
    )


def _conditions(arguments: MultiDict[str, str]) -> Iterator[Condition]:
    """Yield the conditions of an address; one without a field says nothing."""
    fields, operators, values = (arguments.getlist(name)[:MOST_CONDITIONS] for name in ("f", "o", "v"))
    for index, name in enumerate(fields):
        if name:
            yield Condition(name[:100], _at(operators, index)[:40], _at(values, index)[:LONGEST_TEXT].strip())


def _at(values: Sequence[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 9 else 1
