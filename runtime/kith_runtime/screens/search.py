"""The search over all records that a person may see: groups by entity, with what was found marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from kith_metadata.snapshot import Snapshot
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.search.find import Group, Hit, search
from kith_runtime.queries.search.words import asked_words, folded
from kith_runtime.screens.addresses import list_address, record_address
from kith_runtime.screens.blocks import Block, block
from kith_runtime.screens.cells import label_of
from kith_runtime.screens.list_shape import plural_of
from kith_runtime.screens.list_state import ALL
from kith_runtime.screens.rendering import Page, render
from kith_runtime.screens.shell import shell_of
from kith_runtime.web.state import context

blueprint = Blueprint("search", __name__)

HITS = 8
LONGEST = 200
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was found; ``by`` names the field that holds the words when it is not the title."""

    title: Markup
    url: str
    subtitle: Markup
    by: str


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """The records found of one entity; ``all`` is the address of all of them when there are more."""

    label: str
    icon: str
    records: Sequence[Found]
    all: str


@dataclass(frozen=True, slots=True)
class SearchPage(Page):
    """The search and what it found."""

    query: str = ""
    found: Block[Sequence[FoundGroup]] | None = None


@blueprint.get("/search")
def show_search() -> Response:
    """Show what the words in ``q`` find; without words only the form."""
    ctx = context()
    text = request.args.get("q", "")[:LONGEST].strip()
    found = block(ctx, "search", "Search", lambda: find(ctx, text)) if text else None
    return render("search.html", SearchPage(f"Search: {text}" if text else "Search", query=text, found=found))


def find(ctx: Context, text: str) -> Sequence[FoundGroup]:
    """Return what the words find, the entities in the order of the navigation."""
    items = [item.entity for group in shell_of(ctx).groups for item in group.items]
    order = {name: number for number, name in reversed(list(enumerate(items)))}
    groups = sorted(search(ctx, text, HITS), key=lambda group: order.get(group.entity, len(items)))
    words = asked_words(text)
    return [_group(ctx, group, words, text) for group in groups]


def _group(ctx: Context, group: Group, words: Sequence[str], text: str) -> FoundGroup:
    entity = ctx.snapshot.entity(group.entity)
    records = [_found(ctx.snapshot, hit, words) for hit in group.hits]
    more = list_address(group.entity, ALL, q=text) if group.more else ""
    return FoundGroup(plural_of(entity), entity.icon, records, more)


def _found(snapshot: Snapshot, hit: Hit, words: Sequence[str]) -> Found:
    entity = snapshot.entity(hit.entity)
    declared = fields_of(snapshot, hit.entity).get(hit.field)
    by = label_of(declared) if declared is not None and hit.field not in (entity.title, entity.subtitle) else ""
    title = hit.title or f"Untitled {snapshot.said(entity.label)}"
    return Found(marked(title, words), record_address(hit.entity, hit.id), marked(hit.subtitle, words), by)


def marked(text: str, words: Sequence[str]) -> Markup:
    """Return a text with the found parts marked; words count without case and accents, as the search counts them.

    >>> marked("Øresund Vaccine <Supply>", ["vacc", "upp"])
    Markup('Øresund <mark>Vacc</mark>ine &lt;S<mark>upp</mark>ly&gt;')
    """
    parts: list[Markup] = []
    last = 0
    for match in _WORD.finditer(text):
        start, length = _found_part(match[0], words)
        if length:
            begins = match.start() + start
            parts += [escape(text[last:begins]), Markup("<mark>{}</mark>").format(match[0][start : start + length])]
            last = begins + length
    return Markup("").join([*parts, escape(text[last:])])


def _found_part(word: str, words: Sequence[str]) -> tuple[int, int]:
    """Return where the longest typed word stands in a word: its beginning first, parts from three letters on."""
    plain = folded(word)
    fitting = [item for item in words if plain == item or (len(item) > 1 and plain.startswith(item))]
    fitting = fitting or [item for item in words if len(item) > 2 and item in plain]
    asked = max(fitting, key=len, default="")
    if not asked:
        return 0, 0
    # A letter that unfolds into two, such as ß, moves the places: then the whole word is marked.
    return (plain.find(asked), len(asked)) if len(plain) == len(word) else (0, len(word))
