"""Cells of lists as template source: what differs between columns is written once, not asked for each cell.

A writer collects the source of cells and the constants that they use. Constants reach the template as its globals, so
the finished template can be kept with the snapshot and shared by everybody with the same rights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import current_app
from jinja2 import Template
from markupsafe import Markup, escape

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.values import ErrorValue
from kith_platform.locale import PersonLocale
from kith_runtime.access import EntityRights
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, Linked
from kith_runtime.queries.columns import target_entity
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.filters import hue, initials

PERSON = "base.user"
HIDDEN = Markup('<span class="k-3">Hidden record</span>')
_KEPT = 8192
_SPECIAL = re.compile("[&<>\"']")

Draw = Callable[..., Markup]


def url(endpoint: str, **values: str) -> str:
    """Return the address that a cell asks for by name: ``record`` with its entity and id."""
    if endpoint == "record":
        return record_address(values["entity"], values["id"])
    raise KeyError(f"Cells know no address by the name {endpoint!r}.")


@lru_cache(_KEPT)
def who(value: Linked) -> Markup:
    """Return a looked-up record as a link with its avatar; a hidden one without link and title."""
    if value.title is None:
        return HIDDEN
    shape = "" if value.entity == PERSON else " sq"
    title = value.title or "Untitled"
    return Markup(
        '<span class="k-who"><span class="k-av{}" data-hue="{}" aria-hidden="true">{}</span>'
        '<a class="k-trunc k-2" href="{}"><bdi>{}</bdi></a></span>'
    ).format(shape, hue(value.id), initials(title), record_address(value.entity, value.id), title)


@dataclass(slots=True)
class CellWriter:
    """Writes the cells of one template. ``constants`` and ``filters`` are what its source names beside the frame.

    ``person`` draws people where they stand otherwise than other records; ``rights`` are the reader's to the records
    that the cells are of, None where they only look.
    """

    snapshot: Snapshot
    person: Callable[[Linked], Markup] | None = None
    rights: EntityRights | None = None
    constants: dict[str, Any] = field(default_factory=lambda: {"url": url})
    filters: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def content(self, declared: Field, value: str) -> str:
        """Return the source of a value that is not blank; ``value`` is the template's name for it."""
        kind = field_types[declared.type]
        if kind.control == "lookup":
            if self.person is not None and target_entity(declared) == PERSON:
                self.filters["person"] = self.person
                return "{{ " + value + "|person }}"
            return "{{ " + value + "|who }}"
        if kind.control == "lookups":
            return "{% for item in " + value + " %}{{ item|who }} {% endfor %}"
        return self.or_reason(declared, value, kind.cell(declared, value, self.snapshot, self.prefix(declared, value)))

    def prefix(self, declared: Field, value: str) -> str:
        """Keep the constants of a field's type under names that begin with a prefix, and return the prefix."""
        prefix = f"c_{value}_"
        for name, constant in field_types[declared.type].cell_constants(declared, self.snapshot).items():
            self.constants[prefix + name] = constant
        return prefix

    def or_reason(self, declared: Field, value: str, shown: str) -> str:
        """Return the source of a value that shows the reason where it could not be worked out."""
        if not may_fail(declared):
            return shown
        self.constants["failed"] = failed
        reason = "{{ " + value + ".reason }}"
        return (
            "{% if failed(" + value + ') %}<span class="k-failed" title="' + reason + '">'
            '{{ icon("alert-triangle", "k-i-14") }}<span class="k-trunc">' + reason + "</span></span>"
            "{% else %}" + shown + "{% endif %}"
        )

    def cell(self, declared: Field, value: str, day: tuple[Field, str] | None = None) -> str:
        """Return the source of a cell: the value, or a dash that says to a screen reader what is missing.

        ``day`` is the field of the day by which it is to be done and the template's name of that value.
        """
        blank = (
            f'<span class="k-empty">–<span class="k-vh">{verbatim("no " + said(self.snapshot, declared))}</span></span>'
        )
        if declared.wanted:
            blank = "{% if over|default(true) %}" + blank + "{% else %}" + self.missing(declared) + "{% endif %}"
        shown = self.content(declared, value)
        if day is not None:
            shown = f'<span class="k-trunc">{shown}</span>{self.beside(*day)}'
            shown = f'<span class="k-step-on">{shown}</span>'
        return "{% if " + value + " is none %}" + blank + "{% else %}" + shown + "{% endif %}"

    def beside(self, day: Field, value: str) -> str:
        """Return the source of the day by which a step is to be done, for the end of its line."""
        shown = '<span class="k-when k-3">' + self.content(day, value) + "</span>"
        return "{% if " + value + " is not none %}" + shown + "{% endif %}"

    def missing(self, declared: Field) -> str:
        """Return the source of what a record lacks that is wanted of it while it is not done with.

        Who may change it gets the way to do so; a list opens the cell instead.
        """
        label = said(self.snapshot, declared)
        rights = self.rights
        if rights is None or rights.update.nothing or declared.name not in rights.editable or declared.read_only:
            return f'<span class="k-want">{verbatim("No " + label)}</span>'
        way = f"{record_address(rights.entity, '')}{{{{ id }}}}/field/{declared.name}"
        return f'<a class="k-want" href="{way}">{{{{ icon("plus", "k-i-14") }}}}{verbatim("Add " + label)}</a>'

    def text(self, declared: Field, value: str) -> str:
        """Return the template expression of a value as plain text."""
        kind = field_types[declared.type]
        if kind.simple and kind.json_identity and kind.searchable and not may_fail(declared):
            return value
        scope = InputScope(PersonLocale(), self.snapshot)

        def read(found: Any) -> str:
            if isinstance(found, ErrorValue):
                return found.reason
            return found.title or "" if isinstance(found, Linked) else kind.text(found, declared, scope)

        name = f"t_{value}"
        self.constants[name] = read
        return f"{name}({value})"


