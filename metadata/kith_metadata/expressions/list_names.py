"""The names of lists: what the records that point to a record are called in expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kith_metadata.expressions.scope import ListInfo

QUIET = frozenset({"created_by", "updated_by"})
"""Lookups that every entity has: their lists go only by the name that says the lookup."""


def plural(word: str) -> str:
    """Return the plural of an entity's own name, by the plain rules of English spelling.

    >>> [plural(word) for word in ("task", "activity", "deal_line", "address", "branch", "day", "prices")]
    ['tasks', 'activities', 'deal_lines', 'addresses', 'branches', 'days', 'prices']
    """
    if word.endswith("y") and word[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return word[:-1] + "ies"
    if word.endswith(("ss", "x", "z", "ch", "sh")):
        return word + "es"
    return word if word.endswith("s") else word + "s"


def names_of(found: ListInfo) -> tuple[str, ...]:
    """Return every name of a list, the shortest first: its entity, its entity by its lookup, both with the app.

    >>> names_of(ListInfo("sales.deal", "account"))
    ('deals', 'deals_by_account', 'sales_deals', 'sales_deals_by_account')
    """
    app, _, entity = found.entity.rpartition(".")
    short = plural(entity)
    by = (f"{short}_by_{found.by}", f"{app}_{short}_by_{found.by}")
    return by if found.by in QUIET else (short, by[0], f"{app}_{short}", by[1])


def named(found: Iterable[ListInfo]) -> Mapping[str, tuple[ListInfo, ...]]:
    """Return the lists of an entity by every name that they have."""
    names: dict[str, tuple[ListInfo, ...]] = {}
    for item in found:
        for name in names_of(item):
            names[name] = (*names.get(name, ()), item)
    return names


def clear_name(item: ListInfo, means: Mapping[str, tuple[ListInfo, ...]]) -> str:
    """Return the shortest name that means this list alone."""
    names = names_of(item)
    return next((name for name in names if len(means.get(name, ())) == 1), names[-1])
