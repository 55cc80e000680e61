"""The command line of the measurements."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench import kith_side
from bench.compare import Comparison, Effort, compare
from bench.field_under_load import add_field
from bench.growth import check_seconds, pages_at, start_with
from bench.handwritten.load import load as load_handwritten
from bench.operations import OPERATIONS, handwritten_side
from bench.operations import kith_side as kith_ids
from bench.page import PAGE, write_page
from bench.results import Results
from bench.serving import HANDWRITTEN, KITH, Running, serving
from bench.settling import server_version
from kith_platform.settings import Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.postgres import PostgresServer

T = TypeVar("T")

_SIGNING = "the bench's cookies need no secret"
PARTS = ("compare", "history", "pages", "entities", "check", "field")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. ``pause`` are the seconds of reading and writing around the publish of a field."""

    leads: int = 100_000
    effort: Effort = field(default_factory=lambda: Effort(40, 12))
    clients: tuple[int, ...] = (1, 8)
    pages: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    entities: tuple[int, ...] = (10, 500, 3_000)
    check: tuple[int, ...] = (500,)
    requests: int = 300
    pause: float = 3.0


QUICK = Sizes(5_000, Effort(8, 6), (1, 8), (2_000, 10_000), (10, 100), (50,), 60, 1.0)
TINY = Sizes(300, Effort(2, 3), (1, 2), (300,), (3,), (3,), 6, 0.2)


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
    by_hand = {"BENCH_DATABASE_URL": urls[1], "BENCH_SECRET": _SIGNING, "BENCH_HISTORY": "1" if history else "0"}
    with (
        serving(KITH, {"KITH_DATABASE_URL": urls[0], "KITH_VAR": str(var)}) as kith,
        serving(HANDWRITTEN, by_hand) as handwritten,
    ):
        yield Pair(kith, handwritten)


def compare_all(running: Pair, sizes: Sizes, only: str = "") -> list[Comparison]:
    """Measure every operation, or those whose name holds ``only``, for each number of clients."""
    kith = kith_ids(running.kith.session("/e/sales.lead"))
    handwritten = handwritten_side(running.handwritten.session("/leads"))
    found = []
    for clients in sizes.clients:
        for operation in OPERATIONS:
            if only.lower() in operation.name.lower():
                result = compare(operation, kith, handwritten, clients, sizes.effort)
                found.append(result)
                print(line(result), flush=True)
    return found


def line(found: Comparison) -> str:
    """Return one comparison for the terminal."""
    mine, theirs = found.kith, found.handwritten
    mark = "" if found.ratio <= found.goal else "  over the goal"
    return (
        f"{found.operation:32} {found.clients} clients  Kith {mine.median * 1e6:7.0f} µs p95 {mine.p95 * 1e6:7.0f} "
        f"{mine.rate:6.0f}/s   by hand {theirs.median * 1e6:7.0f} µs p95 {theirs.p95 * 1e6:7.0f} "
        f"{theirs.rate:6.0f}/s   ratio {found.ratio:4.2f}{mark}"
    )


@contextmanager
def databases(kind: str) -> Iterator[tuple[Path, tuple[str, str]]]:
    """Yield a folder and the addresses of two empty databases of a kind; a private PostgreSQL is started for it."""
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            yield folder, (f"sqlite:///{folder / 'kith.db'}", f"sqlite:///{folder / 'handwritten.db'}")
            return
        server = PostgresServer()
        try:
            kith, handwritten = server.url(server.create()), server.url(server.create())
            yield folder, (kith, handwritten.replace("postgresql://", "postgresql+psycopg://"))
        finally:
            server.close()


def measure(sizes: Sizes, kinds: Sequence[str], parts: Sequence[str], only: str = "") -> Results:
    """Measure the chosen parts on the chosen databases."""
    results = Results(sizes.leads)
    for kind in kinds if "compare" in parts else ():
        print(f"{kind}, {sizes.leads:,} leads", flush=True)
        with databases(kind) as (folder, urls), pair(folder, urls, sizes.leads) as running:
            results.comparisons[kind] = compare_all(running, sizes, only)
            results.memory[kind] = (running.kith.memory(), running.handwritten.memory())
            if kind == "postgresql":
                results.postgresql = server_version(urls[0])
    if "history" in parts:
        with databases("sqlite") as (folder, urls), pair(folder, urls, sizes.leads, history=False) as running:
            found = [compare_all(running, sizes, name) for name in ("Create", "Patch")]
            results.without_history = [item for items in found for item in items]
    for rows in sizes.pages if "pages" in parts else ():
        results.pages.append(_told(pages_at(rows, sizes.requests)))
    for entities in sizes.entities if "entities" in parts else ():
        results.starts.append(_told(start_with(entities, sizes.requests)))
    for entities in sizes.check if "check" in parts else ():
        results.check.append(_told((entities, check_seconds(entities))))
    for kind in kinds if "field" in parts else ():
        with databases(kind) as (folder, urls):
            seen = results.added_field[kind] = add_field(folder, urls[0], sizes.leads, sizes.pause)
        print(
            f"field on {kind}: worst read {max(seen.reads):.3f} s, write {max(seen.writes):.3f} s, {seen.failures[:3]}"
        )
    results.load_after = os.getloadavg()[0]
    return results


def _told(found: T) -> T:
    print(found, flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; a whole run at full size writes the page of figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under two minutes; writes no page")
    parser.add_argument("--tiny", action="store_true", help="sizes that only show that it works; writes no page")
    parser.add_argument(
        "--databases", default="sqlite,postgresql", help="which databases: sqlite, postgresql (both when left out)"
    )
    parser.add_argument("--parts", default=",".join(PARTS), help=f"which parts: {', '.join(PARTS)} (all when left out)")
    parser.add_argument("--only", default="", help="part of the name of an operation to compare")
    parser.add_argument("--page", type=Path, help="write the figures into this page, whatever the sizes")
    chosen = parser.parse_args(arguments)
    sizes = TINY if chosen.tiny else QUICK if chosen.quick else Sizes()
    kinds, parts = chosen.databases.split(","), chosen.parts.split(",")
    whole = not (chosen.tiny or chosen.quick or chosen.only) and set(parts) == set(PARTS)
    results = measure(sizes, kinds, parts, chosen.only)
    page = chosen.page or (PAGE if whole else None)
    if page is not None:
        write_page(results, page)
        print(f"Wrote {page}.")
    return 0
