"""Formulas that cannot be worked out at all, so that their field alone is left out of a screen."""

from __future__ import annotations

from kith_metadata.expressions import ExpressionError
from kith_metadata.kinds.entity import Field
from kith_platform.errors import KithError
from kith_runtime.context import Context
from kith_runtime.queries.expression_where import formula_of


def fault_of(ctx: Context, entity: str, declared: Field) -> str:
    """Return why a formula cannot be worked out at all; empty when it can, and for all other fields."""
    if declared.type != "formula":
        return ""
    try:
        formula_of(ctx.published, entity, declared.name)
    except (ExpressionError, KithError, LookupError) as fault:
        return str(fault)
    return ""
