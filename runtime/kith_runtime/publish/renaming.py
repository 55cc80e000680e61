"""Which stored values follow the renames of a publish: options of choice fields, and roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kith_metadata.changes import Change, EntityRenamed, FieldRenamed, OptionRenamed, RoleRenamed
from kith_metadata.kinds.entity import Field
from kith_metadata.rename_expressions import Renames
from kith_runtime.publish.operations.base import Operation, Work
from kith_runtime.publish.operations.rename_values import RenameOptions, RenameRole, count_holders, count_options
from kith_runtime.publish.operations.rewrite_views import RewriteViews, count_kept

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
                yield options_renamed_in(work, entity, declared, names)


def view_rewrites(work: Work, changes: Sequence[Change]) -> Iterator[Operation]:
    """Yield the operation on what people saved of lists, when anything is renamed that a list can name."""
    fields = {(work.old_name(item.entity), item.old): item.field for item in changes if isinstance(item, FieldRenamed)}
    entities = {item.old: item.entity for item in changes if isinstance(item, EntityRenamed)}
    renames = Renames(
        fields=fields,
        options=dict(_former_options(work, changes)),
        entities=entities,
        roles={item.old: item.role for item in changes if isinstance(item, RoleRenamed)},
    )
    if renames != Renames():
        yield RewriteViews(subject="saved lists", rows=count_kept(work.connection), renames=renames)


def _former_options(work: Work, changes: Sequence[Change]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the renamed options by what held them before."""
    renames = [item for item in changes if isinstance(item, FieldRenamed)]
    for holder, names in renamed_options(changes).items():
        entity, _, field = holder.rpartition(".")
        was = next((item.old for item in renames if (item.entity, item.field) == (entity, field)), field)
        former = holder if work.after.snapshot.has("option_set", holder) else f"{work.old_name(entity)}.{was}"
        yield from (((former, old), new) for old, new in names.items())


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


def options_renamed_in(work: Work, entity: str, declared: Field, names: Mapping[str, str]) -> Operation:
    """Return the operation that gives options of a field, as it is stored after the publish, other names."""
    item = RenameOptions(
        subject=entity,
        field=declared.name,
        names=tuple(_in_order(names)),
        several=declared.type == "choices",
        stored=work.after.storage.entity(entity),
    )
    return replace(item, rows=count_options(work.connection, item))


def _in_order(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield renames so that a name is given up before another option takes it, for they are done one by one."""
    pending = dict(sorted(names.items()))
    while pending:
        free = (was for was, name in pending.items() if name not in pending)
        was = next(free, next(iter(pending)))
        yield was, pending.pop(was)
