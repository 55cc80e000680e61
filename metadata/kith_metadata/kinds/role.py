"""A role: what its holders may do, per entity, field and record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kith_metadata.kinds import kinds
from kith_metadata.spec import prop

Permission = Literal["people", "roles", "publish", "tokens", "audit", "sessions", "erase", "views"]

FULL_NAME = r"^(?:[a-z][a-z0-9_]{0,39}\.)?[a-z][a-z0-9_]{0,39}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Rights over the records of one entity.

    ``read``, ``update`` and ``delete`` say which records: ``none``, ``own`` (the holder owns it), ``team`` (the owner
    shares a team with the holder), ``all``, or a condition (an expression such as ``region == me.region``).
    ``fields`` lowers or raises single fields: ``none``, ``read`` or ``edit``; the rest follow the record, except
    restricted fields, which only a grant by name opens.
    """

    name: str
    create: bool = prop("Create", "May make new records.", default=False)
    read: str = prop("Read", "Which records.", default="none", editor="scope", expression="scope")
    update: str = prop("Change", "Which records.", default="none", editor="scope", expression="scope")
    delete: str = prop("Delete", "Which records.", default="none", editor="scope", expression="scope")
    fields: Mapping[str, Literal["none", "read", "edit"]] = prop(
        "Fields", "Single fields by name.", default={}, merge="by_key", refers="field keys"
    )


@kinds.register("role")
@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What its holders may do. Roles add up: a person may do what any of their roles allows."""

    name: str
    label: str = prop("Label", "What admins see.")
    description: str = prop("Description", "Who should hold it.", default="")
    includes: tuple[str, ...] = prop("Includes", "Roles whose rights it has too.", default=(), refers="role")
    grants: Mapping[str, Grant] = prop(
        "Grants",
        "Rights by entity; an entity that is not named is closed.",
        default={},
        merge="by_key",
        refers="entity keys",
        schema={"propertyNames": {"pattern": FULL_NAME}},
    )
    permissions: tuple[Permission, ...] = prop("Permissions", "What they administer.", default=())
    everything: bool = prop(
        "Everything",
        "All rights over all entities, now and later. For administrators.",
        default=False,
        customise="locked",
    )
    was: str = prop("Former name", "The name before a rename; keeps its holders.", default="", customise="locked")
