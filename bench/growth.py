"""How Kith's times hold when rows and entities grow: pages, cold start, memory, check."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import generated, kith_side
from bench.client import Request, Session, run_alone, wait_until
from bench.serving import KITH, ROOT, Running, serving, start
from kith_platform.settings import Settings
from support.ports import free_port

LIST = "/api/v1/sales.lead?fields=id,version,name,number,company,status,source,estimated_value,owner,created_at"
HTML = "/e/sales.lead?view=sales.all_leads"
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Pages:
    """Medians in seconds at one size: the first page, a page deep in the list, the capped count, the HTML list."""

    database: str
    rows: int
    first: float
    deep: float
    counted: float
    html: float


@dataclass(frozen=True, slots=True)
class Start:
    """A workspace of so many entities: the usual request, cold start and memory, in seconds and bytes."""

    entities: int
    page: float
    get: float
    cold: float
    memory: int
    memory_worked: int


def pages_at(settings: Settings, database: str, rows: int, requests: int) -> Pages:
    """Measure the list over a table of so many rows, in an empty database of the kind that ``database`` names."""
    kith_side.load(settings, rows, search=False)
    with _serving(settings) as running:
        session = running.session(HTML)
        deep = _deep(session, min(rows // 16, 2_000))
        return Pages(
            database,
            rows,
            _median(session, LIST, requests),
            _median(session, deep, requests),
            _median(session, f"{LIST}&count=capped", requests),
            _median(session, HTML, requests),
        )


def start_with(entities: int, requests: int) -> Start:
    """Measure a workspace of about so many entities: those of the sales app and generated ones."""
    with _workspace(1_000, entities) as settings:
        with _serving(settings) as running:
            session = running.session(HTML)
            fresh = running.memory()
            lead = kith_lead(session)
            page, get = _median(session, LIST, requests), _median(session, f"/api/v1/sales.lead/{lead}", requests)
            for path in (LIST, HTML, f"/e/sales.lead/{lead}/edit", "/api/v1/sales.lead?q=nova"):
                _median(session, path, max(2, requests // 4))
            worked = running.memory()
        cold = statistics.median(_cold(settings, session) for _ in range(3))
    return Start(entities, page, get, cold, fresh, worked)


def check_seconds(entities: int, fields: int = 20) -> float:
    """Return how long ``kith check`` takes for a folder of so many entities, base included, as a process."""
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        folder = Path(name)
        generated.write_app(folder, entities, fields)
        (folder / "base").symlink_to(kith_side.APPS / "base")
        known = {**os.environ, "KITH_APPS": str(folder), "KITH_VAR": str(folder / "var")}
        begun = time.perf_counter()
        done = subprocess.run(
            [Path(sys.executable).with_name("kith"), "check"], env=known, cwd=ROOT, capture_output=True, check=False
        )
        taken = time.perf_counter() - begun
        if done.returncode:
            raise SystemExit(f"kith check failed: {done.stdout.decode()[:600]}{done.stderr.decode()[-600:]}")
        return taken


def kith_lead(session: Session) -> str:
    """Return the id of a lead that the person sees."""
    return kith_side.ids_in(session.ask(Request("GET", f"{LIST}&limit=1")).body)[0]


@contextmanager
def _workspace(rows: int, entities: int) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        folder = Path(name)
        settings = Settings(database_url=f"sqlite:///{folder / 'kith.db'}", var=folder / "var")
        bulk = generated.write_app(folder / "apps", entities)
        kith_side.load(settings, rows, bulk, search=False, roles=("bulk.member",))
        yield settings


@contextmanager
def _serving(settings: Settings) -> Iterator[Running]:
    with serving(KITH, environment_of(settings)) as running:
        yield running


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment of a server on a workspace."""
    return {"KITH_DATABASE_URL": settings.database_url, "KITH_VAR": str(settings.var)}


def _median(session: Session, path: str, requests: int) -> float:
    asked: Sequence[Request] = [Request("GET", path)] * requests
    run_alone(session, asked[: max(2, requests // 4)])
    return statistics.median(run_alone(session, asked))


def _deep(session: Session, rows: int) -> str:
    """Return the address of a page some thousand rows down."""
    path = f"{LIST}&limit=200"
    for _ in range(max(1, rows // 200)):
        following = kith_side.next_in(session.ask(Request("GET", path)).body)
        if following is None:
            break
        path = f"{LIST}&limit=200&after={following}"
    return path.replace("&limit=200", "")


def _cold(settings: Settings, session: Session) -> float:
    """Return the seconds from starting the server's process to its first answer to a signed-in list."""
    port = free_port()
    again = Session(port, session.cookies, session.token)
    begun = time.perf_counter()
    process = start(KITH, port, environment_of(settings))

    def answered() -> bool:
        try:
            return again.ask(Request("GET", LIST)).status == 200
        except OSError:
            return False

    try:
        wait_until(answered, 60)
        return time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(10)


def megabytes(size: int) -> int:
    """Return bytes as whole megabytes."""
    return round(size / _MEGABYTE)
