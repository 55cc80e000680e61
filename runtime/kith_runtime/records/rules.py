"""What the metadata demands of a record under conditions: required, read-only, options that can be chosen, rules.

All conditions look at the record as it would be saved and name every field, whatever the actor may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.checks.expressions import assigned_type
from kith_metadata.expressions import Checked, Environment, EvaluationError, evaluate, types
from kith_metadata.kinds.entity import Rule
from kith_runtime.conditions import spoken
from kith_runtime.context import Context
from kith_runtime.field_types._options import ChoiceOptions, option_label, options_of
from kith_runtime.published import Published
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records.draft import Draft, record_of
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.read import Current
from kith_runtime.records.telling import may_be_told, no_value, told
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.scopes import EntityScope, checked_rule, environment_of, saving


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with the fields whose change can turn it, and its words for people."""

    checked: Checked
    fields: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that refuses: what it is looked at for, and the field beside which it is told."""

    condition: Condition
    message: str
    at: str
    on: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assigned:
    """An expression for a field's value, with the fields that it names."""

    checked: Checked
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """A rule that gives fields values: always, or with ``only_blank`` where they have none."""

    when: Condition | None
    values: Mapping[str, Assigned]
    only_blank: bool
    on: frozenset[str]


@dataclass(frozen=True, slots=True)
class EntityRules:
    """All conditions of one entity, checked once for each snapshot."""

    required: Mapping[str, Condition]
    read_only: Mapping[str, Condition]
    offered: Mapping[str, Mapping[str, Condition]]
    refusals: tuple[Refusal, ...]
    actions: tuple[Action, ...]

    @property
    def nothing(self) -> bool:
        """Tell whether nothing is demanded of a record."""
        return not (self.required or self.read_only or self.offered or self.refusals)

    @property
    def on_delete(self) -> tuple[Refusal, ...]:
        """The rules that refuse deletes."""
        return tuple(refusal for refusal in self.refusals if "delete" in refusal.on)


def rules_of(published: Published, writer: EntityWriter) -> EntityRules:
    """Return the conditions of an entity."""
    return published.compiled(("rules", writer.name), lambda: _compile(published, writer))


def condition_of(published: Published, entity: str, text: str) -> Condition:
    """Return a condition of the metadata with its fields and its words."""
    checked = checked_rule(published, entity, text, types.BOOLEAN)
    fields = frozenset(path[0] for path in checked.references)
    return Condition(checked, fields, spoken(published.snapshot, entity, checked))


def _compile(published: Published, writer: EntityWriter) -> EntityRules:
    def condition(text: str) -> Condition:
        return condition_of(published, writer.name, text)

    fields = {slot.name: slot.field for slot in writer.slots.values()}
    return EntityRules(
        required={name: condition(item.required_if) for name, item in fields.items() if item.required_if},
        read_only={name: condition(item.read_only_if) for name, item in fields.items() if item.read_only_if},
        offered={
            name: {option: condition(offer.when) for option, offer in item.options.offered.items()}
            for name, item in fields.items()
            if isinstance(item.options, ChoiceOptions) and item.options.offered
        },
        refusals=tuple(
            Refusal(condition(rule.when), rule.refuse, rule.at, frozenset(rule.operations))
            for rule in writer.entity.rules.values()
            if rule.refuse
        ),
        actions=tuple(_action(published, writer, rule) for rule in writer.entity.rules.values() if not rule.refuse),
    )


def _action(published: Published, writer: EntityWriter, rule: Rule) -> Action:
    info = EntityScope(published.snapshot, writer.name)
    given = rule.set or rule.default
    values = {}
    for name, text in given.items():
        wanted = assigned_type(info, name)
        checked = checked_rule(published, writer.name, text, wanted)
        values[name] = Assigned(checked, frozenset(path[0] for path in checked.references))
    when = condition_of(published, writer.name, rule.when) if rule.when else None
    return Action(when, values, bool(rule.default), frozenset(rule.operations))


