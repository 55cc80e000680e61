"""What a saved view keeps of a list: the question and the looks, as plain data that may be older than the snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_COLUMNS = 60
NARROWEST, WIDEST = 60, 600
_MOST = 4000


@dataclass(frozen=True, slots=True)
class Looks:
    """How a list looks: its columns in order (none: as the view says), and widths in pixels by column."""

    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the looks as they are stored."""
        return {"columns": list(self.columns), "widths": dict(self.widths)}


@dataclass(frozen=True, slots=True)
class Kept:
    """The question of a list. ``base`` is the app's view that it narrows; conditions are field, operator and value."""

    base: str = ""
    sort: tuple[str, ...] = ()
    where: str = ""
    text: str = ""
    conditions: tuple[tuple[str, str, str], ...] = ()
    group: str = ""
    looks: Looks = field(default_factory=Looks)

    def to_json(self) -> dict[str, Any]:
        """Return the view as it is stored."""
        return {
            "base": self.base,
            "sort": list(self.sort),
            "where": self.where,
            "text": self.text,
            "conditions": [list(item) for item in self.conditions],
            "group": self.group,
            "looks": self.looks.to_json(),
        }


def looks_from(data: Any) -> Looks:
    """Return stored looks; what is not in their shape is left out."""
    held = data if isinstance(data, Mapping) else {}
    widths = held.get("widths")
    known = widths if isinstance(widths, Mapping) else {}
    kept = {str(name)[:100]: fitting_width(width) for name, width in known.items() if isinstance(width, int)}
    return Looks(_texts(held.get("columns"))[:MOST_COLUMNS], kept)


def fitting_width(pixels: int) -> int:
    """Return a width that a column can have, in the steps that the stylesheet knows."""
    return round(min(max(pixels, NARROWEST), WIDEST) / 10) * 10


def kept_from(data: Any) -> Kept:
    """Return a stored view; what is not in its shape is left out."""
    held = data if isinstance(data, Mapping) else {}
    conditions = [_texts(item) for item in held.get("conditions") or () if isinstance(item, list)]
    return Kept(
        base=_text(held.get("base")),
        sort=_texts(held.get("sort")),
        where=_text(held.get("where")),
        text=_text(held.get("text")),
        conditions=tuple((item[0], item[1], item[2]) for item in conditions if len(item) == 3),
        group=_text(held.get("group")),
        looks=looks_from(held.get("looks")),
    )


def _text(value: Any) -> str:
    return value[:_MOST] if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item[:_MOST] for item in value if isinstance(item, str)) if isinstance(value, list) else ()
