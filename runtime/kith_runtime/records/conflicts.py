"""Two people changed one record: keep both changes where they touch different fields, ask where they touch the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kith_platform.errors import Invalid
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.records.errors import FieldConflict, Stale, VersionConflict
from kith_runtime.records.history import since
from kith_runtime.records.read import Current
from kith_runtime.records.writer import EntityWriter


def check_version(
    ctx: Context, writer: EntityWriter, current: Current, version: int, wanted: Mapping[str, Any]
) -> None:
    """Raise :class:`VersionConflict` when a wanted field was changed after ``version``.

    A field without history, or an entity without, cannot be compared: then any newer version is a conflict.
    """
    if version > current.version:
        raise Invalid(
            "unknown_version",
            f"Version {version} does not exist yet; the record is at version {current.version}.",
            "Read the record again.",
            "version",
        )
    rows = since(ctx, writer.name, current.id, version) if writer.entity.history else []
    conflicts = []
    for name, mine in wanted.items():
        slot = writer.slots[name]
        touching = [row for row in rows if name in row["changes"]]
        if slot.field.history and writer.entity.history and not touching:
            continue
        visible = name in rights_for(ctx, writer.name).readable
        conflicts.append(
            FieldConflict(
                field=name,
                label=slot.label,
                mine=slot.json(mine),
                theirs=slot.json(current.values.get(name)) if visible else None,
                before=touching[0]["changes"][name][0] if touching and visible else None,
                by=touching[-1]["actor_name"] if touching else "",
                at=touching[-1]["at"] if touching else None,
                by_id=(touching[-1]["actor_id"] or "") if touching else "",
            )
        )
    if conflicts:
        raise VersionConflict(conflicts, current.version)


def refuse_stale(ctx: Context, writer: EntityWriter, current: Current, version: int | None) -> None:
    """Raise :class:`Stale` for a delete of a record that changed after the caller had read it."""
    if version is None or version == current.version:
        return
    rows = since(ctx, writer.name, current.id, version) if writer.entity.history else []
    readable = rights_for(ctx, writer.name).readable
    before: dict[str, Any] = {}
    last: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        for name in row["changes"].keys() & readable & writer.slots.keys():
            before.setdefault(name, row["changes"][name][0])
            last[name] = row
    fields = []
    for name in (name for name in writer.slots if name in last):
        slot, row = writer.slots[name], last[name]
        theirs = slot.json(current.values.get(name))
        if theirs != before[name]:
            who = (row["actor_name"], row["at"], row["actor_id"] or "")
            fields.append(FieldConflict(name, slot.label, None, theirs, before[name], *who))
    newest = (rows[-1]["actor_name"], rows[-1]["at"]) if rows else ("", None)
    raise Stale(writer.noun, fields, current.version, newest)
