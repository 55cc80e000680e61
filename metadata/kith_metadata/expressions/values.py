"""Reading values of records, comparing them and testing membership: the same for every engine in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kith_metadata.expressions import exact
from kith_metadata.expressions.environment import Environment
from kith_metadata.expressions.nodes import Around, Attribute, Field, Former, Outer, Person
from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.expressions.types import Type
from kith_metadata.values import Reference


def normal(kind: Type, value: Any) -> Any:
    """Return a record's value as expressions see it: empty texts and lists blank, 20 % as 0.2, a record as its id."""
    if value is None or value == "" or value == () or value == []:
        return None
    match kind.kind:
        case "percent":
            return exact.fraction_of(value)
        case "record":
            return _record_id(value)
        case "choices" | "records":
            return tuple(value)
    return value


def field_value(node: Field, record: Mapping[str, Any]) -> Any:
    """Return what a path finds in a record; a lookup on the way that is blank gives blank."""
    return path_value(node.type, node.path, record)


def path_value(kind: Type, path: tuple[str, ...], record: Mapping[str, Any]) -> Any:
    """Return what a path finds in a record, as expressions see a value of the type."""
    holder = behind(path, record)
    return None if holder is None else normal(kind, _value(holder, path[-1]))


def behind(path: tuple[str, ...], record: Mapping[str, Any]) -> Any:
    """Return the record that holds the last name of a path; None when a lookup on the way is blank."""
    holder: Any = record
    for name in path[:-1]:
        holder = _value(holder, name)
        holder = holder() if callable(holder) else holder
        if holder is None:
            return None
        if not isinstance(holder, Mapping):
            raise EvaluationError(f"The record behind '{name}' was not loaded, so its fields cannot be used here.")
    return holder


def around(node: Outer, environment: Environment) -> tuple[Mapping[str, Any], Environment]:
    """Return the record around the list of which a part speaks, with the surroundings of that record."""
    if len(environment.outers) < node.up:
        raise EvaluationError("The record around the list was not loaded.")
    return environment.outers[-node.up], replace(environment, outers=environment.outers[: -node.up])


def former_value(node: Former, environment: Environment) -> Any:
    """Return a field as it was before the change; blank for a new record."""
    return None if environment.former is None else path_value(node.type, node.path, environment.former)


def changed(former: Any, present: Any, environment: Environment) -> bool:
    """Tell whether a value differs from what it was; nothing of a new record has changed."""
    return environment.former is not None and bool(former != present)


def around_value(node: Around, environment: Environment) -> Any:
    """Return what the surroundings tell: whether the record is new, a role of the person, a setting."""
    match node.name:
        case "is_new":
            return environment.former is None
        case "has_role":
            return node.argument in environment.roles
    return normal(node.type, environment.settings.get(node.argument))


def person_value(node: Person, me: Mapping[str, Any]) -> Any:
    """Return what `me` and the fields of `me` stand for; blank when nobody acts."""
    return normal(node.type, me.get(node.path[0] if node.path else "id"))


def attribute_value(node: Attribute, option: Any) -> Any:
    """Return the attribute of an option; an option that has none gives blank."""
    return next((value for name, value in node.values if name == option), None)


def equal(left: Any, right: Any) -> bool:
    """Compare: two blanks are equal, a blank and a value never; money counts by its amount."""
    if left is None or right is None:
        return left is right
    exact.same_currency(left, right)
    return bool(exact.amount(left) == exact.amount(right))


def unequal(left: Any, right: Any) -> bool:
    """The opposite of `equal`."""
    return not equal(left, right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        exact.same_currency(left, right)
        return test(exact.amount(left), exact.amount(right))

    return compare


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": unequal,
    "<": _ordered(lambda left, right: bool(left < right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
}


def contains(item: Any, container: Any) -> bool:
    """Tell whether a container holds an item: a text its part, a list an equal value; a blank one holds nothing."""
    if container is None:
        return False
    if isinstance(container, str):
        return item is not None and item in container
    return any(equal(item, member) for member in container)


def _value(holder: Mapping[str, Any], name: str) -> Any:
    try:
        return holder[name]
    except KeyError:
        raise EvaluationError(f"The field '{name}' was not loaded, so it cannot be used here.") from None


def _record_id(value: Any) -> Any:
    value = value() if callable(value) else value
    if isinstance(value, Mapping):
        # A record that its reader may not see still is not blank; only what stands behind it is.
        return getattr(value, "pointer", None) or value["id"]
    # A lookup that may point to several entities is only ever tested for blank.
    return value.id if isinstance(value, Reference) else value