def rule_problems(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return what the conditions of the entity refuse.

    Fields that a record does not have yet, because they could not be read or come later, are judged when they come.
    """
    rules = rules_of(ctx.published, writer)
    if rules.nothing:
        return []
    return list(Judge(ctx, writer, rules, draft).problems())


def deletion_problems(ctx: Context, writer: EntityWriter, current: Current) -> list[FieldProblem]:
    """Return what rules say against the delete of a record."""
    rules = rules_of(ctx.published, writer)
    if not rules.on_delete:
        return []
    draft = Draft(current, current.values, frozenset())
    return told(ctx, writer, Judge(ctx, writer, rules, draft).refusals("delete"))


def needed_under(ctx: Context, writer: EntityWriter, draft: Draft, by: str) -> list[tuple[str, str]]:
    """Return the fields that must be filled in because of the field ``by``, each with the reason."""
    rules = rules_of(ctx.published, writer)
    return list(Judge(ctx, writer, rules, draft).needed(by)) if rules.required else []


class Judge:
    """Looks at one record before it is saved."""

    def __init__(self, ctx: Context, writer: EntityWriter, rules: EntityRules, draft: Draft) -> None:
        self._ctx, self._writer, self._rules, self._draft, self._current = ctx, writer, rules, draft, draft.current
        former = record_of(ctx, writer, draft.current) if draft.current.id else None
        self._environment = saving(environment_of(ctx), former)
        self._after = record_of(ctx, writer, draft.current, draft.values)

    def look_at(self, record: RecordValues, environment: Environment) -> None:
        """Judge a record that is written already instead of the draft's values."""
        self._after, self._environment = record, environment

    def locked(self) -> dict[str, Condition]:
        """Return the locks that held for the record as it was."""
        return {name: item for name, item in self._rules.read_only.items() if self._holds(item, before=True)}

    def problems(self, *, held_before: bool = False) -> Iterator[FieldProblem]:
        """Yield everything that is refused; ``held_before`` says that all locks are known to have held."""
        yield from self._required()
        yield from self._read_only(held_before)
        yield from self._offered()
        yield from self.refusals(self._draft.operation)

    def needed(self, by: str) -> Iterator[tuple[str, str]]:
        """Yield the fields that conditions on a field ask for, each with the reason."""
        for name, condition in self._rules.required.items():
            if by in condition.fields and self._holds(condition):
                yield name, self._because("It is needed because", condition)

    def _required(self) -> Iterator[FieldProblem]:
        values, changed, missing = self._draft.values, self._draft.changed, self._draft.unknown
        for name, condition in self._rules.required.items():
            blank = values.get(name) in (None, (), "")
            if not blank or name in missing or not _turned(condition, name, changed, missing):
                continue
            if self._holds(condition):
                label = self._writer.slots[name].label
                why = self._because("It is needed because", condition)
                yield FieldProblem(name, "required", f"{label} is missing.", why)

    def _read_only(self, held_before: bool) -> Iterator[FieldProblem]:
        by_people = self._draft.changed - self._draft.by_rules
        for name in by_people & self._rules.read_only.keys() if self._current.id else ():
            condition = self._rules.read_only[name]
            if (held_before or self._holds(condition, before=True)) and self._holds(condition):
                label = self._writer.slots[name].label
                hint = self._because("It stays as it is because", condition)
                yield FieldProblem(name, "read_only", f"{label} cannot be changed.", hint)

    def _offered(self) -> Iterator[FieldProblem]:
        values, changed, missing = self._draft.values, self._draft.changed, self._draft.unknown
        for name, offers in self._rules.offered.items():
            slot, before = self._writer.slots[name], _several(self._current.values.get(name))
            for option in _several(values.get(name)):
                condition = offers.get(option)
                if condition is None or option in before or not _turned(condition, name, changed, missing):
                    continue
                if not self._holds(condition):
                    yield self._not_offered(slot, option, condition)

    def _not_offered(self, slot: Slot, option: str, condition: Condition) -> FieldProblem:
        label = option_label(option, options_of(slot.field, self._ctx.snapshot).get(option))
        hint = self._because("It can be chosen when", condition) or "Choose another one."
        return FieldProblem(slot.name, "not_offered", f'"{label}" cannot be chosen here.', hint)

    def refusals(self, operation: str) -> Iterator[FieldProblem]:
        """Yield what the rules for an operation refuse."""
        for refusal in self._rules.refusals:
            unknown = not self._draft.unknown.isdisjoint(refusal.condition.fields)
            if operation not in refusal.on or unknown:
                continue
            try:
                refused = bool(evaluate(refusal.condition.checked, self._after, self._environment))
            except EvaluationError as error:
                # A rule that gives no value lets nothing through.
                why = no_value(self._ctx, self._writer.name, refusal.condition.checked, error)
                yield FieldProblem(refusal.at, "rule_failed", f"A rule gives no answer{why}", refusal.message)
                continue
            if refused:
                yield FieldProblem(refusal.at, "rule", refusal.message)

    def _because(self, opening: str, condition: Condition) -> str:
        """Say a condition to who may read what it names; it says what is saved there."""
        said = condition.words and may_be_told(self._ctx, self._writer.name, condition.checked)
        return f"{opening} {condition.words}." if said else ""

    def _holds(self, condition: Condition, *, before: bool = False) -> bool:
        record = self._environment.former if before else self._after
        try:
            return bool(evaluate(condition.checked, record or {}, self._environment))
        except EvaluationError:
            return False


def _turned(condition: Condition, name: str, changed: frozenset[str], missing: frozenset[str]) -> bool:
    """Tell whether a change concerns a field under a condition, so that unrelated edits of old records go through."""
    return condition.fields.isdisjoint(missing) and (name in changed or not condition.fields.isdisjoint(changed))


def _several(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(value) if isinstance(value, (tuple, list)) else (value,)
