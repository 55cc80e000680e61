"""Records that come with an app: seed data that it needs, or demo data to try it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kith_metadata.kinds import kinds
from kith_metadata.spec import prop


@kinds.register("data")
@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Records keyed by a stable name, so that installing twice makes no duplicates.

    A lookup's value is the stable name of a record of the target entity, in any data document. A text that starts
    with ``=`` is an expression (``"= today() + days(14)"``), worked out when the record is made.
    A file is written as ``{name: px-2.webp, content: UklGR...}`` with its bytes as Base64.
    """

    name: str
    entity: str = prop("Entity", "Whose records these are.", refers="entity")
    purpose: Literal["seed", "demo"] = prop("Purpose", "seed is always installed, demo only when asked.")
    position: int = prop("Position", "Documents are loaded in this order.", default=100)
    records: Mapping[str, Mapping[str, Any]] = prop(
        "Records",
        "Field values by stable name.",
        merge="by_key",
        schema={
            "propertyNames": {"pattern": r"^[a-z0-9][a-z0-9_]{0,79}$"},
            "additionalProperties": {"type": "object"},
        },
    )
