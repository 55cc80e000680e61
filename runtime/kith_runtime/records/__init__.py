"""The one door by which business data is written.

Screens, the API, imports and installs all call these functions, so that rights, checks, history, search and locking
are in no other place and none of them can be forgotten. Every function takes the context of a writing transaction.
"""

from __future__ import annotations

from kith_runtime.records.bulk import BulkRefused, Operation, Result, bulk
from kith_runtime.records.children import ChildRow, ChildRows, Save, save
from kith_runtime.records.create import create
from kith_runtime.records.delete import Deletion, delete
from kith_runtime.records.errors import (
    Blocked,
    Blocker,
    DeleteRefused,
    FieldConflict,
    FieldProblem,
    KeyReused,
    RowGone,
    RowsConflict,
    Stale,
    ValidationFailed,
    VersionConflict,
)
from kith_runtime.records.read import may_not, read_record
from kith_runtime.records.record import Record
from kith_runtime.records.restore import restore
from kith_runtime.records.rule_actions import initial_values
from kith_runtime.records.update import update
from kith_runtime.records.upsert import upsert

__all__ = [
    "Blocked",
    "Blocker",
    "BulkRefused",
    "ChildRow",
    "ChildRows",
    "DeleteRefused",
    "Deletion",
    "FieldConflict",
    "FieldProblem",
    "KeyReused",
    "Operation",
    "Record",
    "Result",
    "RowGone",
    "RowsConflict",
    "Save",
    "Stale",
    "ValidationFailed",
    "VersionConflict",
    "bulk",
    "create",
    "delete",
    "initial_values",
    "may_not",
    "read_record",
    "restore",
    "save",
    "update",
    "upsert",
]
