"""Every error becomes an answer that a person, or a program, can act on; none shows a traceback."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from kith_platform.errors import Forbidden, KithError, NotFound, TooLarge
from kith_platform.ids import new_id
from kith_runtime.api.problems import problem_response
from kith_runtime.screens.problems import problem_page
from kith_runtime.web.state import server, state

logger = logging.getLogger(__name__)

_CODES = {405: "method_not_allowed", 408: "too_slow", 415: "media_type"}


def install(app: Flask) -> None:
    """Set the error handlers of the app."""
    app.register_error_handler(KithError, _known)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _unforeseen)


def answer(error: KithError, *, reference: str = "") -> Response:
    """Return the answer for an error: problem details for the API, a page for people."""
    if request.path.startswith("/api/"):
        return problem_response(error, reference=reference)
    return problem_page(error, reference=reference)


def _known(error: KithError) -> Response:
    if error.status >= 500:
        logger.warning("%s %s: %s", request.method, request.path, error)
    return answer(error)


def _forged(_: CSRFError) -> Response:
    return answer(
        Forbidden(
            "form_token",
            "This form was open for too long, or it was sent from elsewhere, so nothing was saved.",
            "Load the page again and send it once more.",
        )
    )


def _http(error: HTTPException) -> Response:
    if error.code == 404:
        return answer(NotFound("not_found", "This page does not exist, or you may not see it.", "Check the address."))
    if error.code == 413:
        return answer(TooLarge("too_large", "What was sent is larger than this server takes.", "Send less at once."))
    code = error.code or 500
    if code >= 500:
        return _unforeseen(error)
    words = error.description or "The request does not fit."
    response = answer(KithError(_CODES.get(code, "bad_request"), words, "Check what was sent.", status=code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unforeseen(error: HTTPException) -> Response:
    """Answer a fault of ours: the log has the whole story under a reference, the person gets the reference."""
    reference = new_id(server().workspace.clock)
    cause = getattr(error, "original_exception", None) or error
    logger.error("%s on %s %s", reference, request.method, request.path, exc_info=cause)
    state().stack.close()
    state().context = None
    return answer(
        KithError(
            "internal",
            "Something on the server broke. What you had saved before is safe; this last step was not done.",
            "Try again. If it happens again, give the reference to your administrator.",
        ),
        reference=reference,
    )
