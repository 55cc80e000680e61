"""References to fields: in titles, columns, sorts, keys, highlights, grants and everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kith_metadata.checks import CheckContext, checks, field_names
from kith_metadata.issues import Issue
from kith_metadata.kinds.entity import Entity, Index, Key
from kith_metadata.layered import Layered
from kith_metadata.occurrences import Occurrence
from kith_metadata.references import Unresolved
from kith_metadata.registry import nearest
from kith_metadata.yaml_reader import Path

MAX_STEPS = 3

DAYS = frozenset({"date", "datetime"})

PERSON = "base.user"
"""The entity whose records are people."""


@checks.register("fields")
def check_fields(context: CheckContext) -> Iterator[Issue]:
    """Yield references to fields that are not there, or that cannot serve where they stand."""
    for layered in context.layered.values():
        for occurrence in context.occurrences(layered):
            if occurrence.entity and occurrence.declared.refers in ("field", "sort", "field keys"):
                yield from _references(context, layered, occurrence)
        if layered.kind == "view":
            yield from _keys(context, layered, ("columns",), layered.data.get("entity"))
        if layered.kind == "form":
            yield from _elements(context, layered)
        if layered.kind == "data":
            yield from _records(context, layered)


def _references(context: CheckContext, layered: Layered, occurrence: Occurrence) -> Iterator[Issue]:
    value, path = occurrence.value, occurrence.path
    if isinstance(value, str):
        found: list[tuple[str, Path]] = [(value, path)] if value else []
    elif isinstance(value, dict):
        found = [(name, (*path, name)) for name in value]
    else:
        found = [(name, (*path, index)) for index, name in enumerate(value)]
    at_key = isinstance(value, dict)
    for text, where in found:
        name = text.removeprefix("-") if occurrence.declared.refers == "sort" else text
        issue = _unknown(context, layered, occurrence.entity, name, (where, at_key))
        if issue is not None:
            yield issue
        else:
            yield from _serves(context, layered, occurrence, name, where)


def _unknown(
    context: CheckContext, layered: Layered, entity_name: str, name: str, where: tuple[Path, bool]
) -> Issue | None:
    """Return the issue of a field, or a way over lookups such as ``account.name``, that is not there."""
    current = entity_name
    steps = name.split(".")
    for index, step in enumerate(steps):
        entity = context.entity(current)
        if entity is None:
            return None
        if step not in field_names(entity):
            return _missing(context, layered, current, entity, (step, *where))
        if index + 1 < len(steps):
            target = _target(entity, step)
            if not target or index + 1 >= MAX_STEPS:
                make = context.key_issue if where[1] else context.issue
                message = f"'{name}' cannot be followed: '{step}' of {current} points to no single entity."
                return make("KM052", layered, where[0], message, "Name a field of the entity itself.")
            current = target
    return None


def _missing(
    context: CheckContext, layered: Layered, full_name: str, entity: Entity, where: tuple[str, Path, bool]
) -> Issue:
    name, path, at_key = where
    guess = nearest(name, field_names(entity))
    renamed = next((field.name for field in entity.fields.values() if name and field.was == name), "")
    hint = f"Did you mean '{guess}'?" if guess else f"It has {', '.join(list(entity.fields)[:12])}."
    hint = f"It is called '{renamed}' now." if renamed else hint
    make = context.key_issue if at_key else context.issue
    return make("KM052", layered, path, f"'{name}' is not a field of {full_name}.", hint)


def _target(entity: Entity, name: str) -> str:
    if name in ("owner", "created_by", "updated_by"):
        return "base.user"
    field = entity.fields.get(name)
    target = getattr(field.options, "to", "") if field is not None else ""
    return target if isinstance(target, str) else ""


def _serves(context: CheckContext, layered: Layered, occurrence: Occurrence, name: str, path: Path) -> Iterator[Issue]:
    entity = context.entity(occurrence.entity)
    field = entity.fields.get(name) if entity is not None else None
    if field is None:
        return
    kind = context.language.variants["field_types"][field.type]
    if occurrence.owner in (Key, Index) and not kind.stored:
        message = f"'{name}' cannot be in a key or an index: a {field.type} field has no column of its own."
        yield context.issue("KM056", layered, path, message, "Take it out.")
    elif occurrence.declared.name == "due_on" and field.type not in DAYS:
        message = f"'{name}' is no date, so nothing can be due on it."
        yield context.issue("KM057", layered, path, message, "Name a field of type date or datetime.")
    elif occurrence.declared.refers == "sort" and not kind.sortable:
        message = f"Records cannot be sorted by '{name}': a {field.type} field has no order."
        yield context.issue("KM071", layered, path, message, "Sort by another field.")


def _keys(context: CheckContext, layered: Layered, path: Path, entity_name: Any) -> Iterator[Issue]:
    """Check a map whose keys are fields."""
    full = context.references.find("entity", str(entity_name), layered.app)
    data: Any = layered.data
    for step in path:
        data = (data or {}).get(step)
    for name in data or ():
        if isinstance(full, str):
            issue = _unknown(context, layered, full, name, ((*path, name), True))
            if issue is not None:
                yield issue


def _records(context: CheckContext, layered: Layered) -> Iterator[Issue]:
    """Records name fields; those of a person may also list under ``roles`` what the person may do.

    The roles may be those of any app, also of one that is not installed; only a slip of the pen is told.
    """
    installed = {app.name for app in context.loaded.apps}
    full = context.references.find("entity", str(layered.data.get("entity")), layered.app)
    for name, values in layered.data["records"].items():
        roles = values.get("roles") if full == PERSON else None
        for issue in _keys(context, layered, ("records", name), full):
            if roles is None or issue.path != f"records.{name}.roles":
                yield issue
        for index, role in enumerate(roles if isinstance(roles, list) else ()):
            found = context.references.find("role", str(role), layered.app)
            owner = str(role).rpartition(".")[0] or layered.app
            if isinstance(found, Unresolved) and found.code == "KM050" and owner in installed:
                path: Path = ("records", name, "roles", index)
                yield context.issue(found.code, layered, path, found.message, found.hint)


def _elements(context: CheckContext, layered: Layered) -> Iterator[Issue]:
    """A form's element is the field of its own name, unless its type or its option ``field`` says otherwise."""
    for occurrence in context.occurrences(layered):
        if occurrence.declared.name != "elements" or not isinstance(occurrence.value, dict):
            continue
        for name, item in occurrence.value.items():
            item = item or {}
            if (item.get("element") or "field") != "field" or item.get("field"):
                continue
            issue = _unknown(context, layered, occurrence.entity, name, ((*occurrence.path, name), True))
            if issue is not None:
                yield issue
