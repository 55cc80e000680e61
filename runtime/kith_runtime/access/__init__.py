"""Who may do what: rights per entity, field and record, compiled per set of roles and enforced inside every query."""

from __future__ import annotations

from kith_runtime.access.explain import explain_access
from kith_runtime.access.filters import allowed, allows, record_filter
from kith_runtime.access.policy import may
from kith_runtime.access.rights import EntityRights, Operation, Scope, may_read, rights_for

__all__ = [
    "EntityRights",
    "Operation",
    "Scope",
    "allowed",
    "allows",
    "explain_access",
    "may",
    "may_read",
    "record_filter",
    "rights_for",
]
