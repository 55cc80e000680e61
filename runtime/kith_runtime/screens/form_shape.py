"""The shape of a form: which fields stand where for one set of rights, and the template with all of them unrolled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

from jinja2 import Template

from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.kinds.form import Element, Form, Section, Tab
from kith_runtime.access import EntityRights, may_read, rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import ChoiceOptions
from kith_runtime.field_types.system import fields_of
from kith_runtime.form_elements.field import field_name
from kith_runtime.published import Published
from kith_runtime.queries.compile import readable_order
from kith_runtime.records.rules import Condition, condition_of, rules_of
from kith_runtime.records.writer import writer_for
from kith_runtime.scopes import asked_fields
from kith_runtime.screens.cells import shape_template, verbatim
from kith_runtime.screens.controls import Control, choice_pairs, control_of
from kith_runtime.screens.form_conditions import formula, group, lock, row_formula, shown_if, star
from kith_runtime.screens.form_inputs import InputWriter, control_macros, stands_at_end
from kith_runtime.screens.form_tabs import form_tabs

Mode = Literal["new", "edit", "quick"]
TOC_FROM = 3
FEW = 3
TABS_FROM = 60
TAB_FIELDS = 25


@dataclass(frozen=True, slots=True)
class FieldPart:
    """A field in its place of a form. One that cannot be edited is shown as text."""

    field: Field
    label: str
    help: str
    required: bool
    editable: bool
    wide: bool
    control: Control
    when: str = ""
    """The condition under which it is shown; always when blank."""
    computed: bool = False
    """Whether it is a formula or a roll-up, stored or not."""

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name


@dataclass(frozen=True, slots=True)
class RowsPart:
    """A table of child records. ``columns`` are those of its fields that the person may read."""

    name: str
    label: str
    entity: str
    singular: str
    by: str
    columns: tuple[FieldPart, ...]
    sort: tuple[str, ...]
    limit: int
    creates: bool
    updates: bool
    deletes: bool
    wide: bool = True
    when: str = ""


@dataclass(frozen=True, slots=True)
class WordsPart:
    """Words between the fields, or an empty place when there are none."""

    text: str
    warns: bool
    wide: bool
    when: str = ""


Part = FieldPart | RowsPart | WordsPart


@dataclass(frozen=True, slots=True)
class SectionShape:
    """Parts under one heading. ``optional`` sections hold nothing that must be filled in."""

    id: str
    label: str
    columns: int
    folded: bool
    parts: tuple[Part, ...]
    when: str = ""

    @property
    def fields(self) -> tuple[FieldPart, ...]:
        """The fields of the section."""
        return tuple(part for part in self.parts if isinstance(part, FieldPart))

    @property
    def optional(self) -> bool:
        """Tell whether nothing in it must be filled in."""
        return not any(part.required for part in self.fields)


@dataclass(frozen=True, slots=True)
class TabShape:
    """A page of a form."""

    id: str
    label: str
    sections: tuple[SectionShape, ...]
    when: str = ""


@dataclass(frozen=True, slots=True)
class FormShape:
    """What is the same for every drawing of a form by one set of rights."""

    entity: Entity
    rights: EntityRights
    form: Form | None
    mode: Mode
    tabs: tuple[TabShape, ...]
    fields: Mapping[str, FieldPart] = field(default_factory=dict)
    rows: Mapping[str, RowsPart] = field(default_factory=dict)
    prefix: str = "f"
    """Begins the ids of its inputs: a form may lie over, or in, a page with another one."""
    frame: str = "edit.html"
    """The template around its sections."""
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    """Under which its parts are shown, by a short name; only those whose fields the person may read."""
    locks: Mapping[str, str] = field(default_factory=dict)
    """Fields whose saved values can be locked, with the words for when."""

    @property
    def editable(self) -> tuple[FieldPart, ...]:
        """The fields that the form sends."""
        return tuple(part for part in self.fields.values() if part.editable)

    def template(self, ctx: Context) -> Template:
        """Return the form's template, compiled once for each set of rights."""
        key = ("form", rights_key(ctx.actor), self.entity.name, self.mode)
        return shape_template(ctx, key, lambda: FormSource(self, ctx.published, control_macros()).write())


