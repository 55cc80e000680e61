"""The top of a record's page: who it is, where it stands, what can be done with it, and what matters most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError
from markupsafe import Markup

from kith_platform.errors import Invalid, NotFound
from kith_runtime.access import allows, rights_for
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label
from kith_runtime.field_types.base import Linked
from kith_runtime.field_types.lookup import PERSON
from kith_runtime.marks.store import marks_of
from kith_runtime.queries.field_changes import field_changes, times_of
from kith_runtime.queries.reading import get_shown
from kith_runtime.records.foresight import NOTHING, foresee
from kith_runtime.screens.addresses import edit_address, record_address
from kith_runtime.screens.blocks import Block, block
from kith_runtime.screens.cells import who
from kith_runtime.screens.record_conditions import hidden_fields
from kith_runtime.screens.record_shape import RecordShape, SectionBlock, Stages, record_shape
from kith_runtime.screens.record_values import shown_text, text_scope, title_text
from kith_runtime.screens.rendering import render_part
from kith_runtime.screens.row_state import record_state
from kith_runtime.screens.stage_form import Way, asks_of

_HOUR = 3600
_DAY = 24 * _HOUR
_WEEKS_FROM = 70
FEW_ENDS = 2
"""How many ends of a path stand as buttons; more go into a menu."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the path, with the time that the record was in it.

    It is ``done``, ``now``, ``past`` when the record ended without having been there, or blank when it is to come.
    """

    value: str
    label: str
    state: str
    hint: str = ""
    spent: str = ""
    lacks: str = ""
    """What stands in the way, in words."""
    asks: str = ""
    """Where that is filled in on the way, when it is all that is missing."""


@dataclass(frozen=True, slots=True)
class Need:
    """A field that the next stage asks for, or a rule that stands in its way, and where the record is mended."""

    name: str
    label: str
    met: bool
    at: str = ""
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """The path bar: the open stages, the ends that a record may come to, and what the next stage asks for."""

    field: str
    label: str
    steps: Sequence[Step]
    ends: Sequence[Step]
    said: str
    may_change: bool
    next: str = ""
    needs: Sequence[Need] = ()
    goal: Step | None = None
    """The end that it is meant to come to: the one button that stands out."""

    @property
    def aside(self) -> Sequence[Step]:
        """The other ends as buttons of their own, while they are few."""
        return self._besides if len(self.ends) <= FEW_ENDS else ()

    @property
    def others(self) -> Sequence[Step]:
        """The other ends in a menu, when they are more."""
        return () if len(self.ends) <= FEW_ENDS else self._besides

    @property
    def _besides(self) -> Sequence[Step]:
        return [step for step in self.ends if step is not self.goal]


@dataclass(frozen=True, slots=True)
class RecordTop:
    """What stands above the columns, and all that the rest of the page asks about the record as a whole."""

    entity: str
    record: str
    version: int
    at: str
    plural: str
    label: str
    heading: str
    subtitle: str
    under: Markup | None
    icon_name: str
    is_person: bool
    path: Block[Path] | None
    highlights: Block[Markup] | None
    edit: str
    may_delete: bool
    marks: frozenset[str]


def shape_of(ctx: Context, entity: str) -> RecordShape:
    """Return the shape of an entity's page; raises NotFound for one that is not there or not for these eyes."""
    if not ctx.snapshot.has("entity", entity) or not rights_for(ctx, entity).visible:
        raise NotFound("unknown_entity", "This page does not exist, or you may not see it.", "Choose from the menu.")
    return record_shape(ctx, entity)


def read_values(ctx: Context, shape: RecordShape, record: str) -> dict[str, Any]:
    """Return the values that the page shows; fields that cannot be worked out for this record are missing."""

    def shown() -> dict[str, Any] | None:
        # A record that is not there is no fault of a formula: the plain reading below says so.
        with suppress(NotFound):
            return get_shown(ctx, shape.entity.name, record, shape.reads)
        return None

    found = block(ctx, "values", "", shown)
    if found.content is not None:
        return found.content
    plain = tuple(name for name in shape.reads if name not in shape.computed)
    return get_shown(ctx, shape.entity.name, record, plain)


