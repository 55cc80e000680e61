"""Comparison and membership, two-valued as the language defines them, and plain where an index can help.

`positive` means that the result stands where NULL counts as false (a condition of WHERE, joined by and/or), so that
`column = :x` needs nothing around it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import JSONB

from kith_metadata.expressions import calendar_rules
from kith_metadata.expressions import types as t
from kith_metadata.expressions.exact import amount, shifted
from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.expressions.values import COMPARISONS
from kith_runtime.queries.expression_sql_numbers import money_error, plain
from kith_runtime.queries.expression_sql_values import INT64, Finder, Sql, any_error, certain, constant, is_null

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SWAPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def boolean(element: ColumnElement[Any], *operands: Sql) -> Sql:
    """Return a condition that is never NULL, with the errors of its operands."""
    return Sql(element, t.BOOLEAN, nullable=False, error=any_error(*(operand.error for operand in operands)))


def is_blank(sql: Sql) -> ColumnElement[bool]:
    """Return the condition that a value is blank: NULL, an empty text or an empty list."""
    if sql.constant:
        return sa.true() if sql.value is None else sa.false()
    if sql.links is not None:
        return sa.not_(sql.links(None))
    if not sql.nullable and sql.type.kind == "boolean":
        return sa.false()
    if sql.raw is not None:
        return sa.or_(sql.raw.is_(None), sql.raw == sa.literal("", sa.Text()))
    if sql.type.kind in ("json", "choices", "records"):
        empty = sa.cast(sql.element, sa.Text()).in_([sa.literal(x, sa.Text()) for x in ("null", "[]", '""')])
        return sa.or_(is_null(sql.element), empty)
    return is_null(sql.element)


def compare(sign: str, left: Sql, right: Sql, positive: bool, dialect: str) -> Sql:
    """Compare two values of types that go together."""
    if left.constant and not right.constant:
        left, right, sign = right, left, _SWAPPED[sign]
    if left.constant and right.constant and left.currency is None and right.currency is None:
        held = COMPARISONS[sign](left.value, right.value)
        return boolean(sa.true() if held else sa.false(), left, right)
    if right.is_null:
        return _with_blank(sign, left, right)
    error = money_error(left, right)
    left, right = _aligned(left, right, dialect)
    return boolean(_condition(sign, left, right, positive, dialect), left, right).failing(error)


def _with_blank(sign: str, left: Sql, right: Sql) -> Sql:
    if sign not in ("==", "!="):
        return boolean(sa.false(), left, right)
    blank = is_blank(left)
    return boolean(blank if sign == "==" else sa.not_(blank), left, right)


def _condition(sign: str, left: Sql, right: Sql, positive: bool, dialect: str) -> ColumnElement[Any]:
    nullable = left.nullable or right.nullable
    if sign in ("==", "!=") and right.constant and left.raw is not None:
        left = replace(left, element=left.raw)
    first, second = left.element, right.element
    if sign not in ("==", "!=") and left.type.kind in t.TEXT_KINDS | {"time"}:
        first, second = _by_bytes(first, dialect), _by_bytes(second, dialect)
    if left.nullable and right.nullable and sign == "==":
        return first.is_not_distinct_from(second)
    if left.nullable and right.nullable and sign == "!=":
        return first.is_distinct_from(second)
    test = _SIGNS[sign](first, second)
    if sign == "==" and positive and right.constant and left.finder is not None:
        return _findable(left.finder, [right], first.is_not_distinct_from(second) if dialect == "sqlite" else test)
    if sign == "!=" and nullable:
        return sa.or_(is_null(first if left.nullable else second), test)
    return certain(test) if nullable and not positive else test


def _findable(finder: Finder, texts: list[Sql], test: ColumnElement[bool]) -> ColumnElement[bool]:
    """Add to a test for constants what lets an index find them.

    SQLite puts the constant of `column = :x` in the place of the column elsewhere, and then no index fits any more; it
    does not do so for `column IS :x`.
    """
    found = finder.among(texts)
    return test if found is None else sa.and_(test, found)


def own_collation(element: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Shield a computed value from the collations inside it.

    SQLite lets an explicit COLLATE reach out of the arguments of functions and the branches of CASE, so that dates
    would be compared by the collation of a number inside them.
    """
    if dialect != "sqlite" or isinstance(element, (sa.Column, sa.BindParameter)):
        return element
    if isinstance(element.type, (sa.Boolean, sa.types.NullType)):
        return element
    return sa.type_coerce(sa.type_coerce(element, sa.Text()).collate("BINARY"), element.type)


