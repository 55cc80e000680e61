"""The inputs of forms, one for each control that field types name: what they show, and what comes back from them.

A control turns a value into *raw* input (texts, as the browser holds them) and reads raw input from a sent form. Raw
input is what a form keeps when it is refused, so nothing that a person typed is ever lost. The markup of each control
is the macro of its name in ``templates/_controls.html``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_metadata.values import FileValue, Reference
from kith_runtime.field_types import field_types
from kith_runtime.field_types._currencies import CURRENCIES
from kith_runtime.field_types._options import ChoiceOptions, option_label, options_of
from kith_runtime.field_types.any_lookup import AnyLookup
from kith_runtime.field_types.base import FieldType, InputScope, Linked
from kith_runtime.queries.columns import target_entity

RADIO_MOST = 5
MENU_MOST = 20
COMMON_CURRENCIES = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "CAD",
    "AUD",
    "JPY",
    "CNY",
    "INR",
)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_MOMENT = re.compile(_DAY.pattern + "T" + _TIME.pattern, re.ASCII)

Raw = Any
"""What inputs hold: a text, a list of texts, or a map of texts by part."""

Sent = MultiDict[str, str]

_MARKED = json.JSONEncoder(sort_keys=True, ensure_ascii=True)


@dataclass(slots=True)
class FieldState:
    """One field of a form as it is drawn now: its raw input, words beside it, and what is wrong with it."""

    raw: Raw = ""
    title: str = ""
    """The words in a type-ahead, or the name of the file that is held."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of several chosen records, by id."""
    shown: Any = ""
    """The value as text, where it can only be read."""
    failed: bool = False
    """Whether the text is the reason why there is no value."""
    error: str = ""
    conflict: Any = None

    @property
    def is_day(self) -> bool:
        """Tell whether a picker of days can hold the input."""
        return self.raw == "" or _DAY.fullmatch(self.raw) is not None

    @property
    def is_moment(self) -> bool:
        """Tell whether a picker of moments can hold the input."""
        return self.raw == "" or _MOMENT.fullmatch(self.raw) is not None

    @property
    def is_time(self) -> bool:
        """Tell whether a picker of times can hold the input."""
        return self.raw == "" or _TIME.fullmatch(self.raw) is not None


def digest(raw: Raw) -> str:
    """Return a short mark of raw input, by which a sent form tells what was touched since it was drawn."""
    return hashlib.sha256(_MARKED.encode(raw).encode()).hexdigest()[:16]


def line_ends(text: str) -> str:
    """Return a text with the line ends of the server; browsers send carriage returns."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Control:
    """A single text input, and the base of all others. ``group`` controls hold several inputs under one legend."""

    macro = "text_input"
    group = False

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        """Return the raw input of a value; blank for None."""
        return "" if value is None else line_ends(_kind(declared).input_text(value, declared, scope))

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        """Return the raw input that a form sent under ``name``."""
        return line_ends(sent.get(name, ""))

    def titles(self, value: Any) -> Mapping[str, str]:
        """Return the titles of the records that a value points to, by id; hidden ones say so."""
        return {}

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        """Return what the macro needs besides the state, the same for every request."""
        return {}

    def given(self, raw: Raw) -> Any:
        """Return raw input as the records door takes it."""
        return raw


class Number(Control):
    """A number in the person's notation; a text input, because browsers' own number inputs lose what does not fit."""

    macro = "number_input"

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"mode": "numeric" if declared.type == "integer" else "decimal", "unit": _UNITS.get(declared.type, "")}


_UNITS = {"percent": "%"}


class Lines(Control):
    """Text of several lines."""

    macro = "lines_input"

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"rows": 8 if _kind(declared).control in ("rich", "json") else 4, "code": declared.type == "json"}


class Parts(Control):
    """A value that is typed in several inputs."""

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        kind = _kind(declared)
        blank = dict.fromkeys(kind.parts, "")
        return blank if value is None else {**blank, **kind.input_parts(value, declared, scope)}

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        return {part: line_ends(sent.get(f"{name}__{part}", "")) for part in _kind(declared).parts}


class Money(Parts):
    """An amount beside its currency."""

    macro = "money_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        found = super().raw(value, declared, scope)
        # A blank amount still stands beside the currency that it would be in.
        found["currency"] = found["currency"] or declared.options.currency or scope.locale.currency
        return found

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"currencies": [code for code in COMMON_CURRENCIES if code in CURRENCIES]}


class Address(Parts):
    """Street, place, region, postal code and country."""

    macro = "address_input"
    group = True


class Day(Control):
    """A day, by the device's own picker; what is no day stays as it was typed."""

    macro = "day_input"


