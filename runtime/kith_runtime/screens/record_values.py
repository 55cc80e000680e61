"""Values of a record as plain texts, for headings, histories and forms."""

from __future__ import annotations

from typing import Any

from flask import current_app

from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue, Reference
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, Linked
from kith_runtime.screens.rendering import render_part

HIDDEN = "Hidden record"


def text_scope(ctx: Context) -> InputScope:
    """Return how the person reads values."""
    return InputScope(ctx.locale, ctx.snapshot, "form", ctx.now)


def shown_text(declared: Field, value: Any, scope: InputScope) -> str:
    """Return a value as a person reads it, lookups by their titles; blank for None."""
    if value is None:
        return ""
    if isinstance(value, ErrorValue):
        return value.reason
    if isinstance(value, Linked):
        return HIDDEN if value.title is None else value.title or "Untitled"
    if isinstance(value, tuple) and value and isinstance(value[0], Linked):
        return ", ".join(shown_text(declared, item, scope) for item in value)
    if isinstance(value, Reference):
        return HIDDEN
    return field_types[declared.type].text(value, declared, scope)


def title_text(ctx: Context, entity: str, declared: Field | None, value: Any) -> str:
    """Return the title of a record; words that say so when it has none."""
    text = "" if declared is None else shown_text(declared, value, text_scope(ctx))
    return text or f"Untitled {ctx.snapshot.said(ctx.snapshot.entity(entity).label)}"


def drawn_part(template: str, **values: Any) -> str:
    """Return a template drawn as a part of a page, with the helpers that a page has."""
    return render_part(current_app.jinja_env.get_template(template), values)
