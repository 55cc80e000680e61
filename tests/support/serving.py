"""An app at an address for browsers, served by threads of the test's own process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ANSWER = "kith.answer"


class _Handler(WSGIRequestHandler):
    """One that does not wait for ever on connections that a browser opened to have them ready."""

    timeout = 10

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Close the answer of somebody who has gone away, which is forgotten when what is left of it cannot be read."""
        answer = (environ or {}).get(_ANSWER)
        if hasattr(answer, "close"):
            answer.close()


def _kept(app: WSGIApplication) -> WSGIApplication:
    """Return an app that keeps its answer where the handler finds it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = environ[_ANSWER] = app(environ, start_response)
        return found

    return answer


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Yield the address of an app until the block ends."""
    server = make_server("127.0.0.1", 0, _kept(app), threaded=True, request_handler=_Handler)
    # The last answers are on their way when a workspace is closed, and would keep its connections.
    server.daemon_threads = False  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
