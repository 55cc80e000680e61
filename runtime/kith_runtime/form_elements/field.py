"""A field of the record with its label, its input and its help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kith_metadata.kinds.form import Element, ElementOptions
from kith_metadata.registry import nearest
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types.system import fields_of
from kith_runtime.form_elements import form_elements
from kith_runtime.form_elements.base import FormElement


@form_elements.register("field")
class FieldElement(FormElement):
    """What an element is when it says nothing else: the field of the element's own name."""

    name = "field"
    label = "Field"
    help = "A field of the record; its key is the field's name unless another one is given."
    icon = "forms"
    editable = True

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ElementOptions):
        """Which field, and how it differs here from its declaration."""

        field: str = prop("Field", "When the element's key is not its name.", default="", refers="field")
        help: str = prop("Help", "Instead of the field's own help.", default="")
        read_only: bool = prop("Read only", "Shown in this form and not edited.", default=False)
        required: bool = prop("Required here", "Must be filled in this form.", default=False)
        show: Literal["always", "filled"] = prop(
            "Show", "filled hides it on the record's page while it is blank.", default="always"
        )

    def fields(self, element: Element) -> tuple[str, ...]:
        return (field_name(element),)

    def problems(self, element: Element, entity: str, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        known = fields_of(snapshot, entity)
        name = field_name(element)
        if name in known:
            return ()
        near = nearest(name, tuple(known))
        hint = f" Did you mean '{near}'?" if near else ""
        return (("field", f"'{name}' is not a field of {entity}.{hint}"),)


def field_name(element: Element) -> str:
    """Return the name of the field that the element shows."""
    return str(element.options.field or element.name)
