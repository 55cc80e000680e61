"""A view: a saved way to see many records of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kith_metadata.kinds import kinds
from kith_metadata.spec import Variant, prop


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """The base of every view type's own options."""

    @property
    def lanes(self) -> str:
        """The field that divides the records: each part is read by itself, in the order of the view. Blank for none."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field shown in the view."""

    name: str
    label: str = prop("Label", "Instead of the field's own label.", default="")
    width: int = prop("Width", "In pixels; 0 lets the field type decide.", default=0, schema={"minimum": 0})
    sum: bool = prop("Sum", "Shows the total under the list.", default=False)


@kinds.register("view")
@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved way to see records: which ones, which fields, in which order."""

    VARIANT: ClassVar[Variant] = Variant(key="type", registry="view_types", attribute="options", default="list")

    name: str
    type: str
    options: Any
    entity: str = prop("Entity", "Whose records it shows.", refers="entity", customise="locked")
    label: str = prop("Label", "The name of the tab.")
    columns: Mapping[str, Column] = prop(
        "Columns", "Fields, in order; left out, the kind of view chooses.", default={}, merge="by_key"
    )
    where: str = prop("Only where", "A condition.", default="", expression="boolean")
    sort: tuple[str, ...] = prop("Sort", "Fields; -name for descending.", default=(), refers="sort")
    default: bool = prop("Default", "Opens first.", default=False)
    position: int = prop("Position", "Tabs are in this order, then by label.", default=100)
    roles: tuple[str, ...] = prop("Roles", "Who sees it; everybody when empty.", default=(), refers="role")
    page_size: int = prop("Rows a page", "", default=50, schema={"minimum": 10, "maximum": 200})
    was: str = prop("Former name", "The name before a rename.", default="", customise="locked")
