"""The entry point of ``kith``: parses the arguments, runs one command, turns errors into words and exit codes.

Exit codes: 0 all is well, 1 problems were found or the command failed, 2 the command was written wrongly.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from kith_platform.errors import KithError
from kith_runtime.cli import check, data, docs, init, people, publish, rebuild, serve, tokens
from kith_runtime.cli.environment import PROBLEMS, Environment
from kith_runtime.cli.output import complain, complain_of

_GROUPS = (init, serve, check, publish, docs, tokens, people, data, rebuild)

Command = Callable[[Environment, argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    found = argparse.ArgumentParser(
        prog="kith",
        description="Kith runs CRM apps that are written in YAML.",
        epilog="Settings come from KITH_DATABASE_URL, KITH_HOST, KITH_PORT, KITH_APPS, KITH_CUSTOM, KITH_VAR,"
        " KITH_WORKERS and KITH_PROXIES.",
    )
    found.add_argument("--version", action="version", version=f"kith {_version()}")
    commands = found.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in _GROUPS:
        group.add(commands)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    chosen = parser().parse_args(arguments)
    command: Command = chosen.run
    try:
        return command(Environment.read(), chosen)
    except KithError as error:
        complain_of(error)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader of a pipe has gone; Python would complain once more while it closes the output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PROBLEMS
        complain(f"kith: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}")
    except KeyboardInterrupt:
        complain("kith: stopped.")
        return 130
    return PROBLEMS


def _version() -> str:
    try:
        return version("kith-crm")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
