"""Roles: what each allows, in words, and who holds it. Roles are metadata; they change by publishing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response

from kith_metadata.kinds.role import Role
from kith_metadata.snapshot import Snapshot
from kith_runtime.administration import roles, store
from kith_runtime.administration.roles import PERMISSIONS, GrantRow
from kith_runtime.screens.administration.frame import AdminPage, entered, sections_of
from kith_runtime.screens.rendering import render

blueprint = Blueprint("admin_roles", __name__, url_prefix="/admin/roles")


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role in the list; ``app`` is the app that declares it, ``holders`` how many have it themselves."""

    role: Role
    app: str
    holders: int


@dataclass(frozen=True, slots=True)
class AdminRolesPage(AdminPage):
    """The list of roles."""

    rows: Sequence[RoleRow] = ()


@dataclass(frozen=True, slots=True)
class AdminRolePage(AdminPage):
    """One role with its grants and holders."""

    role: Role | None = None
    app: str = ""
    layer: str = ""
    includes: Mapping[str, str] = field(default_factory=dict)
    grants: Sequence[GrantRow] = ()
    permissions: Sequence[str] = ()
    holders: Sequence[store.PersonRow] = ()
    opens_people: bool = False


@blueprint.get("")
def show_roles() -> Response:
    """List all roles by app and label."""
    ctx = entered("roles")
    counts = store.holders_by_role(ctx)
    found = [ctx.snapshot.role(name) for name in ctx.snapshot.names("role")]
    rows = [RoleRow(role, _app_label(role.name, ctx.snapshot), counts.get(role.name, 0)) for role in found]
    rows.sort(key=lambda row: (row.app, row.role.label))
    return render("admin_roles.html", AdminRolesPage("Roles", section="roles", sections=sections_of(ctx), rows=rows))


@blueprint.get("/<role>")
def show_role(role: str) -> Response:
    """Show what a role allows."""
    ctx = entered("roles")
    snapshot = ctx.snapshot
    found = roles.role_of(snapshot, role)
    page = AdminRolePage(
        found.label,
        section="roles",
        sections=sections_of(ctx),
        role=found,
        app=_app_label(role, snapshot),
        layer="your own layer" if role.partition(".")[2].startswith("x_") else "the app",
        includes={name: snapshot.role(name).label for name in found.includes if snapshot.has("role", name)},
        grants=roles.grant_rows(snapshot, role),
        permissions=[PERMISSIONS[name] for name in found.permissions],
        holders=store.holders(ctx, role),
        opens_people="people" in ctx.actor.permissions,
    )
    return render("admin_role.html", page)


def _app_label(role: str, snapshot: Snapshot) -> str:
    app = role.partition(".")[0]
    return snapshot.app(app).label if snapshot.has("app", app) else app
