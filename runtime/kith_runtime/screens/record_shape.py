"""The shape of a record's page for one set of rights: its blocks, each with a template whose rows are unrolled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flask import current_app
from jinja2 import Template

from kith_metadata.kinds.entity import Entity, Field
from kith_metadata.kinds.form import Tab
from kith_metadata.kinds.option_set import Option
from kith_runtime.access import EntityRights, rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types._options import ChoiceOptions, options_of
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.field_types.system import fields_of
from kith_runtime.form_elements.field import field_name
from kith_runtime.queries.columns import target_entity
from kith_runtime.screens.form_shape import TAB_FIELDS, TABS_FROM, form_shape, label_of
from kith_runtime.screens.form_tabs import form_tabs
from kith_runtime.screens.formula_faults import fault_of
from kith_runtime.screens.record_conditions import Showing, showing_of
from kith_runtime.screens.record_kinds import home_of
from kith_runtime.screens.record_source import (
    RowUse,
    ValueWriter,
    highlight_source,
    row_source,
    section_source,
)
from kith_runtime.screens.related_shape import RelatedBlock, related_blocks
from kith_runtime.screens.row_state import reads_beside

MOST_HIGHLIGHTS = 5


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """Fields under one heading. ``broken`` says why a field of it cannot be read."""

    title: str
    entity: str
    fields: tuple[Field, ...]
    template: Template
    broken: str = ""
    folded: bool = False
    page: int = 0
    """The group of fields that it stands in, counted from 1; 0 where one page is enough."""
    group: str = ""


_POINTING = frozenset({"lookup", "any_lookup"})


@dataclass(frozen=True, slots=True)
class Stages:
    """The path of a record: its choice field and the options in order."""

    entity: str
    field: Field
    options: Mapping[str, Option]
    editable: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class RecordShape:
    """What is the same for every record of an entity and one set of rights."""

    entity: Entity
    rights: EntityRights
    title: Field | None
    subtitle: Field | None
    under: Field | None
    """The first record that it points to: what a deal or a contact belongs to stands under its title."""
    stages: Stages | None
    highlights: SectionBlock | None
    sections: tuple[SectionBlock, ...]
    related: tuple[RelatedBlock, ...]
    reads: tuple[str, ...]
    computed: tuple[str, ...]
    """Fields that are worked out; they are left out when the database cannot work one of them out for this record."""
    use: RowUse
    """What the person may do with the fields of the page."""
    showing: Showing
    """Under which conditions fields are shown."""
    home: tuple[str, ...]
    """The lookup to what a person belongs to, as a tuple of none or one: their timeline tells of that too."""

    def row(self, ctx: Context, name: str) -> Template:
        """Return the template of one field's row alone, compiled when it is first changed."""
        key = ("record row", rights_key(ctx.actor), self.entity.name, name)
        return ctx.published.compiled(key, lambda: self._row(ctx, name))

    def _row(self, ctx: Context, name: str) -> Template:
        writer = ValueWriter(ctx.snapshot)
        filled, blank = row_source(writer, fields_of(ctx.snapshot, self.entity.name)[name], "v", self.use)
        source = "{% if v is none %}" + blank + "{% else %}" + filled + "{% endif %}"
        return current_app.jinja_env.from_string(source, globals=writer.constants)


def record_shape(ctx: Context, entity: str) -> RecordShape:
    """Return the shape of an entity's record page for the actor's rights."""
    return ctx.published.compiled(("record", rights_key(ctx.actor), entity), lambda: _Maker(ctx, entity).build())


@dataclass(frozen=True, slots=True)
class _Draft:
    title: str
    folded: bool
    fields: tuple[Field, ...]


def _pieces(draft: _Draft) -> Iterator[_Draft]:
    for start in range(0, len(draft.fields), TAB_FIELDS):
        yield replace(draft, fields=draft.fields[start : start + TAB_FIELDS])


