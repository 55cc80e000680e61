"""Add a field to a large table while people read and write it; nothing may fail, and nobody may wait long."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import kith_side
from bench.client import Connection, Request, Session
from bench.growth import LIST, environment_of, kith_lead
from bench.serving import KITH, serving
from kith_platform.settings import Settings
from kith_runtime.workspace import open_workspace

READERS = 4
_FIELD = "patch: entity\nof: sales.lead\nadd:\n  fields:\n    x_bench: {type: text, label: Bench, max_length: 80}\n"


@dataclass(slots=True)
class Seen:
    """What the people saw: seconds of their requests from the publish on, and before it, and what failed."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    before_reads: list[float] = field(default_factory=list)
    before_writes: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    publish: float = 0.0
    live_after: float = 0.0


def add_field(folder: Path, url: str, leads: int, seconds: float) -> Seen:
    """Publish a new field in the middle of reading and writing for some seconds before and after."""
    settings = Settings(database_url=url, var=folder / "var")
    kith_side.load(settings, leads, search=False)
    seen, stop, publishing = Seen(), threading.Event(), threading.Event()
    with serving(KITH, environment_of(settings)) as running:
        session = running.session("/e/sales.lead")
        lead = kith_lead(session)
        work = [threading.Thread(target=_read, args=(session, seen, stop, publishing)) for _ in range(READERS)]
        work.append(threading.Thread(target=_write, args=(session, lead, seen, stop, publishing)))
        for thread in work:
            thread.start()
        try:
            time.sleep(seconds)
            _publish(folder, settings, session, seen, publishing)
            time.sleep(seconds)
        finally:
            stop.set()
            for thread in work:
                thread.join()
    return seen


def _publish(folder: Path, settings: Settings, session: Session, seen: Seen, publishing: threading.Event) -> None:
    custom = folder / "custom"
    custom.mkdir()
    (custom / "app.yaml").write_text("app: custom\nlabel: Ours\nversion: 1.0.0\ncustomer: true\n", "utf-8")
    (custom / "lead.yaml").write_text(_FIELD, "utf-8")
    workspace = open_workspace(settings)
    checked = kith_side.checked_folders(kith_side.APPS, custom=custom)
    publishing.set()
    begun = time.perf_counter()
    kith_side.publish_snapshot(workspace, checked)
    seen.publish = time.perf_counter() - begun
    while session.ask(Request("GET", f"{LIST},x_bench")).status != 200 and time.perf_counter() - begun < 30:
        time.sleep(0.01)
    seen.live_after = time.perf_counter() - begun - seen.publish
    workspace.close()


def _read(session: Session, seen: Seen, stop: threading.Event, publishing: threading.Event) -> None:
    request = session.encoded(Request("GET", LIST))
    with Connection(session.port) as connection:
        while not stop.is_set():
            during = publishing.is_set()
            begun = time.perf_counter()
            answer = connection.exchange(request)
            (seen.reads if during else seen.before_reads).append(time.perf_counter() - begun)
            if answer.status != 200:
                seen.failures.append(f"read {answer.status}: {answer.body[:200]!r}")


def _write(session: Session, lead: str, seen: Seen, stop: threading.Event, publishing: threading.Event) -> None:
    number = 0
    with Connection(session.port) as connection:
        while not stop.is_set():
            number += 1
            body = json.dumps({"next_step": f"Call {number}"}).encode()
            during = publishing.is_set()
            begun = time.perf_counter()
            answer = connection.exchange(session.encoded(Request("PATCH", f"/api/v1/sales.lead/{lead}", body)))
            (seen.writes if during else seen.before_writes).append(time.perf_counter() - begun)
            if answer.status != 200:
                seen.failures.append(f"write {answer.status}: {answer.body[:200]!r}")