def record_top(ctx: Context, shape: RecordShape, record: str, values: Mapping[str, Any]) -> RecordTop:
    """Return the top of a record's page."""
    entity = shape.entity
    may_update = bool(shape.rights.editable) and allows(ctx, entity.name, "update", record)
    stages, highlights = shape.stages, shape.highlights
    edit = edit_address(entity.name, record) if may_update else ""
    return RecordTop(
        entity=entity.name,
        record=record,
        version=values["version"],
        at=record_address(entity.name, record),
        plural=entity.plural or entity.label,
        label=entity.label,
        heading=title_text(ctx, entity.name, shape.title, values.get(shape.title.name) if shape.title else None),
        subtitle=_subtitle(ctx, shape, values),
        under=_under(shape, values),
        icon_name=entity.icon,
        is_person=names_a_person(shape),
        path=guarded(ctx, "path", "Path", lambda: _path(ctx, shape, values, edit)) if stages else None,
        highlights=drawn(ctx, highlights, values, edit) if highlights else None,
        edit=edit,
        may_delete=allows(ctx, entity.name, "delete", record),
        marks=marks_of(ctx, record),
    )


def guarded(ctx: Context, name: str, title: str, work: Callable[[], Any]) -> Block[Any]:
    """Return a block of the page; a fault of its template is a fault of the block alone."""

    def run() -> Any:
        try:
            return work()
        except TemplateError as fault:
            raise RuntimeError(str(fault)) from fault

    return block(ctx, name, title, run)


