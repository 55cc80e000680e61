"""Writes what was measured into docs/performance.md, between two marks; the words around it are written by hand."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.attacks import MEGABYTE, Attacks
from bench.budgets import SLOWER, Budget
from bench.compare import Comparison
from bench.editor import Question
from bench.field_under_load import Seen
from bench.growth import Pages, Start, megabytes
from bench.results import Results

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def write_page(results: Results, page: Path = PAGE) -> None:
    """Put the figures into the page; what stands outside the marks is left alone."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{figures(results)}\n{END}{after}", "utf-8")


def figures(results: Results) -> str:
    """Return all tables as Markdown."""
    parts = [machine(results)]
    for kind, found in results.comparisons.items():
        parts.append(f"### Against the hand-written app, {_NAMES[kind]}, {results.leads:,} leads\n\n{_compared(found)}")
        if kind in results.memory:
            parts.append(_held(results, kind))
    if results.without_history:
        parts.append(
            "### The same writes, where the hand-written app keeps no history\n\n" + _compared(results.without_history)
        )
    parts += list(_growth(results))
    for kind, seen in results.added_field.items():
        parts.append(f"### Adding a field to {results.leads:,} rows, {_NAMES[kind]}\n\n{_field(seen)}")
    parts += list(_browsed(results))
    if results.missing:
        parts.append("Not measured in this run: " + "; ".join(results.missing) + ".")
    return "\n\n".join(parts)


def machine(results: Results) -> str:
    """Return what the figures were measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("flask", "sqlalchemy", "granian", "jinja2", "orjson"))
    load = f"load {results.load_before:.1f} before, {results.load_after:.1f} after"
    server = f"PostgreSQL {results.postgresql}, " if results.postgresql else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {server}{packages}. The machine was shared: {load}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _compared(found: Sequence[Comparison]) -> str:
    heads = ("operation", "clients", "Kith median", "p95", "per s", "by hand median", "p95", "per s", "ratio", "goal")
    rows = []
    for item in found:
        mine, theirs = item.kith, item.handwritten
        rows.append(
            (
                item.operation,
                str(item.clients),
                *(_micro(mine.median), _micro(mine.p95), f"{mine.rate:,.0f}"),
                *(_micro(theirs.median), _micro(theirs.p95), f"{theirs.rate:,.0f}"),
                f"**{item.ratio:.2f}**" if item.ratio <= item.goal else f"{item.ratio:.2f}",
                f"{item.goal:.1f}",
            )
        )
    return _table(heads, rows) + "\n\nTimes in microseconds; a ratio within its goal is bold."


def _held(results: Results, kind: str) -> str:
    kith, by_hand = (megabytes(size) for size in results.memory[kind])
    return f"After all this Kith's process holds {kith} MB of memory (RSS), the hand-written one {by_hand} MB."


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f}"


def _growth(results: Results) -> Iterator[str]:
    for kind in dict.fromkeys(item.database for item in results.pages):
        heads = ("rows", "first page", "page 10 or more down", "capped count", "HTML list")
        rows = [_pages(item) for item in results.pages if item.database == kind]
        yield f"### The same list as the table grows, {_NAMES[kind]}, one client\n\n{_table(heads, rows)}"
    if results.starts:
        heads = ("entities", "list of 50", "get", "cold start", "memory (RSS) at start", "memory at work")
        yield "### As the number of entities grows\n\n" + _table(heads, [_start(item) for item in results.starts])
    if results.check:
        heads = ("entities of 20 fields", "`kith check`")
        rows = [(f"{entities:,}", f"{seconds:.2f} s") for entities, seconds in results.check]
        yield "### Checking the YAML\n\n" + _table(heads, rows)
    if results.questions:
        heads = (f"question of an editor, {results.questions[0].fields} fields", "median", "p95")
        yield "### The editor of expressions, over HTTP\n\n" + _table(heads, [_question(q) for q in results.questions])
    if results.attacks:
        heads = ("attacks on the language", "tried", "worst time", "worst memory")
        yield "### Attacks on the language\n\n" + _table(heads, [_attacks(item) for item in results.attacks])


def _question(item: Question) -> tuple[str, ...]:
    return (item.name, f"{item.median * 1000:,.1f} ms", f"{item.p95 * 1000:,.1f} ms")


def _attacks(item: Attacks) -> tuple[str, ...]:
    time, memory = f"{item.milliseconds:,.1f} ms", f"{item.memory / MEGABYTE:,.1f} MB"
    return (item.kind, str(item.count), f"{time} ({item.slowest})", f"{memory} ({item.largest})")


def _browsed(results: Results) -> Iterator[str]:
    for kind in dict.fromkeys(item.database for item in results.steps):
        steps = [item for item in results.steps if item.database == kind]
        rows = [(item.name, f"{item.usual:.0f} ms", f"{item.longest:.0f} ms") for item in steps]
        title = f"### The follow-up story among {steps[0].contacts:,} contacts, {_NAMES[kind]}"
        yield f"{title}\n\n{_table(('step', '75th percentile', 'longest'), rows)}"
    if results.budgets:
        heads = ("screen", "pixels", "bytes", "largest paint", "interaction", "shift")
        rows = [_budget(item) for item in results.budgets]
        yield f"### The main screens on a processor {SLOWER} times slower\n\n{_table(heads, rows)}"


def _budget(item: Budget) -> tuple[str, ...]:
    times = (f"{item.lcp:.0f} ms", f"{item.interaction:.0f} ms", f"{item.cls:.3f}")
    return (item.screen, str(item.width), f"{item.bytes / 1000:.0f} kB", *times)


def _pages(item: Pages) -> tuple[str, ...]:
    times = (item.first, item.deep, item.counted, item.html)
    return (f"{item.rows:,}", *(f"{_micro(seconds)} µs" for seconds in times))


def _start(item: Start) -> tuple[str, ...]:
    return (
        f"{item.entities:,}",
        f"{_micro(item.page)} µs",
        f"{_micro(item.get)} µs",
        f"{item.cold * 1000:,.0f} ms",
        f"{megabytes(item.memory)} MB",
        f"{megabytes(item.memory_worked)} MB",
    )


def _field(seen: Seen) -> str:
    rows = [
        ("worst read", _milli(max(seen.before_reads)), _milli(max(seen.reads))),
        ("worst write", _milli(max(seen.before_writes)), _milli(max(seen.writes))),
        ("requests", str(len(seen.before_reads) + len(seen.before_writes)), str(len(seen.reads) + len(seen.writes))),
        ("failed", "", str(len(seen.failures))),
    ]
    told = f"Four readers and one writer. The publish took {_milli(seen.publish)}; the field was in the API after it"
    return _table(("", "before", "from the publish on"), rows) + f"\n\n{told} within {_milli(seen.live_after)}."


def _milli(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
