"""An input that was drawn when the form was compiled is the one that its macro draws, whatever the record holds."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from kith_runtime.screens.controls import FieldState
from kith_runtime.screens.form_inputs import InputWriter

_OPTIONS = [("new", "New {fresh}", True), ("old", 'Old & "tired"', False), ("done", "Done", True)]
_NASTY = '"><b>{{ 7 }}</b> & co'


def _settings(**more: Any) -> dict[str, Any]:
    return {"label": "La{{ b }}el", "help": False, "required": False, "field": "f", "entity": "sales.lead", **more}


_MENU = _settings(options=_OPTIONS, groups=[], blank=True)
_GROUPED = _settings(options=_OPTIONS, groups=[("One", _OPTIONS[:1]), ("", _OPTIONS[1:])], blank=False, required=True)
_MONEY = _settings(currencies=["EUR", "USD"], help=True)
_CASES: tuple[tuple[str, dict[str, Any], tuple[Any, ...]], ...] = (
    ("text_input", _settings(type="email", mode="email", complete="off"), ("", "a@b.example", _NASTY)),
    ("text_input", _settings(required=True, help=True), ("", "0", _NASTY)),
    ("number_input", _settings(mode="decimal", unit="%"), ("", "1,234.50", _NASTY)),
    ("lines_input", _settings(rows=4, code=False), ("", "one\n  two {% raw %}\n", "\nfirst line blank", _NASTY)),
    ("lines_input", _settings(rows=8, code=True), ('{"a": 1}',)),
    ("day_input", _settings(), ("", "2026-11-24", "tomorrow")),
    ("moment_input", _settings(), ("", "2026-11-24T09:00", "2026-11-24T09:00:07", "noon")),
    ("clock_input", _settings(), ("", "09:30", "09:30:15", "late")),
    ("menu_input", _MENU, ("", "new", "old", "gone", _NASTY)),
    ("menu_input", _GROUPED, ("", "new", "done", "gone")),
    ("radio_input", _MENU, ("", "new", "old", "gone")),
    ("suggest_input", _settings(options=_OPTIONS), ("", "New {fresh}", _NASTY)),
    ("lookup_input", _settings(noun="account"), ("", "06h0t3rq00revrkcqqx0")),
    ("money_input", _MONEY, ({"amount": "1.50", "currency": "USD"}, {"amount": _NASTY, "currency": "XTS"})),
    ("lookups_input", _settings(noun="tag"), ([], ["06h0t3rq00revrkcqqx0"])),
    ("tick_input", _settings(), ("", "true", "false")),
)


@pytest.mark.parametrize("trouble", ["", "This does not fit."])
@pytest.mark.parametrize(("macro", "settings", "raws"), _CASES)
def test_a_drawn_input_is_what_its_macro_draws(
    macro: str, settings: dict[str, Any], raws: tuple[Any, ...], trouble: str
) -> None:
    # The settings of the app's own environment.
    environment = Environment(
        loader=PackageLoader("kith_runtime", "screens/templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["icon"] = lambda name, size="": Markup("<svg></svg>")
    macros: Any = environment.get_template("_controls.html").module
    constants: dict[str, Any] = {"k_f": settings}
    source = InputWriter(macros, constants).input(macro, "k_f", "f", "f-f")
    template = environment.from_string("<div>" + source + "</div>", globals=constants)

    for raw in raws:
        state = FieldState(raw, title=_NASTY, titles={"06h0t3rq00revrkcqqx0": _NASTY}, error=trouble)
        assert template.render(s=state) == f"<div>{getattr(macros, macro)(state, settings, 'f', 'f-f')}</div>"