def _by_bytes(element: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    # Texts are ordered by code points everywhere; SQLite does so without being told.
    return element if dialect == "sqlite" else element.collate("C")


def _aligned(left: Sql, right: Sql, dialect: str) -> tuple[Sql, Sql]:
    """Give both sides the same representation, keeping a bare column bare if the other side is a fitting constant."""
    if left.type.kind not in t.NUMBER_KINDS | {"duration"}:
        return (
            replace(left, element=own_collation(left.element, dialect)),
            replace(right, element=own_collation(right.element, dialect)),
        )
    if right.constant and not left.wide:
        value = rescaled(right.value, left, dialect)
        if value is not None:
            return left, value
    if not left.wide and not right.wide and left.scale == right.scale:
        return left, right
    return plain(left, dialect), plain(right, dialect)


def rescaled(value: Any, column: Sql, dialect: str) -> Sql | None:
    """Return a constant in the representation of a column, or None when that would not be exact."""
    if column.type.kind == "duration":
        number = Decimal(calendar_rules.microseconds(value))
    else:
        number = Decimal(amount(value))
    scaled = shifted(number, column.scale)
    if scaled == scaled.to_integral_value() and abs(scaled) <= INT64:
        bind = sa.literal(int(scaled), sa.BigInteger())
    elif dialect == "sqlite":
        return None
    else:
        bind = sa.literal(scaled, sa.Numeric())
    return Sql(bind, column.type, scale=column.scale, nullable=False, value=value)


def member_of(item: Sql, values: tuple[Any, ...], positive: bool, dialect: str) -> Sql:
    """Test membership in a list of constants."""
    known = [value for value in values if value is not None]
    parts: list[ColumnElement[Any]] = []
    if len(known) < len(values):
        parts.append(is_blank(item))
    if known and not item.is_null:
        parts.append(_among(item, known, positive, dialect))
    return boolean(sa.or_(*parts) if parts else sa.false(), item)


def _among(item: Sql, known: list[Any], positive: bool, dialect: str) -> ColumnElement[Any]:
    element, binds = (
        item.raw if item.raw is not None else item.element,
        [constant(v, item.type, dialect) for v in known],
    )
    if item.type.kind in t.NUMBER_KINDS | {"duration"}:
        fitting = [] if item.wide else [rescaled(value, item, dialect) for value in known]
        found = [value for value in fitting if value is not None]
        if len(found) == len(known):
            binds = found
        else:
            element, binds = plain(item, dialect).element, [plain(bind, dialect) for bind in binds]
    test: ColumnElement[bool] = element.in_([bind.element for bind in binds])
    if positive and item.finder is not None:
        if dialect == "sqlite" and len(binds) == 1:
            test = element.is_not_distinct_from(binds[0].element)
        return _findable(item.finder, binds, test)
    return certain(test) if item.nullable and not positive else test


def in_links(item: Sql, container: Sql) -> Sql:
    """Test whether a list of records holds one; a blank item is in no list."""
    if container.links is None:
        raise EvaluationError("A list of records cannot be searched in SQL here.")
    return boolean(sa.false() if item.is_null else container.links(item.element), item)


def in_choices(item: Sql, container: Sql, dialect: str) -> Sql:
    """Test whether a column with several choices holds an option."""
    if dialect == "sqlite":
        each = sa.func.json_each(container.element).table_valued("value")
        test: ColumnElement[Any] = sa.exists(sa.select(sa.literal(1)).where(each.c.value == item.element))
    elif item.constant and not item.is_null:
        test = certain(sa.type_coerce(container.element, JSONB).contains([item.value]))
    else:
        test = certain(sa.func.jsonb_exists(container.element, item.element))
    return boolean(test, item, container)
