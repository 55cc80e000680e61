"""Data documents: records that others point to by their stable names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kith_metadata.checks import CheckContext, checks
from kith_metadata.checks.choices import options_of
from kith_metadata.issues import Issue
from kith_metadata.kinds.entity import Entity
from kith_metadata.layered import Layered
from kith_metadata.registry import nearest
from kith_metadata.yaml_reader import Path


@checks.register("data_records")
def check_data_records(context: CheckContext) -> Iterator[Issue]:
    """Yield lookups to records that no data document holds, and stable names that stand for two records."""
    known: dict[str, dict[str, str]] = {}
    incomplete = any(key.startswith("data:") for key in context.broken)
    for layered, data in context.of_kind("data"):
        for name in data.records:
            first = known.setdefault(data.entity, {}).setdefault(name, layered.key)
            if first != layered.key:
                other = context.layered[first]
                message = f"There are two records '{name}' of {data.entity}."
                place = layered.place(("records", name))
                related = ((other.place(("records", name)), "the first one"),)
                yield Issue("KM025", place, message, "Rename one of them.", f"records.{name}", related=related)
    for layered, data in context.of_kind("data"):
        entity = context.entity(data.entity)
        if entity is None:
            continue
        for name, values in data.records.items():
            yield from _options(context, layered, entity, (name, values))
            if not incomplete:
                yield from _lookups(context, layered, entity, (name, values), known)


def _options(
    context: CheckContext, layered: Layered, entity: Entity, record: tuple[str, Mapping[str, Any]]
) -> Iterator[Issue]:
    for name, value in record[1].items():
        field = entity.fields.get(name)
        known = options_of(context, field) if field is not None and hasattr(field.options, "options_from") else None
        if known is None:
            continue
        pairs = enumerate(value) if isinstance(value, (list, tuple)) else [(None, value)]
        for index, option in pairs:
            if isinstance(option, str) and not option.startswith("=") and option not in known:
                path: Path = ("records", record[0], name) if index is None else ("records", record[0], name, index)
                guess = nearest(option, tuple(known))
                hint = f"Did you mean '{guess}'?" if guess else f"Possible: {', '.join(list(known)[:24])}."
                yield context.issue("KM057", layered, path, f"'{option}' is not an option of '{name}'.", hint)


def _lookups(
    context: CheckContext,
    layered: Layered,
    entity: Entity,
    record: tuple[str, Mapping[str, Any]],
    known: Mapping[str, Mapping[str, str]],
) -> Iterator[Issue]:
    for name, value in record[1].items():
        field = entity.fields.get(name)
        target = getattr(field.options, "to", "") if field is not None else ""
        if not isinstance(target, str) or not context.references.has("entity", target):
            continue
        values = value if isinstance(value, (list, tuple)) else [value]
        for item in values:
            if isinstance(item, str) and not item.startswith("=") and item not in known.get(target, {}):
                guess = nearest(item, tuple(known.get(target, {})))
                hint = f"Did you mean '{guess}'?" if guess else f"Give a data document of {target} a record '{item}'."
                message = f"There is no record '{item}' of {target} in any data document."
                yield context.issue("KM059", layered, ("records", record[0], name), message, hint)
