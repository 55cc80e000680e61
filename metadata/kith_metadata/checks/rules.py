"""Rules of entities: each does one thing, at operations where it can be done, to fields that can take a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kith_metadata.checks import CheckContext, checks
from kith_metadata.checks.expressions import assigned_type, scope_at
from kith_metadata.issues import Issue
from kith_metadata.kinds.entity import SYSTEM_FIELDS, Entity, Rule
from kith_metadata.layered import Layered

_ACTIONS = ("refuse", "set", "default")
_KEPT = frozenset({"formula", "rollup", "auto_number"})


@checks.register("rules")
def check_rules(context: CheckContext) -> Iterator[Issue]:
    """Yield rules that do nothing or several things, or that cannot do what they say."""
    for layered, entity in context.of_kind("entity"):
        for rule in entity.rules.values():
            found = _shape(rule)
            if found is not None:
                yield context.key_issue("KM066", layered, ("rules", rule.name), *found)
            yield from _fields(context, layered, entity, rule)


def _shape(rule: Rule) -> tuple[str, str] | None:
    given = [name for name in _ACTIONS if getattr(rule, name)]
    if len(given) != 1:
        said = "nothing" if not given else " and ".join(given)
        return f"The rule '{rule.name}' does {said}; a rule does one thing.", "Give it refuse, set or default."
    if rule.refuse and not rule.when:
        return f"The rule '{rule.name}' would refuse every record.", "Say when it refuses: when: amount < 0."
    if "delete" in rule.on and not rule.refuse:
        return f"The rule '{rule.name}' sets fields of a record that is deleted.", "Take delete out of `on`."
    return None


def _fields(context: CheckContext, layered: Layered, entity: Entity, rule: Rule) -> Iterator[Issue]:
    for action, values in (("set", rule.set), ("default", rule.default)):
        for name in values:
            why = _unfit(context, entity, name)
            if why:
                message = f"A rule cannot set '{name}': {why}."
                yield context.key_issue("KM066", layered, ("rules", rule.name, action, name), message, "Take it out.")


def _unfit(context: CheckContext, entity: Entity, name: str) -> str:
    field: Any = entity.fields.get(name)
    if name in SYSTEM_FIELDS:
        return "the system keeps it"
    if field is None:
        return ""
    if field.type in _KEPT:
        return "its value is worked out" if field.type != "auto_number" else "it is counted"
    scope = scope_at(context.language, context.snapshot, entity.name)
    if scope is not None and assigned_type(scope, name) is None:
        return f"no expression gives a value for a {field.type} field"
    return ""
