"""Runs the pieces unattended: each in a process of its own, within a time, and what fails is told and left out."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.results import Results
from bench.units import Unit

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 420.0
"""Seconds that one piece may take."""

_PATIENCE = 20.0


def supervise(units: Sequence[Unit], results: Results, given: Sequence[str], minutes: float) -> None:
    """Measure the pieces one after the other into ``results``; those for which no time is left are not begun.

    ``given`` are the arguments that every piece's process gets beside its own name.
    """
    ends = time.monotonic() + minutes * 60
    for unit in units:
        left = ends - time.monotonic()
        if left <= 0:
            results.missing.append(f"{unit}: no time was left")
            continue
        print(f"--- {unit} ({left / 60:.1f} minutes left)", flush=True)
        begun = time.monotonic()
        found, problem = _measured(unit, given, min(left, LONGEST))
        if found is None:
            results.missing.append(f"{unit}: {problem}")
            print(f"not measured: {unit}: {problem}", flush=True)
        else:
            results.add(found)
        print(f"    took {time.monotonic() - begun:.0f} s", flush=True)


def _measured(unit: Unit, given: Sequence[str], seconds: float) -> tuple[Results | None, str]:
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        # PostgreSQL runs as somebody else and has its folder in this one.
        Path(folder).chmod(0o755)
        kept = Path(folder) / "results"
        one = f"{unit.part}:{unit.database}:{unit.size}"
        command = [sys.executable, "-m", "bench", *given, "--one", one, "--into", str(kept)]
        # Temporary folders of the piece lie in this one, and so vanish with it however the piece ends.
        own = {**os.environ, "TMPDIR": folder}
        process = subprocess.Popen(command, cwd=ROOT, env=own, start_new_session=True)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return None, f"it took longer than {seconds:.0f} seconds"
        except BaseException:
            _end(process)
            raise
        if code or not kept.exists():
            return None, f"it ended with {code}; what it said stands above"
        # Written a moment ago by our own process.
        return pickle.loads(kept.read_bytes()), ""  # noqa: S301


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a piece stop its servers; whatever is still there afterwards goes with its group."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def keep(results: Results, path: Path) -> None:
    """Write the results of one piece for the process that supervises it."""
    path.write_bytes(pickle.dumps(results))
