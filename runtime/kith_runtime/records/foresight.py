"""What would be said if a record went to another option of a choice, so that people know before they try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.limits import foreseen_limits, limits_of
from kith_runtime.records.read import Current, read_current
from kith_runtime.records.rule_actions import apply_actions
from kith_runtime.records.rules import needed_under, rule_problems, rules_of
from kith_runtime.records.stages import stage_needs
from kith_runtime.records.telling import told
from kith_runtime.records.writer import EntityWriter, writer_for

_MISSING = frozenset({"required"})


@dataclass(frozen=True, slots=True)
class Ask:
    """A field that an option asks for, and whether the record has it; ``why`` says what asks."""

    field: str
    label: str
    met: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What stands between a record and an option: the fields it asks for, and what else refuses it."""

    asks: Sequence[Ask] = ()
    refusals: Sequence[FieldProblem] = ()

    @property
    def words(self) -> str:
        """Say what a move would be refused for, as the refusal says it; blank when nothing is in its way."""
        missing = [f"{ask.label} is missing. {ask.why}".strip() for ask in self.asks if not ask.met]
        return " ".join([*missing, *(f"{item.message} {item.hint}".strip() for item in self.refusals)])


NOTHING = Foreseen()


def foresee(ctx: Context, entity: str, record: str, by: str, options: Sequence[str]) -> Mapping[str, Foreseen]:
    """Return what stands between a record and each option of a choice; an entity without conditions gives nothing.

    The record is judged as it is saved now and as a save judges it: by every field, and told as far as the actor may
    read. What only a save can tell (unique values, files) is left to it.
    """
    writer = writer_for(ctx, entity)
    strict = limits_of(ctx.published, writer).get(by)
    if rules_of(ctx.published, writer).nothing and not stage_needs(ctx.published, entity) and not strict:
        return {}
    current = read_current(ctx, writer, record)
    others = [option for option in options if option != current.values.get(by)]
    return {option: _judged(ctx, writer, current, by, option) for option in others}


def _judged(ctx: Context, writer: EntityWriter, current: Current, by: str, option: str) -> Foreseen:
    draft = Draft(current, {**current.values, by: option or None}, frozenset({by}))
    # What a rule would set by itself is not missing; what it cannot set is told by the save.
    apply_actions(ctx, writer, draft)
    after = draft.values
    draft.changed |= draft.by_rules
    asks = {
        need.field: Ask(need.field, need.label, not need.lacks(after), f"{need.options[option]} needs it.")
        for need in stage_needs(ctx.published, writer.name)
        if need.by == by and option in need.options
    }
    for name, why in needed_under(ctx, writer, draft, by):
        met = after.get(name) not in (None, (), "")
        asks.setdefault(name, Ask(name, writer.slots[name].label, met, why))
    refusals = [item for item in rule_problems(ctx, writer, draft) if item.code not in _MISSING]
    refusals += foreseen_limits(ctx, writer, draft)
    # A field that is closed to the actor is asked for without its name, and only when it is in the way.
    readable = rights_for(ctx, writer.name).readable
    unmet = [ask for ask in asks.values() if ask.field not in readable and not ask.met]
    refusals += [FieldProblem(ask.field, "required", f"{ask.label} is missing.") for ask in unmet[:1]]
    seen = tuple(ask for ask in asks.values() if ask.field in readable)
    return Foreseen(seen, tuple(told(ctx, writer, refusals)))
