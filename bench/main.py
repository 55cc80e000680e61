"""The command line of the measurements."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import kith_side
from bench.compare import Comparison, Effort, compare
from bench.handwritten.load import load as load_handwritten
from bench.operations import OPERATIONS, handwritten_side
from bench.operations import kith_side as kith_ids
from bench.serving import HANDWRITTEN, KITH, Running, serving
from kith_platform.settings import Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.postgres import PostgresServer  # noqa: E402

SECRET = "bench-secret-that-guards-nothing"


@dataclass(frozen=True, slots=True)
class Pair:
    """Both apps, running on databases of one kind."""

    kith: Running
    handwritten: Running


@contextmanager
def pair(folder: Path, urls: tuple[str, str], leads: int, *, history: bool = True) -> Iterator[Pair]:
    """Yield both apps on freshly filled databases; ``urls`` are Kith's and the hand-written app's."""
    var = folder / "var"
    kith_side.load(Settings(database_url=urls[0], var=var), leads)
    load_handwritten(urls[1], leads)
    with (
        serving(KITH, {"KITH_DATABASE_URL": urls[0], "KITH_VAR": str(var)}) as kith,
        serving(
            HANDWRITTEN,
            {"BENCH_DATABASE_URL": urls[1], "BENCH_SECRET": SECRET, "BENCH_HISTORY": "1" if history else "0"},
        ) as handwritten,
    ):
        yield Pair(kith, handwritten)


def compare_all(running: Pair, clients: Sequence[int], effort: Effort, only: str = "") -> list[Comparison]:
    """Measure every operation for each number of clients."""
    kith = kith_ids(running.kith.session("/e/sales.lead"))
    handwritten = handwritten_side(running.handwritten.session("/leads"))
    found = []
    for count in clients:
        for operation in OPERATIONS:
            if only.lower() not in operation.name.lower():
                continue
            result = compare(operation, kith, handwritten, count, effort)
            found.append(result)
            print(line(result), flush=True)
    return found


def line(found: Comparison) -> str:
    """Return one comparison for the terminal."""
    mine, theirs = found.kith, found.handwritten
    mark = "" if found.ratio <= found.goal else "  over the goal"
    return (
        f"{found.operation:32} {found.clients} clients  Kith {mine.median * 1e6:7.0f} µs p95 {mine.p95 * 1e6:7.0f} "
        f"{mine.rate:6.0f}/s   hand-written {theirs.median * 1e6:7.0f} µs p95 {theirs.p95 * 1e6:7.0f} {theirs.rate:6.0f}/s "
        f"  ratio {found.ratio:4.2f}{mark}"
    )


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the addresses of two empty databases of a kind; a private PostgreSQL is started when it is asked for."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'kith.db'}", f"sqlite:///{folder / 'handwritten.db'}"
        return
    server = PostgresServer()
    try:
        kith, handwritten = server.create(), server.create()
        yield server.url(kith), server.url(handwritten).replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--databases", default="sqlite,postgresql", help="which databases")
    parser.add_argument("--leads", type=int, default=100_000, help="how many leads")
    parser.add_argument("--clients", default="1,8", help="how many clients at once")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--requests", type=int, default=40, help="requests of each round and app")
    parser.add_argument("--only", default="", help="part of the name of an operation")
    parser.add_argument("--no-history", action="store_true", help="the hand-written app keeps no history")
    chosen = parser.parse_args(arguments)
    for kind in chosen.databases.split(","):
        with tempfile.TemporaryDirectory(prefix="kith-bench-") as name, databases(kind, Path(name)) as urls:
            print(f"{kind}, {chosen.leads:,} leads", flush=True)
            with pair(Path(name), urls, chosen.leads, history=not chosen.no_history) as running:
                clients = [int(part) for part in chosen.clients.split(",")]
                compare_all(running, clients, Effort(chosen.rounds, chosen.requests), chosen.only)
    return 0
