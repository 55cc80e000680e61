"""Conditions over lists whose records are saved together with the record: they are judged by the lists as they will be.

A form saves a record first and its rows afterwards, in one transaction. What looks at these rows, by figures or through
formulas and roll-ups, waits until they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from kith_metadata.expressions import Checked, nodes
from kith_metadata.expressions.server_only import walk
from kith_runtime.context import Context
from kith_runtime.field_types.system import declared_field
from kith_runtime.published import Published
from kith_runtime.queries.expression_where import formula_of
from kith_runtime.queries.record_values import RecordValues, load_values
from kith_runtime.records.draft import Draft, record_of
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.rules import Condition, EntityRules, Judge, rule_problems, rules_of
from kith_runtime.records.telling import told
from kith_runtime.records.writer import EntityWriter
from kith_runtime.scopes import environment_of, saving

Lists = frozenset[tuple[str, str]]
"""Lists of a record, each the entity of its records and their lookup."""


def lists_of(published: Published, entity: str, checked: Checked) -> Lists:
    """Return the lists of its own that an expression over an entity looks at, also through formulas and roll-ups."""
    return published.compiled(("lists of", entity, checked), lambda: frozenset(_lists(published, entity, checked)))


def _lists(published: Published, entity: str, checked: Checked) -> Iterator[tuple[str, str]]:
    for node in walk(checked.root):
        if isinstance(node, nodes.Aggregate) and len(node.path) == 1 and not node.ours:
            yield node.entity, node.by
        elif isinstance(node, nodes.Field) and len(node.path) == 1:
            declared = declared_field(published.snapshot, entity, node.path[0])
            if declared is not None and declared.type == "rollup":
                yield declared.options.over, declared.options.by
            elif declared is not None and declared.type == "formula":
                yield from _lists(published, entity, formula_of(published, entity, declared.name))


@dataclass(frozen=True, slots=True)
class Parted:
    """The conditions of an entity that can be judged at once, and those that wait for the rows."""

    now: EntityRules
    later: EntityRules


def parted(published: Published, writer: EntityWriter, coming: Lists) -> Parted:
    """Part the conditions of an entity by whether they look at one of some lists."""
    return published.compiled(("parted", writer.name, coming), lambda: _parted(published, writer, coming))


def _parted(published: Published, writer: EntityWriter, coming: Lists) -> Parted:
    def waits(condition: Condition) -> bool:
        return not coming.isdisjoint(lists_of(published, writer.name, condition.checked))

    def those(rules: EntityRules, taken: Callable[[Condition], bool]) -> EntityRules:
        return replace(
            rules,
            required=_kept(rules.required, taken),
            read_only=_kept(rules.read_only, taken),
            offered={name: found for name, offers in rules.offered.items() if (found := _kept(offers, taken))},
            refusals=tuple(refusal for refusal in rules.refusals if taken(refusal.condition)),
        )

    rules = rules_of(published, writer)
    return Parted(those(rules, lambda item: not waits(item)), those(rules, waits))


def _kept(items: Mapping[str, Condition], taken: Callable[[Condition], bool]) -> dict[str, Condition]:
    return {name: item for name, item in items.items() if taken(item)}


def problems_at_once(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return what the conditions of the entity refuse, without those that wait for rows (``ctx.coming``)."""
    if not ctx.coming:
        return rule_problems(ctx, writer, draft)
    rules = parted(ctx.published, writer, ctx.coming).now
    return [] if rules.nothing else list(Judge(ctx, writer, rules, draft).problems())


class Waiting:
    """What waits for the rows of one record; make it before they are saved, because locks look at what was, too."""

    def __init__(self, ctx: Context, writer: EntityWriter, draft: Draft, coming: Lists) -> None:
        self._ctx, self._writer, self._draft = ctx, writer, draft
        rules = parted(ctx.published, writer, coming).later
        locked = Judge(ctx, writer, rules, draft).locked() if draft.current.id else {}
        self._rules = replace(rules, read_only=locked)

    def problems(self, record: str) -> list[FieldProblem]:
        """Return what is refused now that the record and its rows are written, though not yet committed."""
        if self._rules.nothing:
            return []
        ctx, draft, rules = self._ctx, self._draft, self._rules
        values = load_values(ctx, self._writer.name, record) or {}
        # Rows that changed turn each condition over them; what is locked counts for what people changed alone.
        turned = frozenset((*rules.required, *rules.offered))
        later = Draft(
            draft.current,
            draft.values | values,
            draft.changed | turned,
            by_rules=draft.by_rules | (turned - draft.changed),
        )
        former = record_of(ctx, self._writer, draft.current) if draft.current.id else None
        judge = Judge(ctx, self._writer, rules, later)
        judge.look_at(RecordValues(ctx, self._writer.name, record), saving(environment_of(ctx), former))
        return told(ctx, self._writer, judge.problems(held_before=True))
