"""The tabs of a form as its document declares them, or as they follow from the fields of an entity without a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kith_metadata.kinds.form import Element, Form, Section, Tab
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of

_SYSTEM = ("id", "version", "deleted_at", "deletion", "created_at", "created_by", "updated_at", "updated_by")


def form_tabs(ctx: Context, entity: str) -> tuple[Form | None, Mapping[str, Tab]]:
    """Return an entity's form with its tabs; without a form, one tab with one section of all fields."""
    form = ctx.snapshot.form_of(entity)
    if form is not None:
        return form, form.tabs or {"form": Tab(name="form", label="", sections=form.sections)}
    names = [name for name, item in fields_of(ctx.snapshot, entity).items() if name not in _SYSTEM and not item.hidden]
    options = ctx.snapshot.language.variants["form_elements"]["field"].options()
    elements = {
        name: Element(name=name, element="field", options=options, width=_width(ctx, entity, name)) for name in names
    }
    section = Section(name="all", elements=elements)
    return None, {"form": Tab(name="form", label="", sections={"all": section})}


def _width(ctx: Context, entity: str, name: str) -> Literal["auto", "full"]:
    kind = field_types[fields_of(ctx.snapshot, entity)[name].type]
    return "full" if kind.control in ("textarea", "rich", "json", "address") else "auto"
