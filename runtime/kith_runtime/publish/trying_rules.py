"""Tries rules that a publish brings on the records that are there: how many would it refuse?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from sqlalchemy import func, or_, select

from kith_metadata.expressions import Checked, Environment, ExpressionError
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Entity
from kith_runtime.publish.operations.base import Work
from kith_runtime.publish.operations.try_rule import TryRule
from kith_runtime.published import Published
from kith_runtime.queries.columns import Surroundings
from kith_runtime.queries.expression_sql import error_sql, prepare, sql_support, to_sql
from kith_runtime.queries.expression_where import RuleBinding, inlined
from kith_runtime.scopes import checked_rule
from kith_runtime.tables import table_of

_NEW_FIELDS = "it uses fields that come with this publish."
_ONLY_WHEN_SAVED = "it looks at what a save changes."


def tried_rules(work: Work) -> Iterator[TryRule]:
    """Yield each rule or condition of requirement that is new or different, with how many records it would refuse."""
    for name in work.after.snapshot.entities():
        old = work.old_name(name)
        if not work.before.snapshot.has("entity", old):
            continue
        before = _conditions(work.before.snapshot.entity(old))
        for what, text in _conditions(work.after.snapshot.entity(name)).items():
            if before.get(what) != text:
                yield _tried(work, (name, old), what, text)


def _conditions(entity: Entity) -> dict[str, str]:
    """Return what refuses records, in words, with its condition as an expression."""
    found: dict[str, str] = {}
    for rule in entity.rules.values():
        # A rule for new records says nothing of those that are there.
        if rule.refuse and "update" in rule.operations:
            found[f"rule '{rule.name}'"] = rule.when
        if rule.refuse and "delete" in rule.operations:
            found[f"rule '{rule.name}', which guards deletes,"] = rule.when
    for field in entity.fields.values():
        if field.required_if:
            found[f"field '{field.name}', which becomes required under a condition,"] = (
                f"is_blank({field.name}) and ({field.required_if})"
            )
    return found


def _tried(work: Work, names: tuple[str, str], what: str, text: str) -> TryRule:
    name, old = names
    try:
        # On the tables as they are now: what comes with this publish is not there yet.
        checked = checked_rule(work.before, old, text, BOOLEAN)
    except ExpressionError:
        return TryRule(subject=name, what=what, untried=_NEW_FIELDS)
    if sql_support(inlined(work.before, old, checked)):
        return TryRule(subject=name, what=what, untried=_ONLY_WHEN_SAVED)
    rows, of = _count(work, work.before, old, checked)
    return TryRule(subject=name, what=what, rows=rows, of=of, address=f"/e/{name}?view=all&where={quote(text)}")


def _count(work: Work, published: Published, entity: str, checked: Checked) -> tuple[int, int]:
    now = datetime.now(UTC) if work.clock is None else work.clock.now()
    surroundings = Surroundings(published, work.connection.dialect.name, Environment.at(now, {}))
    table = table_of(published, entity)
    prepare(work.connection)
    counted = select(func.count()).select_from(table).where(table.c.deleted_at.is_(None))
    whole, binding = inlined(published, entity, checked), RuleBinding(surroundings, entity, table)
    condition, error = to_sql(whole, binding), error_sql(whole, binding)
    # A rule that gives an error value refuses too.
    refused = counted.where(condition if error is None else or_(condition, error))
    return work.connection.execute(refused).scalar_one(), work.connection.execute(counted).scalar_one()
