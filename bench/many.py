"""Work over many records: ``python -m bench.many 4000 [sqlite|postgresql]``.

Leads are changed, given to somebody, taken back, deleted and restored by runs over all of them, part by part as the
list does it; then they are listed for an export. A line for each says how long it took and how many a second that is.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from bench.kith_side import ENTITY, load
from kith_platform.settings import Settings
from kith_runtime import bulk_runs
from kith_runtime.actors import SYSTEM, Actor
from kith_runtime.bulk_runs import Run
from kith_runtime.queries import Query
from kith_runtime.workspace import Workspace, open_workspace
from support.postgres import PostgresServer


@contextmanager
def addresses(folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield the address of an empty database of each kind."""
    server = PostgresServer()
    yield {"sqlite": f"sqlite:///{folder}/many.db", "postgresql": server.url(server.create())}
    server.close()


def begun(workspace: Workspace, actor: Actor, kind: str, settings: Mapping[str, object]) -> Run:
    """Return a run over all leads that has been begun."""
    with workspace.write(actor, "screen") as ctx:
        ids = bulk_runs.ids_of(ctx, Query(ENTITY, ("id",), deleted=kind == "restore"))
        run = bulk_runs.draft(ctx, ENTITY, ids, "/")
        return bulk_runs.begin(ctx, ENTITY, run.id, kind, dict(settings))


def finished(workspace: Workspace, actor: Actor, run: Run) -> Run:
    """Do a run to its end, each part in a transaction of its own."""
    while run.state == "running":
        with workspace.write(actor, "screen") as ctx:
            run = bulk_runs.advance(ctx, ENTITY, run.id)
    return run


def timed(name: str, count: int, work: Callable[[], Run]) -> Run:
    """Print how long a piece of work took."""
    start = time.perf_counter()
    run = work()
    took = time.perf_counter() - start
    print(f"{name:28} {took:8.2f} s {count / took:8.0f} /s  done {run.done} failed {run.failed}", flush=True)
    return run


def measured(url: str, count: int, folder: Path) -> None:
    """Fill a database and do each kind of run."""
    settings = Settings(database_url=url, var=folder)
    ids = load(settings, count)
    workspace = open_workspace(settings)
    actor = SYSTEM

    def through(kind: str, **asked: object) -> Callable[[], Run]:
        return lambda: finished(workspace, actor, begun(workspace, actor, kind, asked))

    def back(run: Run) -> Callable[[], Run]:
        def work() -> Run:
            with workspace.write(actor, "screen") as ctx:
                taken = bulk_runs.take_back(ctx, ENTITY, run.id)
            return finished(workspace, actor, taken)

        return work

    changed = timed("change a field", count, through("update", field="next_step", value="Call"))
    timed("take it back", count, back(changed))
    timed("give to one owner", count, through("update", field="owner", value=ids.people[3]))
    gone = timed("delete", count, through("delete"))
    timed("restore", count, back(gone))
    workspace.close()


def main(arguments: Sequence[str]) -> None:
    """Measure on both databases, or on the one that is named."""
    count = int(arguments[0]) if arguments else 4_000
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder, addresses(Path(folder)) as found:
        for kind, url in found.items():
            if len(arguments) < 2 or kind == arguments[1]:
                print(f"{kind}, {count} leads")
                measured(url, count, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
