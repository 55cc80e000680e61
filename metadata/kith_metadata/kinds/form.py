"""A form: how one record is shown and edited, in tabs, sections and elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from kith_metadata.kinds import kinds
from kith_metadata.spec import Variant, prop


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementOptions:
    """The base of every form element's own options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A part of a section. Without ``element`` it is a field of the same name as its key."""

    VARIANT: ClassVar[Variant] = Variant(key="element", registry="form_elements", attribute="options", default="field")

    name: str
    element: str
    options: Any
    label: str = prop("Label", "Instead of the field's own label.", default="")
    width: Literal["auto", "full"] = prop("Width", "full takes all columns of the section.", default="auto")
    show_if: str = prop(
        "Show if",
        "A condition, for forms and record pages; forms say why it is shown. Values that are hidden stay.",
        default="",
        expression="boolean",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that belong together, under one heading, in one to four columns."""

    name: str
    label: str = prop("Label", "The heading; none when left out.", default="")
    columns: int = prop("Columns", "One to four.", default=2, schema={"minimum": 1, "maximum": 4})
    folded: bool = prop("Folded", "Starts closed.", default=False)
    show_if: str = prop(
        "Show if",
        "A condition, for forms and record pages; forms say why it is shown. Values that are hidden stay.",
        default="",
        expression="boolean",
    )
    elements: Mapping[str, Element] = prop("Elements", "In order.", merge="by_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A page of the form."""

    name: str
    label: str = prop("Label", "What people see on the tab.", default="")
    show_if: str = prop(
        "Show if",
        "A condition, for forms and record pages; forms say why it is shown. Values that are hidden stay.",
        default="",
        expression="boolean",
    )
    sections: Mapping[str, Section] = prop("Sections", "In order.", merge="by_key")


@kinds.register("form")
@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How one record of an entity is shown and edited.

    A form has ``tabs``, or ``sections`` alone when one page is enough. ``related`` names the related lists beside it.
    """

    name: str
    entity: str = prop("Entity", "Whose records it shows.", refers="entity", customise="locked")
    label: str = prop("Label", "What makers see.", default="")
    default: bool = prop("Default", "Used where no other form is named.", default=True)
    highlights: tuple[str, ...] = prop(
        "Highlights",
        "Up to five fields on top of the page.",
        default=(),
        refers="field",
        schema={"maxItems": 5},
    )
    stages: str = prop("Path bar", "The choice field whose options are the stages.", default="", refers="field")
    tabs: Mapping[str, Tab] = prop("Tabs", "In order.", default={}, merge="by_key")
    sections: Mapping[str, Section] = prop("Sections", "For a form without tabs.", default={}, merge="by_key")
    related: Mapping[str, RelatedList] = prop("Related lists", "In order.", default={}, merge="by_key")
    was: str = prop("Former name", "The name before a rename.", default="", customise="locked")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedList:
    """Records of another entity that point here."""

    name: str
    entity: str = prop("Entity", "The entity that points here.", refers="entity")
    by: str = prop("By", "Its lookup field that points here.")
    label: str = prop("Label", "The heading; the entity's plural when left out.", default="")
    columns: tuple[str, ...] = prop("Columns", "Fields shown in each row.", default=(), refers="field")
    sort: tuple[str, ...] = prop("Sort", "Fields; -name for descending.", default=(), refers="sort")
    where: str = prop("Only where", "A condition.", default="", expression="boolean")
    limit: int = prop("Rows", "Shown before 'Show all'.", default=5, schema={"minimum": 1, "maximum": 50})
