"""Pages for what went wrong: what happened, whether work is safe, what to do, and a way back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from kith_platform.errors import Busy, KithError, NotSignedIn, RateLimited
from kith_runtime.access import rights_for
from kith_runtime.screens.addresses import list_address
from kith_runtime.screens.parameters import Unfit
from kith_runtime.screens.rendering import Page, render, wants_part
from kith_runtime.screens.sign_in import to_sign_in
from kith_runtime.web.state import state

_TITLES = {
    400: "This address does not fit",
    403: "Not for you",
    404: "Nothing here",
    405: "This cannot be done here",
    409: "Somebody was faster",
    413: "Too large",
    422: "This does not fit",
    429: "Too many tries",
    500: "Something broke",
    503: "Busy for a moment",
    507: "No room left",
}


@dataclass(frozen=True, slots=True)
class ProblemPage(Page):
    """What went wrong and the way back; ``reference`` finds the entry in the server's log."""

    message: str = ""
    hint: str = ""
    back: str = "/"
    back_label: str = "Back to the start"
    reference: str = ""
    safety: str = ""


_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def _safety(error: KithError) -> str:
    """Say whether data are safe; a fault of ours says so itself, because it knows what was done."""
    if error.status >= 500:
        return ""
    return "Your data is unchanged." if request.method in _SAFE else "Nothing was changed."


def _way_back(error: KithError) -> tuple[str, str]:
    """Return where to go on: the list that the address belongs to, as far as the person may see it, else the start."""
    if isinstance(error, Unfit):
        return error.way, "Show it without that"
    ctx = state().context
    name = request.path.split("/")[2] if request.path.startswith("/e/") else ""
    if ctx is None or not ctx.snapshot.has("entity", name) or not rights_for(ctx, name).visible:
        return "/", "Back to the start"
    if request.path == list_address(name) and not request.query_string:
        return "/", "Back to the start"
    entity = ctx.snapshot.entity(name)
    return list_address(name), f"Back to {ctx.snapshot.said(entity.plural or entity.label)}"


def problem_page(error: KithError, *, reference: str = "") -> Response:
    """Return the page for an error; a visitor is asked to sign in."""
    if isinstance(error, NotSignedIn):
        return to_sign_in()
    back, label = _way_back(error)
    page = ProblemPage(
        title=_TITLES.get(error.status, "This did not work"),
        message=error.message,
        hint=error.hint,
        back=back,
        back_label=label,
        reference=reference,
        safety=_safety(error),
    )
    template = "problem.html" if state().context is not None else "problem_plain.html"
    if wants_part():
        template = "problem_part.html"
    answer = render(template, page, status=error.status)
    if isinstance(error, Busy | RateLimited):
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return answer
