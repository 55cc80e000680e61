"""Starts both apps behind the same server with the same settings, each in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import data
from bench.client import Request, Session, wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
KITH = "kith_runtime.web.app:create_server"
HANDWRITTEN = "bench.handwritten.app:create_server"
THREADS = 4
_TOKEN = re.compile(rb'name="csrf-token" content="([^"]+)"|name="csrf_token" value="([^"]+)"')

# The program that starts a server: the same call for both apps, with what `kith serve` asks for.
_START = """
import sys
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
Granian(
    sys.argv[1], address="127.0.0.1", port=int(sys.argv[2]), interface=Interfaces.WSGI, factory=True, workers=1,
    blocking_threads=int(sys.argv[3]), log_level=LogLevels.warning, websockets=False,
).serve()
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int

    def session(self, page: str) -> Session:
        """Sign the bench's representative in and return what their browser holds once it has shown ``page``."""
        session = Session(self.port)
        session.token = _token(session.ask(Request("GET", "/sign-in")).body)
        body = (
            f"email={data.person_email(data.REP)}&password={data.PASSWORD.replace(' ', '+')}&csrf_token={session.token}"
        )
        kind = "application/x-www-form-urlencoded"
        answer = session.ask(Request("POST", "/sign-in", body.encode(), kind))
        if answer.status != 303:
            raise SystemExit(f"Signing in answered {answer.status}: {answer.body[:400].decode(errors='replace')}")
        session.token = _token(session.ask(Request("GET", page)).body)
        return session

    def memory(self) -> int:
        """Return the resident bytes (RSS) of the worker."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return max((worker.memory_info().rss for worker in family), default=0)


def _token(page: bytes) -> str:
    found = _TOKEN.search(page)
    if found is None:
        raise SystemExit("The page holds no form token.")
    return (found[1] or found[2]).decode()


@contextmanager
def serving(target: str, environment: Mapping[str, str]) -> Iterator[Running]:
    """Yield a running server, with one worker; it is stopped afterwards."""
    port = free_port()
    process = start(target, port, environment)
    try:
        wait_until(lambda: _answers(process, port), 60)
        yield Running(process, port)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(target: str, port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a server process without waiting for it."""
    known = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", _START, target, str(port), str(THREADS)], env=known, cwd=ROOT)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        raise SystemExit(f"The server ended with {process.returncode} before it answered.")
    try:
        return Session(port).ask(Request("GET", "/sign-in")).status == 200
    except OSError:
        return False
