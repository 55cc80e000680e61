"""Headers that every answer carries, whatever its kind."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
"""Nothing inline, nothing evaluated, nothing from elsewhere."""

FILE_POLICY = "default-src 'none'; sandbox"
"""For files that people uploaded: shown or downloaded, never run."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Content-Security-Policy": POLICY,
}
_ALWAYS = tuple((name.lower(), name, value) for name, value in _HEADERS.items())


def install(app: Flask) -> None:
    """Set the headers on every answer of the app."""
    app.after_request(_set_headers)


def _set_headers(response: Response) -> Response:
    headers = response.headers
    # One look over what is there: asking for each name that is missing costs more than all the rest of this.
    present = {name.lower() for name, _ in headers}
    for lowered, name, value in _ALWAYS:
        if lowered not in present:
            headers.add(name, value)
    if request.endpoint != "static" and "cache-control" not in present:
        # A page of a signed-in person must not be kept by a proxy or shown after signing out.
        headers.add("Cache-Control", "no-store")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
