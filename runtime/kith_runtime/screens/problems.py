"""Pages for what went wrong: what happened, whether work is safe, what to do, and a way back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from kith_platform.errors import KithError, NotSignedIn
from kith_runtime.screens.rendering import Page, render
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


def problem_page(error: KithError, *, reference: str = "") -> Response:
    """Return the page for an error; a visitor is asked to sign in."""
    if isinstance(error, NotSignedIn):
        return to_sign_in()
    page = ProblemPage(
        title=_TITLES.get(error.status, "This did not work"),
        message=error.message,
        hint=error.hint,
        reference=reference,
    )
    template = "problem.html" if state().context is not None else "problem_plain.html"
    return render(template, page, status=error.status)
