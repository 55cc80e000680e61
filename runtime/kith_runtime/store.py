"""The one MetaData of the runtime's own tables (all named ``kith_…``); every ``store.py`` here declares on it."""

from __future__ import annotations

from sqlalchemy import MetaData

from kith_platform.database.metadata import NAMING

RUNTIME_TABLES = MetaData(naming_convention=NAMING)
