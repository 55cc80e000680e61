"""From what a person wrote into the composer to the values of an activity: words, then what they chose by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.plain_words import ChoiceWord, Understood, understand
from kith_runtime.plain_words.reading import USUAL_TIME
from kith_runtime.screens.controls import Sent
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.record_kinds import ActivityKind, closed_of, short_choices

_TITLE = 200


@dataclass(frozen=True, slots=True)
class Parts:
    """Which fields of a kind take what is understood."""

    day: Field | None
    time: Field | None
    moment: Field | None
    end: Field | None
    length: Field | None
    reminder: Field | None
    choices: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that was understood, as a person reads it; ``input`` names the input that changes it."""

    kind: str
    label: str
    icon: str
    value: str
    input: str


@dataclass(slots=True)
class Written:
    """What the composer holds: the text, what was chosen by hand, and what is not meant as it was understood."""

    text: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()


def parts_of(ctx: Context, kind: ActivityKind) -> Parts:
    """Return the fields of a kind that plain words can fill."""
    day, moment = kind.day, kind.moment
    return Parts(
        day=day,
        time=kind.first("time") if day is not None else None,
        moment=moment,
        end=kind.first("datetime", after=moment) if moment is not None else None,
        length=kind.first("duration"),
        reminder=kind.first("datetime") if day is not None else None,
        choices=short_choices(ctx, kind),
    )


def read_written(sent: Sent) -> Written:
    """Return what a sent composer holds."""
    chosen = {name.removeprefix("set_"): value for name, value in sent.items() if name.startswith("set_") and value}
    return Written(sent.get("text", "").replace("\r\n", "\n"), chosen, frozenset(sent.getlist("_not")))


def said_by(ctx: Context, kind: ActivityKind, parts: Parts, written: Written) -> Understood:
    """Return what the first line says; for kinds without a time all of it is the title."""
    line = written.text.strip().partition("\n")[0]
    if kind.when is None:
        return Understood(title=" ".join(line.split()))
    zone = ctx.locale.dates.zone
    now = ctx.now.astimezone(zone).replace(tzinfo=None)
    return understand(line, now, ctx.locale, choices=_choice_words(ctx, parts), ignore=written.ignore)


def _choice_words(ctx: Context, parts: Parts) -> Sequence[ChoiceWord]:
    return [
        ChoiceWord(item.name, name, option_label(name, option), label_of(item))
        for item in parts.choices
        for name, option in options_of(item, ctx.snapshot).items()
        if option.active
    ]


def chips_of(ctx: Context, parts: Parts, said: Understood) -> list[Chip]:
    """Return what was understood as chips, each with the words for it."""
    today = ctx.locale.dates.today(ctx.now)
    found: list[Chip] = []
    if said.day is not None:
        words = ctx.locale.date(said.day, today) + (f", {ctx.locale.time(said.time)}" if said.time else "")
        found.append(Chip("day", words, "calendar", said.day.isoformat(), "set_day"))
    if said.reminder is not None and parts.reminder is not None:
        words = f"{ctx.locale.date(said.reminder.date(), today)}, {ctx.locale.time(said.reminder.time())}"
        value = said.reminder.isoformat("T", timespec="minutes")
        found.append(Chip("reminder", words, "bell", value, "set_reminder"))
    if said.length is not None and (parts.end is not None or parts.length is not None):
        words = ctx.locale.duration(said.length)
        found.append(Chip("length", words, "clock", words, "set_length"))
    for item in parts.choices:
        option = said.choices.get(item.name)
        if option is not None:
            label = option_label(option, options_of(item, ctx.snapshot).get(option))
            found.append(Chip(item.name, label, "flag", option, f"set_{item.name}"))
    return found


def values_of(ctx: Context, kind: ActivityKind, written: Written) -> dict[str, Any]:
    """Return the values of the activity to be made, as the records door takes them.

    Raises Invalid when nothing was written, or a time chosen by hand cannot be read.
    """
    parts = parts_of(ctx, kind)
    said = said_by(ctx, kind, parts, written)
    _choose(ctx, said, written)
    if not written.text.strip():
        raise Invalid("nothing_written", "Nothing is written yet.", "Write a few words first.", "text")
    found = _texts(kind, said, written)
    found |= {item.name: written.chosen.get(item.name) or said.choices.get(item.name) for item in parts.choices}
    if parts.day is not None:
        found[parts.day.name] = said.day.isoformat() if said.day else None
        if parts.time is not None:
            found[parts.time.name] = said.time.isoformat() if said.time else None
        if parts.reminder is not None and said.reminder is not None:
            found[parts.reminder.name] = _instant(ctx, said.reminder)
    elif parts.moment is not None:
        found |= _happening(ctx, kind, parts, said)
    return {name: value for name, value in found.items() if value is not None}


def _texts(kind: ActivityKind, said: Understood, written: Written) -> dict[str, Any]:
    text = written.text.strip()
    rest = text.partition("\n")[2]
    declared = kind.entity.fields[kind.entity.title]
    most = getattr(declared.options, "max_length", None) or _TITLE
    title = said.title
    body = rest.strip()
    if len(title) > most or (kind.when is None and body):
        body = text
        title = title if len(title) <= most else title[: most - 1].rsplit(" ", 1)[0] + "…"
    found: dict[str, Any] = {kind.entity.title: title}
    if body and kind.text is not None:
        found[kind.text.name] = body
    return found


def _choose(ctx: Context, said: Understood, written: Written) -> None:
    """Let what was chosen by hand stand before what was understood."""
    locale, today = ctx.locale, ctx.locale.dates.today(ctx.now)
    if text := written.chosen.get("day"):
        said.day = locale.read_date(text, today)
    if text := written.chosen.get("time"):
        said.time = locale.read_time(text)
    if text := written.chosen.get("reminder"):
        zone = locale.dates.zone
        said.reminder = locale.read_datetime(text, today).astimezone(zone).replace(tzinfo=None)
    if text := written.chosen.get("length"):
        said.length = locale.read_duration(text)


def _happening(ctx: Context, kind: ActivityKind, parts: Parts, said: Understood) -> dict[str, Any]:
    """Return when something happens or happened; without a time it is now, and what is past is over."""
    moment = ctx.now
    if said.day is not None:
        moment = ctx.locale.dates.to_utc(datetime.combine(said.day, said.time or USUAL_TIME))
    found: dict[str, Any] = {}
    if parts.moment is not None:
        found[parts.moment.name] = _text_of(moment)
    if said.length is not None and parts.end is not None:
        found[parts.end.name] = _text_of(moment + said.length)
    elif said.length is not None and parts.length is not None:
        found[parts.length.name] = f"PT{int(said.length / timedelta(minutes=1))}M"
    if kind.state is not None and moment <= ctx.now:
        found[kind.state.name] = next(iter(closed_of(ctx, kind.state)), None)
    return found


def _instant(ctx: Context, local: datetime) -> str:
    return _text_of(ctx.locale.dates.to_utc(local))


def _text_of(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def as_mapping(chips: Sequence[Chip]) -> list[Mapping[str, str]]:
    """Return chips for a script."""
    return [
        {"kind": chip.kind, "label": chip.label, "icon": chip.icon, "value": chip.value, "input": chip.input}
        for chip in chips
    ]
