"""Cards: a record in a few lines, for boards and galleries. Their template is generated once for each set of fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from markupsafe import Markup

from kith_metadata.kinds.entity import Entity, Field
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types._amounts import is_shown_whole, short_amount
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.aggregation import SUMMABLE
from kith_runtime.screens.cells import CellWriter, Draw, said, shape_macro, verbatim
from kith_runtime.screens.filters import hue, initials
from kith_runtime.screens.list_shape import Shape
from kith_runtime.screens.row_state import row_state
from kith_runtime.screens.views.registry import own_kind

_LINKS = frozenset({"lookup", "any_lookup"})
_DAYS = frozenset({"date", "datetime"})
_TEXTS = frozenset({"text", "email", "phone"})
_NEVER = frozenset({"long_text", "rich_text", "json", "file", "image", "lookups", "address"})


@dataclass(frozen=True, slots=True)
class CardLayout:
    """Where each field of a card stands: under the title, in the line of figures, and in the foot."""

    title: str
    under: str = ""
    figure: str = ""
    middle: tuple[str, ...] = ()
    owner: str = ""
    foot: str = ""
    when: str = ""
    also: tuple[str, ...] = ()
    """Fields that are read and stand in no line, such as a picture."""
    lane: str = ""
    """The choice that the lane of a card says."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a card reads."""
        parts = (self.title, self.under, self.figure, *self.middle, self.owner, self.foot, self.when)
        parts += self.also
        return tuple(dict.fromkeys(part for part in parts if part))


def layout_of(ctx: Context, shape: Shape, kind: str, *, figure: str = "", left_out: Sequence[str] = ()) -> CardLayout:
    """Return the layout of the cards of a view: its columns, or a few fields that say most of a record.

    ``figure`` is a number to be shown large; ``left_out`` are fields that the place of a card says already.
    """
    fields = fields_of(ctx.snapshot, shape.entity.name)
    title = shape.entity.title if shape.titled else ""
    declared = [column.name for column in shape.columns if not column.broken] if own_kind(ctx, shape) == kind else []
    chosen = declared or _sensible(ctx, shape, figure)
    kept = [fields[name] for name in chosen if name not in (title, *left_out) and fields[name].type not in _NEVER]
    placed = _placed(kept, title, figure if figure in {item.name for item in kept} or not declared else "")
    due = fields[placed.foot].due_on if placed.foot else ""
    if placed.when or due not in shape.rights.readable or due in placed.fields:
        return placed
    return replace(placed, when=due)


def _sensible(ctx: Context, shape: Shape, figure: str) -> list[str]:
    readable = shape.rights.readable
    fields = [item for item in fields_of(ctx.snapshot, shape.entity.name).values() if item.name in readable]
    own = [item for item in fields if item.name in shape.entity.fields and not item.hidden]
    link = next((item.name for item in own if item.type in _LINKS), "")
    day = next((item.name for item in own if item.type in _DAYS), "")
    owner = next((item.name for item in fields if item.type == "owner"), "")
    return [name for name in (link, figure, day, owner) if name]


def _placed(fields: list[Field], title: str, figure: str) -> CardLayout:
    free = list(fields)

    def take(wanted: frozenset[str], *, last: bool = False) -> str:
        found = [item for item in free if item.type in wanted]
        if not found:
            return ""
        free.remove(found[-1 if last else 0])
        return found[-1 if last else 0].name

    chosen = next((item for item in free if item.name == figure), None)
    if chosen is not None:
        free.remove(chosen)
    large = figure if chosen is not None else take(SUMMABLE)
    under, owner = take(_LINKS), take(frozenset({"owner"}))
    foot = take(_TEXTS)
    several = sum(item.type in _DAYS for item in free) > 1
    when = take(_DAYS, last=True) if foot and several else ""
    return CardLayout(title, under, large, tuple(item.name for item in free[:4]), owner, foot, when)