def form_shape(ctx: Context, entity: str, mode: Mode) -> FormShape:
    """Return the shape of an entity's form for the actor's rights."""
    key = ("form_shape", rights_key(ctx.actor), entity, mode)
    return ctx.published.compiled(key, lambda: _build(ctx, entity, mode))


def label_of(declared: Field) -> str:
    """Return a field's label."""
    return declared.label or declared.name.replace("_", " ").capitalize()


def _build(ctx: Context, name: str, mode: Mode) -> FormShape:
    rights = rights_for(ctx, name)
    form, declared = form_tabs(ctx, name)
    elements = [item for tab in declared.values() for part in tab.sections.values() for item in part.elements.values()]
    tables = frozenset((item.options.entity, item.options.by) for item in elements if item.element == "rows")
    maker = _Maker(ctx, name, rights, mode, tables)
    tabs = []
    for tab in declared.values():
        sections = tuple(section for item in tab.sections.values() if (section := maker.section(tab, item)).parts)
        if sections:
            label = tab.label or tab.name.replace("_", " ").capitalize()
            tabs.append(TabShape(f"t-{tab.name}", label, sections, maker.condition(tab.show_if)))
    if form is None or not form.tabs:
        tabs = [spread for tab in tabs for spread in _spread(tab)]
    parts = [part for tab in tabs for section in tab.sections for part in section.parts]
    return FormShape(
        entity=ctx.snapshot.entity(name),
        rights=rights,
        form=form,
        mode=mode,
        tabs=tuple(tabs),
        fields={part.name: part for part in parts if isinstance(part, FieldPart)},
        rows={part.name: part for part in parts if isinstance(part, RowsPart)},
        conditions=dict(maker.conditions.values()),
        locks=_locks(ctx, name) if mode == "edit" else {},
    )


def _locks(ctx: Context, entity: str) -> dict[str, str]:
    conditions = rules_of(ctx.published, writer_for(ctx, entity)).read_only
    return {name: found.words for name, found in conditions.items() if may_read(ctx, found.checked)}


def _spread(tab: TabShape) -> Iterator[TabShape]:
    """Yield a tab, or several of about 25 fields where one would be too long to go through."""
    if sum(len(section.parts) for section in tab.sections) < TABS_FROM:
        yield tab
        return
    held: list[SectionShape] = []
    number = 0
    for piece in [piece for section in tab.sections for piece in _pieces(section)]:
        if held and sum(len(one.parts) for one in held) + len(piece.parts) > TAB_FIELDS:
            number += 1
            yield _numbered(tab, number, held)
            held = []
        held.append(piece)
    yield _numbered(tab, number + 1, held)


def _pieces(section: SectionShape) -> Iterator[SectionShape]:
    for number, start in enumerate(range(0, len(section.parts), TAB_FIELDS)):
        yield replace(
            section,
            id=f"{section.id}-{number}" if number else section.id,
            parts=section.parts[start : start + TAB_FIELDS],
        )


def _numbered(tab: TabShape, number: int, sections: list[SectionShape]) -> TabShape:
    """Return a tab of some sections, named by the first that has a name, else by the first of its fields."""
    words = next((section.label for section in sections if section.label), "")
    first = next((part.label for section in sections for part in section.fields), "")
    return TabShape(f"{tab.id}-{number}", words or first or f"Part {number}", tuple(sections))


