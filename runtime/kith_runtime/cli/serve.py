"""``kith serve``: run the web server, and say where to open it."""

from __future__ import annotations

import argparse
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, Environment
from kith_runtime.cli.output import say
from kith_runtime.install.administrator import ensure_administrator, nobody_signed_in, start_code
from kith_runtime.workspace import Workspace

TARGET = "kith_runtime.web.app:create_server"
_THREADS = 4
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
    # Made before the workers start, so that they do not race for it.
    _ = settings.secret_key
    with environment.workspace() as workspace:
        path = opening_path(workspace)
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
    server.on_startup(lambda: say(f"Open http://{host}:{port}{path}"))
    server.serve()
    return OK


def opening_path(workspace: Workspace) -> str:
    """Return where to begin: with a fresh one-time code while no administrator has set a password, else at home."""
    with workspace.read(SYSTEM, "cli") as ctx:
        waiting = workspace.current.sequence > 0 and nobody_signed_in(ctx)
    if not waiting:
        return "/"
    with workspace.write(SYSTEM, "cli") as ctx:
        return f"/start/{start_code(ctx, ensure_administrator(ctx))}"
