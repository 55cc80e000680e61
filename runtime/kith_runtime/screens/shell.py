"""What surrounds every page: the apps, the navigation, the things that can be made new, and the person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kith_metadata.kinds.menu import Menu, MenuItem
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.screens.addresses import list_address, new_address
from kith_runtime.screens.duties import duties, own_view
from kith_runtime.screens.filters import hue, initials
from kith_runtime.screens.list_shape import views_for
from kith_runtime.screens.list_state import ALL

RESERVED = frozenset("hi")
"""Letters after G that the frame itself uses: H goes home, I to the inbox."""
HOME, INBOX, ADMINISTRATION = "/", "/notices", "/admin"
_NAMED_IN_SEARCH = 3


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
    mine: tuple[NavItem, ...]
    """What the person has to do, one entry for each kind of activity with a day; see :func:`duties`."""
    creatable: tuple[NavItem, ...]
    administers: bool

    def group_of(self, entity: str) -> NavGroup | None:
        """Return the menu in which an entity stands first, else the first menu."""
        for group in self.groups:
            if any(item.entity == entity for item in group.items):
                return group
        return self.groups[0] if self.groups else None

    def place_of(self, path: str, view: str, entity: str) -> str:
        """Return the address of the one entry of the navigation that stands for a page; blank when none does.

        It is the one that opens the page itself, else the first with records of the page's entity.
        """
        if path in (HOME, INBOX):
            return path
        if path.startswith(ADMINISTRATION):
            return ADMINISTRATION
        entries = [*self.mine, *(item for group in self.groups for item in group.items)]
        asked = list_address(entity, view) if entity and path == list_address(entity) else ""
        exact = (item.url for item in entries if item.url == asked)
        return next(exact, next((item.url for item in entries[len(self.mine) :] if item.entity == entity), ""))

    def first_items(self, count: int) -> tuple[NavItem, ...]:
        """Return the first entries of all menus together, for the bar at the foot of a phone."""
        return tuple(item for group in self.groups for item in group.items)[:count]


def shell_of(ctx: Context) -> Shell:
    """Return the frame for the actor's rights."""
    return ctx.published.compiled(("shell", rights_key(ctx.actor)), lambda: _build(ctx))


def shell_stamp(ctx: Context, icons: str) -> str:
    """Return a mark of all that the palette's entries depend on: the person, their rights, the snapshot, the icons."""
    actor = ctx.actor
    parts = (actor.id, *sorted(actor.roles), *sorted(actor.permissions), icons, str(ctx.published.sequence))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _build(ctx: Context) -> Shell:
    menus = [ctx.snapshot.menu(name) for name in ctx.snapshot.names("menu")]
    shown = [menu for menu in menus if _sees(ctx, menu)]
    shown.sort(key=lambda menu: (menu.position, menu.label, menu.name))
    groups = [NavGroup(menu.name, menu.label, menu.icon, tuple(_items(ctx, menu))) for menu in shown]
    groups = _lettered([group for group in groups if group.items])
    administers = bool(ctx.actor.permissions - {"views"})
    return Shell(tuple(groups), tuple(_mine(ctx)), tuple(_creatable(ctx, groups)), administers)


def _mine(ctx: Context) -> Iterator[NavItem]:
    for duty in duties(ctx):
        entity = ctx.snapshot.entity(duty.entity)
        view = own_view(ctx, duty)
        label = view.label if view else f"My {ctx.snapshot.said(entity.plural or entity.label)}"
        asked = {} if view else {"where": duty.where, "sort": duty.day}
        yield NavItem(label, entity.icon, list_address(duty.entity, view.name if view else ALL, **asked), duty.entity)


def search_words(ctx: Context, shell: Shell, entity: str) -> str:
    """Return what stands in the empty search box: the first things of the app that can be found.

    >>> search_words(ctx, shell, "sales.deal")
    'Search deals, contacts, accounts…'
    """
    group = shell.group_of(entity)
    found = [ctx.snapshot.entity(item.entity) for item in (group.items if group else ())]
    names = dict.fromkeys(ctx.snapshot.said(item.plural or item.label) for item in found if item.search)
    return f"Search {', '.join(list(names)[:_NAMED_IN_SEARCH])}…" if names else "Search"


def _lettered(groups: list[NavGroup]) -> list[NavGroup]:
    """Give each letter to the first entry that names it, so that one letter goes to one place."""
    taken = set(RESERVED)
    found = []
    for group in groups:
        items = []
        for item in group.items:
            key = item.key.lower()
            items.append(item if key and key not in taken else replace(item, key=""))
            taken.add(key)
        found.append(replace(group, items=tuple(items)))
    return found


def free_letter(words: str, taken: set[str]) -> str:
    """Return the first letter of some words that is free; empty when none is.

    >>> free_letter("Deal line", {"d", "e"})
    'a'
    """
    return next((letter for letter in words.lower() if "a" <= letter <= "z" and letter not in taken), "")


def _sees(ctx: Context, menu: Menu) -> bool:
    return not menu.roles or bool(ctx.actor.roles & set(menu.roles)) or ctx.actor.is_system


def _items(ctx: Context, menu: Menu) -> Iterator[NavItem]:
    for item in menu.items.values():
        entity_name = item.entity or (ctx.snapshot.view(item.view).entity if item.view else "")
        if entity_name and rights_for(ctx, entity_name).visible and _opens(ctx, entity_name, item.view):
            yield _item(ctx, item, entity_name)


def _opens(ctx: Context, entity: str, view: str) -> bool:
    return not view or any(found.name == view for found in views_for(ctx, entity))


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
    items: dict[str, NavItem] = {}
    for group in groups:
        for item in group.items:
            if rights_for(ctx, item.entity).create and (item.entity not in items or not items[item.entity].key):
                items[item.entity] = item
    taken = {item.key for item in items.values() if item.key}
    for name, item in items.items():
        entity = ctx.snapshot.entity(name)
        key = item.key or free_letter(entity.label, taken)
        taken.add(key)
        yield NavItem(entity.label, entity.icon, new_address(name), name, key)


def person_view(ctx: Context) -> dict[str, str]:
    """Return what the frame shows of the person who is signed in."""
    actor = ctx.actor
    return {"id": actor.id, "name": actor.name, "initials": initials(actor.name), "hue": hue(actor.id)}
