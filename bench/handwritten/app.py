"""The application: ``create_server`` is what the web server calls."""

from __future__ import annotations

import os
from datetime import timedelta

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from bench.handwritten import api, frame, pages, people
from bench.handwritten.tables import open_engine
from bench.handwritten.validation import Invalid


def create_app(database_url: str, secret: str) -> Flask:
    """Return the application over a database."""
    app = Flask("bench.handwritten")
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="leads_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["engine"] = open_engine(database_url)
    people.install(app)
    frame.install(app)
    CSRFProtect(app)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(pages.blueprint)
    app.teardown_request(people.release)
    app.after_request(_secured)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Invalid, lambda error: api.answer({"title": str(error), "errors": error.problems}, 422))
    return app


def create_server() -> Flask:
    """Return the application for a server process."""
    return create_app(os.environ["BENCH_DATABASE_URL"], os.environ["BENCH_SECRET"])


def _secured(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cache-Control"] = "no-store"
    return response


def _refused(error: HTTPException) -> Response:
    if request.path.startswith("/api/"):
        return api.answer({"title": error.name, "detail": error.description}, error.code or 500)
    return Response(f"{error.name}: {error.description}", error.code or 500, mimetype="text/plain")
