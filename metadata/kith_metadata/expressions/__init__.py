"""The expression language: one small, typed, safe language for conditions, formulas, filters and rules.

`parse` reads text, `check` gives types, `evaluate` runs on the server; the SQL engine lives with the queries.

>>> from datetime import date, datetime, timezone
>>> scope = FieldScope("sales.deal", {"amount": FieldInfo(types.MONEY)})
>>> checked = compile_check("amount * 2 > 100", scope, types.BOOLEAN)
>>> evaluate(checked, {"amount": 60}, Environment(datetime.now(timezone.utc), date.today()))
True
"""

from __future__ import annotations

from kith_metadata.expressions import types
from kith_metadata.expressions.check import check, compile_check
from kith_metadata.expressions.compiled import compiled
from kith_metadata.expressions.engine import evaluate
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.nodes import Checked
from kith_metadata.expressions.parse import Tree, parse
from kith_metadata.expressions.problems import EvaluationError, ExpressionError, Problem
from kith_metadata.expressions.render import rename, render
from kith_metadata.expressions.scope import FORMER, AttributeInfo, FieldInfo, FieldScope, ListInfo, Scope
from kith_metadata.expressions.types import Type

__all__ = [
    "FORMER",
    "AttributeInfo",
    "Checked",
    "Environment",
    "EvaluationError",
    "ExpressionError",
    "FieldInfo",
    "FieldScope",
    "ListInfo",
    "Problem",
    "Scope",
    "Tree",
    "Type",
    "check",
    "compile_check",
    "compiled",
    "evaluate",
    "parse",
    "rename",
    "render",
    "types",
]
