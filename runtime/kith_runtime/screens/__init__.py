"""The generated screens: every page follows from metadata and rights, none is drawn for one entity."""

from __future__ import annotations

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context as JinjaContext

from kith_runtime.screens import (
    administration,
    edit,
    files,
    home,
    list_bulk,
    list_cell,
    list_export,
    list_export_xlsx,
    list_filter_parts,
    list_groups,
    list_hiding,
    list_peek,
    list_rows,
    list_views,
    listing,
    notices,
    palette,
    person,
    quick,
    record,
    record_actions,
    record_compose,
    record_field,
    record_marks,
    record_past,
    record_place,
    record_print,
    record_related_change,
    record_stream,
    recycle,
    search,
    sign_in,
    stage_form,
    typed_days,
    undo,
    views,
)
from kith_runtime.screens.filters import hue, initials
from kith_runtime.screens.views import board, calendar, feed, tree
from kith_runtime.screens.views.registry import view_screens

BLUEPRINTS = (
    sign_in.blueprint,
    home.blueprint,
    search.blueprint,
    person.blueprint,
    board.blueprint,
    palette.blueprint,
    notices.blueprint,
    calendar.blueprint,
    feed.blueprint,
    tree.blueprint,
    listing.blueprint,
    list_views.blueprint,
    list_filter_parts.blueprint,
    list_export.blueprint,
    list_export_xlsx.blueprint,
    list_hiding.blueprint,
    list_groups.blueprint,
    list_bulk.blueprint,
    list_cell.blueprint,
    list_peek.blueprint,
    list_rows.blueprint,
    edit.blueprint,
    typed_days.blueprint,
    quick.blueprint,
    stage_form.blueprint,
    undo.blueprint,
    record.blueprint,
    record_actions.blueprint,
    record_field.blueprint,
    record_past.blueprint,
    record_place.blueprint,
    record_marks.blueprint,
    record_print.blueprint,
    record_related_change.blueprint,
    record_compose.blueprint,
    record_stream.blueprint,
    recycle.blueprint,
    files.blueprint,
    *administration.BLUEPRINTS,
)


def install(app: Flask) -> None:
    """Add the screens and their template helpers to an app."""
    view_screens.discover(views)
    app.jinja_env.filters.update(hue=hue, initials=initials, said=_said)
    assets = app.extensions["kith"].assets
    # Known to the environment and not only to each page: then macros that draw icons are made once.
    app.jinja_env.globals.update(asset=assets.url, icon=assets.icon)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


@pass_context
def _said(page: JinjaContext, label: str) -> str:
    """Write a label of the metadata as it stands inside a sentence."""
    words: str = page["ctx"].snapshot.said(label)
    return words
