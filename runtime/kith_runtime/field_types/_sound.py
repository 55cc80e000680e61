"""What can be wrong with a field whatever its type: limits that leave nothing, a default that no record could have."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_platform.locale import PersonLocale
from kith_runtime.field_types._options import ChoiceOptions
from kith_runtime.field_types.base import FieldType, InputScope, InvalidValue

_LIMITS = (("min", "max"), ("min_length", "max_length"))


def field_problems(kind: FieldType, field: Field, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with a field, as pairs of property and sentence: by its type, its limits, its default."""
    own = kind.problems(field, snapshot)
    # What the type itself refuses may keep values from being read at all.
    return (*own, *_limits(field), *(() if own else _default(kind, field, snapshot)))


def _limits(field: Field) -> Iterator[tuple[str, str]]:
    for low, high in _LIMITS:
        least, most = _number(getattr(field.options, low, None)), _number(getattr(field.options, high, None))
        if least is not None and most is not None and least > most:
            yield low, f"No value fits: {low} is {least} and {high} is {most}."


def _number(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _default(kind: FieldType, field: Field, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    known = isinstance(field.options, ChoiceOptions) and isinstance(field.default, (str, list, tuple))
    # That a default is among the options is said by the check of choices.
    if field.default is None or known:
        return
    try:
        kind.parse(field.default, field, InputScope(PersonLocale(), snapshot))
    except InvalidValue as fault:
        yield "default", f"No record can have this default. {fault.message} {fault.hint}".strip()