class Moment(Control):
    """A moment in the person's own time zone."""

    macro = "moment_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        if not isinstance(value, datetime):
            return super().raw(value, declared, scope)
        local = value.astimezone(scope.locale.dates.zone).replace(tzinfo=None, microsecond=0)
        return local.isoformat("T", timespec="seconds" if local.second else "minutes")


class Clock(Control):
    """A time of day."""

    macro = "clock_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        return super().raw(value, declared, scope).removesuffix(":00") if value is not None else ""


class Tick(Control):
    """A box; one that was never decided stays blank until it is ticked."""

    macro = "tick_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        return "" if value is None else "true" if value else "false"

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        return (sent.getlist(name) or [""])[-1]


class Choice(Control):
    """One of several: radio buttons, a menu, or a text with suggestions, by how many there are."""

    macro = "menu_input"

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        options = choice_pairs(declared, snapshot)
        return {"options": options, "groups": _groups(declared, snapshot), "blank": not declared.required}


class Radio(Choice):
    """Few choices, all in sight."""

    macro = "radio_input"
    group = True


class Suggest(Choice):
    """Many choices: a text with suggestions, which takes the label or the stored name."""

    macro = "suggest_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        """Return the label of the choice."""
        return "" if value is None else option_label(value, options_of(declared, scope.snapshot).get(value))


class Choices(Choice):
    """Boxes, one for each choice."""

    macro = "boxes_input"
    group = True

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        """Return the names of the ticked boxes."""
        return list(value or ())

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        """Return the names of the boxes that were sent."""
        return [item for item in sent.getlist(name) if item]


class Rating(Choice):
    """Stars as radio buttons or a menu."""

    macro = "menu_input"

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        """Return one option for each number of stars."""
        most = declared.options.max
        pairs = [(str(count), f"{count} of {most}", True) for count in range(1, most + 1)]
        return {"options": pairs, "groups": (), "blank": True}


class Stars(Rating):
    """Few stars, all in sight."""

    macro = "radio_input"
    group = True


class Lookup(Control):
    """A record by its title: an id beside a text; the text alone finds the record too."""

    macro = "lookup_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        return "" if value is None else _id(value)

    def titles(self, value: Any) -> Mapping[str, str]:
        return {} if value is None else {_id(value): _title(value)}

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        target = target_entity(declared)
        return {"noun": snapshot.said(snapshot.entity(target).label) if target else "record"}


class Lookups(Lookup):
    """Several records, each as a chip."""

    macro = "lookups_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        return [_id(item) for item in value or ()]

    def titles(self, value: Any) -> Mapping[str, str]:
        return {_id(item): _title(item) for item in value or ()}

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        return [item for item in sent.getlist(name) if item]

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        return {"noun": snapshot.said(snapshot.entity(declared.options.to).label)}


class AnyRecord(Control):
    """A record of one of several entities: a menu of these beside the type-ahead."""

    macro = "any_lookup_input"
    group = True

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        if isinstance(value, (Reference, Linked)):
            return {"entity": value.entity, "id": value.id}
        return {"entity": "", "id": ""}

    def titles(self, value: Any) -> Mapping[str, str]:
        return {value.id: value.title or "Hidden record"} if isinstance(value, Linked) else {}

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        return {part: sent.get(f"{name}__{part}", "") for part in ("entity", "id")}

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        kind = field_types[declared.type]
        targets = kind.targets(declared, snapshot) if isinstance(kind, AnyLookup) else ()
        return {"entities": [(name, snapshot.entity(name).label) for name in targets], "noun": "record"}


class Upload(Control):
    """A file: the one that is held, and an input for another."""

    macro = "file_input"

    def raw(self, value: Any, declared: Field, scope: InputScope) -> Raw:
        return "" if value is None else value.key

    def titles(self, value: Any) -> Mapping[str, str]:
        return {value.key: value.name} if isinstance(value, FileValue) else {}

    def read(self, sent: Sent, name: str, declared: Field) -> Raw:
        return "" if sent.get(f"{name}__remove") else sent.get(name, "")

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        image = declared.type == "image"
        accept = "image/png,image/jpeg,image/gif,image/webp" if image else ",".join(declared.options.accept)
        return {"accept": accept, "image": image}


class Typed(Control):
    """A single line with the keyboard and the help that fits it."""

    def __init__(self, kind: str, mode: str = "", complete: str = "off") -> None:
        self._settings = {"type": kind, "mode": mode, "complete": complete}

    def constants(self, declared: Field, snapshot: Snapshot) -> dict[str, Any]:
        return dict(self._settings)


_CONTROLS: Mapping[str, Control] = {
    "text": Typed("text"),
    "textarea": Lines(),
    "rich": Lines(),
    "json": Lines(),
    "number": Number(),
    "money": Money(),
    "boolean": Tick(),
    "date": Day(),
    "datetime": Moment(),
    "time": Clock(),
    "choices": Choices(),
    "lookup": Lookup(),
    "lookups": Lookups(),
    "file": Upload(),
    "address": Address(),
    "rating": Rating(),
}
_BY_TYPE: Mapping[str, Control] = {
    "email": Typed("email", "email"),
    "phone": Typed("tel", "tel"),
    "url": Typed("url", "url"),
    "colour": Typed("text"),
    "any_lookup": AnyRecord(),
}
_PLAIN = Typed("text")
_RADIO, _MENU, _SUGGEST, _STARS = Radio(), Choice(), Suggest(), Stars()


def control_of(declared: Field, snapshot: Snapshot, *, compact: bool = False) -> Control:
    """Return the control that edits a field; ``compact`` ones stand in a row of a table.

    A control that this version does not know is a plain text input, so that a new field type can be typed at once.
    """
    control = _kind(declared).control
    if declared.type in _BY_TYPE:
        return _BY_TYPE[declared.type]
    if control == "rating" and declared.options.max <= RADIO_MOST and not compact:
        return _STARS
    if control == "choice":
        count = len(choice_pairs(declared, snapshot)) if isinstance(declared.options, ChoiceOptions) else 0
        if count > MENU_MOST:
            return _SUGGEST
        return _RADIO if count <= RADIO_MOST and not compact and not declared.options.depends_on else _MENU
    return _CONTROLS.get(control, _PLAIN)


def choice_pairs(declared: Field, snapshot: Snapshot) -> list[tuple[str, str, bool]]:
    """Return the options of a choice field as name, label and whether new records may use it."""
    options = options_of(declared, snapshot)
    return [(name, option_label(name, option), option.active) for name, option in options.items()]


def _groups(declared: Field, snapshot: Snapshot) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return the options under what they depend on, for a menu that says what fits to what."""
    own: ChoiceOptions = declared.options
    if not own.depends_on or not own.allowed:
        return []
    pairs = {name: (name, label, active) for name, label, active in choice_pairs(declared, snapshot)}
    named = {name for names in own.allowed.values() for name in names}
    groups = [("", [pair for name, pair in pairs.items() if name not in named])]
    for value, names in own.allowed.items():
        groups.append((value, [pairs[name] for name in names if name in pairs]))
    return [(label, options) for label, options in groups if options]


def _kind(declared: Field) -> FieldType:
    return field_types[declared.type]


def _id(value: Any) -> str:
    return value.id if isinstance(value, Linked) else str(value)


def _title(value: Any) -> str:
    if not isinstance(value, Linked):
        return ""
    return "Hidden record" if value.title is None else value.title or "Untitled"
