"""The kinds of activity that can be about a record, and what is around it: all from metadata and rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kith_metadata.kinds.entity import Entity, Field
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types._options import ChoiceOptions, options_of
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.queries.columns import target_entity
from kith_runtime.queries.streams import Circle, Ring, Stream
from kith_runtime.records.pointers import pointers_at
from kith_runtime.screens.filters import HUES
from kith_runtime.screens.shell import shell_of

_MOMENTS = ("date", "datetime")
_MOST_CHOICES = 12


@dataclass(frozen=True, slots=True)
class ActivityKind:
    """A kind of activity, and which of its fields say when, what, how it went and whether it is over."""

    entity: Entity
    by: str
    fields: tuple[Field, ...]
    when: Field | None
    text: Field | None
    state: Field | None
    closed: tuple[str, ...]
    hue: str
    creates: bool
    updates: bool

    @property
    def plural(self) -> str:
        """What several of them are called."""
        return self.entity.plural or self.entity.label

    @property
    def day(self) -> Field | None:
        """The day, for a kind that is planned by the day."""
        return self.when if self.when is not None and self.when.type == "date" else None

    @property
    def moment(self) -> Field | None:
        """The moment, for a kind that happens at one."""
        return self.when if self.when is not None and self.when.type == "datetime" else None

    def first(self, kind: str, *, after: Field | None = None) -> Field | None:
        """Return the first field of a type, among those after another one."""
        pool = (
            self.fields[self.fields.index(after) + 1 :] if after in self.fields and after is not None else self.fields
        )
        return next((item for item in pool if item.type == kind and not item.read_only), None)

    @property
    def stream(self) -> Stream:
        """The kind as the timeline's statement takes it."""
        return Stream(
            self.entity.name,
            self.by,
            self.day.name if self.day is not None else "",
            self.moment.name if self.moment is not None else "",
            self.state.name if self.state is not None else "",
            self.closed,
        )


def activity_kinds(ctx: Context, entity: str) -> tuple[ActivityKind, ...]:
    """Return the kinds of activity that may be about a record of an entity and that the actor may see."""
    key = ("activity kinds", rights_key(ctx.actor), entity)
    return ctx.published.compiled(key, lambda: _kinds(ctx, entity))


def _kinds(ctx: Context, entity: str) -> tuple[ActivityKind, ...]:
    found: dict[str, ActivityKind] = {}
    for pointer in pointers_at(ctx, entity):
        declared = ctx.snapshot.entity(pointer.entity)
        rights = rights_for(ctx, pointer.entity)
        sees = rights.visible and pointer.field in rights.readable and pointer.field in declared.fields
        if declared.activity and sees:
            found.setdefault(pointer.entity, _kind(ctx, declared, pointer.field))
    order = [item.entity for group in shell_of(ctx).groups for item in group.items]
    place = {name: number for number, name in enumerate(order)}
    return tuple(sorted(found.values(), key=lambda kind: place.get(kind.entity.name, len(order))))


def _kind(ctx: Context, entity: Entity, by: str) -> ActivityKind:
    rights = rights_for(ctx, entity.name)
    fields = tuple(item for item in entity.fields.values() if item.name in rights.readable and not item.hidden)
    state = next((item for item in fields if closed_of(ctx, item)), None)
    return ActivityKind(
        entity=entity,
        by=by,
        fields=fields,
        when=next((item for item in fields if item.type in _MOMENTS), None),
        text=next((item for item in fields if item.type in ("long_text", "rich_text") and item.name != "agenda"), None),
        state=state,
        closed=closed_of(ctx, state) if state is not None else (),
        hue=HUES[sum(entity.name.encode()) % len(HUES)],
        creates=rights.create and by in rights.editable and entity.title in rights.editable,
        updates=not rights.update.nothing,
    )


def closed_of(ctx: Context, declared: Field) -> tuple[str, ...]:
    """Return the choices that end something, in order."""
    if declared.type != "choice" or not isinstance(declared.options, ChoiceOptions):
        return ()
    return tuple(name for name, option in options_of(declared, ctx.snapshot).items() if option.closed and option.active)


def short_choices(ctx: Context, kind: ActivityKind) -> Sequence[Field]:
    """Return the choices that are few enough for a menu in little room, without the state."""
    editable = rights_for(ctx, kind.entity.name).editable
    return [
        item
        for item in kind.fields
        if item.type == "choice"
        and item is not kind.state
        and item.name in editable
        and len(options_of(item, ctx.snapshot)) <= _MOST_CHOICES
        and not item.options.depends_on
    ]


def circle_of(ctx: Context, entity: str, values: Mapping[str, Any]) -> Circle:
    """Return what is around a record, as far as its timeline tells of it too.

    A person's timeline also tells of the record that they belong to (their account), of the others who belong there,
    and of what names the person, such as deals. That of other records tells of the people who belong to them.
    """
    record = str(values["id"])
    rings = [
        Ring(pointer.entity, pointer.field, record)
        for pointer in pointers_at(ctx, entity)
        if _belongs(ctx, pointer.entity, pointer.field) and (is_person(ctx, entity) or is_person(ctx, pointer.entity))
    ]
    home = home_of(ctx, entity)
    linked = values.get(home.name) if home is not None else None
    if home is None or not isinstance(linked, Linked) or linked.title is None:
        return Circle(record, (), tuple(rings))
    return Circle(record, (linked.id,), (*rings, Ring(entity, home.name, linked.id)))


def home_of(ctx: Context, entity: str) -> Field | None:
    """Return the lookup of a person to what they belong to; none for what is no person."""
    if not is_person(ctx, entity):
        return None
    readable = rights_for(ctx, entity).readable
    for item in ctx.snapshot.entity(entity).fields.values():
        target = target_entity(item) if item.type == "lookup" else ""
        if target and target not in (entity, PERSON) and item.name in readable:
            return item if ctx.snapshot.entity(target).activities else None
    return None


def is_person(ctx: Context, entity: str) -> bool:
    """Tell whether the records of an entity are people from outside: their names are personal."""
    declared = ctx.snapshot.entity(entity)
    title = declared.fields.get(declared.title)
    return entity != PERSON and title is not None and title.sensitivity == "personal"


def _belongs(ctx: Context, entity: str, name: str) -> bool:
    declared, rights = ctx.snapshot.entity(entity), rights_for(ctx, entity)
    pointer = declared.fields.get(name)
    plain = pointer is not None and pointer.type == "lookup" and not declared.activity
    return plain and declared.activities and rights.visible and name in rights.readable
