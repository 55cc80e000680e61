"""A menu: what stands in the side navigation of an app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kith_metadata.kinds import kinds
from kith_metadata.spec import prop


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One entry: an entity's list, or one of its views. Its label and icon come from there when left out."""

    name: str
    entity: str = prop("Entity", "Opens its list.", default="", refers="entity")
    view: str = prop("View", "Opens this view.", default="", refers="view")
    label: str = prop("Label", "Instead of the entity's plural.", default="")
    icon: str = prop("Icon", "Instead of the entity's.", default="", editor="icon")
    key: str = prop("Key", "The letter after G that goes there.", default="", schema={"maxLength": 1})


@kinds.register("menu")
@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The side navigation of an app; an entry whose entity a person may not read is left out."""

    name: str
    label: str = prop("Label", "The heading in the navigation and the app switcher.")
    icon: str = prop("Icon", "The name of a Tabler icon.", default="apps", editor="icon")
    position: int = prop("Position", "Menus are in this order, then by label.", default=100)
    items: Mapping[str, MenuItem] = prop("Items", "In order.", merge="by_key")
    roles: tuple[str, ...] = prop("Roles", "Who sees it; everybody when empty.", default=(), refers="role")
