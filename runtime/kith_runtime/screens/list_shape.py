"""The shape of a list: a view's columns for a set of rights, where each stands, and the template of the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from kith_metadata.expressions import Checked
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.kinds.view import Column as ViewColumn
from kith_metadata.kinds.view import View
from kith_runtime.access import EntityRights, may_read, rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.aggregation import SUMMABLE
from kith_runtime.queries.cache import memory_of
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.compile import readable_order
from kith_runtime.queries.server_formulas import is_sortable
from kith_runtime.scopes import checked_expression
from kith_runtime.screens.cells import CellWriter, Draw, label_of, macro_of, shape_macro, verbatim
from kith_runtime.screens.formula_faults import fault_of
from kith_runtime.screens.list_state import ALL, ListState
from kith_runtime.screens.row_state import day_of, named, reads_beside, row_state
from kith_runtime.screens.short_names import short_names

MOST_DEFAULT_COLUMNS = 7
_STEPS = ((96, "xs"), (122, "sm"), (162, "md"), (224, "lg"))
_NUMBERS = frozenset({"money", "decimal", "integer", "percent", "duration"})
_INTERNAL = frozenset({"id", "version", "deleted_at", "deletion"})
_LONG = frozenset({"long_text", "rich_text", "json"})
_DAYS = frozenset({"date", "datetime"})
_QUIET = frozenset({"p-acc", "p-stage", "p-next", "p-last"})
"""The places of a phone's row under its title and its amount."""
_MUTE = _NUMBERS | _DAYS | {"time", "boolean", "formula", "rollup"}
"""Types whose values do not tell by themselves what they are of: there they stand with their label."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. ``broken`` says why it cannot be read; ``sort`` is empty when one cannot sort by it."""

    field: Field
    label: str
    width: str
    end: bool
    sort: str
    sums: bool
    place: str = ""
    broken: str = ""

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.field.name


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view over the list."""

    name: str
    label: str
    type: str = "list"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is the same for every question to one view by one set of rights."""

    entity: Entity
    rights: EntityRights
    view: str
    label: str
    where: Checked | None
    sort: tuple[str, ...]
    page_size: int
    columns: tuple[Column, ...]
    titled: bool
    """The first column is the record's title; without the right to read it, the column only opens the record."""
    tabs: tuple[Tab, ...]
    draw: Draw
    selects: bool
    beside: tuple[str, ...]
    """Fields that are read beside the columns, for what the columns say of a record."""
    indexed: bool
    """The search index knows a field that the actor may read; else a text is looked for in the title."""
    finds: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the columns, the record's id first."""
        return ("id", *(column.name for column in self.columns if not column.broken))

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that a page of rows reads, the columns first."""
        return (*self.fields, *self.beside)

    @property
    def summed(self) -> tuple[Column, ...]:
        """The columns whose total stands under the list."""
        return tuple(column for column in self.columns if column.sums and not column.broken)


def views_for(ctx: Context, entity: str) -> tuple[View, ...]:
    """Return the views of an entity that are for the actor: for their roles, and with a condition that they may read.

    Which records a view holds back would tell what is in a closed field.
    """
    key = ("views", rights_key(ctx.actor), entity)
    return ctx.published.compiled(
        key, lambda: tuple(view for view in ctx.snapshot.views_of(entity) if _is_for(ctx, view))
    )


def _is_for(ctx: Context, view: View) -> bool:
    if view.roles and not ctx.actor.is_system and ctx.actor.roles.isdisjoint(view.roles):
        return False
    return not view.where or may_read(ctx, checked_expression(ctx.published, view.entity, view.where, BOOLEAN))


def shape_of(ctx: Context, entity: str, view: str, columns: tuple[str, ...] = ()) -> Shape | None:
    """Return the shape of a view, the default one when none is named; None when there is no such view for the actor.

    ``columns`` replaces the view's own; names that the actor may not read are left out.
    """
    views = views_for(ctx, entity)
    chosen = _chosen(views, view)
    if chosen is None and view not in ("", ALL):
        return None
    if columns:
        # People make these without end, so only those of late are kept.
        own = ("list shape", rights_key(ctx.actor), entity, view, columns)
        return memory_of(ctx.published).get(own, lambda: _build(ctx, entity, chosen, columns))
    key = ("list", rights_key(ctx.actor), entity, view)
    return ctx.published.compiled(key, lambda: _build(ctx, entity, chosen, ()))


def view_of(ctx: Context, state: ListState) -> str:
    """Return the name of the view that is seen, by which looks are kept; the default one when none is named."""
    chosen = None if state.looked_at else _chosen(views_for(ctx, state.entity), "")
    return state.looked_at or (chosen.name if chosen is not None else ALL)


def _chosen(views: tuple[View, ...], name: str) -> View | None:
    if name:
        return next((view for view in views if view.name == name), None)
    return next((view for view in views if view.default), views[0] if views else None)


def _build(ctx: Context, entity_name: str, view: View | None, own: tuple[str, ...]) -> Shape:
    entity, rights = ctx.snapshot.entity(entity_name), rights_for(ctx, entity_name)
    declared = view.columns if view is not None and view.columns else _default_columns(ctx, entity, rights)
    if own:
        declared = {name: declared.get(name) or ViewColumn(name=name) for name in own}
    titled = entity.title in rights.readable
    names = dict.fromkeys(([entity.title] if titled else []) + [name for name in declared if name in rights.readable])
    fields = fields_of(ctx.snapshot, entity_name)
    columns = [_column(ctx, entity, fields[name], declared.get(name)) for name in names if name in fields]
    columns = _placed(columns, entity.title)
    tabs = tuple(Tab(item.name, item.label, item.type) for item in views_for(ctx, entity_name))
    name = view.name if view is not None else ALL
    if not any(tab.name == name for tab in tabs):
        tabs = (*tabs, Tab(ALL, "All records"))
    selects = not rights.delete.nothing or (not rights.update.nothing and bool(rights.editable))
    indexed = entity.search and any(item.search and item.name in rights.readable for item in fields.values())
    drawn = [column.field for column in columns if not column.broken]
    beside = tuple(
        name
        for name in reads_beside(ctx.snapshot, entity_name, drawn)
        if name in rights.readable and not fault_of(ctx, entity_name, fields[name])
    )
    source = _source(ctx, entity, RowParts(tuple(columns), beside, titled, selects))
    key = ("list", rights_key(ctx.actor), entity_name, name)
    return Shape(
        entity=entity,
        rights=rights,
        view=name,
        label=view.label if view is not None else f"All {ctx.snapshot.said(plural_of(entity))}",
        where=checked_expression(ctx.published, entity_name, view.where, BOOLEAN) if view and view.where else None,
        sort=readable_order(ctx, entity_name, view.sort) if view is not None else (),
        page_size=view.page_size if view is not None else 50,
        columns=tuple(columns),
        titled=titled,
        tabs=tabs,
        draw=macro_of(source) if own else shape_macro(ctx, key, source),
        selects=selects,
        beside=beside,
        indexed=indexed,
        finds=indexed or (titled and field_types[fields[entity.title].type].searchable),
    )


def column_choices(ctx: Context, entity: str) -> Mapping[str, str]:
    """Return the labels of the fields that the actor can have as columns, in the order of their declaration."""
    readable = rights_for(ctx, entity).readable
    return {
        item.name: label_of(item)
        for item in fields_of(ctx.snapshot, entity).values()
        if item.name in readable and item.name not in _INTERNAL and not item.hidden
    }


def plural_of(entity: Entity) -> str:
    """Return what people call several records of an entity."""
    return entity.plural or entity.label


def _column(ctx: Context, entity: Entity, declared: Field, shown: ViewColumn | None) -> Column:
    titles = declared.name == entity.title and not declared.label
    result = _result(ctx, declared)
    width = _step(shown.width) if shown is not None and shown.width else result.width
    sums = declared.sum or (shown is not None and shown.sum)
    return Column(
        field=declared,
        label=(shown.label if shown is not None else "") or (entity.label if titles else label_of(declared)),
        width="" if declared.name == entity.title else f"k-w-{width}",
        end=result.align == "end",
        sort=declared.name if is_sortable(ctx.published, entity.name, declared.name) else "",
        sums=sums and declared.type in SUMMABLE,
        broken=fault_of(ctx, entity.name, declared),
    )


def _result(ctx: Context, declared: Field) -> Any:
    """Return the type that a cell shows: a formula is shown as what it returns."""
    kind = field_types[declared.type]
    result = getattr(kind, "result", None)
    return field_types[result(declared, ctx.snapshot).type] if result is not None else kind


def _step(pixels: int) -> str:
    return next((word for limit, word in _STEPS if pixels <= limit), "xl")


def _default_columns(ctx: Context, entity: Entity, rights: EntityRights) -> Mapping[str, ViewColumn]:
    """Return the columns of a list that no view describes: first of each kind, then others while there is room."""
    fields = [item for item in fields_of(ctx.snapshot, entity.name).values() if item.name in rights.readable]
    fields = [item for item in fields if not item.hidden and item.name not in _INTERNAL]
    wanted: list[Callable[[Field], bool]] = [
        lambda item: item.name == entity.title,
        lambda item: bool(target_entity(item)) and item.type != "owner",
        lambda item: item.type == "choice",
        lambda item: item.type in _NUMBERS,
        lambda item: item.type in _DAYS,
        lambda item: item.type == "owner",
    ]
    found = dict.fromkeys(next((item.name for item in fields if fits(item)), "") for fits in wanted)
    simple = (item for item in fields if item.name in entity.fields and item.type not in _LONG)
    for item in simple:
        if len(found) >= MOST_DEFAULT_COLUMNS:
            break
        found[item.name] = None
    return {name: ViewColumn(name=name) for name in found if name}


def _placed(columns: list[Column], title: str) -> list[Column]:
    """Give columns their places in the three-line row of a phone; each place is taken once."""
    free = [column for column in columns if column.name != title]
    places = {title: "p-title"}

    def take(place: str, fits: Callable[[Column], bool], *, last: bool = False) -> None:
        found = [column for column in free if fits(column)]
        if found:
            chosen = found[-1 if last else 0]
            places[chosen.name] = place
            free.remove(chosen)

    take("p-amt", lambda column: column.end)
    take("p-acc", lambda column: column.field.type in ("lookup", "any_lookup"))
    take("p-stage", lambda column: column.field.type == "choice")
    take("p-last", lambda column: column.field.type in _DAYS, last=True)
    take("p-next", lambda column: column.field.type == "text")
    for place in ("p-acc", "p-next"):
        if place not in places.values():
            take(place, lambda column: column.field.type not in ("choices", "lookups", "boolean"))
    for place in ("p-stage", "p-amt"):
        if place not in places.values():
            take(place, lambda column: column.field.type in ("choice", "date", "integer", "rating"))
    return [replace(column, place=places.get(column.name, "")) for column in columns]


Source = Callable[[], tuple[str, CellWriter]]


@dataclass(frozen=True, slots=True)
class RowParts:
    """What a row of a list is made of: its columns, what is read beside them, and whether it has a title and a box."""

    columns: tuple[Column, ...]
    beside: tuple[str, ...]
    titled: bool
    selects: bool


def _source(ctx: Context, entity: Entity, parts: RowParts) -> Source:
    def write() -> tuple[str, CellWriter]:
        writer = CellWriter(ctx.snapshot, short_names(ctx).draw, rights_for(ctx, entity.name))
        return RowSource(writer, entity, parts).write()

    return write


@dataclass(slots=True)
class RowSource:
    """Writes the template of a list's rows: one row with its columns unrolled.

    The cells that every list has, the box to tick and the title, are filled into one ready text: a title stands in
    three places and is escaped once.
    """

    writer: CellWriter
    entity: Entity
    parts: RowParts
    names: dict[str, str] = field(default_factory=dict)

    def write(self) -> tuple[str, CellWriter]:
        """Return the source, and the writer with what it names."""
        columns, beside = self.parts.columns, self.parts.beside
        own = fields_of(self.writer.snapshot, self.entity.name)
        read = [own[name] for name in (*(column.name for column in columns if not column.broken), *beside)]
        self.names = named(read, "v")
        variables = ", ".join(["id", *self.names.values()]) + ("" if read else ",")
        row = self._lead() + "".join(self._cell(column) for column in columns[1 if self.parts.titled else 0 :])
        state = row_state(self.writer, self.entity.name, {item.name: item for item in read}, self.names)
        loop = "{% for " + variables + " in rows %}" + state + "<tr>" + row + "</tr>\n{% endfor %}"
        return "{% macro draw(rows, f, now, today, icon) %}" + loop + "{% endmacro %}", self.writer

    def _lead(self) -> str:
        """Return the source of the first cells; the template calls what fills them with the record's id and title."""
        first = self.parts.columns[0] if self.parts.titled else None
        title = first if first is not None and not first.broken else None
        label = self.writer.snapshot.said(self.entity.label)
        self.writer.filters["lead"] = self._filler(f"Untitled {label}" if title is not None else f"Open {label}")
        shown = "none" if title is None else self.writer.text(title.field, self.names[title.name])
        if title is not None and shown != self.names[title.name]:
            shown += f" if {self.names[title.name]} is not none else none"
        return "{{ id|lead(" + shown + ") }}"

    def _filler(self, untitled: str) -> Callable[[str, str | None], Markup]:
        tick = (
            '<td class="c0"><input type="checkbox" class="form-check-input" name="id" value="{0}" data-select '
            'aria-label="Select {1}"></td>'
        )
        link = (
            '<td class="p-title"><div class="k-title"><a class="k-trunc" href="{2}{0}" title="{1}"><bdi>{1}</bdi></a>'
        )
        text = f"{tick if self.parts.selects else ''}{link}</div></td>"
        start = f"/e/{quote(self.entity.name)}/"

        def lead(record: str, title: str | None) -> Markup:
            # The parts are escaped here, once; an id is made by the system and holds letters and digits alone.
            return Markup(text.format(record, escape(title or untitled), start))  # noqa: S704

        return lead

    def _cell(self, column: Column) -> str:
        classes = " ".join(part for part in ("r k-num" if column.end else "", column.place) if part)
        # Money at the end of the title's line says what it is; a bare number there could be anything.
        bare = column.place in _QUIET or (column.place == "p-amt" and column.field.type != "money")
        named = f' data-l="{verbatim(column.label)}"' if bare and column.field.type in _MUTE else ""
        opening = f'<td class="{classes}"{named}>' if classes else "<td>"
        if column.broken:
            note = verbatim(f"{column.label} could not be shown")
            return f'{opening}<span class="k-empty">–<span class="k-vh">{note}</span></span></td>'
        own, shown = fields_of(self.writer.snapshot, self.entity.name), {item.name for item in self.parts.columns}
        day = day_of(column.field, own, shown, self.names)
        return opening + self.writer.cell(column.field, self.names[column.name], day) + "</td>"
