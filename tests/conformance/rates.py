"""`python -m conformance.rates [folder]`: translate the corpora and write how much is carried into the page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from conformance.__main__ import ROOT
from conformance.translation import Rates, frappe_rates, salesforce_rates

DEFAULT = ROOT.parent / "shared/corpora"
PAGE = ROOT / "docs/foreign-formulas.md"
_PART = re.compile(r"(?<=<!-- rates -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ROW = re.compile(r"^\| (\w+) \| (\d+) \| (\d+) \|", re.MULTILINE)
_REASONS = {
    "report": "counts different values of a column in a report",
    "function": "a function without a counterpart",
    "global": "asks about Salesforce's own server, sessions or addresses",
    "screen": "asks about Frappe's own form or server",
    "types": "types that do not go together",
    "syntax": "cannot be read",
    "unknown_field": "names a field that is not there",
    "arguments": "a wrong number of arguments",
    "list": "uses a list as a value",
    "role": "compares a profile with something else than a name",
}


def main(arguments: list[str]) -> int:
    """Measure, print and write the page; return 1 when there is no corpus at the folder that was named."""
    folder = Path(arguments[0]) if arguments else DEFAULT
    if not (folder / "formulas.jsonl").is_file():
        sys.stdout.write(f"There is no corpus at {folder}. Name a folder: make rates CORPORA=path\n")
        return 1 if arguments else 0
    table = rates_table(folder)
    sys.stdout.write(table)
    PAGE.write_text(_PART.sub(lambda _: table, PAGE.read_text("utf-8")), "utf-8")
    return 0


def written_table() -> str:
    """Return the table that the page holds."""
    found = _PART.search(PAGE.read_text("utf-8"))
    return found[0] if found else ""


def read_rates(table: str) -> dict[str, tuple[int, int]]:
    """Return formulas and carried of each corpus of a table."""
    return {name: (int(total), int(carried)) for name, total, carried in _ROW.findall(table)}


def rates_table(folder: Path) -> str:
    """Return the table of both corpora, with the reasons of what is refused."""
    lines = ["| corpus | formulas | carried | rate | refused because it … |", "|---|---|---|---|---|"]
    for name, rates in (("Salesforce", salesforce_rates(folder)), ("Frappe", frappe_rates(folder))):
        lines.append(_line(name, rates))
    return "\n".join(lines) + "\n"


def _line(name: str, rates: Rates) -> str:
    total = len(rates.outcomes)
    reasons = [f"{_REASONS.get(code, code)}: {number}" for code, number in rates.reasons.most_common()]
    rate = f"{100 * rates.carried / total:.1f} %"
    return f"| {name} | {total} | {rates.carried} | {rate} | {'; '.join(reasons)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
