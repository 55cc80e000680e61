"""The real server with several processes: people read and write all along while the system is changed below them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from kith_platform.clock import FixedClock
from kith_platform.identity import Accounts, Passwords, Tokens
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.apply import Request
from kith_runtime.publish.facts import gather
from kith_runtime.publish.plan import LARGE_TABLE
from kith_runtime.publish.service import rollback
from kith_runtime.publish.store import JOURNAL
from support.ports import free_port
from support.yaml_workspace import YamlWorkspace, yaml_workspace

DEAL = """
entity: deal
label: Deal
ownership: none
title: name
fields:
  name: {{type: text, required: true}}
{fields}
"""
STATES = (
    ("amount",),
    ("amount", "size"),
    ("price", "size"),
    ("price",),
    ("price", "size", "place"),
    ("name_only",),
)
WORDS = {
    "amount": "  amount: {type: text}",
    "size": "  size: {type: integer}",
    "price": "  price: {type: text, was: amount}",
    "place": "  place: {type: text, index: true}",
    "name_only": "",
}
ASKED_AFTERWARDS = 24
"""Connections after each publish: with two processes behind one port, all of them go to one in no run of a lifetime."""


def _files(state: tuple[str, ...]) -> dict[str, str]:
    return {"crm/deal.yaml": DEAL.format(fields="\n".join(WORDS[name] for name in state))}


def _shown(state: tuple[str, ...]) -> frozenset[str]:
    return frozenset({"name", *state} - {"name_only"})


@dataclass
class Server:
    """A running ``kith serve`` and ways to ask it."""

    port: int
    token: str
    statuses: list[int] = field(default_factory=list)

    def ask(self, method: str, body: Any = None) -> Any:
        """Return the parsed answer of one request on a connection of its own; the status is noted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            text = None if body is None else json.dumps(body)
            connection.request(method, "/api/v1/crm.deal", text, headers)
            answer = connection.getresponse()
            self.statuses.append(answer.status)
            return json.loads(answer.read())
        finally:
            connection.close()

    def fields(self) -> set[frozenset[str]]:
        """Return the sets of fields that the records of one answer show."""
        return {frozenset(row) & KNOWN for row in self.ask("GET")["data"]}


KNOWN = frozenset(WORDS) | {"name"}


@pytest.fixture
def crm(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """A published app that a test changes."""
    app = {"crm/app.yaml": "app: crm\nlabel: CRM\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n", **_files(STATES[0])}
    with yaml_workspace(database_url, tmp_path, app, clock) as opened:
        yield opened


def _token(crm: YamlWorkspace) -> str:
    robot = crm.person("Robot", "base.administrator")
    with crm.writing(SYSTEM, "cli") as ctx:
        Accounts(ctx.clock, Passwords()).add(ctx.connection, robot.id, "robot@example.com")
        return Tokens(ctx.clock).add(ctx.connection, robot.id, "test", ("read", "write"), None)[1]


@contextmanager
def _serving(crm: YamlWorkspace, url: str) -> Iterator[Server]:
    port = free_port()
    environment = {**os.environ, "KITH_DATABASE_URL": url, "KITH_VAR": str(crm.folder.parent / "var")}
    command = [sys.executable, "-m", "kith_runtime.cli.main", "serve", "--port", str(port), "--workers", "2"]
    token = _token(crm)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        assert line.startswith(f"Open http://127.0.0.1:{port}/"), line
        try:
            yield Server(port, token)
        finally:
            running.send_signal(signal.SIGINT)
            assert running.wait(60) == 0


def test_nobody_notices_publishes_and_rollbacks_but_by_what_is_new(crm: YamlWorkspace, database_url: str) -> None:
    failures: list[BaseException] = []
    stop = threading.Event()
    seen: set[frozenset[str]] = set()

    def work_on(server: Server, method: str) -> None:
        while not stop.is_set():
            try:
                if method == "GET":
                    found = server.fields()
                    assert len(found) <= 1, found
                    seen.update(found)
                else:
                    server.ask("POST", {"name": "Deal"})
            except Exception as error:  # noqa: BLE001 - any failure at all is what the test looks for
                failures.append(error)
                return

    with _serving(crm, database_url) as server:
        server.ask("POST", {"name": "First"})
        threads = [threading.Thread(target=work_on, args=(server, method)) for method in ("GET", "GET", "POST")]
        for thread in threads:
            thread.start()
        for state in STATES[1:]:
            crm.publish(_files(state))
            # A request that begins after the publish is answered by it, whichever process it meets.
            assert {shown for _ in range(ASKED_AFTERWARDS) for shown in server.fields()} == {_shown(state)}
        for state in reversed(STATES[2:-1]):
            rollback(crm.workspace, Request(SYSTEM))
            assert {shown for _ in range(ASKED_AFTERWARDS) for shown in server.fields()} == {_shown(state)}
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert set(server.statuses) == {200, 201}
    assert seen <= {_shown(state) for state in STATES}
    with crm.reading() as ctx:
        kept = ctx.connection.exec_driver_sql("SELECT count(*) FROM crm__deal").scalar_one()
    assert kept == server.statuses.count(201)


def test_port_that_is_taken_is_told(crm: YamlWorkspace, database_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        environment = {**os.environ, "KITH_DATABASE_URL": database_url, "KITH_VAR": str(crm.folder.parent / "var")}
        command = [sys.executable, "-m", "kith_runtime.cli.main", "serve", "--port", str(port)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"kith: Port {port} of 127.0.0.1 is in use by another program.")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_builds_the_indexes_of_large_tables_while_people_work(crm: YamlWorkspace, database_url: str) -> None:
    state = ("price", "size", "place")
    crm.publish(_files(state))
    with crm.workspace.database.write() as connection:
        wanted = _indexes(connection)
        for name in wanted:
            connection.exec_driver_sql(f"DROP INDEX {name}")
        connection.exec_driver_sql(
            "INSERT INTO crm__deal (id, name, version, created_at, updated_at)"
            f" SELECT 'd' || n, 'Deal', 1, now(), now() FROM generate_series(1, {LARGE_TABLE}) n"
        )
    with _serving(crm, database_url) as server:
        # Only the process beside the workers can have made them: the start notes those of a large table.
        for _ in range(MOST_ASKED):
            assert server.fields() == {_shown(state)}
            with crm.workspace.database.read() as connection:
                if _indexes(connection) == wanted and not _left(connection):
                    break
        else:
            pytest.fail("The indexes were not built.")
    assert set(server.statuses) == {200}


MOST_ASKED = 2_000


def _indexes(connection: Connection) -> set[str]:
    """Return the indexes of the deals that queries use, those of unique keys aside."""
    return {name for name in gather(connection, ["crm__deal"]).indexes["crm__deal"] if name.startswith("ix_")}


def _left(connection: Connection) -> bool:
    return connection.execute(select(JOURNAL.c.name).where(JOURNAL.c.kind == "index")).first() is not None
