"""Shared by the types that pick from options: where the options are, how they are found and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.kinds.option_set import Option
from kith_metadata.registry import nearest
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types._text import clean_line, shown
from kith_runtime.field_types.base import InputScope, InvalidValue, RecordScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """When an option can be chosen."""

    name: str
    when: str = prop("When", "A condition; a value that is saved already stays.", expression="rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceOptions(FieldOptions):
    """The options themselves, or the set that holds them, and which of them another field allows."""

    options: Mapping[str, Option] = prop(
        "Options", "By stored name, in order.", default={}, merge="by_key", customise="extend_only"
    )
    options_from: str = prop("Option set", "Takes the options of a set.", default="", refers="option_set")
    depends_on: str = prop("Depends on", "The choice field that limits the options.", default="", refers="field")
    allowed: Mapping[str, tuple[str, ...]] = prop(
        "Allowed", "For each value of that field, the options that fit; all for a value not named.", default={}
    )
    offered: Mapping[str, Offer] = prop(
        "Offered", "By option, the condition under which it can be chosen; always for one not named.", default={},
        merge="by_key",
    )  # fmt: skip


def options_of(field: Field, snapshot: Snapshot) -> Mapping[str, Option]:
    """Return the options of a choice field by stored name, in their order."""
    own: ChoiceOptions = field.options
    return snapshot.option_set(own.options_from).options if own.options_from else own.options


def set_name(field: Field) -> str:
    """Return the name of the options as a type: the set's, or the field's for options of its own."""
    return str(field.options.options_from or field.name)


def option_label(name: str, option: Option | None) -> str:
    """Return what people see of an option; a name that is no option any more is shown as words."""
    return option.label if option and option.label else name.replace("_", " ").capitalize()


def read_option(raw: Any, field: Field, scope: InputScope) -> str:
    """Return the stored name of an option; people may also write its label."""
    text = clean_line(raw)
    options = options_of(field, scope.snapshot)
    if text in options:
        return text
    if scope.source == "form":
        for name, option in options.items():
            if option_label(name, option).casefold() == text.casefold():
                return name
    labels = [option_label(name, option) if scope.source == "form" else name for name, option in options.items()]
    near = nearest(text[:200], labels)
    listed = ", ".join(labels[:12]) + (" …" if len(labels) > 12 else "")
    raise InvalidValue(
        "not_an_option",
        f"{shown(raw)} is not in the list.",
        f"Did you mean {near}?" if near else f"Choose one of: {listed}.",
    )


def check_option(name: str, field: Field, record: RecordScope, before: bool) -> None:
    """Refuse an option that is inactive and new here, or that the controlling field does not allow."""
    options = options_of(field, record.snapshot)
    option = options.get(name)
    said = option_label(name, option)
    if option is not None and not option.active and not before:
        raise InvalidValue("inactive_option", f'"{said}" is not used any more.', "Choose another one.")
    own: ChoiceOptions = field.options
    controlling = record.values.get(own.depends_on) if own.depends_on else None
    if controlling is None:
        return
    allowed = own.allowed.get(_key(controlling))
    if allowed is not None and name not in allowed:
        fitting = ", ".join(option_label(item, options.get(item)) for item in allowed)
        raise InvalidValue(
            "not_allowed_here",
            f'"{said}" does not go with what was chosen in {own.depends_on.replace("_", " ")}.',
            f"Choose one of: {fitting}." if fitting else "Leave it blank.",
        )


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Chips(dict[str, Markup]):
    """Ready chips by option; one that is no option any more is made on demand, escaped."""

    def __missing__(self, name: str) -> Markup:
        return _chip(option_label(name, None), "gray", _DOT)


_DOT = Markup('<i class="k-dot"></i>')


def chips_of(field: Field, snapshot: Snapshot) -> Chips:
    """Return the chip of each option; the options of a path carry a ring that fills step by step."""
    options = options_of(field, snapshot)
    own: ChoiceOptions = field.options
    path = bool(own.options_from) and snapshot.option_set(own.options_from).stages
    steps = [name for name, option in options.items() if not option.closed]
    chips = Chips()
    for name, option in options.items():
        mark = _DOT
        if path:
            step = steps.index(name) + 1 if name in steps else len(steps)
            share = 100 if option.closed else round(step / (len(steps) + 1) * 10) * 10
            mark = Markup('<i class="k-prog" data-share="{}"></i>').format(share)
        chips[name] = _chip(option_label(name, option), option.hue, mark)
    return chips


def _chip(label: str, hue: str, mark: Markup) -> Markup:
    return Markup('<span class="k-chip" data-hue="{}">{}<span dir="auto">{}</span></span>').format(
        hue, mark, escape(label)
    )


def option_problems(field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with the options of a choice field."""
    own: ChoiceOptions = field.options
    if bool(own.options) == bool(own.options_from):
        return (("options", "Give the field either options of its own or the name of an option set."),)
    known = options_of(field, snapshot)
    if own.allowed and not own.depends_on:
        return (("allowed", "Say in depends_on which field limits the options."),)
    return tuple(
        ("allowed", f"'{name}' is not an option of this field.")
        for names in own.allowed.values()
        for name in names
        if name not in known
    )
