"""``kith token``: API tokens of a person."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from kith_platform.errors import NotFound
from kith_platform.identity import Tokens
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import OK, Environment
from kith_runtime.cli.output import say, say_table
from kith_runtime.cli.people import person_by_login
from kith_runtime.context import Context
from kith_runtime.install.administrator import ensure_administrator

SCOPES = ("read", "write", "admin")


def add(commands: Any) -> None:
    """Add the commands."""
    group = commands.add_parser("token", help="tokens for the API").add_subparsers(metavar="ACTION", required=True)
    found = group.add_parser("add", help="make a token; its text is shown once")
    found.add_argument("name", help="what the token is for")
    found.add_argument("--scope", action="append", choices=SCOPES, default=[], help="read (default), write or admin")
    found.add_argument("--days", type=int, help="how long it works (default: until revoked)")
    found.set_defaults(run=run_add)
    listing = group.add_parser("list", help="list a person's tokens")
    listing.set_defaults(run=run_list)
    revoking = group.add_parser("revoke", help="end a token at once")
    revoking.add_argument("id", help="the id that the list shows")
    revoking.set_defaults(run=run_revoke)
    for each in (found, listing, revoking):
        each.add_argument("--email", help="whose token (default: an administrator's)")


def run_add(environment: Environment, chosen: argparse.Namespace) -> int:
    """Make a token and print its text."""

    def work(ctx: Context) -> str:
        expiry = ctx.now + timedelta(days=chosen.days) if chosen.days else None
        _, secret = Tokens(ctx.clock).add(ctx.connection, _person(ctx, chosen), chosen.name, _scopes(chosen), expiry)
        return secret

    with environment.workspace() as workspace:
        say(workspace.save(SYSTEM, "cli", work))
    return OK


def run_list(environment: Environment, chosen: argparse.Namespace) -> int:
    """Print the tokens, without their texts."""
    with environment.workspace() as workspace:
        tokens = workspace.save(
            SYSTEM, "cli", lambda ctx: Tokens(ctx.clock).of_person(ctx.connection, _person(ctx, chosen))
        )
    if not tokens:
        say("No tokens.")
        return OK
    rows = [("id", "name", "begins with", "scopes", "expires")]
    rows.extend(
        (
            token.id,
            token.name,
            token.start,
            ", ".join(token.scopes),
            f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never",
        )
        for token in tokens
    )
    say_table(rows)
    return OK


def run_revoke(environment: Environment, chosen: argparse.Namespace) -> int:
    """End a token."""

    def work(ctx: Context) -> None:
        if not Tokens(ctx.clock).revoke(ctx.connection, _person(ctx, chosen), chosen.id):
            raise NotFound("no_token", f"This person has no token {chosen.id}.", "Look at: kith token list")

    with environment.workspace() as workspace:
        workspace.save(SYSTEM, "cli", work)
    say("Revoked.")
    return OK


def _person(ctx: Context, chosen: argparse.Namespace) -> str:
    return person_by_login(ctx, chosen.email) if chosen.email else ensure_administrator(ctx)


def _scopes(chosen: argparse.Namespace) -> tuple[str, ...]:
    """A scope includes those before it: who may write may read."""
    highest = max((SCOPES.index(scope) for scope in chosen.scope), default=0)
    return SCOPES[: highest + 1]
