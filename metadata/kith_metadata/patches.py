"""A patch as written, taken apart into entries: what to set, add, hide and reorder, and what was seen below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.documents import Document
from kith_metadata.issues import Issue, Place
from kith_metadata.layered import dotted
from kith_metadata.registry import nearest
from kith_metadata.yaml_reader import Path

ACTIONS = ("set", "add", "hide", "order")
_KEYS = ("of", *ACTIONS, "saw")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One thing that a patch does: ``path`` inside the target, ``written`` inside the patch document."""

    action: str
    path: Path
    value: Any
    document: Document
    written: Path

    @property
    def place(self) -> Place:
        """Where the entry stands."""
        return self.document.places.nearest(self.written)


def steps_of(text: str) -> Path:
    """Return the steps of a dotted path.

    >>> steps_of("fields.amount.label")
    ('fields', 'amount', 'label')
    """
    return tuple(step for step in text.split(".") if step)


def shape_issues(document: Document, kinds: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield what is wrong with the form of a patch, whatever it applies to."""
    data, places = document.data, document.places
    if document.name not in kinds:
        guess = nearest(document.name, tuple(kinds))
        hint = f"Did you mean '{guess}'?" if guess else f"Known: {', '.join(kinds)}."
        yield Issue("KM022", places.value(("patch",)), f"'{document.name}' is not a kind of document.", hint, "patch")
    if not isinstance(data.get("of"), str) or not data["of"]:
        yield Issue("KM014", document.place, "'of' is missing.", "Write: of: sales.deal", "of")
    for key, value in data.items():
        if key not in _KEYS:
            guess = nearest(key, _KEYS)
            hint = f"Did you mean '{guess}'?" if guess else f"Possible: {', '.join(_KEYS)}."
            yield Issue("KM013", places.nearest((key,)), f"'{key}' is not a property of a patch.", hint, key)
        elif key in ("set", "add", "order", "saw") and not isinstance(value, (dict, type(None))):
            hint = "Write paths with values, such as: fields.amount.label: Value"
            yield Issue("KM015", places.value((key,)), f"'{key}' is a map of paths.", hint, key)
        elif key == "hide" and not _is_texts(value):
            hint = "Write a list of paths: [fields.amount]."
            yield Issue("KM015", places.value((key,)), "'hide' is a list of paths.", hint, key)
    for path, names in _map(data, "order").items():
        if not _is_texts(names):
            place = places.value(("order", path))
            hint = "Write: fields: [name, amount]."
            yield Issue("KM015", place, "An order is a list of names.", hint, f"order.{path}")


def _is_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def plain_entries(document: Document) -> Iterator[Entry]:
    """Yield the entries that need no knowledge of the target: hidden paths and orders."""
    hidden = document.data.get("hide")
    for index, text in enumerate(hidden if isinstance(hidden, list) else ()):
        yield Entry("hide", steps_of(text), None, document, ("hide", index))
    for text, names in _map(document.data, "order").items():
        yield Entry("order", steps_of(text), names or [], document, ("order", text))


def roots(document: Document, action: str) -> Iterator[Entry]:
    """Yield the outermost entries of ``set`` or ``add``; maps inside are taken apart against the target."""
    for text, value in _map(document.data, action).items():
        yield Entry(action, steps_of(text), value, document, (action, text))


def saw_of(document: Document) -> dict[str, Any]:
    """Return what the layer below said when the patch was made, by dotted path."""
    found: dict[str, Any] = {}
    pending: list[tuple[Path, Any]] = [(steps_of(text), value) for text, value in _map(document.data, "saw").items()]
    while pending:
        path, value = pending.pop()
        found[dotted(path)] = value
        if isinstance(value, dict):
            pending.extend(((*path, *steps_of(key)), item) for key, item in value.items())
    return found
