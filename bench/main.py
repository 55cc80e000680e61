"""The command line of the measurements."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.page import PAGE, write_page
from bench.results import Results
from bench.supervising import keep, supervise
from bench.units import BROWSED, PARTS, SIZES, Sizes, Unit, measure_unit, units_of

MINUTES = 24.0
"""The longest that a run takes unless it is told otherwise."""


def measure(sizes: Sizes, kinds: Sequence[str], parts: Sequence[str], only: str = "") -> Results:
    """Measure the chosen parts on the chosen databases, in this process."""
    results = Results(sizes.leads)
    for unit in units_of(sizes, kinds, parts):
        results.add(measure_unit(unit, sizes, only))
    results.load_after = os.getloadavg()[0]
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; a run at full size writes the page of figures."""
    chosen = _parser().parse_args(arguments)
    name = "tiny" if chosen.tiny else "quick" if chosen.quick else "full"
    sizes = replace(SIZES[name], keep=chosen.keep and chosen.keep.resolve())
    if chosen.one:
        part, database, size = chosen.one.split(":")
        keep(measure_unit(Unit(part, database, int(size)), sizes, chosen.only), chosen.into)
        return 0
    given = [*([f"--{name}"] if name != "full" else []), *(["--only", chosen.only] if chosen.only else [])]
    given += ["--keep", str(chosen.keep)] if chosen.keep else []
    results = Results(sizes.leads)
    supervise(units_of(sizes, chosen.databases.split(","), chosen.parts.split(",")), results, given, chosen.minutes)
    results.load_after = os.getloadavg()[0]
    page = chosen.page or (PAGE if name == "full" and not chosen.only and "compare" in chosen.parts else None)
    if page is not None:
        write_page(results, page)
        print(f"Wrote {page}.")
    for line in results.missing:
        print(f"Not measured: {line}.")
    return 1 if results.missing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, a few minutes; writes no page")
    parser.add_argument("--tiny", action="store_true", help="sizes that only show that it works; writes no page")
    parser.add_argument(
        "--databases", default="sqlite,postgresql", help="which databases: sqlite, postgresql (both when left out)"
    )
    parser.add_argument(
        "--parts",
        default=",".join(PARTS),
        help=f"which of {', '.join(PARTS)} (all when left out), {', '.join(BROWSED)}",
    )
    parser.add_argument("--only", default="", help="part of the name of an operation to compare")
    parser.add_argument("--keep", type=Path, help="a folder in which the databases of the story stay filled")
    parser.add_argument("--page", type=Path, help="write the figures into this page, whatever the sizes")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"the longest it may take ({MINUTES:g})")
    # How the process that supervises names a piece to the one that measures it.
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    return parser
