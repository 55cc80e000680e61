"""What the metadata demands of a record under conditions: required, read-only, options that can be chosen, rules.

All conditions look at the record as it would be saved and name every field, whatever the actor may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions import Checked, EvaluationError, evaluate, types
from kith_runtime.conditions import spoken
from kith_runtime.context import Context
from kith_runtime.field_types._options import ChoiceOptions, option_label, options_of
from kith_runtime.published import Published
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.read import Current
from kith_runtime.records.writer import EntityWriter, Slot
from kith_runtime.scopes import checked_rule, environment_of, saving
from kith_runtime.storage import SYSTEM_COLUMNS


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with the fields whose change can turn it, and its words for people."""

    checked: Checked
    fields: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule of the entity, with the field beside which it is told."""

    condition: Condition
    message: str
    at: str


@dataclass(frozen=True, slots=True)
class EntityRules:
    """All conditions of one entity, checked once for each snapshot."""

    required: Mapping[str, Condition]
    read_only: Mapping[str, Condition]
    offered: Mapping[str, Mapping[str, Condition]]
    refusals: tuple[Refusal, ...]

    @property
    def nothing(self) -> bool:
        """Tell whether the entity has none."""
        return not (self.required or self.read_only or self.offered or self.refusals)


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
        refusals=tuple(Refusal(condition(rule.when), rule.refuse, rule.at) for rule in writer.entity.rules.values()),
    )


def rule_problems(
    ctx: Context, writer: EntityWriter, current: Current, values: Mapping[str, Any], changed: frozenset[str]
) -> list[FieldProblem]:
    """Return what the conditions of the entity refuse; ``current`` is the record before, an empty one for a new record.

    Fields that a new record does not have yet, because they could not be read or come later, are judged when they come.
    """
    rules = rules_of(ctx.published, writer)
    if rules.nothing:
        return []
    return list(_Judge(ctx, writer, rules, current).problems(values, changed))


class _Judge:
    """Looks at one record before it is saved."""

    def __init__(self, ctx: Context, writer: EntityWriter, rules: EntityRules, current: Current) -> None:
        self._ctx, self._writer, self._rules, self._current = ctx, writer, rules, current
        former = RecordValues(ctx, writer.name, current.id, current.values) if current.id else None
        self._environment = saving(environment_of(ctx), former)

    def problems(self, values: Mapping[str, Any], changed: frozenset[str]) -> Iterator[FieldProblem]:
        missing = frozenset() if self._current.id else frozenset(self._writer.slots) - changed
        yield from self._required(values, changed, missing)
        yield from self._read_only(values, changed)
        yield from self._offered(values, changed, missing)
        yield from self._refusals(values, missing)

    def _required(
        self, values: Mapping[str, Any], changed: frozenset[str], missing: frozenset[str]
    ) -> Iterator[FieldProblem]:
        for name, condition in self._rules.required.items():
            blank = values.get(name) in (None, (), "")
            if not blank or name in missing or not _turned(condition, name, changed, missing):
                continue
            if self._holds(condition, values):
                label = self._writer.slots[name].label
                yield FieldProblem(
                    name, "required", f"{label} is missing.", _because("It is needed because", condition)
                )

    def _read_only(self, values: Mapping[str, Any], changed: frozenset[str]) -> Iterator[FieldProblem]:
        for name in changed & self._rules.read_only.keys() if self._current.id else ():
            condition = self._rules.read_only[name]
            if self._holds(condition, self._current.values) and self._holds(condition, values):
                label = self._writer.slots[name].label
                hint = _because("It stays as it is because", condition)
                yield FieldProblem(name, "read_only", f"{label} cannot be changed.", hint)

    def _offered(
        self, values: Mapping[str, Any], changed: frozenset[str], missing: frozenset[str]
    ) -> Iterator[FieldProblem]:
        for name, offers in self._rules.offered.items():
            slot, before = self._writer.slots[name], _several(self._current.values.get(name))
            for option in _several(values.get(name)):
                condition = offers.get(option)
                if condition is None or option in before or not _turned(condition, name, changed, missing):
                    continue
                if not self._holds(condition, values):
                    yield self._not_offered(slot, option, condition)

    def _not_offered(self, slot: Slot, option: str, condition: Condition) -> FieldProblem:
        label = option_label(option, options_of(slot.field, self._ctx.snapshot).get(option))
        hint = f"It can be chosen when {condition.words}." if condition.words else "Choose another one."
        return FieldProblem(slot.name, "not_offered", f'"{label}" cannot be chosen here.', hint)

    def _refusals(self, values: Mapping[str, Any], missing: frozenset[str]) -> Iterator[FieldProblem]:
        for refusal in self._rules.refusals:
            if not missing.isdisjoint(refusal.condition.fields):
                continue
            try:
                refused = self._value(refusal.condition, values)
            except EvaluationError as error:
                # A rule that gives no value lets nothing through.
                yield FieldProblem(refusal.at, "rule_failed", f"A rule gives no answer: {error}", refusal.message)
                continue
            if refused:
                yield FieldProblem(refusal.at, "rule", refusal.message)

    def _holds(self, condition: Condition, values: Mapping[str, Any]) -> bool:
        try:
            return self._value(condition, values)
        except EvaluationError:
            return False

    def _value(self, condition: Condition, values: Mapping[str, Any]) -> bool:
        known = dict.fromkeys((*SYSTEM_COLUMNS, *self._writer.slots)) | dict(self._current.values) | dict(values)
        record = RecordValues(self._ctx, self._writer.name, self._current.id or None, known)
        return bool(evaluate(condition.checked, record, self._environment))


def _turned(condition: Condition, name: str, changed: frozenset[str], missing: frozenset[str]) -> bool:
    """Tell whether a change concerns a field under a condition, so that unrelated edits of old records go through."""
    return condition.fields.isdisjoint(missing) and (name in changed or not condition.fields.isdisjoint(changed))


def _several(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _because(opening: str, condition: Condition) -> str:
    return f"{opening} {condition.words}." if condition.words else ""
