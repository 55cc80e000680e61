"""Writes the template source of a form's inputs: what never changes of an input is drawn when the form is compiled.

The macro of a control is drawn once with marks in the place of what a record holds. What stands between the marks
becomes text of the form's template, so a request prints values and calls no macro. Menus are drawn once for each of
their options. An input in trouble, or one that holds what its picker cannot hold, is drawn by its macro as ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from markupsafe import Markup

from kith_metadata.kinds.entity import Field
from kith_runtime.field_types import field_types

_RAW, _TITLE = "\ue000", "\ue001"

# The shortest of each that says all: what else a value may need of its input is left to the macro.
_GUARDS: Mapping[str, str] = {
    "text_input": "",
    "number_input": "",
    "lines_input": "",
    "suggest_input": "",
    "lookup_input": "",
    "day_input": " and s.is_day",
    "moment_input": " and s.is_moment and s.raw|length < 17",
    "clock_input": " and s.is_time and s.raw|length < 6",
}
_MENUS = frozenset({"menu_input", "radio_input"})


@dataclass(slots=True)
class _Probe:
    """A field's state with marks for its values and nothing wrong with it."""

    raw: Any = _RAW
    title: str = _TITLE
    titles: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    is_day: bool = True
    is_moment: bool = True
    is_time: bool = True


Macro = Callable[..., Markup]


def control_macros() -> Any:
    """Return the macros of all controls as attributes, made once for the app."""
    return current_app.jinja_env.get_template("_controls.html").module


@dataclass(slots=True)
class InputWriter:
    """Writes inputs for one form. ``constants`` are what the template's source names, by name."""

    macros: Any
    constants: dict[str, Any]

    def macro(self, name: str) -> str:
        """Let the template call a control's macro, and return its name."""
        self.constants[name] = getattr(self.macros, name)
        return name

    def input(self, macro: str, constant: str, name: str, identity: str) -> str:
        """Return the source of an input that shows the state ``s``."""
        call = f'{self.macro(macro)}(s, {constant}, "{name}", "{identity}")'
        settings = self.constants[constant]

        def draw(state: _Probe) -> str:
            drawn: Macro = getattr(self.macros, macro)
            return str(drawn(state, settings, name, identity))

        if macro in _MENUS:
            return self._menu(constant, call, draw)
        if macro == "money_input":
            return self._money(constant, call, draw)
        if macro in _GUARDS:
            return self._plain(call, _GUARDS[macro], draw)
        return "{{ " + call + " }}"

    def _plain(self, call: str, guard: str, draw: Callable[[_Probe], str]) -> str:
        drawn = draw(_Probe())
        if drawn.count(_RAW) != 1 or drawn.count(_TITLE) > 1:
            return "{{ " + call + " }}"
        source = _filled(drawn, {_RAW: "{{ s.raw }}", _TITLE: "{{ s.title }}"})
        return "{% if not s.error" + guard + " %}" + source + "{% else %}{{ " + call + " }}{% endif %}"

    def _menu(self, constant: str, call: str, draw: Callable[[_Probe], str]) -> str:
        settings = self.constants[constant]
        values = ["", *[value for value, _, _ in settings["options"]]]
        return self._prepared(f"drawn_{constant}", {value: Markup(draw(_Probe(value))) for value in values}, call)  # noqa: S704

    def _prepared(self, known: str, drawn: Mapping[str, Markup], call: str) -> str:
        self.constants[known] = drawn
        return "{{ not s.error and " + known + ".get(s.raw) or " + call + " }}"

    def _money(self, constant: str, call: str, draw: Callable[[_Probe], str]) -> str:
        currencies = self.constants[constant]["currencies"]
        drawn = {code: draw(_Probe({"amount": _RAW, "currency": code})) for code in currencies}
        if not drawn or any(text.count(_RAW) != 1 for text in drawn.values()):
            return "{{ " + call + " }}"
        known = f"drawn_{constant}"
        self.constants[known] = {
            code: tuple(Markup(part) for part in text.split(_RAW))  # noqa: S704
            for code, text in drawn.items()
        }
        opening = "{% set m = none if s.error else " + known + ".get(s.raw.currency) %}"
        return opening + "{% if m %}{{ m[0] }}{{ s.raw.amount }}{{ m[1] }}{% else %}{{ " + call + " }}{% endif %}"


def _filled(drawn: str, values: Mapping[str, str]) -> str:
    """Return markup as template source, with each mark replaced by the source of its value."""
    parts, text = [], ""
    for letter in drawn:
        if letter in values:
            parts += [_literal(text), values[letter]]
            text = ""
        else:
            text += letter
    return "".join([*parts, _literal(text)])


def _literal(markup: str) -> str:
    # Quoted where the template language would read it, and where it would eat the line that begins a text area.
    if "{" in markup or "}" in markup or "\n" in markup:
        return "{{ " + json.dumps(markup, ensure_ascii=True) + "|safe }}"
    return markup


def stands_at_end(declared: Field) -> bool:
    """Tell whether a value stands at the end of its column, as numbers do; a formula stands as what it returns."""
    word = getattr(declared.options, "returns", "") or declared.type
    return word in field_types and field_types[word].align == "end"
