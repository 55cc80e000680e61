"""Settings of the apps, which hold for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.kinds.entity import Field
from kith_platform.audit import Entry
from kith_runtime.administration import people
from kith_runtime.app_settings.change import change_settings
from kith_runtime.app_settings.known import declared_settings, default_of, set_values
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.records import ValidationFailed
from kith_runtime.screens.administration.frame import AdminPage, entered, sections_of
from kith_runtime.screens.record_values import shown_text, text_scope
from kith_runtime.screens.rendering import render, toast
from kith_runtime.web.state import reopen, server, write

blueprint = Blueprint("admin_settings", __name__, url_prefix="/admin/settings")


@dataclass(frozen=True, slots=True)
class SettingInput:
    """A setting as it is drawn: ``usual`` is its default in words, ``kind`` what it is typed into."""

    name: str
    label: str
    help: str
    kind: str
    text: str
    usual: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class AdminSettingsPage(AdminPage):
    """The settings of each app, by the app's label."""

    groups: Sequence[tuple[str, Sequence[SettingInput]]] = ()
    problems: Mapping[str, str] | None = None


@blueprint.get("")
def show_settings() -> Response:
    """Show all settings; one that is blank has its default."""
    return _page(entered("publish"))


@blueprint.post("")
def send_settings() -> BaseResponse:
    """Save all settings, or none where one does not fit."""
    entered("publish")
    services, typed = server().services, request.form.to_dict()

    def work(ctx: Context) -> bool:
        people.require(ctx, "publish")
        changed = change_settings(ctx, typed)
        if changed:
            services.audit.append(ctx.connection, Entry(ctx.actor.id, "settings.change", ctx.actor.id, changed))
        return bool(changed)

    try:
        changed = write(work)
    except ValidationFailed as refused:
        problems = {item.field: f"{item.message} {item.hint}".strip() for item in refused.problems}
        return _page(reopen(), typed, problems)
    toast("The settings were saved." if changed else "Nothing was changed.")
    return redirect("/admin/settings", 303)


def _page(ctx: Context, typed: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None) -> Response:
    drawn = list(_inputs(ctx, typed or {}, problems or {}))
    groups = [(label, [item for _, item in items]) for label, items in groupby(drawn, key=lambda pair: pair[0])]
    page = AdminSettingsPage(
        "Settings", section="settings", sections=sections_of(ctx), groups=groups, problems=problems or {}
    )
    return render("admin_settings.html", page, status=422 if problems else 200)


def _inputs(ctx: Context, typed: Mapping[str, str], problems: Mapping[str, str]) -> Iterator[tuple[str, SettingInput]]:
    held = set_values(ctx)
    for name, field in declared_settings(ctx).items():
        app = ctx.snapshot.get("app", name.partition(".")[0])
        control = field_types[field.type].control
        yield (
            app.label,
            SettingInput(
                name=name,
                label=field.label,
                help=field.help,
                kind=control if control in ("boolean", "date") else "text",
                text=typed.get(name, _typed(ctx, field, held.get(name))),
                usual=shown_text(field, default_of(ctx, field), text_scope(ctx)),
                error=problems.get(name, ""),
            ),
        )


def _typed(ctx: Context, field: Field, value: Any) -> str:
    """Return a value as its input holds it."""
    if value is None:
        return ""
    if field.type in ("boolean", "date"):
        return str(field_types[field.type].to_json(value, field)).lower()
    return shown_text(field, value, text_scope(ctx))
