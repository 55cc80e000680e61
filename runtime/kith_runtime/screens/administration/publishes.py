"""Publishes: what changed in the system itself, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, request

from kith_runtime.administration import store
from kith_runtime.publish.store import PublishRow
from kith_runtime.screens.administration.frame import AdminPage, Pages, entered, sections_of
from kith_runtime.screens.parameters import number_in
from kith_runtime.screens.rendering import render

blueprint = Blueprint("admin_publishes", __name__, url_prefix="/admin/publishes")

_PAGE = 20
_SHOWN = 200
_QUIET = ("make_index", "drop_index")


@dataclass(frozen=True, slots=True)
class PublishView:
    """A publish in words; ``more`` operations are not shown, ``indexes`` are counted only."""

    row: PublishRow
    operations: Sequence[Mapping[str, Any]]
    more: int
    indexes: int


@dataclass(frozen=True, slots=True)
class AdminPublishesPage(AdminPage):
    """The history of publishes, and the snapshot that is live."""

    hash: str = ""
    sequence: int = 0
    rows: Sequence[PublishView] = ()
    pages: Pages = field(default_factory=Pages)


@blueprint.get("")
def show_publishes() -> Response:
    """List the publishes, newest first."""
    ctx = entered("publish")
    before = number_in("before", request.args.get("before", ""), "number of a publish")
    found = store.publishes(ctx, before, _PAGE + 1)
    next_page = f"/admin/publishes?before={found[_PAGE - 1].sequence}" if len(found) > _PAGE else ""
    page = AdminPublishesPage(
        "Publishes",
        section="publishes",
        sections=sections_of(ctx),
        hash=ctx.snapshot.hash,
        sequence=ctx.published.sequence,
        rows=[_view(row) for row in found[:_PAGE]],
        pages=Pages("/admin/publishes" if before else "", next_page),
    )
    return render("admin_publishes.html", page)


def _view(row: PublishRow) -> PublishView:
    operations = list(row.plan.get("operations", ()))
    told = [item for item in operations if item.get("kind") not in _QUIET]
    return PublishView(row, told[:_SHOWN], max(0, len(told) - _SHOWN), len(operations) - len(told))
