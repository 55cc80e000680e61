"""Quick create: the short form of an entity in a dialog over any page; what was typed goes along to the full form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.ids import new_id
from kith_runtime.access import may_read
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.records import FieldProblem, KeyReused, ValidationFailed
from kith_runtime.records.rules import Condition, rules_of
from kith_runtime.records.writer import writer_for
from kith_runtime.screens.addresses import new_address, record_address
from kith_runtime.screens.controls import FieldState
from kith_runtime.screens.edit import Trouble, headline_of, mark_problems, save_once, shape_for, with_files
from kith_runtime.screens.form_alike import Alike
from kith_runtime.screens.form_reactions import holding, plan_text
from kith_runtime.screens.form_save import Saved, Sending, take_in
from kith_runtime.screens.form_shape import FieldPart, FormShape, SectionShape, TabShape, json_text
from kith_runtime.screens.form_state import FormState, new_state, scope_of
from kith_runtime.screens.record_values import title_text
from kith_runtime.screens.rendering import Page, render
from kith_runtime.screens.undo import undo_address
from kith_runtime.web.state import context, reopen

blueprint = Blueprint("quick", __name__)

ENOUGH = 7
"""How many fields a quick form shows at most, unless more must be filled in."""
_LONG = frozenset({"lines_input", "address_input", "file_input", "boxes_input", "lookups_input"})


@dataclass(frozen=True, slots=True)
class QuickPage(Page):
    """A quick form as it stands now; ``full`` is the address of the whole form."""

    heading: str = ""
    label: str = ""
    action: str = ""
    full: str = ""
    before: str = "{}"
    token: str = ""
    states: Mapping[str, FieldState] = field(default_factory=dict)
    troubles: Sequence[Trouble] = ()
    headline: str = ""
    alike: Sequence[tuple[str, str]] = ()
    notice: str = ""
    wrong: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, object] = field(default_factory=dict)
    shown: Mapping[str, bool] = field(default_factory=dict)
    reacts: str = ""


def quick_shape(ctx: Context, shape: FormShape) -> FormShape:
    """Return the short form of a create form: what must be filled in, what names the record, and what comes first.

    What must be filled in under a condition on these fields comes along, and is shown when the condition holds.
    """
    key = ("quick_shape", rights_key(ctx.actor), shape.entity.name)
    return ctx.published.compiled(key, lambda: _build(ctx, shape))


def _build(ctx: Context, shape: FormShape) -> FormShape:
    chosen = set(_needed(shape))
    for part in shape.editable:
        if len(chosen) < ENOUGH and not part.when and not part.wide and part.control.macro not in _LONG:
            chosen.add(part.name)
    needed = {name: found for name, found in _needed_sometimes(ctx, shape).items() if found.fields <= chosen}
    conditions = {name: found for name, found in shape.conditions.items() if found.fields <= chosen}
    fields: dict[str, FieldPart] = {}
    for part in shape.editable:
        when = part.when if part.when in conditions else ""
        if part.name not in chosen and part.name in needed and not when:
            when = f"q{len(fields)}"
            conditions[when] = needed[part.name]
        if part.name in chosen or part.name in needed:
            fields[part.name] = replace(part, when=when)
    section = SectionShape("s-quick", "", 2, False, tuple(fields.values()))
    tabs = (TabShape("t-quick", "", (section,)),)
    return replace(
        shape, mode="quick", tabs=tabs, fields=fields, rows={}, conditions=conditions, prefix="q", frame="quick.html"
    )


def _needed_sometimes(ctx: Context, shape: FormShape) -> Mapping[str, Condition]:
    """Return the fields that must be filled in under a condition whose fields the actor may read."""
    required = rules_of(ctx.published, writer_for(ctx, shape.entity.name)).required
    return {
        part.name: required[part.name]
        for part in shape.editable
        if part.name in required and may_read(ctx, required[part.name].checked)
    }


def _needed(shape: FormShape) -> Iterator[str]:
    entity = shape.entity
    for part in shape.editable:
        if part.required or part.name in (entity.title, entity.subtitle):
            yield part.name


@blueprint.get("/e/<entity>/quick")
def show_quick(entity: str) -> Response:
    """Return an empty quick form; the address may prefill fields."""
    ctx = context()
    shape = quick_shape(ctx, shape_for(ctx, entity, ""))
    return _draw(ctx, shape, new_state(ctx, shape, request.args.to_dict()))


@blueprint.post("/e/<entity>/quick")
def send_quick(entity: str) -> BaseResponse:
    """Create a record and tell about it as JSON, or return the form again with what is to be fixed."""
    ctx = context()
    sending = with_files(ctx, shape_for(ctx, entity, ""), Sending(entity, "", request.form))
    try:
        saved = save_once(sending)
    except ValidationFailed as refused:
        return _again(reopen(), sending, refused.problems, alike=refused.others if isinstance(refused, Alike) else ())
    except KeyReused:
        return _again(reopen(), sending, (), "This form was saved before. Save again to make another one of it.")
    return _told(reopen(), saved)


def _told(ctx: Context, saved: Saved) -> Response:
    entity = ctx.snapshot.entity(saved.record.entity)
    declared: FieldPart | None = shape_for(ctx, entity.name, "").fields.get(entity.title)
    shown = saved.record.values.get(entity.title)
    title = title_text(ctx, entity.name, declared.field if declared is not None else None, shown)
    return jsonify(
        entity=entity.name,
        id=saved.record.id,
        title=title,
        url=record_address(entity.name, saved.record.id),
        text=f"{entity.label} {title} saved.",
        undo=undo_address(saved.trace) if entity.history else "",
    )


def _again(
    ctx: Context,
    sending: Sending,
    problems: Sequence[FieldProblem],
    notice: str = "",
    alike: Sequence[tuple[str, str]] = (),
) -> Response:
    shape = quick_shape(ctx, shape_for(ctx, sending.entity, ""))
    state, _ = take_in(ctx, shape, sending)
    troubles = mark_problems(ctx, shape, state, problems)
    return _draw(ctx, shape, state, Told(troubles, notice, alike))


@dataclass(frozen=True, slots=True)
class Told:
    """What is said on a form that comes back: what is to be fixed, a notice, and records that have the same."""

    troubles: Sequence[Trouble] = ()
    notice: str = ""
    alike: Sequence[tuple[str, str]] = ()


def _draw(ctx: Context, shape: FormShape, state: FormState, told: Told | None = None) -> Response:
    told = told or Told()
    entity = shape.entity
    page = QuickPage(
        f"New {ctx.snapshot.said(entity.label)}",
        entity.name,
        heading=f"New {ctx.snapshot.said(entity.label)}",
        label=ctx.snapshot.said(entity.label),
        action=f"/e/{entity.name}/quick",
        full=new_address(entity.name),
        before=json_text(state.before),
        token=state.token or new_id(ctx.clock),
        states=state.states,
        troubles=told.troubles,
        headline=headline_of(len(told.troubles), alike=bool(told.alike)),
        alike=told.alike,
        notice=told.notice,
        shown=holding(ctx, shape, state.states, {}, scope_of(ctx)),
        reacts=plan_text(ctx, shape, {}),
    )
    return render(shape.template(ctx), page, status=422 if told.troubles else 409 if told.notice else 200)
