"""An entity: a kind of business thing, with its fields, keys and indexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from kith_metadata.kinds import kinds
from kith_metadata.spec import Variant, prop

Sensitivity = Literal["public", "internal", "personal", "restricted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOptions:
    """The base of every field type's own options; a type without options uses it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A property of an entity. ``type`` picks the field type, whose options stand beside these properties."""

    VARIANT: ClassVar[Variant] = Variant(key="type", registry="field_types", attribute="options")

    name: str
    type: str
    options: Any
    label: str = prop("Label", "The name that people see; made from the field's name when left out.", default="")
    help: str = prop("Help", "A sentence shown under the input.", default="")
    description: str = prop("Description", "For makers: what the field is for.", default="")
    required: bool = prop("Required", "A record cannot be saved without it.", default=False)
    required_from: tuple[str, ...] = prop(
        "Required from",
        "Stages from which on it must be filled in, as choice.option, such as stage.proposal: that one and the open "
        "ones after it. A closed one, such as won, counts only where it is named.",
        default=(),
    )
    read_only: bool = prop("Read only", "People cannot change it in forms or through the API.", default=False)
    required_if: str = prop(
        "Required if",
        'A condition under which the record cannot be saved without it, such as stage == "lost".',
        default="",
        expression="rule",
    )
    read_only_if: str = prop(
        "Read only if",
        "A condition under which a saved value stays as it is: it holds before a change and after it.",
        default="",
        expression="rule",
    )
    unique: bool = prop("Unique", "No two live records may have the same value.", default=False)
    warn_if_taken: bool = prop(
        "Warn if taken",
        "A form that is saved names another record with the same value first; it can be saved all the same.",
        default=False,
    )
    case_sensitive: bool = prop("Case matters", "Whether a unique text tells a from A.", default=False)
    external_key: bool = prop(
        "External key", "A key of another system, used to find a record on import.", default=False
    )
    index: bool = prop("Index", "Makes filters and sorts by this field fast.", default=False)
    search: bool = prop("Searchable", "The global search finds records by this field.", default=False)
    default: Any = prop("Default", "The value of a new record.", default=None, editor="value")
    default_formula: str = prop(
        "Default formula", "An expression that gives the value of a new record.", default="", expression="any"
    )
    sensitivity: Sensitivity = prop(
        "Sensitivity",
        "public, internal, personal (a person's data), or restricted (hidden unless a role grants the field by name).",
        default="internal",
    )
    history: bool = prop("Keep history", "Records who changed it, when, from what and to what.", default=True)
    sum: bool = prop("Sum in lists", "Lists show the total of this column.", default=False)
    wanted: bool = prop(
        "Wanted",
        "A record that is not closed should have it: where it is blank, lists and cards say so in amber.",
        default=False,
    )
    due_on: str = prop(
        "Due on",
        "The date field that says by when this is to be done: lists and highlights show the day beside it.",
        default="",
        refers="field",
    )
    hidden: bool = prop("Hidden", "Stays in the data and leaves all forms and views.", default=False)
    was: str = prop("Former name", "The name before a rename; keeps the data.", default="", customise="locked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Fields that together are unique, and may serve to find a record (upsert).

    ``where`` limits it to the records for which the condition holds ("unique among active").
    """

    name: str
    fields: tuple[str, ...] = prop("Fields", "The fields of the key.", schema={"minItems": 1}, refers="field")
    where: str = prop("Only where", "A condition; others may repeat.", default="", expression="boolean")
    message: str = prop("Message", "Shown when a value is taken.", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Fields by which people often filter or sort together. A leading ``-`` sorts descending."""

    name: str
    fields: tuple[str, ...] = prop("Fields", "In order; -name for descending.", schema={"minItems": 1}, refers="sort")


Operation = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What happens when a record is saved or deleted, whoever does it by whatever door.

    A rule does one of three things: ``refuse`` the record, ``set`` fields, or give blank fields a ``default``. They run
    in their order, those that set before those that refuse, and all that refuse are told at once.
    """

    name: str
    when: str = prop(
        "When", "The condition under which it acts; one that sets acts always without it.", default="",
        expression="rule",
    )  # fmt: skip
    on: tuple[Operation, ...] = prop(
        "On",
        "create, update, delete. Left out: create and update; for a default: create. Only a refusal may be on delete.",
        default=(),
    )
    refuse: str = prop("Refuse", "What people are told: what is wrong and what to do.", default="")
    at: str = prop("At", "The field beside which it is told; the top of the form when left out.", default="",
                   refers="field")  # fmt: skip
    set: Mapping[str, str] = prop(
        "Set", "Fields with expressions for their values, whatever was sent.", default={}, refers="field keys",
        expression="assignment",
    )  # fmt: skip
    default: Mapping[str, str] = prop(
        "Default", "Fields with expressions for their values, taken where a field is blank.", default={},
        refers="field keys", expression="assignment",
    )  # fmt: skip

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What it is looked at for."""
        return self.on or (("create",) if self.default else ("create", "update"))


@kinds.register("entity")
@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A kind of business thing, such as a deal or a contact."""

    name: str
    label: str = prop("Label", "One of it, such as Deal.")
    plural: str = prop("Plural", "Several of it, such as Deals; made from the label when left out.", default="")
    description: str = prop("Description", "One sentence: what it is for. The empty list shows it.", default="")
    start_from: str = prop(
        "Start from",
        "A view, of any entity; the empty list names some of its records.",
        default="",
        refers="view",
    )
    icon: str = prop("Icon", "The name of a Tabler icon.", default="file", editor="icon")
    title: str = prop("Title", "The field that names a record.", default="name", refers="field")
    subtitle: str = prop("Second line", "A field that tells equal titles apart.", default="", refers="field")
    fields: Mapping[str, Field] = prop("Fields", "By name, in the order of their columns.", merge="by_key")
    ownership: Literal["user", "none"] = prop(
        "Ownership",
        "user: each record has an owner; none: it belongs to nobody.",
        default="user",
        customise="locked",
    )
    keys: Mapping[str, Key] = prop("Keys", "Fields that together are unique.", default={}, merge="by_key")
    indexes: Mapping[str, Index] = prop("Indexes", "For fast filters and sorts.", default={}, merge="by_key")
    rules: Mapping[str, Rule] = prop(
        "Rules", "What no record may be, and what a save sets.", default={}, merge="by_key"
    )
    history: bool = prop("Keep history", "Every change of every record is kept.", default=True)
    activities: bool = prop("Has activities", "Tasks, calls, notes and mails can be about it.", default=False)
    activity: bool = prop("Is an activity", "Stands in the timeline of the record it is about.", default=False)
    search: bool = prop("Searchable", "Stands in the global search.", default=True)
    was: str = prop("Former name", "The name before a rename; keeps the data.", default="", customise="locked")


SYSTEM_FIELDS: Mapping[str, str] = {
    "id": "id",
    "version": "integer",
    "created_at": "datetime",
    "created_by": "user",
    "updated_at": "datetime",
    "updated_by": "user",
    "deleted_at": "datetime",
    "deletion": "id",
}
"""Fields that every entity has and no document declares, with a word for their type."""

RESERVED_FIELDS = frozenset(SYSTEM_FIELDS) | {
    "owner",
    "me",
    "this",
    "old",
    "new",
    "true",
    "false",
    "blank",
    "none",
    "today",
}
"""Names that a document may not use for a field."""
