"""What the keys of patches name: ``fields.amount.label``, ``columns.amount``, ``grants.deal.fields.margin``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kith_metadata.documents import Document
from kith_metadata.graph import Walk
from kith_metadata.layered import Layered, at
from kith_metadata.patches import steps_of
from kith_metadata.uses import Target
from kith_metadata.yaml_reader import Path


@dataclass(frozen=True, slots=True)
class PatchKey:
    """A key or a list's text of a patch, with the path in the target that its first step continues."""

    path: Path
    at_key: bool
    text: str
    above: tuple[str, ...]
    whole: bool = False
    """One name that may hold dots, such as an entity among the grants of a role."""


def patch_keys(document: Document) -> Iterator[PatchKey]:
    """Yield every key of a patch that is a path, and the names that it hides or puts in order."""
    for action in ("set", "add", "saw"):
        yield from _keys(document.data.get(action), (action,), ())
    hidden = document.data.get("hide")
    for index, text in enumerate(hidden if isinstance(hidden, list) else ()):
        yield PatchKey(("hide", index), False, str(text), ())
    order = document.data.get("order")
    for text, names in order.items() if isinstance(order, dict) else ():
        yield PatchKey(("order", text), True, text, ())
        for index, name in enumerate(names or ()):
            yield PatchKey(("order", text, index), False, str(name), tuple(map(str, steps_of(text))), whole=True)


def _keys(data: Any, path: Path, above: tuple[str, ...]) -> Iterator[PatchKey]:
    for text, value in data.items() if isinstance(data, dict) else ():
        whole = above == ("grants",)
        yield PatchKey((*path, text), True, text, above, whole)
        inner = (text,) if whole else tuple(map(str, steps_of(text)))
        yield from _keys(value, (*path, text), (*above, *inner))


def meaning(walk: Walk, target: Layered, app: str, steps: tuple[str, ...]) -> Target | None:
    """Return what the last of some steps into a document names; None when it names nothing that can be renamed."""
    name, above = steps[-1], steps[:-1]
    if target.kind == "option_set":
        return ("option", target.full_name, name) if above == ("options",) else None
    if target.kind == "role":
        return _in_role(walk, app, above, name)
    if target.kind == "entity":
        return _in_entity(walk, target.full_name, above, name)
    entity = walk.entity(str(target.data.get("entity")), target.app)
    is_field = bool(above) and (
        (above == ("columns",) and target.kind == "view")
        or (above[-1] == "elements" and _is_of_field(target, steps))
        or (above[0] == "records" and len(above) == 2)
    )
    return ("field", entity, name) if is_field else None


def _is_of_field(target: Layered, steps: tuple[str, ...]) -> bool:
    element = at(target.data, steps) or {}
    return (element.get("element") or "field") == "field" and not element.get("field")


def _in_role(walk: Walk, app: str, above: tuple[str, ...], name: str) -> Target | None:
    if above == ("grants",):
        return ("entity", walk.entity(name, app), "")
    if len(above) == 3 and (above[0], above[2]) == ("grants", "fields"):
        return ("field", walk.entity(above[1], app), name)
    return None


def _in_entity(walk: Walk, entity: str, above: tuple[str, ...], name: str) -> Target | None:
    if above == ("fields",):
        return ("field", entity, name)
    if len(above) == 3 and above[0] == "fields" and above[2] in ("options", "offered"):
        return ("option", walk.holder(entity, above[1]), name)
    return ("field", entity, name) if above[:1] == ("rules",) and above[2:] in (("set",), ("default",)) else None
