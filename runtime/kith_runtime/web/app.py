"""The Flask application of one workspace."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from kith_platform.identity.sessions import LONGEST
from kith_platform.settings import Settings
from kith_runtime import api, screens
from kith_runtime.screens.former_names import lead_on
from kith_runtime.screens.parameters import refuse_unknown
from kith_runtime.services import services_of
from kith_runtime.web import authentication, compression, errors, security
from kith_runtime.web.authentication import public
from kith_runtime.web.icons import MARK, STATIC_FOLDER, load_assets
from kith_runtime.web.state import Server, finish, state
from kith_runtime.workspace import Workspace, open_workspace

LARGEST_REQUEST = 64 * 1024 * 1024
LARGEST_FORM = 4 * 1024 * 1024
MOST_FORM_PARTS = 5_000

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _SessionCookies(SecureCookieSessionInterface):
    """Cookies that a browser sends over HTTPS only, where the request came that way."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie may travel over HTTPS only."""
        return request.is_secure


class Application(Flask):
    """A Flask application without coroutines, so that no function is examined for being one in every request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(workspace: Workspace) -> Flask:
    """Return the application that serves a workspace.

    The workspace stays the caller's: several apps may share one, and nothing here is global to the process.
    """
    app = Application(
        "kith_runtime",
        static_folder=str(STATIC_FOLDER),
        static_url_path="/static",
        template_folder="screens/templates",
    )
    app.session_interface = _SessionCookies()
    app.config.update(
        SECRET_KEY=workspace.settings.secret_key,
        SESSION_COOKIE_NAME="kith_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=LONGEST,
        # The cookie ends with the session that it names; sending it anew each time would not make it last longer.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["kith"] = Server(workspace, services_of(workspace), load_assets())
    if proxies := workspace.settings.proxies:
        # Else a proxy's own address would stand for everybody, and cookies over its TLS would not be marked secure.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    authentication.install(app)
    app.before_request(lead_on)
    app.before_request(refuse_unknown)
    _protect_forms(app)
    security.install(app)
    compression.install(app)
    errors.install(app)
    app.teardown_request(lambda _: finish())
    app.add_url_rule("/favicon.svg", "favicon", _favicon)
    screens.install(app)
    api.install(app)
    return app


def _protect_forms(app: Flask) -> None:
    """Ask every unsafe request for the form token, unless it carries an API token, which no other site can send."""
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        # Where no endpoint answers there is nothing to protect, and "no such page" says more.
        if request.method not in _SAFE and request.endpoint is not None and state().token is None:
            protection.protect()


@public
def _favicon() -> Response:
    """Return the mark that browsers show beside a page's title."""
    return Response(MARK, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


def create_server() -> Flask:
    """Return the application for a server process, with the settings of its environment."""
    settings = Settings.from_environment(os.environ)
    return create_app(open_workspace(settings))
