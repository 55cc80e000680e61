"""``kith serve``: run the web server, and say where to open it."""

from __future__ import annotations

import argparse
import errno
import http.client
import multiprocessing
import socket
import threading
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kith_platform.errors import DatabaseBusy, Misconfigured
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, Environment
from kith_runtime.cli.output import complain, say
from kith_runtime.install.administrator import ensure_administrator, nobody_signed_in, start_code
from kith_runtime.publish.journal import build_later_if_possible
from kith_runtime.publish.upgrade import bring_indexes
from kith_runtime.workspace import Workspace

TARGET = "kith_runtime.web.app:create_server"
_THREADS = 4
_PAUSE = 0.05
_PATIENCE = 10
"""Seconds that requests have to end when the server is stopped."""


def add(commands: Any) -> None:
    """Add the command."""
    found = commands.add_parser("serve", help="run the web server")
    found.add_argument("--host", help="the address to listen on (KITH_HOST)")
    found.add_argument("--port", type=int, help="the port to listen on (KITH_PORT)")
    found.add_argument("--workers", type=int, help="how many processes (KITH_WORKERS)")
    found.set_defaults(run=run)


def run(environment: Environment, chosen: argparse.Namespace) -> int:
    """Serve until stopped."""
    settings = environment.settings
    host, port = chosen.host or settings.host, chosen.port or settings.port
    refuse_taken(host, port)
    # Made before the workers start, so that they do not race for it.
    _ = settings.secret_key
    with environment.workspace() as workspace:
        path = opening_path(workspace)
        _bring_indexes(workspace)
    server = Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=chosen.workers or settings.workers,
        blocking_threads=_THREADS,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
        # A worker that is told to stop while it starts does not hear it.
        workers_kill_timeout=_PATIENCE,
    )
    stopping = threading.Event()
    opening = threading.Thread(target=_say_when_open, args=(host, port, path, stopping), daemon=True)
    server.on_startup(opening.start)
    if settings.database_url.startswith("postgresql"):
        # A process of its own, begun from nothing. The workers are copies of this one: if it held the database while
        # they are made, they would take its connections and locks for their own.
        multiprocessing.get_context("spawn").Process(target=build_later, args=(environment,), daemon=True).start()
    server.on_shutdown(stopping.set)
    server.serve()
    return OK


def _bring_indexes(workspace: Workspace) -> None:
    try:
        bring_indexes(workspace)
    except DatabaseBusy:
        complain(
            "Some indexes of this version could not be made because the database is busy; the next start tries again."
        )


def build_later(environment: Environment) -> None:
    """Build what may take minutes while people work; a server that is stopped meanwhile goes on at its next start."""
    with environment.workspace() as workspace:
        said = build_later_if_possible(workspace.database)
    if said:
        complain(said)


def refuse_taken(host: str, port: int) -> None:
    """Raise Misconfigured when nobody can listen there: workers share a port, so they would not notice another."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        reason = (
            "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        )
        raise Misconfigured(
            "port", f"Port {port} of {host} {reason}.", "Choose another with --port and --host (KITH_PORT, KITH_HOST)."
        ) from error


def _say_when_open(host: str, port: int, path: str, stopping: threading.Event) -> None:
    """Print the address once the server answers there; who clicks at once finds it working."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what is asked is this machine
    while not stopping.wait(_PAUSE):
        answered = http.client.HTTPConnection(asked, port, timeout=_PATIENCE)
        try:
            answered.request("HEAD", "/")
            answered.getresponse()
        except (OSError, http.client.HTTPException):
            continue
        finally:
            answered.close()
        say(f"Open http://{host}:{port}{path}")
        return


def opening_path(workspace: Workspace) -> str:
    """Return where to begin: with a fresh one-time code while no administrator has set a password, else at home."""
    with workspace.read(SYSTEM, "cli") as ctx:
        waiting = workspace.current.sequence > 0 and nobody_signed_in(ctx)
    if not waiting:
        return "/"
    code = workspace.save(SYSTEM, "cli", lambda ctx: start_code(ctx, ensure_administrator(ctx)))
    return f"/start/{code}"
