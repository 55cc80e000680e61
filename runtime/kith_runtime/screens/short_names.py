"""People in tables by their short names: "Sarah L." where nobody else is called so, with the full name for who asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from markupsafe import Markup

from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked
from kith_runtime.queries import Query, select
from kith_runtime.scopes import PERSON_ENTITY
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.cells import HIDDEN, who
from kith_runtime.screens.filters import hue, initials

_MOST_KNOWN = 2_000
"""How many people's names are read ahead; others become known as they are drawn."""
_AT_ONCE = 200
_MOST_KEPT = 8_192
_GAIN = 2


def short_name(name: str) -> str:
    """Return a person's first name with the initial of the last; the whole name where that would say too little.

    Titles in front ("Dr.") are passed over. Names of one word, with a comma, or in scripts that know no capitals are
    not shortened, nor are those that would hardly become shorter.

    >>> short_name("Sarah Lindqvist"), short_name("Dr. Anna de Vries"), short_name("Bo Ek"), short_name("Weber, Jonas")
    ('Sarah L.', 'Anna V.', 'Bo Ek', 'Weber, Jonas')
    """
    words = name.split()
    while words and words[0].endswith("."):
        words.pop(0)
    if len(words) == 1 or not words or "," in name or not words[-1][0].isupper():
        return name
    short = f"{words[0]} {words[-1][0]}."
    return short if len(short) + _GAIN <= len(name) else name


class ShortNames:
    """Draws people as tables show them. It knows who is called what, so that two never stand there under one name."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._first: dict[str, str] = {}
        self._shared: set[str] = set()
        self._drawn: dict[Linked, Markup] = {}
        for name in names:
            self._learn(name, short_name(name))

    def draw(self, person: Linked) -> Markup:
        """Return a person as a link with an avatar, short where that is clear; a hidden one without link and name."""
        if (known := self._drawn.get(person)) is not None:
            return known
        made = self._made(person)
        if len(self._drawn) >= _MOST_KEPT:
            self._drawn.clear()
        self._drawn[person] = made
        return made

    def _made(self, person: Linked) -> Markup:
        if person.title is None:
            return HIDDEN
        name, short = person.title, short_name(person.title)
        self._learn(name, short)
        if short == name or short in self._shared:
            return who(person)
        return Markup(
            '<span class="k-who"><span class="k-av" data-hue="{}" aria-hidden="true">{}</span>'
            '<a class="k-trunc k-2" href="{}" title="{}"><bdi>{}</bdi></a></span>'
        ).format(hue(person.id), initials(name), record_address(person.entity, person.id), name, short)

    def _learn(self, name: str, short: str) -> None:
        if self._first.setdefault(short, name) != name and short not in self._shared:
            self._shared.add(short)
            self._drawn.clear()


def short_names(ctx: Context) -> ShortNames:
    """Return the names of the people of a workspace, kept with the snapshot.

    They are read as the system: whether two are called alike must not depend on who looks first.
    """
    return ctx.published.compiled(("short names",), lambda: ShortNames(_names(ctx)))


def _names(ctx: Context) -> list[str]:
    if not ctx.snapshot.has("entity", PERSON_ENTITY):
        return []
    title = ctx.snapshot.entity(PERSON_ENTITY).title
    system, found, after = replace(ctx, actor=SYSTEM), list[str](), None
    while len(found) < _MOST_KNOWN:
        page = select(system, Query(PERSON_ENTITY, (title,), limit=_AT_ONCE, after=after))
        found += [str(name) for (name,) in page.rows if name]
        after = page.next
        if after is None:
            break
    return found
