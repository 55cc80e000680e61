"""The shape of a record's page for one set of rights: its blocks, each with a template whose rows are unrolled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from jinja2 import Template

from kith_metadata.expressions import ExpressionError
from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.kinds.form import RelatedList, Tab
from kith_metadata.kinds.option_set import Option
from kith_metadata.snapshot import Snapshot
from kith_platform.errors import KithError
from kith_runtime.access import EntityRights, rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import ChoiceOptions, options_of
from kith_runtime.field_types.system import fields_of
from kith_runtime.form_elements.field import field_name
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.expression_where import formula_of
from kith_runtime.records.pointers import pointers_at
from kith_runtime.screens.cells import CellWriter, verbatim, who
from kith_runtime.screens.form_shape import form_tabs, label_of

MOST_HIGHLIGHTS = 5
_NUMBERS = frozenset({"money", "decimal", "integer", "percent"})


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """Fields under one heading. ``broken`` says why a field of it cannot be read."""

    title: str
    fields: tuple[Field, ...]
    template: Template
    broken: str = ""


@dataclass(frozen=True, slots=True)
class RelatedBlock:
    """Records of another entity that point here. ``prefill`` is the field of a new one that points back, if allowed."""

    name: str
    title: str
    declared: RelatedList
    icon: str
    label: str
    fields: tuple[Field, ...]
    template: Template
    prefill: str = ""


@dataclass(frozen=True, slots=True)
class Stages:
    """The path of a record: its choice field and the options in order."""

    field: Field
    options: Mapping[str, Option]
    editable: bool


@dataclass(frozen=True, slots=True)
class RecordShape:
    """What is the same for every record of an entity and one set of rights."""

    entity: Entity
    rights: EntityRights
    title: Field | None
    subtitle: Field | None
    stages: Stages | None
    highlights: SectionBlock | None
    sections: tuple[SectionBlock, ...]
    related: tuple[RelatedBlock, ...]
    reads: tuple[str, ...]
    computed: tuple[str, ...]
    """Fields that are worked out; they are left out when the database cannot work one of them out for this record."""


def record_shape(ctx: Context, entity: str) -> RecordShape:
    """Return the shape of an entity's record page for the actor's rights."""
    return ctx.published.compiled(("record", rights_key(ctx.actor), entity), lambda: _Maker(ctx, entity).build())


@dataclass(slots=True)
class _Maker:
    ctx: Context
    entity_name: str
    rights: EntityRights = field(init=False)
    known: Mapping[str, Field] = field(init=False)
    broken: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rights = rights_for(self.ctx, self.entity_name)
        self.known = fields_of(self.ctx.snapshot, self.entity_name)
        for declared in self.known.values():
            if fault := fault_of(self.ctx, self.entity_name, declared):
                self.broken[declared.name] = fault

    def build(self) -> RecordShape:
        entity = self.ctx.snapshot.entity(self.entity_name)
        form, tabs = form_tabs(self.ctx, self.entity_name)
        sections = tuple(self._sections(tabs))
        chosen = form.highlights if form is not None and form.highlights else self._usual_highlights()
        shown = [
            self.known[name] for name in chosen[:MOST_HIGHLIGHTS] if self._may_show(name) and name not in self.broken
        ]
        highlights = self._block("", shown, highlight_source) if shown else None
        names = dict.fromkeys(item.name for block in sections for item in block.fields if item.name not in self.broken)
        names.update(dict.fromkeys(item.name for item in shown))
        for name in (entity.title, entity.subtitle, form.stages if form else "", "owner"):
            if name and self._may_show(name, hidden=True):
                names[name] = None
        reads = tuple(names)
        return RecordShape(
            entity=entity,
            rights=self.rights,
            title=self._named(entity.title),
            subtitle=self._named(entity.subtitle) if entity.subtitle != entity.title else None,
            stages=self._stages(form.stages) if form is not None else None,
            highlights=highlights,
            sections=sections,
            related=tuple(self._related(form.related if form is not None else {}, tabs)),
            reads=reads,
            computed=tuple(name for name in reads if field_types[self.known[name].type].computed),
        )

    def _named(self, name: str) -> Field | None:
        return self.known[name] if name and self._may_show(name, hidden=True) and name not in self.broken else None

    def _may_show(self, name: str, *, hidden: bool = False) -> bool:
        declared = self.known.get(name)
        return declared is not None and name in self.rights.readable and (hidden or not declared.hidden)

    def _sections(self, tabs: Mapping[str, Tab]) -> Iterator[SectionBlock]:
        placed: set[str] = set()
        for tab in tabs.values():
            for section in tab.sections.values():
                names = [field_name(item) for item in section.elements.values() if item.element == "field"]
                names = [name for name in names if self._may_show(name) and name not in placed]
                placed.update(names)
                if names:
                    fields = [self.known[name] for name in names]
                    yield self._block(section.label or tab.label, fields, section_source)

    def _block(self, title: str, fields: Sequence[Field], source: Any) -> SectionBlock:
        whole = [item for item in fields if item.name not in self.broken]
        faults = [f"{label_of(item)}: {self.broken[item.name]}" for item in fields if item.name in self.broken]
        writer = ValueWriter(self.ctx.snapshot)
        template = current_app.jinja_env.from_string(source(writer, whole), globals=writer.constants)
        return SectionBlock(title, tuple(whole), template, " ".join(faults))

    def _usual_highlights(self) -> tuple[str, ...]:
        """Return what stands on top where no form says it: amount, date, next step, a lookup, owner."""
        wanted: list[str] = []
        for fits in (
            lambda item: item.type == "money",
            lambda item: item.type in ("date", "datetime"),
            lambda item: item.name == "next_step",
            lambda item: item.type == "lookup",
            lambda item: item.type == "owner",
        ):
            declared = self.ctx.snapshot.entity(self.entity_name).fields
            pool = [*declared.values(), *([self.known["owner"]] if "owner" in self.known else [])]
            wanted += [item.name for item in pool if fits(item) and not item.hidden][:1]
        return tuple(dict.fromkeys(wanted))

    def _stages(self, name: str) -> Stages | None:
        declared = self.known.get(name)
        if declared is None or name not in self.rights.readable or not isinstance(declared.options, ChoiceOptions):
            return None
        return Stages(declared, options_of(declared, self.ctx.snapshot), name in self.rights.editable)

    def _related(self, named: Mapping[str, RelatedList], tabs: Mapping[str, Tab]) -> Iterator[RelatedBlock]:
        lists = dict(named) or dict(self._pointing())
        listed = {(item.entity, item.by) for item in lists.values()}
        for tab in tabs.values():
            for section in tab.sections.values():
                for element in section.elements.values():
                    options = element.options
                    if element.element == "rows" and (options.entity, options.by) not in listed:
                        lists[element.name] = RelatedList(
                            name=element.name, entity=options.entity, by=options.by, label=element.label,
                            columns=tuple(options.columns), sort=tuple(options.sort),
                        )  # fmt: skip
        for item in lists.values():
            rights = rights_for(self.ctx, item.entity)
            if rights.visible and item.by in rights.readable:
                yield self._related_block(item, rights)

    def _pointing(self) -> Iterator[tuple[str, RelatedList]]:
        """Return lists for an entity whose form names none: every lookup that points here and is no activity."""
        for pointer in pointers_at(self.ctx, self.entity_name):
            entity = self.ctx.snapshot.entity(pointer.entity)
            if not pointer.polymorphic and pointer.field in entity.fields and not entity.activity:
                name = f"{pointer.entity.replace('.', '_')}_{pointer.field}"
                yield name, RelatedList(name=name, entity=pointer.entity, by=pointer.field)

    def _related_block(self, item: RelatedList, rights: EntityRights) -> RelatedBlock:
        entity = self.ctx.snapshot.entity(item.entity)
        known = fields_of(self.ctx.snapshot, item.entity)
        columns = item.columns or (entity.title, entity.subtitle)
        names = [name for name in columns if name and name in known and name in rights.readable and name != item.by]
        fields = tuple(known[name] for name in dict.fromkeys(names) if not fault_of(self.ctx, item.entity, known[name]))
        writer = ValueWriter(self.ctx.snapshot)
        source = related_source(writer, entity, fields)
        return RelatedBlock(
            name=item.name,
            title=item.label or entity.plural or entity.label,
            declared=item,
            icon=entity.icon,
            label=entity.label.lower(),
            fields=fields,
            template=current_app.jinja_env.from_string(source, globals=writer.constants),
            prefill=item.by if rights.create and item.by in rights.editable else "",
        )


def fault_of(ctx: Context, entity: str, declared: Field) -> str:
    """Return why a formula cannot be worked out at all; empty when it can, and for all other fields."""
    if declared.type != "formula":
        return ""
    try:
        formula_of(ctx.published, entity, declared.name)
    except (ExpressionError, KithError, LookupError) as fault:
        return str(fault)
    return ""


class ValueWriter(CellWriter):
    """Writes values with the room of a record's page: files as links, long texts whole, chosen records as links."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.constants["who"] = who

    def content(self, declared: Field, value: str) -> str:
        """Return the source of a value that is not blank, in little room."""
        kind = field_types[declared.type]
        if kind.control == "lookup" or target_entity(declared):
            return "{{ who(" + value + ") }}"
        if kind.control == "lookups":
            return '<span class="k-line">{% for item in ' + value + " %}{{ who(item) }}{% endfor %}</span>"
        return kind.cell(declared, value, self.snapshot, self._constants_of(declared, value))

    def detail(self, declared: Field, value: str) -> str:
        """Return the source of a value that is not blank, where there is room for all of it."""
        kind = field_types[declared.type]
        if kind.control == "file":
            picture = '<img class="k-thumb" src="/files/{{ ' + value + '.key }}/thumbnail/64" alt="">'
            return (
                (picture if declared.type == "image" else "")
                + '<a class="k-file" href="/files/{{ ' + value + '.key }}">{{ icon("paperclip", "k-i-14") }}'
                '<bdi class="k-trunc">{{ ' + value + ".name }}</bdi></a>"
            )  # fmt: skip
        if kind.control in ("lookup", "lookups") or target_entity(declared):
            return self.content(declared, value)
        return kind.detail(declared, value, self.snapshot, self._constants_of(declared, value))

    def _constants_of(self, declared: Field, value: str) -> str:
        prefix = f"c_{value}_"
        for name, constant in field_types[declared.type].cell_constants(declared, self.snapshot).items():
            self.constants[prefix + name] = constant
        return prefix