def may_fail(declared: Field) -> bool:
    """Tell whether an ``ErrorValue`` can stand in a field: in what is worked out, also where its value is stored.

    A stored formula or roll-up stands as a field of its result's type that nobody writes and that has no history.
    """
    return field_types[declared.type].computed or (declared.read_only and not declared.history)


def failed(value: Any) -> bool:
    """Tell whether a value could not be worked out for a record."""
    return isinstance(value, ErrorValue)


def verbatim(text: str) -> str:
    """Return a text of the metadata as template source that shows exactly it."""
    safe = str(escape(text))
    return "{{ " + json.dumps(safe, ensure_ascii=True) + "|safe }}" if "{" in safe or "}" in safe else safe


def label_of(declared: Field) -> str:
    """Return a field's label, made from its name when it has none."""
    return declared.label or declared.name.replace("_", " ").capitalize()


def said(snapshot: Snapshot, declared: Field) -> str:
    """Return a field's label inside a sentence."""
    return snapshot.said(label_of(declared))


def shape_template(ctx: Context, key: object, source: Callable[[], tuple[str, Mapping[str, Any]]]) -> Template:
    """Return the template of generated source with its constants, compiled once and kept with the snapshot."""

    def build() -> Template:
        text, constants = source()
        return current_app.jinja_env.from_string(text, globals=dict(constants))

    return ctx.published.compiled(("shape", key), build)


def shown(value: Any) -> Any:
    """Return what a template prints, as text that is safe in markup; ready markup passes.

    It stands in for Jinja's own escaping, which makes an object of each piece. Nearly all values of a list hold no
    sign that would have to be escaped, and these pass as they are.
    """
    kind = type(value)
    if kind is Markup or (kind is str and _SPECIAL.search(value) is None):
        return value
    return escape(value)


def shape_macro(ctx: Context, key: object, writer: Callable[[], tuple[str, CellWriter]]) -> Draw:
    """Return the macro ``draw`` of generated source, compiled once and kept with the snapshot; see :func:`macro_of`."""
    return ctx.published.compiled(("shape", key), lambda: macro_of(writer))


def macro_of(writer: Callable[[], tuple[str, CellWriter]]) -> Draw:
    """Return the macro ``draw`` of generated source with its constants.

    A macro gathers its text in a list; a block would hand each piece through the generators of all pages above it.
    Every printed value goes through :func:`shown`.
    """
    text, written = writer()
    environment = current_app.jinja_env.overlay(autoescape=False, finalize=shown)
    environment.filters = {**environment.filters, **written.filters}
    draw: Callable[..., str] = environment.from_string(text, globals=written.constants).module.draw  # type: ignore[attr-defined]
    # Every piece of it was escaped, or is the generator's own.
    return lambda *arguments: Markup(draw(*arguments))  # noqa: S704
