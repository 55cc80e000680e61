"""How fast the editor's service answers over HTTP, for an entity of so many fields: complete, check and evaluate."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import generated, kith_side
from bench.client import Request, Session, run_alone
from bench.growth import HTML, environment_of
from bench.serving import KITH, serving
from kith_platform.settings import Settings

ENTITY = "bulk.thing_0"
TEXT = (
    'contains(field_0, "a") and field_3 * 2 > 100\n'
    "  and field_4 + days(3) > today() and round(field_6 / (field_16 + 1), 2) > 0.5\n"
    '  and (field_2 == "open" or field_12 != "done") and behind != blank'
)
_QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "complete": {"text": TEXT + " and fie", "line": 3, "column": 76},
    "check": {"text": TEXT.replace("round(", "rownd("), "line": 1, "column": 3},
    "evaluate": {"text": TEXT},
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an editor at so many fields, asked over HTTP: median and 95th percentile, in seconds."""

    name: str
    fields: int
    median: float
    p95: float

    def __str__(self) -> str:
        """Return it as a line of the run's report."""
        times = f"median {self.median * 1000:.1f} ms, p95 {self.p95 * 1000:.1f} ms"
        return f"editor, {self.name} at {self.fields} fields: {times}"


def questions(fields: int, requests: int) -> Iterator[Question]:
    """Ask a server with one more entity of so many fields."""
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        folder = Path(name)
        settings = Settings(database_url=f"sqlite:///{folder / 'kith.db'}", var=folder / "var")
        apps = generated.write_app(folder / "apps", 1, fields)
        kith_side.load(settings, 100, apps, search=False, roles=("bulk.member",))
        with serving(KITH, environment_of(settings)) as running:
            session = running.session(HTML)
            record = _created(session, fields)
            for verb, question in _QUESTIONS.items():
                given = {"entity": ENTITY, **question, **({"record": record} if verb == "evaluate" else {})}
                asked = [Request("POST", f"/api/v1/expressions/{verb}", json.dumps(given).encode())] * requests
                run_alone(session, asked[: max(2, requests // 4)])
                taken = run_alone(session, asked)
                p95 = statistics.quantiles(taken, n=20)[-1]
                yield Question(verb, fields, statistics.median(taken), p95)


def _created(session: Session, fields: int) -> str:
    texts = {f"field_{number}": "a" for number in range(0, fields - 1, 10)}
    values = {**texts, "field_3": {"amount": "60", "currency": "EUR"}, "field_4": "2026-11-24", "field_6": 3}
    answer = session.ask(Request("POST", f"/api/v1/{ENTITY}", json.dumps(values).encode(), status=201))
    if answer.status != 201:
        raise SystemExit(f"The record was not made: {answer.body[:600].decode(errors='replace')}")
    found: str = json.loads(answer.body)["id"]
    return found
