"""What the days in a row are read by: whether its record is done with, and how long it may rest where it stands."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.field_types._speaking import Rest, speaks
from kith_runtime.field_types.system import fields_of
from kith_runtime.screens.cells import CellWriter


def closing_choice(
    snapshot: Snapshot, entity: str, readable: Container[str] | None = None
) -> tuple[Field, tuple[str, ...]] | None:
    """Return the choice that tells whether a record is done with, and its closed options; only of ``readable`` fields.

    The options come in the order in which one would end a record: a goal first, and last what nobody may choose any
    more, which still tells that a record is done with.
    """
    for declared in fields_of(snapshot, entity).values():
        if declared.type == "choice" and (readable is None or declared.name in readable):
            closed = [(name, option) for name, option in options_of(declared, snapshot).items() if option.closed]
            closed.sort(key=lambda item: (not item[1].active, not item[1].goal))
            if closed:
                return declared, tuple(name for name, _ in closed)
    return None


def resting_days(snapshot: Snapshot, declared: Field) -> Mapping[str, Rest]:
    """Return how long a record may rest in each option of a choice whose set says so."""
    named = getattr(declared.options, "options_from", "")
    found = snapshot.option_set(named) if named else None
    if found is None or not found.idle:
        return {}
    return {
        name: Rest(days, option_label(name, option))
        for name, option in found.options.items()
        if not option.closed and (days := option.values.get(found.idle))
    }


def reads_beside(snapshot: Snapshot, entity: str, drawn: Iterable[Field]) -> tuple[str, ...]:
    """Return the fields that are read beside those drawn, so that their days can say what they mean for today.

    These are the days by which steps are to be done, and the choice that tells whether the record is done with.
    """
    own, found = fields_of(snapshot, entity), {item.name: item for item in drawn}
    days = [own[item.due_on] for item in found.values() if item.due_on in own]
    choice = closing_choice(snapshot, entity)
    asks = any(item.wanted or speaks(item.options) for item in (*found.values(), *days))
    names = [*(item.name for item in days), *([choice[0].name] if choice is not None and asks else [])]
    return tuple(dict.fromkeys(name for name in names if name not in found))


def day_of(
    declared: Field, own: Mapping[str, Field], drawn: Iterable[str], names: Mapping[str, str]
) -> tuple[Field, str] | None:
    """Return the day by which a step is to be done and its name in the template; None where it stands by itself."""
    if not declared.due_on or declared.due_on in drawn or declared.due_on not in names:
        return None
    return own[declared.due_on], names[declared.due_on]


def row_state(writer: CellWriter, entity: str, drawn: Mapping[str, Field], names: Mapping[str, str]) -> str:
    """Return the source that sets ``over`` and ``rest`` in a row, or nothing where no day in it asks.

    ``names`` are the template's names of the values that the row has. A row that lacks the choice says nothing, and its
    days stay dates: what may be done with is not called late.
    """
    if not any(item.wanted or speaks(item.options) for item in drawn.values()):
        return ""
    found = closing_choice(writer.snapshot, entity)
    if found is None:
        return "{% set over = false %}"
    choice, closed = found
    if choice.name not in names:
        return ""
    value = names[choice.name]
    writer.constants["closed_options"] = frozenset(closed)
    writer.constants["resting"] = resting_days(writer.snapshot, choice)
    return f"{{% set over = {value} in closed_options %}}{{% set rest = resting.get({value}) %}}"


def record_state(snapshot: Snapshot, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same of one record, for templates of its page."""
    found = closing_choice(snapshot, entity)
    if found is None:
        return {"over": False}
    choice, closed = found
    if choice.name not in values:
        return {}
    now = values[choice.name]
    return {"over": now in closed, "rest": resting_days(snapshot, choice).get(now)}


def named(fields: Iterable[Field], prefix: str) -> dict[str, str]:
    """Return the template's names of values that are numbered in their order."""
    return {item.name: f"{prefix}{number}" for number, item in enumerate(fields)}
