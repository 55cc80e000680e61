"""One field by itself: whether a person can change it, and its input, for cells and for many records at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from kith_metadata.kinds.entity import Field
from kith_platform.errors import NotFound
from kith_runtime.access import rights_for
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.screens.cells import shape_template
from kith_runtime.screens.controls import FieldState, control_of
from kith_runtime.screens.form_inputs import control_macros
from kith_runtime.screens.form_shape import FieldPart, FormShape, FormSource, form_shape, label_of, must_have
from kith_runtime.screens.rendering import render_part

_SYSTEM = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deletion"})


def editable_parts(ctx: Context, entity: str) -> Mapping[str, FieldPart]:
    """Return the fields of an entity that the actor can change, those of its form first; others have plain inputs."""
    key = ("editable parts", rights_key(ctx.actor), entity)
    return ctx.published.compiled(key, lambda: _parts(ctx, entity))


def _parts(ctx: Context, entity: str) -> Mapping[str, FieldPart]:
    rights = rights_for(ctx, entity)
    if rights.update.nothing:
        return {}
    found = dict(form_shape(ctx, entity, "edit").fields)
    for name, declared in fields_of(ctx.snapshot, entity).items():
        allowed = name in rights.editable & rights.readable and not declared.hidden and not declared.read_only
        if allowed and name not in found and name not in _SYSTEM:
            found[name] = _part(ctx, declared)
    usable = {name: part for name, part in found.items() if part.editable}
    return {name: part for name, part in usable.items() if not field_types[part.field.type].computed}


def _part(ctx: Context, declared: Field) -> FieldPart:
    return FieldPart(
        field=declared,
        label=label_of(declared),
        help=declared.help,
        required=must_have(declared),
        editable=True,
        wide=False,
        control=control_of(declared, ctx.snapshot),
    )


def alone(ctx: Context, entity: str, name: str) -> FormShape:
    """Return the edit form of an entity with one field alone; raises for a field that cannot be changed."""
    part = editable_parts(ctx, entity).get(name)
    if part is None:
        raise NotFound("unknown_field", f"There is no field '{name[:60]}' to change here.", "Open the record.")
    if field_types[part.field.type].control in ("choice", "rating"):
        part = replace(part, control=control_of(part.field, ctx.snapshot, compact=True))
    return replace(form_shape(ctx, entity, "edit"), fields={name: part}, rows={})


def drawn_input(ctx: Context, shape: FormShape, state: FieldState, prefix: str) -> Markup:
    """Return the input of a form with one field; ``prefix`` begins its id."""
    part = next(iter(shape.fields.values()))
    key = ("alone", prefix, rights_key(ctx.actor), shape.entity.name, part.name)
    source = FormSource(shape, ctx.published, control_macros())
    template = shape_template(ctx, key, lambda: source.single(part, f"{prefix}-{part.name}"))
    # Our own template, which escapes what it is given.
    return Markup(render_part(template, {"s": state}))  # noqa: S704