def section_source(writer: ValueWriter, fields: Sequence[Field]) -> str:
    """Return the source of field rows: those with a value, then those without, folded together."""
    filled, blank, counted = [], [], []
    for number, declared in enumerate(fields):
        value = f"v{number}"
        label, identity = verbatim(label_of(declared)), f"f-{declared.name}"
        computed = field_types[declared.type].computed
        go = (
            "{% if edit %}" + f'<a class="go" href="{{{{ edit }}}}#{identity}" aria-label="Edit {label}">'
            '{{ icon("pencil", "k-i-14") }}</a>{% endif %}'
            if not computed and not declared.read_only
            else ""
        )
        dt = f'<dt title="{label}">{label}</dt>'
        long = " k-long" if field_types[declared.type].control in ("textarea", "rich", "json", "address") else ""
        filled.append(
            "{% if " + value + f' is not none %}}<div class="k-f{long}">{dt}<dd><span class="k-v">'
            f'<span class="k-val">{writer.detail(declared, value)}</span>{go}</span></dd></div>{{% endif %}}'
        )
        add = (
            "{% if edit %}" + f'<a class="k-add-v" href="{{{{ edit }}}}#{identity}" aria-label="Add {label}">Add</a>'
            '{% else %}<span class="k-empty">–</span>{% endif %}'
            if go
            else '<span class="k-empty">–</span>'
        )
        blank.append("{% if " + value + f' is none %}}<div class="k-f">{dt}<dd>{add}</dd></div>{{% endif %}}')
        counted.append(f"({value} is none)|int")
    return (
        "{% set empty = " + (" + ".join(counted) or "0") + " %}"
        "{% if empty < " + str(len(fields)) + " %}<dl>" + "".join(filled) + "</dl>{% endif %}"
        '{% if empty %}<details class="k-blank"><summary>{{ icon("chevron-right", "k-i-14 k-turn") }}{{ empty }} empty '
        "{{ 'field' if empty == 1 else 'fields' }}</summary><dl>" + "".join(blank) + "</dl></details>{% endif %}"
    )