@dataclass(frozen=True, slots=True)
class CardSource:
    """Writes the template of a card. ``row`` has the record's id, its version, its lane, whether it may be moved,
    and then the values of the layout's fields."""

    writer: CellWriter
    entity: Entity
    layout: CardLayout
    head: str = ""
    extra: str = ""

    def write(self) -> tuple[str, CellWriter]:
        """Return the source, and the writer with what it names."""
        names = ", ".join(["id", "version", "lane", "may", *(f"v_{name}" for name in self.layout.fields)])
        self.writer.filters["short"] = lambda value, f: short_amount(f, value)
        body = self.head + self._title() + self._under() + self._middle() + self._foot() + self.extra
        card = (
            '<li class="k-card" id="card-{{ id }}" data-card="{{ id }}" data-version="{{ version }}" '
            'data-lane="{{ lane }}"{% if may %} data-movable{% endif %}>' + body + "</li>\n"
        )
        own = {name: self._field(name) for name in self.layout.fields}
        values = {name: f"v_{name}" for name in own} | {self.layout.lane: "lane"}
        state = row_state(self.writer, self.entity.name, own, values)
        loop = "{% for " + names + " in rows %}" + state + card + "{% endfor %}"
        return "{% macro draw(rows, f, now, today, icon, move) %}" + loop + "{% endmacro %}", self.writer

    def _field(self, name: str) -> Field:
        return fields_of(self.writer.snapshot, self.entity.name)[name]

    def _content(self, name: str) -> str:
        declared = self._field(name)
        if declared.type == "money" and not is_shown_whole(declared.options):
            return "{{ v_" + name + "|short(f) }}"
        return self.writer.content(declared, f"v_{name}")

    def _given(self, name: str, source: str) -> str:
        return "{% if v_" + name + " is not none %}" + source + "{% endif %}"

    def _title(self) -> str:
        start = f'<h3><a href="/e/{quote(self.entity.name)}/' + '{{ id }}" data-card-link>'
        untitled = verbatim(f"Untitled {self.writer.snapshot.said(self.entity.label)}")
        if not self.layout.title:
            return start + untitled + "</a></h3>"
        name = f"v_{self.layout.title}"
        text = self.writer.text(self._field(self.layout.title), name)
        shown = "{% set shown_title = " + text + " if " + name + " is not none else none %}"
        return (
            shown
            + start
            + "{% if shown_title %}<bdi>{{ shown_title }}</bdi>{% else %}"
            + untitled
            + "{% endif %}</a></h3>"
        )

    def _under(self) -> str:
        name = self.layout.under
        if not name:
            return ""
        shown = "{{ v_" + name + ".title or 'Untitled' if v_" + name + ".title is not none else 'Hidden record' }}"
        return self._given(name, '<div class="a k-trunc"><bdi>' + shown + "</bdi></div>")

    def _middle(self) -> str:
        parts = []
        if self.layout.figure:
            none = verbatim("No " + said(self.writer.snapshot, self._field(self.layout.figure)))
            name = self.layout.figure
            parts.append("{% if v_" + name + " is none %}<span>" + none + "</span>{% else %}<b>" + self._content(name))
            parts[-1] += "</b>{% endif %}"
        for name in self.layout.middle:
            declared = self._field(name)
            label = verbatim(declared.label or declared.name.replace("_", " "))
            parts.append(self._given(name, f'<span title="{label}">' + self._content(name) + "</span>"))
        return '<div class="m">' + "".join(parts) + "</div>" if parts else ""

    def _foot(self) -> str:
        owner, foot, when = self.layout.owner, self.layout.foot, self.layout.when
        named = [name for name in (owner, foot, when) if name]
        if not named:
            return ""
        parts = []
        if owner:
            person = f"v_{owner}"
            parts.append(self._given(owner, self._person(person, named=not foot)))
        if foot:
            parts.append(self._given(foot, '<span class="k-trunc">' + self._content(foot) + "</span>"))
            parts.append(self._wanted(foot))
        if when:
            parts.append(self._given(when, '<span class="k-when k-3">' + self._content(when) + "</span>"))
        any_of = " or ".join(f"v_{name} is not none" for name in named)
        return "{% if " + any_of + ' %}<div class="n">' + "".join(parts) + "</div>{% endif %}"

    def _wanted(self, name: str) -> str:
        declared = self._field(name)
        if not declared.wanted:
            return ""
        return (
            "{% if v_" + name + " is none and not over|default(true) %}" + self.writer.missing(declared) + "{% endif %}"
        )

    def _person(self, name: str, *, named: bool) -> str:
        self.writer.filters["face"] = face
        shown = "{{ " + name + "|face }}"
        return shown + "<bdi class='k-trunc'>{{ " + name + ".title or 'Hidden' }}</bdi>" if named else shown


def face(person: Linked) -> Markup:
    """Return a person's avatar, with the name for those who point at it or cannot see it."""
    name = "Hidden record" if person.title is None else person.title or "Untitled"
    return Markup(
        '<span class="k-av" data-hue="{}" title="{}" aria-hidden="true">{}</span><span class="k-vh">{}</span>'
    ).format(hue(person.id), name, initials(name), name)


def card_macro(ctx: Context, shape: Shape, layout: CardLayout, *, head: str = "", extra: str = "") -> Draw:
    """Return the macro that draws cards of a layout, compiled once for each set of rights."""
    key = ("card", rights_key(ctx.actor), shape.entity.name, layout, head, extra)
    writer = CellWriter(ctx.snapshot, rights=shape.rights)
    return shape_macro(ctx, key, lambda: CardSource(writer, shape.entity, layout, head, extra).write())
