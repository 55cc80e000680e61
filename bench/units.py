"""The pieces of a run: each is measured by itself, so that one that fails costs only its own figures."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import kith_side
from bench.attacks import attacks
from bench.budgets import budgets
from bench.compare import Comparison, Effort, compare
from bench.editor import questions
from bench.field_under_load import add_field
from bench.growth import check_seconds, environment_of, pages_at, start_with
from bench.handwritten.load import load as load_handwritten
from bench.operations import OPERATIONS, handwritten_side
from bench.operations import kith_side as kith_ids
from bench.results import Results
from bench.serving import HANDWRITTEN, KITH, Running, serving
from bench.settling import server_version
from bench.story import fill, story
from kith_platform.settings import Settings
from kith_runtime.workspace import open_workspace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.chromium import chromium_browser
from support.postgres import PostgresServer

PARTS = ("compare", "field", "check", "editor", "attacks", "entities", "pages", "history")
BROWSED = ("budgets", "story")
"""Parts that need Chromium; they are measured only when they are asked for."""

_SIGNING = "the bench's cookies need no secret"


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
    visits: int = 5
    contacts: int = 1_000_000
    entries: int = 10_000
    fields: int = 200
    keep: Path | None = None
    """A folder in which the databases of the story stay, so that the next run need not fill them."""


SIZES: Mapping[str, Sizes] = {
    "full": Sizes(),
    "quick": Sizes(5_000, Effort(8, 6), (1, 8), (2_000, 10_000), (10, 100), (50,), 60, 1.0, 3, 20_000, 2_000),
    "tiny": Sizes(300, Effort(2, 3), (1, 2), (300,), (3,), (3,), 6, 0.2, 1, 60, 60),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece: a part, a database (blank where it has none), and how many rows or entities (0 where it is fixed)."""

    part: str
    database: str = ""
    size: int = 0

    def __str__(self) -> str:
        """Return it as words, such as ``pages, sqlite, 10,000``."""
        return ", ".join(
            [self.part, *([self.database] if self.database else []), *([f"{self.size:,}"] * (self.size > 0))]
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Both apps, running on databases of one kind."""

    kith: Running
    handwritten: Running


def units_of(sizes: Sizes, kinds: Sequence[str], parts: Sequence[str]) -> list[Unit]:
    """Return the pieces of some parts in the order in which they are measured: the longest ones last."""
    found = [Unit("compare", kind) for kind in kinds]
    found += [Unit("field", kind) for kind in kinds]
    found += [Unit("check", "", entities) for entities in sizes.check]
    found += [Unit("editor", "", sizes.fields), Unit("attacks")]
    found += [Unit("entities", "", entities) for entities in sizes.entities]
    found += [Unit("pages", kind, rows) for rows in sizes.pages for kind in kinds]
    found += [Unit("history", "sqlite")]
    found += [Unit("budgets", "sqlite")]
    found += [Unit("story", kind, sizes.contacts) for kind in kinds]
    return [unit for unit in found if unit.part in parts]


def measure_unit(unit: Unit, sizes: Sizes, only: str = "") -> Results:
    """Measure one piece."""
    results = Results(sizes.leads)
    _MEASURES[unit.part](unit, sizes, results, only)
    return results


def _compare(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    kind = unit.database
    with databases(kind) as (folder, urls), pair(folder, urls, sizes.leads) as running:
        results.comparisons[kind] = compare_all(running, sizes, only)
        results.memory[kind] = (running.kith.memory(), running.handwritten.memory())
        if kind == "postgresql":
            results.postgresql = server_version(urls[0])


def _history(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    with databases(unit.database) as (folder, urls), pair(folder, urls, sizes.leads, history=False) as running:
        found = [compare_all(running, sizes, name) for name in ("Create", "Patch") if only.lower() in name.lower()]
        results.without_history = [item for items in found for item in items]


def _field(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    with databases(unit.database) as (folder, urls):
        seen = results.added_field[unit.database] = add_field(folder, urls[0], sizes.leads, sizes.pause)
    print(
        f"field on {unit.database}: worst read {max(seen.reads):.3f} s, write {max(seen.writes):.3f} s, "
        f"{seen.failures[:3]}",
        flush=True,
    )


def _check(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    results.check.append((unit.size, check_seconds(unit.size)))
    print(f"check of {unit.size:,} entities: {results.check[-1][1]:.2f} s", flush=True)


def _editor(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    for found in questions(unit.size, sizes.requests):
        results.questions.append(found)
        print(found, flush=True)


def _attacks(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    for found in attacks():
        results.attacks.append(found)
        print(found, flush=True)


def _entities(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    results.starts.append(start_with(unit.size, sizes.requests))
    print(results.starts[-1], flush=True)


def _pages(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    with databases(unit.database) as (folder, urls):
        settings = Settings(database_url=urls[0], var=folder / "var")
        results.pages.append(pages_at(settings, unit.database, unit.size, sizes.requests))
    print(results.pages[-1], flush=True)


def _budgets(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    with databases(unit.database) as (folder, urls):
        settings = Settings(database_url=urls[0], var=folder / "var")
        kith_side.load(settings, min(sizes.leads, 5_000))
        with serving(KITH, {"KITH_DATABASE_URL": urls[0], "KITH_VAR": str(folder / "var")}) as running:
            lead = kith_ids(running.session("/e/sales.lead")).leads[0]
            with chromium_browser() as browser:
                for found in budgets(browser, f"http://127.0.0.1:{running.port}", lead, sizes.visits):
                    results.budgets.append(found)
                    print(found, flush=True)


def _story(unit: Unit, sizes: Sizes, results: Results, only: str) -> None:
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        folder = (sizes.keep or Path(name)) / f"{unit.part}-{unit.database}-{unit.size}-{sizes.entries}"
        with (
            _filled(folder, unit, sizes) as settings,
            serving(KITH, environment_of(settings)) as running,
            chromium_browser() as browser,
        ):
            address = f"http://127.0.0.1:{running.port}"
            for found in story(browser, address, unit.database, unit.size, sizes.visits):
                results.steps.append(found)
                print(found, flush=True)


@contextmanager
def _filled(folder: Path, unit: Unit, sizes: Sizes) -> Iterator[Settings]:
    """Yield the settings of a workspace in a folder, filled for the story unless a former run has done so."""
    done = folder / "filled"
    with _database_in(folder, unit.database) as url:
        settings = Settings(database_url=url, var=folder / "var")
        if not done.exists():
            begun = time.monotonic()
            fill(settings, unit.size, sizes.entries)
            done.touch()
            print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)
        # A kept one may be older than the runtime's own tables of today.
        open_workspace(settings, prepare=True).close()
        yield settings


@contextmanager
def _database_in(folder: Path, kind: str) -> Iterator[str]:
    """Yield the address of a database in a folder, the one of a former run if it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'kith.db'}"
        return
    server = PostgresServer(folder / "server")
    name = folder / "database"
    try:
        if not name.exists():
            name.write_text(server.create(), "utf-8")
        yield server.url(name.read_text("utf-8"))
    finally:
        server.close()


_MEASURES: Mapping[str, Callable[[Unit, Sizes, Results, str], None]] = {
    "compare": _compare,
    "history": _history,
    "field": _field,
    "check": _check,
    "editor": _editor,
    "attacks": _attacks,
    "entities": _entities,
    "pages": _pages,
    "budgets": _budgets,
    "story": _story,
}


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
