"""Child records, edited as rows inside the form of their parent."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.form import Element, ElementOptions
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop
from kith_runtime.field_types.system import fields_of
from kith_runtime.form_elements import form_elements
from kith_runtime.form_elements.base import FormElement


@form_elements.register("rows")
class Rows(FormElement):
    """The records of another entity that point here, saved together with the parent in one step."""

    name = "rows"
    label = "Rows"
    help = "Records that belong to this one, such as the lines of a quote, edited in its form."
    icon = "table-row"
    editable = True

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ElementOptions):
        """Which records, and which of their fields stand in a row."""

        entity: str = prop("Entity", "The entity of the rows.", refers="entity")
        by: str = prop("By", "Its lookup field that points to this record.")
        columns: tuple[str, ...] = prop(
            "Columns", "Its fields, in order.", refers="field", schema={"minItems": 1, "maxItems": 12}
        )
        sort: tuple[str, ...] = prop("Sort", "Its fields; -name for descending.", default=(), refers="sort")
        limit: int = prop("Rows", "The most to edit here.", default=50, schema={"minimum": 1, "maximum": 200})

    def problems(self, element: Element, entity: str, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
        options = element.options
        if not snapshot.has("entity", options.entity):
            return (("entity", f"'{options.entity}' is not an entity."),)
        known = fields_of(snapshot, options.entity)
        by = known.get(options.by)
        if by is None or by.type != "lookup" or by.options.to != entity:
            return (("by", f"'{options.by}' is not a lookup of {options.entity} that points to {entity}."),)
        return ()