def highlight_source(writer: ValueWriter, fields: Sequence[Field]) -> str:
    """Return the source of the highlights."""
    parts = []
    for number, declared in enumerate(fields):
        value = f"v{number}"
        parts.append(
            f'<div><dt>{verbatim(label_of(declared))}</dt><dd><span class="k-val k-trunc">'
            + writer.cell(declared, value)
            + "</span></dd></div>"
        )
    return "".join(parts)


def related_source(writer: ValueWriter, entity: Entity, fields: Sequence[Field]) -> str:
    """Return the source of a related list: a line with the title and one figure, a second line with the rest."""
    if not fields:
        link = '<a class="k-trunc" href="{{ address(id) }}">Open</a>'
        return '{% for id, row in rows %}<li><div class="r1">' + link + "</div></li>{% endfor %}"
    names = [f"v{number}" for number in range(len(fields))]
    figure = _figure(fields)
    pointing = bool(target_entity(fields[0]))
    if pointing and figure is None:
        figure = next((number for number, item in enumerate(fields[1:], 1) if item.type == "choice"), None)
    words = "{{ " + writer.text(fields[0], names[0]) + ' or "Untitled" }}'
    untitled = '<a class="k-trunc k-3" href="{{ address(id) }}">Untitled</a>'
    named = '<a class="k-trunc" href="{{ address(id) }}"><bdi>' + words + "</bdi></a>"
    title = "{% if v0 is none %}" + untitled + "{% else %}" + named + "{% endif %}"
    if pointing:
        title = "{% if v0 is not none %}{{ who(v0) }}{% endif %}"
    first = '<div class="r1">' + title + '<span class="k-sp"></span>'
    if figure is not None:
        shown = writer.content(fields[figure], names[figure])
        first += (
            "{% if " + names[figure] + ' is not none %}<span class="k-num k-b k-fig">' + shown + "</span>{% endif %}"
        )
    if pointing:
        first += (
            '<a class="btn btn-ghost btn-icon btn-xs" href="{{ address(id) }}" aria-label="Open '
            + verbatim(entity.label.lower())
            + '">{{ icon("chevron-right", "k-i-14") }}</a>'
        )
    rest = [number for number in range(1, len(fields)) if number != figure]
    second = "".join(_second(writer, fields[number], names[number]) for number in rest)
    unpack = "{% set " + ", ".join(names) + ("," if len(names) == 1 else "") + " = row %}"
    line = f'<div class="r2">{second}</div>' if second else ""
    return "{% for id, row in rows %}" + unpack + "<li>" + first + "</div>" + line + "</li>{% endfor %}"


def _second(writer: ValueWriter, declared: Field, value: str) -> str:
    """Return the source of a value in the second line: what is on bears its label, the others their value."""
    label = verbatim(label_of(declared))
    if declared.type == "boolean":
        return "{% if " + value + f' %}}<span class="k-role">{label}</span>{{% endif %}}'
    shown = f'<span class="k-vh">{label} </span>' + writer.content(declared, value)
    return "{% if " + value + ' is not none %}<span class="k-trunc">' + shown + "</span>{% endif %}"


def _figure(fields: Sequence[Field]) -> int | None:
    """Return the place of the one figure of a line: the last amount of money, else the last number."""
    amounts = [number for number, item in enumerate(fields) if number and _is_money(item)]
    numbers = [number for number, item in enumerate(fields) if number and item.type in _NUMBERS]
    found = amounts or numbers
    return found[-1] if found else None


def _is_money(declared: Field) -> bool:
    return declared.type == "money" or getattr(declared.options, "returns", "") == "money"
