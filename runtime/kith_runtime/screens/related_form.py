"""The small form of a related list: a new row, or one that is there, in as many fields as the list shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from kith_platform.ids import new_id
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.screens.addresses import edit_address, new_address
from kith_runtime.screens.cells import shape_template
from kith_runtime.screens.controls import FieldState
from kith_runtime.screens.edit import Trouble, headline_of
from kith_runtime.screens.field_alone import editable_parts
from kith_runtime.screens.form_inputs import control_macros
from kith_runtime.screens.form_shape import (
    FieldPart,
    FormShape,
    FormSource,
    SectionShape,
    TabShape,
    form_shape,
    json_text,
)
from kith_runtime.screens.form_state import FormState
from kith_runtime.screens.record_related import Place
from kith_runtime.screens.rendering import render_part


@dataclass(frozen=True, slots=True)
class RelatedForm:
    """The form as it stands now; ``full`` is the address of the whole form, ``child`` the row (none for a new one)."""

    heading: str
    action: str
    full: str
    target: str
    slot: str
    before: str
    token: str
    version: int | None
    child: str = ""
    button: str = ""
    headline: str = ""
    apart: Sequence[Trouble] = ()
    """What is wrong and stands at no field of the form."""
    notice: str = ""
    states: Mapping[str, FieldState] = field(default_factory=dict)


def related_form_shape(ctx: Context, place: Place, child: str) -> FormShape:
    """Return the form of a new row, or of a saved one: the list's columns, then what else must be filled in."""
    mode = "edit" if child else "new"
    key = ("related form shape", rights_key(ctx.actor), place.entity, place.block.name, mode)
    return ctx.published.compiled(key, lambda: _build(ctx, place, child))


def _build(ctx: Context, place: Place, child: str) -> FormShape:
    block = place.block
    entity = block.declared.entity
    whole = form_shape(ctx, entity, "edit" if child else "new")
    pool = dict(editable_parts(ctx, entity)) if child else {part.name: part for part in whole.editable}
    names = [item.name for item in block.fields if item.name in pool]
    title = whole.entity.title
    if not child:
        names += [part.name for part in pool.values() if part.required]
    names += [title] if title in pool else []
    fields = {name: _narrow(pool[name]) for name in dict.fromkeys(names) if name != block.declared.by}
    section = SectionShape("s-related", "", 2, False, tuple(fields.values()))
    return replace(
        whole,
        mode="quick",
        tabs=(TabShape("t-related", "", (section,)),),
        fields=fields,
        rows={},
        prefix=f"r-{block.name}",
        frame="record_related_form.html",
    )


def _narrow(part: FieldPart) -> FieldPart:
    """Return a field of the small form; words of help stay in the whole form."""
    return replace(part, wide=part.wide or part.control.group, help="")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn into the form beside its state: the row (none for a new one), and what is to be said."""

    child: str = ""
    troubles: Sequence[Trouble] = ()
    notice: str = ""


def drawn_form(ctx: Context, place: Place, state: FormState, drawing: Drawing | None = None) -> Markup:
    """Return the form as markup, for its place in the list."""
    drawing = drawing or Drawing()
    child, troubles = drawing.child, drawing.troubles
    shape = related_form_shape(ctx, place, child)
    entity, block = shape.entity, place.block
    key = ("related form", rights_key(ctx.actor), place.entity, block.name, bool(child))
    template = shape_template(ctx, key, lambda: FormSource(shape, ctx.published, control_macros()).write())
    label = ctx.snapshot.said(entity.label)
    form = RelatedForm(
        heading=f"Edit {label}" if child else f"New {label}",
        action=f"{place.at}/edit/{child}" if child else f"{place.at}/new",
        full=edit_address(entity.name, child) if child else new_address(entity.name, **{block.prefill: place.record}),
        target=f"#rel-{block.name}",
        slot=place.slot,
        before=json_text(state.before),
        token=state.token or new_id(ctx.clock),
        version=state.version,
        child=child,
        button="Save" if child else "Add",
        headline=headline_of(len(troubles)) if troubles else "",
        apart=[item for item in troubles if not item.target],
        notice=drawing.notice,
        states=state.states,
    )
    # Our own template, which escapes what it is given.
    return Markup(render_part(template, {"form": form, "states": state.states, "wrong": {}}))  # noqa: S704
