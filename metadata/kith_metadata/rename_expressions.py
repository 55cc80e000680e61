"""An expression with the new names of what it names; whatever only looks like such a name stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kith_metadata.expressions import ListInfo
from kith_metadata.expressions.check_names import Target
from kith_metadata.expressions.list_names import names_of
from kith_metadata.expressions.naming import Naming

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Renames:
    """New names by the former ones. Fields go by entity and name, options by what holds them and name.

    Entities and roles have full names on both sides, as the entities of fields have their former ones.
    """

    fields: Mapping[Pair, str] = field(default_factory=dict)
    options: Mapping[Pair, str] = field(default_factory=dict)
    entities: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


def with_new_names(naming: Naming, renames: Renames, holders: Callable[[str], tuple[str, ...]]) -> str | None:
    """Return the text of an expression with new names, the same text when it names nothing of them.

    ``holders`` tells for the name of a type whose options it can mean. None when it is not sure what is meant.
    """
    held = {named.target[1]: holders(named.target[1]) for named in naming.names if named.target[0] == "option"}
    unclear = (
        (holder, named.target[2])
        for named in naming.names
        if named.target[0] == "option" and len(held[named.target[1]]) > 1
        for holder in held[named.target[1]]
    )
    if not renames.options.keys().isdisjoint(unclear):
        return None
    if not naming.complete and not renames.fields.keys().isdisjoint(naming.reads):
        return None

    def new_name(target: Target, text: str) -> str:
        kind, first, second = target
        if kind == "field":
            return renames.fields.get((first, second), text)
        if kind == "option":
            return next((renames.options.get((holder, second), text) for holder in held[first]), text)
        return _list_name((first, second), text, renames) if kind == "list" else renames.roles.get(first, text)

    return naming.with_names(new_name)


def _list_name(listed: Pair, text: str, renames: Renames) -> str:
    """Return what a list is called when its entity or its lookup is called otherwise."""
    entity, by = listed
    forms = names_of(ListInfo(entity, by))
    now = ListInfo(renames.entities.get(entity, entity), renames.fields.get(listed, by))
    return names_of(now)[forms.index(text)] if text in forms else text
