"""Records as rows, fields as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kith_metadata.kinds.view import ViewOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.view_types import view_types
from kith_runtime.view_types.base import ViewType


@view_types.register("list")
class List(ViewType):
    """What a view is when it says nothing else."""

    name = "list"
    label = "List"
    help = "Records as rows and fields as columns, page by page."
    icon = "list"
    position = 0

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ViewOptions):
        """How close the rows stand."""

        density: Literal["comfortable", "compact"] = prop(
            "Row height", "compact shows more rows; each person can change it.", default="compact"
        )

    def suggested(self, snapshot: Snapshot, entity: str, readable: frozenset[str]) -> ViewOptions | None:
        return self.Options()
