"""Choices that hold no more than so many records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from kith_metadata.kinds.option_set import Option
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.published import Published
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.queueing import queue
from kith_runtime.records.writer import EntityWriter, Slot


@dataclass(frozen=True, slots=True)
class _Choice:
    """An option with a limit that a record would come to."""

    slot: Slot
    name: str
    option: Option


def limits_of(published: Published, writer: EntityWriter) -> Mapping[str, Mapping[str, Option]]:
    """Return the choices of an entity that refuse records over their limit, by field and stored name."""
    return published.compiled(("limits", writer.name), lambda: dict(_limits(published, writer)))


def _limits(published: Published, writer: EntityWriter) -> Iterator[tuple[str, dict[str, Option]]]:
    for slot in writer.slots.values():
        if slot.type.name != "choice":
            continue
        options = options_of(slot.field, published.snapshot).items()
        strict = {name: option for name, option in options if option.limit and option.refuse_over_limit}
        if strict:
            yield slot.name, strict


def check_limits(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return a problem for each choice that is full already; writers of the same choice pass one by one."""
    entered = _entered(ctx, writer, draft)
    for choice in entered:
        queue(ctx, [writer.name, choice.slot.name, choice.name])
    return _full(ctx, writer, draft, entered)


class LimitsOfMany:
    """The same for many records that are about to be saved, one after the other: the places are counted once."""

    def __init__(self, ctx: Context, writer: EntityWriter, drafts: Sequence[Draft]) -> None:
        self._ctx, self._writer = ctx, writer
        entered = {
            (choice.slot.name, choice.name): choice for draft in drafts for choice in _entered(ctx, writer, draft)
        }
        for field, name in sorted(entered):
            queue(ctx, [writer.name, field, name])
        self._standing = {key: _standing(ctx, writer, entered[key], len(drafts)) for key in sorted(entered)}

    def problems(self, draft: Draft) -> list[FieldProblem]:
        """Return a problem for each choice that is full by now."""
        return [
            _problem(self._writer, choice)
            for choice in _entered(self._ctx, self._writer, draft)
            if self._standing[choice.slot.name, choice.name] >= choice.option.limit
        ]

    def saved(self, draft: Draft) -> None:
        """Count a record that will be saved where it comes to, and no longer where it was."""
        for field, name in self._standing:
            before, after = draft.current.values.get(field), draft.values.get(field)
            self._standing[field, name] += (after == name) - (before == name)


def _standing(ctx: Context, writer: EntityWriter, choice: _Choice, leaving: int) -> int:
    """Count the records of a choice, no further than matters when so many may leave it."""
    table = writer.table
    here = select(table.c.id).where(table.c[choice.slot.columns[0]] == choice.name, table.c.deleted_at.is_(None))
    most = here.limit(choice.option.limit + leaving).subquery()
    found: int = ctx.connection.execute(select(func.count()).select_from(most)).scalar_one()
    return found


def foreseen_limits(ctx: Context, writer: EntityWriter, draft: Draft) -> list[FieldProblem]:
    """Return the same for a change that nobody makes yet, without holding anybody up."""
    return _full(ctx, writer, draft, _entered(ctx, writer, draft))


def _entered(ctx: Context, writer: EntityWriter, draft: Draft) -> list[_Choice]:
    before, after = draft.current.values, draft.values
    return [
        _Choice(writer.slots[name], after[name], options[after[name]])
        for name, options in limits_of(ctx.published, writer).items()
        if name in draft.changed and after.get(name) in options and before.get(name) != after[name]
    ]


def _full(ctx: Context, writer: EntityWriter, draft: Draft, entered: Sequence[_Choice]) -> list[FieldProblem]:
    return [_problem(writer, choice) for choice in entered if _is_full(ctx, writer, draft.current.id, choice)]


def _is_full(ctx: Context, writer: EntityWriter, record: str, choice: _Choice) -> bool:
    table = writer.table
    standing = (
        select(table.c.id)
        .where(table.c[choice.slot.columns[0]] == choice.name, table.c.deleted_at.is_(None), table.c.id != record)
        .limit(choice.option.limit)
    )
    found: int = ctx.connection.execute(select(func.count()).select_from(standing.subquery())).scalar_one()
    return found >= choice.option.limit


def _problem(writer: EntityWriter, choice: _Choice) -> FieldProblem:
    most = choice.option.limit
    noun = writer.noun if most == 1 else writer.nouns
    message = f"{option_label(choice.name, choice.option)} is full: {most} {noun} at most."
    return FieldProblem(choice.slot.name, "over_limit", message, "Move one on first.")