@dataclass(slots=True)
class _Maker:
    """Makes the parts of one form; each field stands in it once."""

    ctx: Context
    entity: str
    rights: EntityRights
    mode: Mode
    tables: frozenset[tuple[str, str]]
    placed: set[str] = field(default_factory=set)
    conditions: dict[str, tuple[str, Condition]] = field(default_factory=dict)

    def condition(self, *texts: str) -> str:
        """Return the name of the condition that holds when all of these do; blank when there is none to follow.

        A condition on what the person may not read would tell it, so for them the part is always there.
        """
        given = [text for text in texts if text]
        if not given:
            return ""
        text = given[0] if len(given) == 1 else " and ".join(f"({text})" for text in given)
        if text not in self.conditions:
            found = condition_of(self.ctx.published, self.entity, text)
            if not may_read(self.ctx, found.checked):
                return ""
            self.conditions[text] = (f"c{len(self.conditions)}", found)
        return self.conditions[text][0]

    def section(self, tab: Tab, declared: Section) -> SectionShape:
        parts = [part for element in declared.elements.values() for part in self.parts(element, declared.columns)]
        if not any(isinstance(part, (FieldPart, RowsPart)) for part in parts):
            parts = []
        return SectionShape(
            f"s-{tab.name}-{declared.name}",
            declared.label,
            declared.columns,
            declared.folded,
            tuple(parts),
            self.condition(tab.show_if, declared.show_if),
        )

    def parts(self, element: Element, columns: int) -> Iterator[Part]:
        if element.element == "field":
            yield from self._field(element, columns)
        elif element.element == "rows":
            yield from self._rows(element)
        elif element.element == "text":
            warns, wide = element.options.tone == "warning", element.width == "full"
            yield WordsPart(element.options.text, warns, wide, self.condition(element.show_if))
        elif element.element == "spacer":
            yield WordsPart("", False, element.width == "full", self.condition(element.show_if))

    def _field(self, element: Element, columns: int) -> Iterator[FieldPart]:
        name = field_name(element)
        declared = fields_of(self.ctx.snapshot, self.entity).get(name)
        if declared is None or declared.hidden or name in self.placed or name not in self.rights.readable:
            return
        editable = name in self.rights.editable and not element.options.read_only
        if self.mode == "new" and not editable and not self._follows(name):
            return
        self.placed.add(name)
        yield FieldPart(
            field=declared,
            label=element.label or label_of(declared),
            help=element.options.help or declared.help,
            required=editable and must_have(declared, here=element.options.required),
            editable=editable,
            wide=element.width == "full" or columns == 1,
            control=control_of(declared, self.ctx.snapshot),
            when=self.condition(element.show_if),
            computed=_is_computed(self.ctx.snapshot.entity(self.entity), name),
        )

    def _follows(self, name: str) -> bool:
        """Tell whether a value follows from what is typed into the form, so that a new record shows it too."""
        own = self.ctx.snapshot.entity(self.entity).fields.get(name)
        if own is None or own.type != "rollup":
            return own is not None and own.type == "formula"
        return (own.options.over, own.options.by) in self.tables

    def _rows(self, element: Element) -> Iterator[RowsPart]:
        options = element.options
        rights = rights_for(self.ctx, options.entity)
        if not rights.visible or (self.mode == "new" and not rights.create):
            return
        child = self.ctx.snapshot.entity(options.entity)
        known = fields_of(self.ctx.snapshot, options.entity)
        names = [name for name in options.columns if name in rights.readable and name in known and name != options.by]
        columns = [self._column(known[name], rights, child) for name in names]
        yield RowsPart(
            name=element.name,
            label=element.label or child.plural or child.label,
            entity=options.entity,
            singular=self.ctx.snapshot.said(child.label),
            by=options.by,
            columns=tuple(column for column in columns if column.editable or column.computed or self.mode == "edit"),
            sort=readable_order(self.ctx, options.entity, options.sort) or self._sort_of(options.entity, options.by),
            limit=options.limit,
            creates=rights.create,
            updates=not rights.update.nothing,
            deletes=not rights.delete.nothing,
            when=self.condition(element.show_if),
        )

    def _sort_of(self, entity: str, by: str) -> tuple[str, ...]:
        """Return the order of the same records beside the page, else that in which they were made."""
        form = self.ctx.snapshot.form_of(self.entity)
        lists = form.related.values() if form is not None else ()
        found = next((item.sort for item in lists if (item.entity, item.by) == (entity, by) and item.sort), ())
        return readable_order(self.ctx, entity, found) or ("created_at",)

    def _column(self, declared: Field, rights: EntityRights, entity: Entity) -> FieldPart:
        return FieldPart(
            field=declared,
            label=label_of(declared),
            help="",
            required=must_have(declared),
            editable=declared.name in rights.editable,
            wide=False,
            control=control_of(declared, self.ctx.snapshot, compact=True),
            computed=_is_computed(entity, declared.name),
        )


