"""The system tables (``kith_…``) of a database: made once, versioned, never newer than the program.

The platform's tables are one part; the runtime hands in its own parts. Nothing is registered globally.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, insert, inspect, select, update

from kith_platform.audit import store as audit_store
from kith_platform.database.metadata import NAMING, PLATFORM_TABLES
from kith_platform.errors import Misconfigured
from kith_platform.files import store as files_store
from kith_platform.identity import store as identity_store

PLATFORM_VERSION = 1

_SCHEMA = Table(
    "kith_schema",
    MetaData(naming_convention=NAMING),
    Column("part", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
# Importing the stores is what declares their tables; naming them here keeps that visible.
_STORES = (audit_store, files_store, identity_store)


@dataclass(frozen=True)
class SystemPart:
    """Tables that belong together and share a version.

    ``upgrades[n]`` brings a database from version n-1 to n; new installations are made at ``version`` directly.
    """

    name: str
    version: int
    tables: MetaData
    upgrades: Mapping[int, Callable[[Connection], None]] = field(default_factory=dict)


def platform_part() -> SystemPart:
    """Return the platform's own tables."""
    return SystemPart("platform", PLATFORM_VERSION, PLATFORM_TABLES)


def prepare_system_tables(connection: Connection, parts: Iterable[SystemPart] = ()) -> None:
    """Make or upgrade the platform's tables and those of the given parts, inside the caller's transaction.

    Safe to call at every start. Raises Misconfigured when the database was made by a newer program.
    """
    _SCHEMA.create(connection, checkfirst=True)
    known = _versions(connection)
    for part in (platform_part(), *parts):
        _prepare(connection, part, known.get(part.name))


def system_tables_are_ready(connection: Connection, parts: Iterable[SystemPart] = ()) -> bool:
    """Tell whether every part has its present version, so that a start need not write."""
    if not inspect(connection).has_table(_SCHEMA.name):
        return False
    known = _versions(connection)
    return all(known.get(part.name) == part.version for part in (platform_part(), *parts))


def _versions(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(_SCHEMA.c.part, _SCHEMA.c.version))
    return {row.part: row.version for row in rows}


def _prepare(connection: Connection, part: SystemPart, version: int | None) -> None:
    if version is None:
        part.tables.create_all(connection)
        connection.execute(insert(_SCHEMA).values(part=part.name, version=part.version))
        return
    if version > part.version:
        raise Misconfigured(
            "database_newer",
            f"This database was made by a newer Kith: its {part.name} tables have version {version},"
            f" this program knows {part.version}.",
            "Start the newer program, or restore a backup from before the upgrade.",
        )
    for step in range(version + 1, part.version + 1):
        part.upgrades[step](connection)
    if version < part.version:
        connection.execute(update(_SCHEMA).where(_SCHEMA.c.part == part.name).values(version=part.version))
