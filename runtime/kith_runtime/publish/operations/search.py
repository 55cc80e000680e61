"""Write the search index of an entity anew, when what is searchable in it changed."""

from __future__ import annotations

from dataclasses import dataclass

from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.publish.reindex import reindex_entity


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexForSearch(Operation):
    """Index the live records of an entity, whose name or searchable fields are others now."""

    kind = "index_for_search"
    lock = "writers"

    def describe(self) -> str:
        """Say what is done."""
        return f"index {count_of(self.rows, 'record')} anew for the search"

    def run(self, work: Work) -> None:
        """Index every record with the fields of the new snapshot."""
        if work.context is not None:
            reindex_entity(work.context, self.subject)
