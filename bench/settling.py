"""Bring a freshly filled database to the state of one that has run for a day; done alike for both apps."""

from __future__ import annotations

import psycopg

from kith_platform.database import open_database


def settle(database_url: str) -> None:
    """Let the planner know the tables and put everything into its place on the disk."""
    if database_url.startswith("postgresql"):
        plain = database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        return
    # Opened as Kith opens it: its indexes name orders of letters that SQLite alone does not know.
    database = open_database(database_url)
    with database.outside_transaction() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()


def server_version(database_url: str) -> str:
    """Return the version of a PostgreSQL server, such as ``15.14``."""
    with psycopg.connect(database_url.replace("postgresql+psycopg", "postgresql")) as connection:
        number = connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"
