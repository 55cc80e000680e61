"""``kith person`` and ``kith start-code``: let people in from the command line."""

from __future__ import annotations

import argparse
from typing import Any

from kith_platform.errors import NotFound
from kith_platform.identity import store as identity_store
from kith_platform.identity.accounts import normal_login
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, Environment
from kith_runtime.cli.output import say
from kith_runtime.context import Context
from kith_runtime.install.administrator import add_person, ensure_administrator, start_code


def add(commands: Any) -> None:
    """Add the commands."""
    group = commands.add_parser("person", help="people who can sign in").add_subparsers(metavar="ACTION", required=True)
    found = group.add_parser("add", help="add a person; prints a link that works once")
    found.add_argument("--name", required=True, help="their name")
    found.add_argument("--email", required=True, help="the address that they sign in with")
    found.add_argument("--role", action="append", default=[], help="a role such as sales.rep; may be given again")
    found.set_defaults(run=run_add)
    found = commands.add_parser("start-code", help="a new one-time code for an administrator, or for one person")
    found.add_argument("--email", help="the login of the person (default: an administrator)")
    found.set_defaults(run=run_code)


def run_add(environment: Environment, chosen: argparse.Namespace) -> int:
    """Make the person with their roles."""

    def work(ctx: Context) -> str:
        for role in chosen.role:
            if not ctx.snapshot.has("role", role):
                known = ", ".join(ctx.snapshot.names("role"))
                raise NotFound("no_role", f"There is no role '{role}'.", f"There are: {known}.")
        person = add_person(ctx, {"name": chosen.name, "email": chosen.email}, tuple(chosen.role))
        return start_code(ctx, person)

    with environment.workspace() as workspace:
        code = workspace.save(SYSTEM, "cli", work)
    say(f"{chosen.name} can sign in as {chosen.email} after opening, once, {_address(environment, code)}")
    return OK


def run_code(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print a link that works once; older ones of the person stop working."""

    def work(ctx: Context) -> str:
        return start_code(ctx, person_by_login(ctx, chosen.email) if chosen.email else ensure_administrator(ctx))

    with environment.workspace() as workspace:
        code = workspace.save(SYSTEM, "cli", work)
    say(f"Open {_address(environment, code)}")
    return OK


def person_by_login(ctx: Context, login: str) -> str:
    """Return the person who signs in by a login; raises NotFound."""
    found = identity_store.credential_by_login(ctx.connection, normal_login(login))
    if found is None:
        raise NotFound("no_account", f"Nobody signs in as {login}.", "Add the person with: kith person add")
    return str(found.person_id)


def _address(environment: Environment, code: str) -> str:
    settings = environment.settings
    return f"http://{settings.host}:{settings.port}/start/{code}"
