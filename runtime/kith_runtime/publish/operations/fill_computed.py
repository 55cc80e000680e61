"""Work out stored formulas and roll-ups for the records that are there, when they are new or mean something else."""

from __future__ import annotations

from dataclasses import dataclass

from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.records.recompute import recompute, record_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class FillComputed(Operation):
    """Fills stored computed fields of one entity, deleted records too: they may come back."""

    kind = "fill_computed"
    lock = "writers"

    fields: tuple[str, ...]

    def describe(self) -> str:
        """Say which fields are worked out for how many records."""
        names = ", ".join(f"'{name}'" for name in self.fields)
        noun = "field" if len(self.fields) == 1 else "fields"
        return f"stored {noun} {names} worked out for {count_of(self.rows, 'record')}"

    def run(self, work: Work) -> None:
        """Work through all records in the order of their ids."""
        if work.context is None:
            return
        for records in record_pages(work.context, self.subject):
            recompute(work.context, self.subject, self.fields, records)