def gone_from(ctx: Context, shape: RecordShape, record: str, values: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that are not shown, because the conditions of the form do not hold for the record."""
    return hidden_fields(ctx, shape.entity.name, shape.showing, record, values)


def drawn(
    ctx: Context, part: SectionBlock, values: Mapping[str, Any], edit: str, gone: frozenset[str] = frozenset()
) -> Block[Markup]:
    """Return fields under a heading as drawn, without those that are ``gone``.

    ``edit`` is where the form stands for whoever may change the record.
    """

    def draw() -> Markup:
        if part.broken:
            raise Invalid("broken_field", part.broken)
        cells = {f"v{number}": values[item.name] for number, item in enumerate(part.fields)}
        at = record_address(part.entity, str(values["id"]))
        # Our own template, which escapes what it is given.
        state = record_state(ctx.snapshot, part.entity, values)
        return Markup(render_part(part.template, {**cells, **state, "edit": edit, "at": at, "gone": gone}))  # noqa: S704

    return guarded(ctx, part.title or "details", part.title or "Details", draw)


def _subtitle(ctx: Context, shape: RecordShape, values: Mapping[str, Any]) -> str:
    if shape.subtitle is None:
        return ""
    return shown_text(shape.subtitle, values.get(shape.subtitle.name), text_scope(ctx))


def _under(shape: RecordShape, values: Mapping[str, Any]) -> Markup | None:
    found = values.get(shape.under.name) if shape.under is not None else None
    return who(found) if isinstance(found, Linked) else None


def names_a_person(shape: RecordShape) -> bool:
    """Tell whether the record is a person, so that a round avatar fits: the names of people are personal."""
    title = shape.title
    return shape.entity.name == PERSON or (title is not None and title.sensitivity == "personal")


def _path(ctx: Context, shape: RecordShape, values: Mapping[str, Any], edit: str) -> Path | None:
    stages = shape.stages
    if stages is None:
        return None
    now = values.get(stages.field.name)
    options = stages.options
    open_ones = [name for name, option in options.items() if not option.closed and (option.active or name == now)]
    closed = [name for name, option in options.items() if option.closed and (option.active or name == now)]
    at = open_ones.index(now) if now in open_ones else len(open_ones) if now else -1
    to_come = [] if now in closed else open_ones[at + 1 :]
    may_change = bool(edit) and stages.editable
    ways = _Ways(ctx, shape, str(values["id"]), edit if may_change else "", (*open_ones, *closed))
    spent = _spent(ctx, stages, str(values["id"]))

    def step(name: str, state: str) -> Step:
        option = options[name]
        lacks, asks = ("", "") if state else (ways.lacks(name), ways.asks(name))
        return Step(name, option_label(name, option), state, option.description, spent.get(name, ""), lacks, asks)

    def state_at(place: int, name: str) -> str:
        if place >= at:
            return "now" if place == at else ""
        # Whatever ended may have left the path early: only the stages that it was in are done.
        return "past" if now in closed and name not in spent else "done"

    steps = [step(name, state_at(place, name)) for place, name in enumerate(open_ones)]
    if now in closed:
        steps.append(step(now, "now"))
    label = stages.field.label or stages.field.name.replace("_", " ").capitalize()
    said = option_label(now, options.get(now)) if now else "none"
    if now in open_ones:
        said += f", {at + 1} of {len(open_ones)}"
    ends = [step(name, "") for name in closed if name != now]
    following = next((name for name in to_come if ways.needs(name)), "")
    return Path(
        stages.field.name,
        label,
        steps,
        ends,
        said,
        may_change,
        option_label(following, options[following]) if following else "",
        ways.needs(following),
        next((end for end in ends if options[end.value].goal and now not in closed), None),
    )


class _Ways:
    """What stands between a record and the stages that it may go to; nothing for whoever may not move it."""

    def __init__(self, ctx: Context, shape: RecordShape, record: str, edit: str, options: Sequence[str]) -> None:
        self._use, self._edit = shape.use, edit
        self._ctx, self._entity, self._record = ctx, shape.entity.name, record
        self._by = shape.stages.field.name if shape.stages else ""
        self._found = foresee(ctx, shape.entity.name, record, self._by, options) if edit else {}

    def needs(self, stage: str) -> list[Need]:
        """Return what a stage asks for, as far as the person may read it, each with the way to mend it."""
        found = self._found.get(stage, NOTHING)
        asks = [Need(ask.field, ask.label, ask.met, "" if ask.met else self._way(ask.field)) for ask in found.asks]
        rules = [Need(item.field, item.message, False, self._way(item.field), rule=True) for item in found.refusals]
        return [*asks, *rules]

    def lacks(self, stage: str) -> str:
        """Say what stands in the way to a stage."""
        needs = [need for need in self.needs(stage) if not need.met]
        missing = ", ".join(need.label for need in needs if not need.rule)
        return " ".join([*([f"Needs {missing}."] if missing else []), *(need.label for need in needs if need.rule)])

    def asks(self, stage: str) -> str:
        """Return where what a stage asks for is filled in; empty when it asks for nothing, or for more than that."""
        found = self._found.get(stage, NOTHING)
        way = Way(self._entity, self._record, self._by, stage)
        return way.address if asks_of(self._ctx, self._entity, found) else ""

    def _way(self, field: str) -> str:
        return f"{self._edit}#f-{field}" if field in self._use.editable and field != self._by else ""


def _spent(ctx: Context, stages: Stages, record: str) -> dict[str, str]:
    """Return how long the record was in each stage, in a word; nothing where no history is kept."""
    if not stages.kept:
        return {}
    seconds = times_of(field_changes(ctx, stages.entity, record, stages.field.name), ctx.now)
    return {name: length(found) for name, found in seconds.items() if isinstance(name, str)}


def length(seconds: float) -> str:
    """Return a length of time in its largest whole unit.

    >>> length(90), length(2 * 3600), length(9 * 86400), length(140 * 86400)
    ('1 min', '2 h', '9 d', '20 w')
    """
    if seconds < _HOUR:
        return f"{int(seconds // 60)} min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h"
    days = int(seconds // _DAY)
    return f"{days} d" if days < _WEEKS_FROM else f"{days // 7} w"
