"""Reading business data: lists, single records, sums, titles, search and history, always within the actor's rights.

The names below are found when they are first used: ``access`` stands on the expression engine that lives in this
package, and the readers stand on ``access``. The global search is ``search.find.search``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kith_runtime.queries.aggregation import Measure, aggregate
    from kith_runtime.queries.change import Change
    from kith_runtime.queries.changes import history
    from kith_runtime.queries.query import Page, Query
    from kith_runtime.queries.reading import count, get, get_json, get_shown, related, select, select_dicts, select_json
    from kith_runtime.queries.titling import titles

_HOMES = {
    "Change": "change",
    "Measure": "aggregation",
    "Page": "query",
    "Query": "query",
    "aggregate": "aggregation",
    "count": "reading",
    "get": "reading",
    "get_json": "reading",
    "get_shown": "reading",
    "history": "changes",
    "related": "reading",
    "select": "reading",
    "select_dicts": "reading",
    "select_json": "reading",
    "titles": "titling",
}

__all__ = [
    "Change",
    "Measure",
    "Page",
    "Query",
    "aggregate",
    "count",
    "get",
    "get_json",
    "get_shown",
    "history",
    "related",
    "select",
    "select_dicts",
    "select_json",
    "titles",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
