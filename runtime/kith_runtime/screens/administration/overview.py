"""The first page of administration: the sections that one may enter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from kith_platform.errors import Forbidden
from kith_runtime.access import rights_for
from kith_runtime.administration.store import TEAM_ENTITY
from kith_runtime.screens.addresses import list_address
from kith_runtime.screens.administration.frame import AdminPage, sections_of
from kith_runtime.screens.rendering import render
from kith_runtime.web.state import context

blueprint = Blueprint("admin_overview", __name__)


@dataclass(frozen=True, slots=True)
class AdminOverviewPage(AdminPage):
    """The sections, and the list of teams for whoever may see it."""

    teams: str = ""


@blueprint.get("/admin")
def show_overview() -> Response:
    """Show the sections; who administers nothing has none."""
    ctx = context()
    sections = sections_of(ctx)
    if not sections:
        raise Forbidden(
            "administration_forbidden", "Your roles administer nothing.", "Ask an administrator for what you need."
        )
    has_teams = ctx.snapshot.has("entity", TEAM_ENTITY) and rights_for(ctx, TEAM_ENTITY).visible
    teams = list_address(TEAM_ENTITY) if has_teams else ""
    return render("admin_overview.html", AdminOverviewPage("Administration", sections=sections, teams=teams))