def _is_computed(entity: Entity, name: str) -> bool:
    return name in entity.fields and entity.fields[name].type in ("formula", "rollup")


def must_have(declared: Field, *, here: bool = False) -> bool:
    """Tell whether a record cannot be saved without the field."""
    return declared.required or here or bool(getattr(declared.options, "parent", False))


class FormSource:
    """Writes the template of a form: wrappers with their constant words, and one macro call for each input."""

    def __init__(self, shape: FormShape, published: Published, macros: Any) -> None:
        self._shape, self._published, self._snapshot = shape, published, published.snapshot
        self._prefix = shape.prefix
        # Handed over as constants: a template that imports them makes all of them anew for each page.
        self._constants: dict[str, Any] = {
            name: getattr(macros, name) for name in ("trouble", "conflict_card", "row_cards", "shown_value")
        }
        self._inputs = InputWriter(macros, self._constants)

    def write(self) -> tuple[str, Mapping[str, Any]]:
        """Return the source and the constants that it names."""
        tabs = self._shape.tabs
        body = "".join(self._tab(tab, alone=len(tabs) == 1) for tab in tabs)
        # Gathered before it is printed: else each piece would pass through the generators of all pages above.
        source = (
            '{% extends "'
            + self._shape.frame
            + '" %}{% block panels %}{% set drawn %}'
            + body
            + "{% endset %}{{ drawn }}{% endblock %}"
        )
        return source, self._constants

    def single(self, part: FieldPart, identity: str) -> tuple[str, Mapping[str, Any]]:
        """Return the source of one input alone, drawn from the state ``s``, and the constants that it names."""
        return self._inputs.input(part.control.macro, self._constant(part), part.name, identity), self._constants

    def _tab(self, tab: TabShape, *, alone: bool) -> str:
        if self._shape.mode == "quick":
            return "".join(self._section(section) for section in tab.sections)
        listed = len(tab.sections) >= TOC_FROM
        roomy = any(isinstance(part, RowsPart) for section in tab.sections for part in section.parts)
        few = alone and not roomy and len(self._shape.fields) <= FEW
        classes = "k-form" + ("" if listed else " few" if few else " one") + (" roomy" if roomy else "")
        toc = self._toc(tab) if listed else ""
        head = '{% include "edit_head.html" %}' if alone else ""
        sections = "".join(self._section(section) for section in tab.sections)
        return f'<div class="{classes}" id="{tab.id}">{toc}<div>{head}{sections}</div></div>\n'

    def _toc(self, tab: TabShape) -> str:
        links = []
        for section in tab.sections:
            optional = ' <span class="k-3">optional</span>' if section.optional else ""
            links.append(
                f'<a href="#{section.id}"{shown_if(section.when)}>{verbatim(section.label or tab.label)}{optional}'
                "{% if wrong."
                + section_key(section)
                + ' %}<span class="k-badge">{{ wrong.'
                + section_key(section)
                + " }}"
                '<span class="k-vh"> to fix</span></span>{% endif %}</a>'
            )
        return '<nav class="k-toc" aria-label="Sections">' + "".join(links) + "</nav>"

    def _section(self, section: SectionShape) -> str:
        drawn = "".join(
            group(self._shape.conditions, when, section.columns, "".join(map(self._part, parts)))
            for when, parts in groupby(section.parts, key=lambda part: part.when)
        )
        grid = f'<div class="k-fg" data-columns="{section.columns}">{drawn}</div>'
        here = f'id="{section.id}"{shown_if(section.when)}'
        label = verbatim(section.label)
        if section.folded and section.label:
            opened = "{% if wrong." + section_key(section) + " %} open{% endif %}"
            turn = '{{ icon("chevron-right", "k-i-14 k-turn") }}'
            head = f"<summary>{turn}<h2>{label}</h2></summary>"
            return f'<details class="k-fs" {here}{opened}>{head}{grid}</details>'
        head = f"<header><h2>{label}</h2></header>" if section.label else ""
        return f'<section class="k-fs" {here}>{head}{grid}</section>'

    def _part(self, part: Part) -> str:
        if isinstance(part, FieldPart):
            return self._field(part) if part.editable else self._plain(part)
        if isinstance(part, RowsPart):
            return self._rows(part)
        wide = " w" if part.wide else ""
        if not part.text:
            return f'<div class="k-space{wide}"></div>'
        return f'<p class="k-note{" warn" if part.warns else ""}{wide}">{verbatim(part.text)}</p>'

    def _field(self, part: FieldPart) -> str:
        name, label = part.name, verbatim(part.label)
        constant = self._constant(part)
        identity = f"{self._prefix}-{name}"
        call = self._inputs.input(part.control.macro, constant, name, identity)
        foot = '{% if s.error %}{{ trouble(s.error, "' + identity + '") }}{% endif %}'
        foot += '{% if s.conflict %}{{ conflict_card(s.conflict, "' + name + '") }}{% endif %}'
        if part.help:
            foot += f'<p class="k-help" id="{identity}-h">{verbatim(part.help)}</p>'
        foot += lock(part.field, self._shape.locks)
        mark, known = star(part.field, part.required), f' data-field="{name}"'
        wide = " w" if part.wide else ""
        opening = "{% set s = states." + name + " %}"
        if part.control.macro == "tick_input":
            return f'{opening}<div class="k-fld k-tick{wide}"{known}>{call}{foot}</div>'
        if part.control.group:
            legend = f'<legend class="lb">{label}{mark}</legend>'
            return f'{opening}<fieldset class="k-fld{wide}" id="{identity}-g"{known}>{legend}{call}{foot}</fieldset>'
        head = f'<label for="{identity}">{label}{mark}</label>'
        return f'{opening}<div class="k-fld{wide}"{known}>{head}{call}{foot}</div>'

    def _plain(self, part: FieldPart) -> str:
        wide = " w" if part.wide else ""
        value = "{{ shown_value(states." + part.name + ") }}"
        if part.computed:
            value = formula(part.name)
        # The help of a field says why it stands as it is, such as "Only managers change this."
        why = f'<p class="k-help">{verbatim(part.help)}</p>' if part.help else ""
        return f'<div class="k-fld k-fixed{wide}"><span class="lb">{verbatim(part.label)}</span>{value}{why}</div>'

    def _rows(self, part: RowsPart) -> str:
        cells = "".join(self._row_cell(part, column) for column in part.columns)
        row = self._constants_row(part, cells)
        heads = "".join(self._row_head(column) for column in part.columns)
        label = verbatim(part.label)
        add = (
            f'<button class="btn btn-sm" name="_add_row" value="{part.name}" formnovalidate data-rows-add>'
            '{{ icon("plus", "k-i-14") }}Add ' + verbatim(part.singular) + "</button>"
        )
        template = "<template data-rows-template>{% set r = table.fresh %}" + row + "</template>"
        return (
            "{% set table = tables." + part.name + " %}"
            f'<div class="k-rows w" id="f-{part.name}" data-rows="{part.name}" data-rows-next="{{{{ table.next }}}}" '
            f'role="group" aria-label="{label}">'
            f'<table><thead><tr>{heads}<th><span class="k-vh">Remove</span></th></tr></thead><tbody data-rows-body>'
            "{% for r in table.rows %}" + row + "{% endfor %}</tbody></table>"
            '{% if table.more %}<p class="k-help">Only the first {{ table.rows|length }} are edited here.</p>'
            "{% endif %}" + (template + add if part.creates else "") + "</div>"
        )

    def _constants_row(self, part: RowsPart, cells: str) -> str:
        prefix = part.name + "-{{ r.index }}-"
        hidden = (
            f'<input type="hidden" name="{prefix}_id" value="{{{{ r.id }}}}">'
            f'<input type="hidden" name="{prefix}_before" value="{{{{ r.before }}}}">'
            f'<input type="hidden" name="{prefix}_version" value="{{{{ r.version }}}}">'
        )
        flag = f'<input type="hidden" name="{prefix}_delete" value="{{{{ r.remove }}}}" data-row-delete>'
        button = (
            f'<button class="btn btn-ghost btn-icon btn-sm" name="_remove_row" value="{part.name}-{{{{ r.index }}}}" '
            f'formnovalidate data-row-remove aria-label="Remove {verbatim(part.singular)} {{{{ r.number }}}}">'
            '{{ icon("x", "k-i-14") }}</button>'
        )
        removable = button if part.deletes else "{% if not r.id %}" + button + "{% endif %}"
        return (
            '<tr data-row{% if r.remove %} {{ "inert" if r.card else "hidden" }}{% endif %}>'
            + cells
            + "<td>{% if r.id %}"
            + hidden
            + flag
            + "{% endif %}"
            + removable
            + "</td></tr>"
            + "{{ row_cards(r, '"
            + part.name
            + "-' ~ r.index) }}"
        )

    def _row_head(self, column: FieldPart) -> str:
        end = ' class="r"' if stands_at_end(column.field) else ""
        mark = '<span class="k-req" aria-hidden="true">*</span>' if column.required and column.editable else ""
        return f"<th{end}>{verbatim(column.label)}{mark}</th>"

    def _row_cell(self, part: RowsPart, column: FieldPart) -> str:
        name = column.name
        opening = "{% set s = r.states." + name + " %}"
        label = verbatim(column.label)
        kind = field_types[column.field.type]
        classes = " ".join(filter(None, ("r" if stands_at_end(column.field) else "", f"w-{kind.width}")))
        cell = f'<td class="{classes}" data-label="{label}">'
        if not column.editable:
            return opening + cell + (row_formula(name) if column.computed else "{{ shown_value(s) }}") + "</td>"
        constant = self._constant(column, prefix=part.name)
        macro = self._inputs.macro("amount_input" if column.control.macro == "money_input" else column.control.macro)
        identity = f'"f-{part.name}-" ~ r.index ~ "-{name}"'
        call = "{{ " + f'{macro}(s, {constant}, "{part.name}-" ~ r.index ~ "-{name}", {identity}, bare=true)' + " }}"
        trouble = "{% if s.error %}{{ trouble(s.error, " + identity + ") }}{% endif %}"
        return opening + cell + call + trouble + "</td>"

    def _constant(self, part: FieldPart, prefix: str = "") -> str:
        """Keep what the part's macro needs under a name of its own, and return that name."""
        name = f"k_{prefix}_{part.name}" if prefix else f"k_{part.name}"
        entity = self._shape.rows[prefix].entity if prefix else self._shape.entity.name
        self._constants[name] = {
            "label": part.label,
            "help": bool(part.help),
            "required": part.required,
            "field": part.name,
            "entity": entity,
            **part.control.constants(part.field, self._snapshot),
            "asks": " ".join(asked_fields(self._published, entity, part.field)),
        }
        if self._constants[name].get("groups"):
            self._constants[name]["depends"] = part.field.options.depends_on
            self._constants[name]["when"] = [value for value, _ in self._constants[name]["groups"]]
            self._constants[name]["fits"] = {
                option: " ".join(
                    value for value, options in self._constants[name]["groups"] if value and option in _names(options)
                )
                for _, options in self._constants[name]["groups"]
                for option in _names(options)
            }
            self._constants[name]["groups"] = self._named(part.field, self._constants[name]["groups"])
        return name

    def _named(self, declared: Field, groups: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Name each group of options by what the person sees of the field that it depends on."""
        controlling = self._shape.entity.fields.get(declared.options.depends_on)
        known = controlling is not None and isinstance(controlling.options, ChoiceOptions)
        labels = (
            {pair[0]: pair[1] for pair in choice_pairs(controlling, self._snapshot)} if known and controlling else {}
        )
        return [(labels.get(value, value.replace("_", " ").capitalize()), options) for value, options in groups]


def _names(options: list[tuple[str, str, bool]]) -> list[str]:
    return [name for name, _, _ in options]


def section_key(section: SectionShape) -> str:
    """Return the name under which a template counts the problems of a section."""
    return section.id.replace("-", "_")


def json_text(value: Any) -> str:
    """Return small structured data for a hidden input."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, sort_keys=True)
