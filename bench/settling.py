"""Bring a freshly filled database to the state of one that has run for a day; done alike for both apps."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg


def settle(database_url: str) -> None:
    """Let the planner know the tables and put everything into its place on the disk."""
    if database_url.startswith("postgresql"):
        plain = database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        return
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as file:
        file.execute("ANALYZE")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def server_version(database_url: str) -> str:
    """Return the version of a PostgreSQL server, such as ``15.14``."""
    with psycopg.connect(database_url.replace("postgresql+psycopg", "postgresql")) as connection:
        number = connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"
