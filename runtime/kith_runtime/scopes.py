"""What expressions may name: the fields of an entity as its field types show them to the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kith_metadata.expressions import FORMER, Checked, Environment, Type, compile_check
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.app_settings.known import KnownSettings
from kith_runtime.context import Context
from kith_runtime.field_types.scope import EntityScope
from kith_runtime.published import Published

__all__ = [
    "PERSON_ENTITY",
    "EntityScope",
    "asked_fields",
    "checked_expression",
    "checked_rule",
    "environment_of",
    "included_roles",
    "lookup_filter",
    "roles_of",
    "saving",
]

PERSON_ENTITY = "base.user"


def checked_expression(published: Published, entity: str, text: str, expected: Type | None = None) -> Checked:
    """Return an expression of the metadata, checked once for each snapshot; metadata names every field."""
    return published.compiled(
        ("expression", entity, text, expected),
        lambda: compile_check(text, EntityScope(published.snapshot, entity), expected),
    )


def checked_rule(published: Published, entity: str, text: str, expected: Type | None = None) -> Checked:
    """Return an expression that runs when a record is saved, so that it may ask for former values."""
    scope = EntityScope(published.snapshot, entity, features=frozenset({FORMER}))
    return published.compiled(("rule", entity, text, expected), lambda: compile_check(text, scope, expected))


def lookup_filter(published: Published, holder: str, field: Field) -> Checked | None:
    """Return the condition on the records that a lookup may point to, which may ask for the record with the lookup."""
    text, target = getattr(field.options, "where", ""), getattr(field.options, "to", "")
    if not text or field.type not in ("lookup", "lookups"):
        return None
    scopes = EntityScope(published.snapshot, target), EntityScope(published.snapshot, holder)
    return published.compiled(
        ("lookup filter", holder, field.name), lambda: compile_check(text, scopes[0], BOOLEAN, scopes[1])
    )


def asked_fields(published: Published, holder: str, field: Field) -> tuple[str, ...]:
    """Return the fields of its own record that the condition of a lookup asks for."""
    limit = lookup_filter(published, holder, field)
    return () if limit is None else tuple(sorted({path[0] for path in limit.around}))


def environment_of(ctx: Context) -> Environment:
    """Return what expressions know besides the record: the moment, the person, the person's time zone and roles."""
    me: Mapping[str, Any] = {"id": ctx.actor.id, "teams": ctx.actor.teams, **ctx.actor.person}
    return Environment.at(ctx.now, me, ctx.locale.time_zone, roles_of(ctx), _settings(ctx))


def saving(environment: Environment, former: Mapping[str, Any] | None) -> Environment:
    """Return the surroundings of a record that is saved; ``former`` is None for a new one."""
    return replace(environment, former=former)


def roles_of(ctx: Context) -> frozenset[str]:
    """Return the full names of the actor's roles with those that they include."""
    snapshot, given = ctx.snapshot, ctx.actor.roles
    return ctx.published.compiled(("included roles", given), lambda: included_roles(snapshot, given))


def included_roles(snapshot: Snapshot, names: frozenset[str]) -> frozenset[str]:
    """Return roles with all that they include; roles that no longer exist are left out."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found and snapshot.has("role", name):
            found.add(name)
            pending.extend(snapshot.role(name).includes)
    return frozenset(found)


def _settings(ctx: Context) -> Mapping[str, Any]:
    locale = ctx.locale
    personal = {"currency": locale.currency, "locale": locale.locale, "time_zone": locale.time_zone}
    return KnownSettings(ctx, personal)
