"""Settings of apps as an administrator changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_runtime.app_settings import store
from kith_runtime.app_settings.known import declared_settings
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.records.errors import FieldProblem, ValidationFailed


def change_settings(ctx: Context, typed: Mapping[str, str]) -> dict[str, Any]:
    """Save settings as a person typed them, blank ones back to their defaults; return what is different now, as JSON.

    Raises :class:`ValidationFailed` with all problems, and saves nothing then.
    """
    declared, before = declared_settings(ctx), store.stored(ctx)
    scope = InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)
    wanted: dict[str, Any] = {}
    problems = []
    for name, text in typed.items():
        if name not in declared:
            continue
        field = declared[name]
        kind = field_types[field.type]
        try:
            value = kind.parse(text.strip(), field, scope)
        except InvalidValue as error:
            problems.append(FieldProblem(name, error.code, error.message, error.hint))
            continue
        wanted[name] = None if value is None else kind.to_json(value, field)
    if problems:
        raise ValidationFailed(problems)
    changed = {name: value for name, value in wanted.items() if value != before.get(name)}
    for name, value in changed.items():
        store.put(ctx, name, value)
    return changed
