"""What stored formulas and roll-ups cost a save, and what they give a list: ``python -m bench.stored``.

Two workspaces with the same parents and children are asked in turns, in one process: in one the figures are worked out
on reading, in the other they are stored. The ratios are medians over the rounds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from bench.settling import settle
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.postgres import PostgresServer
from support.publishing import TEXT, Documents, Site, crm, entity

PARENTS, CHILDREN, ROUNDS = 200, 20, 120
Filled = tuple[Site, list[str]]


def documents(*, stored: bool) -> Documents:
    """Return firms with two figures over their deals, and deals with a formula."""
    figures: Mapping[str, Any] = {
        "deals": {"type": "rollup", "over": "crm.deal", "by": "firm", "stored": stored, "full_rights": True},
        "total": {
            "type": "rollup", "over": "crm.deal", "by": "firm", "function": "sum", "field": "amount",
            "where": 'state == "won"', "stored": stored, "full_rights": True,
        },
    }  # fmt: skip
    deal = {
        "name": TEXT,
        "state": {"type": "text", "index": True},
        "firm": {"type": "lookup", "to": "crm.firm"},
        "amount": {"type": "money", "currency": "EUR"},
        "fee": {"type": "formula", "formula": "amount * 0.1", "returns": "money", "stored": stored},
    }
    return crm(firm=entity({"name": TEXT, **figures}), deal=entity(deal))


def filled(url: str, *, stored: bool) -> Filled:
    """Return a workspace with its parents."""
    site = Site(url)
    site.publish(documents(stored=stored))
    with site.workspace.write(SYSTEM, "import") as ctx:
        firms = [records.create(ctx, "crm.firm", {"name": f"Firm {number}"}).id for number in range(PARENTS)]
        for number in range(PARENTS * CHILDREN):
            records.create(ctx, "crm.deal", _deal(number, firms[number % PARENTS]))
    settle(url)
    return site, firms


def _deal(number: int, firm: str) -> dict[str, Any]:
    amount = {"amount": str(number % 900), "currency": "EUR"}
    return {"name": f"Deal {number}", "state": "won" if number % 2 else "open", "firm": firm, "amount": amount}


def create(site: Site, firms: list[str], number: int) -> None:
    """Save one more child."""
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.create(ctx, "crm.deal", _deal(number, firms[number % PARENTS]))


def top(site: Site, firms: list[str], number: int) -> None:
    """List the parents with the largest totals."""
    with site.workspace.read(SYSTEM, "api") as ctx:
        select(ctx, Query("crm.firm", ("name", "total"), where=f"total > {number}", sort=("-deals",)))


def ratio(
    work: Callable[[Site, list[str], int], None], plain: tuple[Site, list[str]], kept: tuple[Site, list[str]]
) -> str:
    """Return the median times of both in microseconds, and how many times the plain one the stored one takes."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS):
        for place, (site, firms) in enumerate((plain, kept) if number % 2 else (kept, plain)):
            begun = time.perf_counter()
            work(site, firms, number)
            times[(1 - place) if number % 2 == 0 else place].append(time.perf_counter() - begun)
    first, second = (statistics.median(items[10:]) * 1e6 for items in times)
    return f"plain {first:6.0f} µs  stored {second:6.0f} µs  ratio {second / first:4.2f}"


@contextmanager
def _addresses() -> Iterator[Mapping[str, tuple[str, str]]]:
    server = PostgresServer()
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        yield {
            "sqlite": (f"sqlite:///{folder}/plain.db", f"sqlite:///{folder}/stored.db"),
            "postgresql": (server.url(server.create()), server.url(server.create())),
        }
    server.close()


def main() -> None:
    """Print a line for each database and kind of work."""
    with _addresses() as found:
        for kind, (plain_url, stored_url) in found.items():
            plain, kept = filled(plain_url, stored=False), filled(stored_url, stored=True)
            print(f"{kind:10} create a child: {ratio(create, plain, kept)}", flush=True)
            print(f"{kind:10} sort parents  : {ratio(top, plain, kept)}", flush=True)
            plain[0].close()
            kept[0].close()


if __name__ == "__main__":
    main()
