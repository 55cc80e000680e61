"""What surrounds every page: the apps, the navigation, the things that can be made new, and the person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kith_metadata.kinds.menu import Menu, MenuItem
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.screens.addresses import list_address, new_address


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation; ``entity`` tells which pages it stands for, ``key`` the letter after G."""

    label: str
    icon: str
    url: str
    entity: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A menu as one person may see it: only entries whose records they may read."""

    name: str
    label: str
    icon: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """The parts of the frame that depend on metadata and rights alone, made once for each set of roles."""

    groups: tuple[NavGroup, ...]
    creatable: tuple[NavItem, ...]
    administers: bool

    def group_of(self, entity: str) -> NavGroup | None:
        """Return the menu in which an entity stands first, else the first menu."""
        for group in self.groups:
            if any(item.entity == entity for item in group.items):
                return group
        return self.groups[0] if self.groups else None

    def first_items(self, count: int) -> tuple[NavItem, ...]:
        """Return the first entries of all menus together, for the bar at the foot of a phone."""
        return tuple(item for group in self.groups for item in group.items)[:count]


def shell_of(ctx: Context) -> Shell:
    """Return the frame for the actor's rights."""
    return ctx.published.compiled(("shell", rights_key(ctx.actor)), lambda: _build(ctx))


def _build(ctx: Context) -> Shell:
    menus = [ctx.snapshot.menu(name) for name in ctx.snapshot.names("menu")]
    shown = [menu for menu in menus if _sees(ctx, menu)]
    shown.sort(key=lambda menu: (menu.position, menu.label, menu.name))
    groups = [NavGroup(menu.name, menu.label, menu.icon, tuple(_items(ctx, menu))) for menu in shown]
    groups = [group for group in groups if group.items]
    return Shell(tuple(groups), tuple(_creatable(ctx, groups)), bool(ctx.actor.permissions))


def _sees(ctx: Context, menu: Menu) -> bool:
    return not menu.roles or bool(ctx.actor.roles & set(menu.roles)) or ctx.actor.is_system


def _items(ctx: Context, menu: Menu) -> Iterator[NavItem]:
    for item in menu.items.values():
        entity_name = item.entity or (ctx.snapshot.view(item.view).entity if item.view else "")
        if entity_name and rights_for(ctx, entity_name).visible:
            yield _item(ctx, item, entity_name)


def _item(ctx: Context, item: MenuItem, entity_name: str) -> NavItem:
    entity = ctx.snapshot.entity(entity_name)
    label = ctx.snapshot.view(item.view).label if item.view else entity.plural or entity.label
    return NavItem(
        label=item.label or label,
        icon=item.icon or entity.icon,
        url=list_address(entity_name, item.view),
        entity=entity_name,
        key=item.key,
    )


def _creatable(ctx: Context, groups: list[NavGroup]) -> Iterator[NavItem]:
    seen: set[str] = set()
    for group in groups:
        for item in group.items:
            if item.entity not in seen and rights_for(ctx, item.entity).create:
                seen.add(item.entity)
                entity = ctx.snapshot.entity(item.entity)
                yield NavItem(entity.label, entity.icon, new_address(item.entity), item.entity, item.key)


def person_view(ctx: Context) -> dict[str, Any]:
    """Return what the frame shows of the person who is signed in."""
    return {"id": ctx.actor.id, "name": ctx.actor.name}
