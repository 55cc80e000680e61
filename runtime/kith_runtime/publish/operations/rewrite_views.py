"""Let the views that people saved follow the renames of a publish."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from kith_metadata.rename_expressions import Renames
from kith_runtime.publish.operations.base import Operation, Work, count_of
from kith_runtime.saved_views.kept import kept_from, looks_from
from kith_runtime.saved_views.renaming import Renamer
from kith_runtime.saved_views.store import PLACE, VIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteViews(Operation):
    """Rewrites filters, columns, order and grouping of saved views, and the columns that people chose.

    Views with a word that can mean several things, or that were broken before, stay as they are; their lists say so.
    """

    kind = "rewrite_views"

    renames: Renames

    def describe(self) -> str:
        """Say how many there are to look at."""
        return f"new names in {count_of(self.rows, 'saved list')}, where they name what is renamed"

    def run(self, work: Work) -> None:
        """Write those that change; the rows bear the new names of their entities already."""
        renamer = Renamer(work.before.snapshot, self.renames)
        connection = work.connection
        for row in connection.execute(select(VIEW.c.id, VIEW.c.entity, VIEW.c.kept)).all():
            kept = kept_from(row.kept)
            after = renamer.kept(work.old_name(row.entity), kept)
            if after != kept:
                connection.execute(update(VIEW).where(VIEW.c.id == row.id).values(kept=after.to_json()))
        for row in connection.execute(select(PLACE).where(PLACE.c.entity != "")).all():
            looks = looks_from(row.looks)
            seen = renamer.looks(work.old_name(row.entity), looks)
            if seen != looks:
                key = [PLACE.c[name] == getattr(row, name) for name in ("person_id", "entity", "view")]
                connection.execute(update(PLACE).where(*key).values(looks=seen.to_json()))


def count_kept(connection: Connection) -> int:
    """Count the saved views, and the lists that people arranged for themselves."""
    counts = (select(func.count()).select_from(table) for table in (VIEW, PLACE))
    return sum(int(connection.execute(query).scalar_one()) for query in counts)
