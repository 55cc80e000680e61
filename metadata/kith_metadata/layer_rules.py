"""What a higher layer may not do: change what is locked, take away what may only grow, loosen what was strict."""

from __future__ import annotations

from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.kinds.role import Grant
from kith_metadata.locate import Located
from kith_metadata.patches import Entry
from kith_metadata.shape_words import Finding

_SCOPES = ("none", "own", "team", "all")
_FIELD_RIGHTS = ("none", "read", "edit")


def refused(entry: Entry, located: Located) -> Finding | None:
    """Return why an entry may not be applied, from what its property declares."""
    name = str(entry.path[-1])
    of_items = located.item is not None or located.free_key
    if entry.action == "add" and not of_items:
        return Finding("KM081", f"'{name}' is a property; only new items can be added.", "Write it under `set`.")
    if located.customise == "locked":
        message = f"'{name}' is fixed by the app that declares it: stored data and other apps rely on it."
        return Finding("KM082", message, "Take the entry away; other properties may be changed.")
    if entry.action == "hide" and not of_items:
        message = f"'{name}' is a property; only items such as fields, sections and columns can be hidden."
        return Finding("KM081", message, "Set it to the value that you want.")
    if entry.action == "add" and located.exists:
        return Finding("KM081", f"There is already an item '{name}'.", "Change it under `set`.")
    if located.customise == "extend_only":
        if entry.action == "hide":
            message = f"'{name}' cannot be hidden: records may hold it."
            return Finding("KM083", message, f"Set it inactive: {'.'.join(map(str, entry.path))}.active: false.")
        if entry.action == "set" and located.inner is not None:
            message = f"'{name}' cannot be replaced as a whole, only extended."
            return Finding("KM083", message, "Write new items under `add`.")
    return None


def loosened(entry: Entry, located: Located, below: Any) -> Finding | None:
    """Return why a customer's value is refused: it takes away a demand, or gives rights that the app does not."""
    name = str(entry.path[-1])
    if located.shape.cls is Field and name == "required" and below is True and entry.value is not True:
        message = "A field that the app requires stays required: its logic relies on a value."
        return Finding("KM087", message, "Give it a default, so that people need not fill it.")
    if located.shape.cls is Grant and _more(name, located, below, entry.value):
        message = f"This gives more rights than the app's role has ('{_said(below)}' below)."
        return Finding("KM087", message, "Make a role of your own that includes this one and grants more.")
    return None


def _more(name: str, located: Located, below: Any, value: Any) -> bool:
    if located.free_key and located.declared is not None and located.declared.name == "fields":
        return _rank(_FIELD_RIGHTS, value, len(_FIELD_RIGHTS)) > _rank(_FIELD_RIGHTS, below, 2)
    if name == "create":
        return value is True and below is not True
    if name in ("read", "update", "delete"):
        if value == below or value == "none":
            return False
        lower, higher = _rank(_SCOPES, below or "none", -1), _rank(_SCOPES, value, -1)
        if lower == -1 or higher == -1:
            return bool(below != "all")
        return higher > lower
    return False


def _rank(words: tuple[str, ...], value: Any, otherwise: int) -> int:
    return words.index(value) if value in words else otherwise


def _said(below: Any) -> str:
    return "none" if below is None else str(below).lower()
