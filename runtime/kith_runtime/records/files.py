"""File and image fields: a record takes a file that was uploaded before, and lets go of the one it held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_metadata.values import FileValue
from kith_platform.files import store
from kith_runtime.context import Context
from kith_runtime.records.errors import FieldProblem
from kith_runtime.records.writer import EntityWriter, Slot


def take_files(
    ctx: Context, writer: EntityWriter, values: dict[str, Any], record: str, changed: frozenset[str]
) -> list[FieldProblem]:
    """Replace each given file by what is stored under its key, and return a problem for each that cannot be taken.

    Name, size and type come from the store and never from the client. A file can be taken by the person who uploaded
    it while no record holds it; nobody can take a file out of a record that they may not see.
    """
    problems = []
    for name in changed:
        value = values.get(name)
        if not isinstance(value, FileValue):
            continue
        slot = writer.slots[name]
        row = store.find(ctx.connection, value.key)
        held = row is not None and (row.entity, row.record_id) == (writer.name, record or None)
        fresh = row is not None and row.entity is None and (ctx.actor.is_system or row.created_by == ctx.actor.id)
        if row is None or not (held or fresh):
            problems.append(FieldProblem(name, "no_file", f"{slot.label}: the file is not there.", "Upload it again."))
            continue
        values[name] = FileValue(value.key, row.name, row.size, row.media_type)
        problems += _limits(slot, values[name])
    return problems


def _limits(slot: Slot, value: FileValue) -> list[FieldProblem]:
    largest = getattr(slot.field.options, "max_size", 0)
    if largest and value.size > largest:
        return [
            FieldProblem(
                slot.name,
                "file_too_large",
                f"{value.name} has {value.size:,} bytes; {slot.label} takes up to {largest:,}.",
                "Choose a smaller file.",
            )
        ]
    accepted = getattr(slot.field.options, "accept", ()) or ()
    if slot.field.type == "image" and not value.media_type.startswith("image/"):
        return [FieldProblem(slot.name, "not_an_image", f"{value.name} is not an image.", "Use PNG, JPEG or WebP.")]
    if accepted and not any(_fits(value, pattern) for pattern in accepted):
        return [
            FieldProblem(
                slot.name, "file_type", f"{value.name} is of a type not taken here.", f"Use {', '.join(accepted)}."
            )
        ]
    return []


def _fits(value: FileValue, pattern: str) -> bool:
    if pattern.startswith("."):
        return value.name.lower().endswith(pattern.lower())
    return value.media_type == pattern or (pattern.endswith("/*") and value.media_type.startswith(pattern[:-1]))


def bind_files(
    ctx: Context, writer: EntityWriter, record: str, values: Mapping[str, Any], changed: frozenset[str]
) -> None:
    """Say for each taken file which field of which record holds it now; a file replaced stays for the history."""
    for name in changed:
        value = values.get(name)
        if isinstance(value, FileValue):
            store.bind(ctx.connection, value.key, writer.name, record, name)
