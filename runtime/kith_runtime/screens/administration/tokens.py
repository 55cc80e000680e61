"""API tokens of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import NotFound
from kith_runtime.administration import people, store
from kith_runtime.context import Context
from kith_runtime.screens.administration.frame import (
    AdminPage,
    ConfirmPage,
    Pages,
    confirm,
    entered,
    here,
    sections_of,
)
from kith_runtime.screens.parameters import id_in
from kith_runtime.screens.rendering import render, toast
from kith_runtime.web.state import server, write

blueprint = Blueprint("admin_tokens", __name__, url_prefix="/admin/tokens")

_PAGE = 50


@dataclass(frozen=True, slots=True)
class AdminTokensPage(AdminPage):
    """All tokens, newest first; their texts are not kept anywhere."""

    rows: Sequence[store.Owned] = ()
    pages: Pages = field(default_factory=Pages)


@blueprint.get("")
def show_tokens() -> Response:
    """List the tokens."""
    ctx = entered("tokens")
    after = id_in("after", request.args.get("after", ""), "token to go on from")
    rows = store.tokens(ctx, after, _PAGE + 1)
    next_page = f"/admin/tokens?{urlencode({'after': rows[_PAGE - 1].item.id})}" if len(rows) > _PAGE else ""
    page = AdminTokensPage(
        "API tokens",
        section="tokens",
        sections=sections_of(ctx),
        rows=rows[:_PAGE],
        pages=Pages("/admin/tokens" if after else "", next_page),
    )
    return render("admin_tokens.html", page)


@blueprint.get("/<token>/revoke")
def ask_revoke(token: str) -> Response:
    """Ask before a token ends."""
    ctx = entered("tokens")
    found = _token(ctx, token)
    page = ConfirmPage(
        f"Revoke the token of {found.person or 'a deleted person'}?",
        section="tokens",
        sections=sections_of(ctx),
        consequences=("Programs that use it are refused from now on.", "It cannot be brought back."),
        button="Revoke the token",
        back="/admin/tokens",
        action=here(),
    )
    return confirm(page)


@blueprint.post("/<token>/revoke")
def send_revoke(token: str) -> BaseResponse:
    """End the token."""
    entered("tokens")
    services = server().services
    write(lambda ctx: people.revoke_token(ctx, services, _token(ctx, token)))
    toast("The token was revoked.")
    return redirect("/admin/tokens", 303)


def _token(ctx: Context, token: str) -> store.Owned:
    found = store.token(ctx, token)
    if found is None:
        raise NotFound("no_token", "This token does not exist, or it was revoked already.", "Look in the list.")
    return found
