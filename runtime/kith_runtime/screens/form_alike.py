"""Other records that have a value which should be in one record only: told before a form is saved, not forbidden."""

from __future__ import annotations

from collections.abc import Iterable

from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import OPERATORS
from kith_runtime.queries import Query, select
from kith_runtime.records import FieldProblem, Record, ValidationFailed
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.form_shape import FieldPart, FormShape
from kith_runtime.screens.record_values import title_text

ANYWAY = "_anyway"
"""The button that saves a form all the same."""


class Alike(ValidationFailed):
    """Other records have the same; ``others`` are their titles and addresses. Whoever sends it again may say so."""

    def __init__(self, problems: Iterable[FieldProblem], others: Iterable[tuple[str, str]]) -> None:
        super().__init__(tuple(problems))
        self.others = tuple(dict.fromkeys(others))


def require_alone(ctx: Context, shape: FormShape, saved: Record, touched: Iterable[str]) -> None:
    """Raise :class:`Alike` when another record that the actor may see has a value that is wanted once only.

    It looks after the record was written, when its values are clean; the transaction that wrote it takes it back.
    """
    problems, others = [], []
    for name in touched:
        part, value = shape.fields.get(name), saved.values.get(name)
        if part is None or not part.field.warn_if_taken or value is None:
            continue
        found = _other(ctx, shape, saved, (part, value))
        if found is None:
            continue
        record, title = found
        noun, label = ctx.snapshot.said(shape.entity.label), ctx.snapshot.said(part.label)
        words = f"A {noun} with this {label} exists: {title}."
        problems.append(FieldProblem(name, "alike", words, "Open it, or save anyway."))
        others.append((title, record_address(shape.entity.name, record)))
    if problems:
        raise Alike(problems, others)


def _other(ctx: Context, shape: FormShape, saved: Record, what: tuple[FieldPart, object]) -> tuple[str, str] | None:
    """Return the id and the title of another record with a value."""
    part, value = what
    kind = field_types[part.field.type]
    where = OPERATORS["is"].pattern.format(field=kind.operand(part.field), value=kind.literal(value, part.field))
    title = shape.entity.fields.get(shape.entity.title)
    shown = title if title is not None and title.name in shape.rights.readable else None
    fields = (shown.name,) if shown is not None else ("id",)
    page = select(ctx, Query(shape.entity.name, fields, where=where, limit=2, titles=True))
    for record, row in zip(page.ids, page.rows, strict=True):
        if record != saved.id:
            return record, title_text(ctx, shape.entity.name, shown, row[0] if shown is not None else None)
    return None
