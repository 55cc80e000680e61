"""Why an actor may or may not: plain sentences for administrators and for people who miss something."""

from __future__ import annotations

from collections.abc import Iterator

from kith_metadata.kinds.role import Grant, Role
from kith_runtime.access.policy import may
from kith_runtime.access.rights import rights_for, roles_with_included
from kith_runtime.context import Context
from kith_runtime.queries.columns import field_of
from kith_runtime.queries.record_values import load_values

_SCOPES = {
    "none": "no records",
    "own": "records that they own",
    "team": "records of their teams",
    "all": "all records",
}


def explain_access(ctx: Context, entity: str, field: str | None = None, id: str | None = None) -> tuple[str, ...]:
    """Return sentences that say what the context's actor may do with an entity, a field or a record, and why."""
    return tuple(_sentences(ctx, entity, field, id))


def _sentences(ctx: Context, entity: str, field: str | None, record: str | None) -> Iterator[str]:
    name, label = ctx.actor.name, ctx.snapshot.entity(entity).plural or entity
    if ctx.actor.is_system:
        yield f"{name} is the system and holds every right."
        return
    roles = roles_with_included(ctx.snapshot, ctx.actor.roles)
    if not roles:
        yield f"{name} has no role, so nothing is open."
        return
    granted = False
    for role in roles:
        if role.everything:
            granted = True
            yield f"The role {role.label} gives all rights over everything."
        elif entity in role.grants:
            granted = True
            yield _grant_sentence(role, role.grants[entity], label)
    if not granted:
        yield f"No role of {name} ({', '.join(role.label for role in roles)}) names {label}, so they are closed."
    if "write" not in ctx.actor.scopes:
        yield "The token may only read."
    if field is not None:
        yield _field_sentence(ctx, entity, field)
    if record is not None:
        yield from _record_sentences(ctx, entity, record)


def _grant_sentence(role: Role, grant: Grant, label: str) -> str:
    def words(scope: str) -> str:
        return _SCOPES.get(scope, f"records where {scope}")

    creating = "allows" if grant.create else "does not allow"
    return (
        f"The role {role.label} opens {label}: reading {words(grant.read)}, changing {words(grant.update)}, "
        f"deleting {words(grant.delete)}; it {creating} making new ones."
    )


def _field_sentence(ctx: Context, entity: str, name: str) -> str:
    rights = rights_for(ctx, entity)
    label = field_of(ctx.published, entity, name).label or name
    if name in rights.editable:
        return f"{label} can be read and changed."
    if name in rights.readable:
        return f"{label} can be read but not changed."
    return f"{label} is hidden: it is restricted or a role hides it, and no role opens it by name."


def _record_sentences(ctx: Context, entity: str, record: str) -> Iterator[str]:
    values = load_values(ctx, entity, record)
    if values is None:
        yield "There is no such record."
        return
    for operation, word in (("read", "read"), ("update", "changed"), ("delete", "deleted")):
        allowed = may(ctx, entity, operation, values)  # type: ignore[arg-type]
        yield f"This record can {'' if allowed else 'not '}be {word}."
