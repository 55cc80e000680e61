"""Favourites and followed records: turned on and off on the record's page, and listed in the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.marks.store import FOLLOW, KINDS, favourites_of, turn_mark
from kith_runtime.queries.reading import get
from kith_runtime.queries.streams import by_ids
from kith_runtime.queries.titling import titles
from kith_runtime.screens.addresses import record_address
from kith_runtime.screens.duties import counted_due
from kith_runtime.screens.record_top import read_values, record_top, shape_of
from kith_runtime.screens.record_values import drawn_part
from kith_runtime.screens.rendering import Page, Personal, render, toast, wants_part
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("record_marks", __name__)


@dataclass(frozen=True, slots=True)
class FavouritesPage(Page):
    """The favourites of a person: address, title, and the id from which their colour comes.

    ``unread`` and ``due`` are how many notices, and records of each duty, need the person; blank for none.
    """

    favourites: Sequence[tuple[str, str, str]] = ()
    unread: str = ""
    due: Sequence[str] = ()


@blueprint.get("/favourites")
def show_favourites() -> Response:
    """Show the favourites, in the navigation or as a page."""
    ctx = context()
    page = FavouritesPage(title="Favourites", favourites=_favourites(ctx))
    if wants_part():
        page = replace(page, unread=Personal(ctx).unread, due=counted_due(ctx))
        return Response(drawn_part("favourites_part.html", page=page), mimetype="text/html")
    return render("favourites.html", page)


def _favourites(ctx: Context) -> list[tuple[str, str, str]]:
    """Return the favourites that the person may still see, two questions for each entity among them."""
    marked = favourites_of(ctx)
    known: dict[tuple[str, str], str] = {}
    for entity in dict.fromkeys(name for name, _ in marked):
        if ctx.snapshot.has("entity", entity) and rights_for(ctx, entity).visible:
            # Titles are given for deleted records too; a favourite that leads nowhere is none.
            live = by_ids(ctx, entity, [key for name, key in marked if name == entity], ("id",))
            found = titles(ctx, entity, sorted(live))
            known |= {(entity, key): title or "Untitled" for key, title in found.items()}
    return [(record_address(*item), known[item], item[1]) for item in marked if item in known]


@blueprint.post("/e/<entity>/<record>/mark/<kind>")
def send_mark(entity: str, record: str, kind: str) -> BaseResponse:
    """Turn a mark of a record on or off."""
    ctx = context()
    if kind not in KINDS:
        raise NotFound("unknown_mark", "Records are marked as favourites, or followed.")
    shape_of(ctx, entity)
    get(ctx, entity, record, ("id",))
    on = write(lambda ctx: turn_mark(ctx, kind, (entity, record)))
    if not wants_part():
        words = ("You follow this now." if on else "You follow this no more.") if kind == FOLLOW else ""
        toast(words or ("Among your favourites now." if on else "No favourite any more."))
        return redirect(record_address(entity, record), 303)
    ctx = reopen()
    shape = shape_of(ctx, entity)
    top = record_top(ctx, shape, record, read_values(ctx, shape, record))
    part = drawn_part("record_top.html", top=top)
    return Response(part, mimetype="text/html", headers={"HX-Trigger": "kith-favourites"})
