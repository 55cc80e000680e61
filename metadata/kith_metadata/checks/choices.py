"""Choices: where the options come from, defaults that are options, options that depend on another field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue
from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.layered import Layered
from kith_metadata.registry import nearest
from kith_metadata.yaml_reader import Path


@checks.register("choices")
def check_choices(context: CheckContext) -> Iterator[Issue]:
    """Yield choices without options or with two sources, wrong defaults, and dependencies that cannot work."""
    for layered, entity in context.of_kind("entity"):
        for name, field in entity.fields.items():
            if hasattr(field.options, "options_from"):
                yield from _choice(context, layered, entity, name, field)
    for layered, option_set in context.of_kind("option_set"):
        if option_set.idle and getattr(option_set.attributes.get(option_set.idle), "type", "") != "integer":
            known = tuple(name for name, item in option_set.attributes.items() if item.type == "integer")
            words = _not_an_option(option_set.idle, known, "an attribute of this set that is a whole number")
            yield context.issue("KM057", layered, ("idle",), *words)
        for name, option in option_set.options.items():
            for attribute, value in option.values.items():
                path = ("options", name, "values", attribute)
                declared = option_set.attributes.get(attribute)
                if declared is None:
                    words = _not_an_option(attribute, tuple(option_set.attributes), "an attribute of this set")
                    yield context.issue("KM057", layered, path, *words)
                elif value is not None and not _fits(value, declared.type):
                    wanted = _WORDS[declared.type]
                    yield context.issue("KM057", layered, path, f"'{value}' is not {wanted}.", f"Write {wanted}.")


_WORDS = {
    "text": "a text",
    "integer": "a whole number",
    "decimal": "a number",
    "percent": "a number",
    "boolean": "true or false",
}


def _fits(value: Any, kind: str) -> bool:
    """Tell whether the value of an attribute is of its type; screens and expressions rely on it."""
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind == "boolean"
    return isinstance(value, {"text": str, "integer": int}.get(kind, (int, float)))


def options_of(context: CheckContext, field: Field) -> Mapping[str, Any] | None:
    """Return the options of a choice field; None when their set is broken."""
    own = field.options
    if not own.options_from:
        options: Mapping[str, Any] = own.options
        return options
    if not context.snapshot.has("option_set", own.options_from):
        return None
    return context.snapshot.option_set(own.options_from).options


def _choice(context: CheckContext, layered: Layered, entity: Entity, name: str, field: Field) -> Iterator[Issue]:
    path: Path = ("fields", name)
    own = field.options
    if bool(own.options) == bool(own.options_from):
        said = "both options of its own and an option set" if own.options else "no options"
        hint = "Write options: {open: {label: Open}}, or options_from: the_set."
        yield context.key_issue("KM057", layered, path, f"The choice '{name}' has {said}.", hint)
        return
    options = options_of(context, field)
    if options is None:
        return
    defaults = [field.default] if isinstance(field.default, str) else field.default or ()
    for default in defaults if isinstance(defaults, (list, tuple)) else ():
        if default not in options:
            words = _not_an_option(default, tuple(options), "an option")
            yield context.issue("KM057", layered, (*path, "default"), *words)
    for option in getattr(own, "offered", {}):
        if option not in options:
            words = _not_an_option(option, tuple(options), f"an option of '{name}'")
            yield context.issue("KM057", layered, (*path, "offered", option), *words)
    yield from _dependence(context, layered, entity, name, field)


def _dependence(context: CheckContext, layered: Layered, entity: Entity, name: str, field: Field) -> Iterator[Issue]:
    path: Path = ("fields", name)
    own = field.options
    depends_on = getattr(own, "depends_on", "")
    allowed: Mapping[str, tuple[str, ...]] = getattr(own, "allowed", {})
    if allowed and not depends_on:
        hint = "Write: depends_on: the field whose value decides."
        yield context.issue("KM058", layered, (*path, "allowed"), "It is not said on which field this depends.", hint)
    other = entity.fields.get(depends_on)
    if other is None:
        return
    if depends_on == name:
        message = "A choice cannot depend on itself."
        yield context.issue("KM058", layered, (*path, "depends_on"), message, "Name another choice field.")
    options, others = options_of(context, field), None
    if hasattr(other.options, "options_from"):
        others = options_of(context, other)
    elif other.type != "boolean":
        message = f"'{depends_on}' is no choice, so it cannot decide which options fit."
        yield context.issue("KM058", layered, (*path, "depends_on"), message, "Name a choice or a yes/no field.")
    for value, fitting in allowed.items():
        if others is not None and value not in others:
            said = f"an option of '{depends_on}'"
            words = _not_an_option(value, tuple(others), said)
            yield context.issue("KM057", layered, (*path, "allowed", value), *words)
        for index, option in enumerate(fitting):
            if options is not None and option not in options:
                where = (*path, "allowed", value, index)
                words = _not_an_option(option, tuple(options), f"an option of '{name}'")
                yield context.issue("KM057", layered, where, *words)


def _not_an_option(value: Any, known: tuple[str, ...], said: str) -> tuple[str, str]:
    """Return message and hint."""
    guess = nearest(str(value), known)
    hint = f"Did you mean '{guess}'?" if guess else f"Possible: {', '.join(known[:24])}."
    return f"'{value}' is not {said}.", hint
