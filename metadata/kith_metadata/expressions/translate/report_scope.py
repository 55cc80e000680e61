"""Names of Salesforce's report formulas: AMOUNT:SUM and RowCount, as roll-ups over the rows of a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate.foreign_scope import ForeignField, ForeignScope, Missing

_FUNCTIONS: Mapping[str, str] = {"SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max"}


@dataclass(frozen=True, slots=True)
class ReportScope:
    """The names of a report formula: `inner` knows the columns, `rows` is our list of the rows of a group."""

    inner: ForeignScope
    rows: str = "rows"

    def find(self, parts: tuple[str, ...]) -> ForeignField | Missing:
        """Return the roll-up that a name such as AMOUNT:SUM stands for."""
        column, colon, function = parts[-1].rpartition(":")
        if parts == ("RowCount",):
            return ForeignField(f"count({self.rows})", t.INTEGER)
        if not colon:
            return Missing("report", f"'{'.'.join(parts)[:80]}' is a column without SUM, AVG, MIN or MAX.")
        if function.upper() not in _FUNCTIONS:
            return Missing("report", f"A report counts different values of {column[:60]}, which a formula does not.")
        found = self.inner.find((*parts[:-1], column))
        if isinstance(found, Missing):
            return found
        return ForeignField(f"{_FUNCTIONS[function.upper()]}({self.rows}.{found.text})", found.type)
