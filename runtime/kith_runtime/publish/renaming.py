"""Which stored values follow the renames of a publish: options of choice fields, and roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kith_metadata.changes import Change, FieldRenamed, OptionRenamed, RoleRenamed
from kith_metadata.kinds.entity import Field
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.rename_values import RenameOptions, RenameRole, count_holders, count_options

CHOICES = ("choice", "choices")


def value_renames(work: Work, changes: Sequence[Change]) -> Iterator[Operation]:
    """Yield an operation for each choice field whose options have other names, and for each such role."""
    for change in changes:
        if isinstance(change, RoleRenamed):
            rows = count_holders(work.connection, change.old)
            yield RenameRole(subject=change.role, was=change.old, rows=rows)
    renamed = renamed_options(changes)
    for entity in work.after.snapshot.entities() if renamed else ():
        for declared in work.after.snapshot.entity(entity).fields.values():
            names = renamed.get(holder_of(entity, declared), {}) if declared.type in CHOICES else {}
            if names and _holds_the_same(work, entity, declared.name, changes):
                yield _of_field(work, entity, declared, names)


def renamed_options(changes: Sequence[Change]) -> Mapping[str, Mapping[str, str]]:
    """Return the renamed options by what holds them, former names to new ones."""
    found: dict[str, dict[str, str]] = {}
    for change in changes:
        if isinstance(change, OptionRenamed):
            found.setdefault(change.holder, {})[change.old] = change.option
    return found


def holder_of(entity: str, field: Field) -> str:
    """Return what holds the options of a choice field: its set, or the field itself."""
    return str(field.options.options_from or f"{entity}.{field.name}")


def _holds_the_same(work: Work, entity: str, field: str, changes: Sequence[Change]) -> bool:
    """Tell whether a field has its values in the columns that it had before the publish."""
    old = work.old_name(entity)
    renames = (item for item in changes if isinstance(item, FieldRenamed))
    was = next((item.old for item in renames if (item.entity, item.field) == (entity, field)), field)
    former = work.before.storage.entity(old).fields.get(was) if old in work.before.storage else None
    return former is not None and former.columns == work.after.storage.entity(entity).fields[field].columns


def _of_field(work: Work, entity: str, declared: Field, names: Mapping[str, str]) -> Operation:
    item = RenameOptions(
        subject=entity,
        field=declared.name,
        names=tuple(sorted(names.items())),
        several=declared.type == "choices",
        stored=work.after.storage.entity(entity),
    )
    return replace(item, rows=count_options(work.connection, item))