@dataclass(slots=True)
class _Maker:
    ctx: Context
    entity_name: str
    rights: EntityRights = field(init=False)
    known: Mapping[str, Field] = field(init=False)
    broken: dict[str, str] = field(default_factory=dict)
    use: RowUse = field(init=False)
    showing: Showing = field(init=False)

    def __post_init__(self) -> None:
        self.rights = rights_for(self.ctx, self.entity_name)
        self.known = fields_of(self.ctx.snapshot, self.entity_name)
        for declared in self.known.values():
            if fault := fault_of(self.ctx, self.entity_name, declared):
                self.broken[declared.name] = fault
        parts = form_shape(self.ctx, self.entity_name, "edit").editable
        self.showing = showing_of(self.ctx, self.entity_name)
        history = self.ctx.snapshot.entity(self.entity_name).history
        self.use = RowUse(
            frozenset(part.name for part in parts if not field_types[part.field.type].computed),
            frozenset(
                name
                for name, item in self.known.items()
                if history and item.history and not field_types[item.type].computed
            ),
            frozenset(self.showing.fields),
        )

    def build(self) -> RecordShape:
        entity = self.ctx.snapshot.entity(self.entity_name)
        form, tabs = form_tabs(self.ctx, self.entity_name)
        sections = tuple(self._sections(tabs))
        chosen = form.highlights if form is not None and form.highlights else self._usual_highlights()
        shown = [
            self.known[name] for name in chosen[:MOST_HIGHLIGHTS] if self._may_show(name) and name not in self.broken
        ]
        highlights = self._highlights(shown) if shown else None
        names = dict.fromkeys(item.name for block in sections for item in block.fields if item.name not in self.broken)
        names.update(dict.fromkeys(item.name for item in (highlights.fields if highlights is not None else ())))
        stages = form.stages if form is not None else self._usual_stages()
        belongs = home_of(self.ctx, self.entity_name)
        home = (belongs.name,) if belongs is not None else ()
        asked = (*home, *sorted(self.showing.reads - self.broken.keys()))
        under = self._first_lookup()
        for name in (entity.title, entity.subtitle, stages, "owner", *((under.name,) if under else ()), *asked):
            if name and self._may_show(name, hidden=True):
                names[name] = None
        reads = tuple(names)
        return RecordShape(
            entity=entity,
            rights=self.rights,
            title=self._named(entity.title),
            subtitle=self._named(entity.subtitle) if entity.subtitle != entity.title else None,
            under=under,
            stages=self._stages(stages),
            highlights=highlights,
            sections=sections,
            related=tuple(related_blocks(self.ctx, self.entity_name, form.related if form is not None else {}, tabs)),
            reads=reads,
            computed=tuple(name for name in reads if field_types[self.known[name].type].computed),
            use=self.use,
            showing=self.showing,
            home=home,
        )

    def _named(self, name: str) -> Field | None:
        return self.known[name] if name and self._may_show(name, hidden=True) and name not in self.broken else None

    def _first_lookup(self) -> Field | None:
        entity = self.ctx.snapshot.entity(self.entity_name)
        apart = {entity.title, entity.subtitle, *self.showing.fields, *self.broken}
        for item in entity.fields.values():
            points = item.type in _POINTING and target_entity(item) not in (PERSON, self.entity_name)
            if points and item.name not in apart and self._may_show(item.name):
                return item
        return None

    def _may_show(self, name: str, *, hidden: bool = False) -> bool:
        declared = self.known.get(name)
        return declared is not None and name in self.rights.readable and (hidden or not declared.hidden)

    def _sections(self, tabs: Mapping[str, Tab]) -> Iterator[SectionBlock]:
        drafts = list(self._drafts(tabs))
        paged = sum(len(draft.fields) for draft in drafts) >= TABS_FROM
        page, held, group = 0, TAB_FIELDS, ""
        if paged:
            drafts = [piece for draft in drafts for piece in _pieces(draft)]
        for draft in drafts:
            if paged and held + len(draft.fields) > TAB_FIELDS:
                page, held, group = page + 1, 0, draft.title or label_of(draft.fields[0])
            held += len(draft.fields)
            drawn = self._block(draft.title, draft.fields, self._section)
            yield replace(drawn, folded=draft.folded, page=page, group=group)

    def _drafts(self, tabs: Mapping[str, Tab]) -> Iterator[_Draft]:
        placed: set[str] = set()
        for tab in tabs.values():
            for section in tab.sections.values():
                names = [field_name(item) for item in section.elements.values() if item.element == "field"]
                names = [name for name in names if self._may_show(name) and name not in placed]
                placed.update(names)
                if names:
                    fields = tuple(self.known[name] for name in names)
                    yield _Draft(section.label or tab.label, section.folded, fields)

    def _section(self, writer: ValueWriter, fields: Sequence[Field]) -> str:
        return section_source(writer, fields, self.use)

    def _highlights(self, shown: Sequence[Field]) -> SectionBlock:
        beside = [name for name in reads_beside(self.ctx.snapshot, self.entity_name, shown) if self._may_show(name)]
        fields = [*shown, *(self.known[name] for name in beside if name not in self.broken)]
        return self._block("Highlights", fields, partial(highlight_source, chosen=[item.name for item in shown]))

    def _block(self, title: str, fields: Sequence[Field], source: Any) -> SectionBlock:
        whole = [item for item in fields if item.name not in self.broken]
        faults = [f"{label_of(item)}: {self.broken[item.name]}" for item in fields if item.name in self.broken]
        writer = ValueWriter(self.ctx.snapshot)
        template = current_app.jinja_env.from_string(source(writer, whole), globals=writer.constants)
        return SectionBlock(title, self.entity_name, tuple(whole), template, " ".join(faults))

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

    def _usual_stages(self) -> str:
        """Return the choice field whose option set is a path, where no form names one."""
        for item in self.ctx.snapshot.entity(self.entity_name).fields.values():
            named = item.options.options_from if isinstance(item.options, ChoiceOptions) else ""
            if named and not item.hidden and item.type == "choice" and self.ctx.snapshot.option_set(named).stages:
                return item.name
        return ""

    def _stages(self, name: str) -> Stages | None:
        declared = self.known.get(name)
        if declared is None or name not in self.rights.readable or not isinstance(declared.options, ChoiceOptions):
            return None
        options = options_of(declared, self.ctx.snapshot)
        return Stages(self.entity_name, declared, options, name in self.rights.editable, name in self.use.kept)
