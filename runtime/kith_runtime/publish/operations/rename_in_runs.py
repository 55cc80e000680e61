"""Runs over many records hold options too: the value that they set, and what they can give back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from kith_runtime.bulk_runs.store import PART, RUN


def rename_in_runs(connection: Connection, entity: str, field: str, names: Mapping[str, str]) -> None:
    """Give options of a field their new names in the runs that change it, from the draft to what can be taken back."""
    runs = select(RUN.c.id, RUN.c.settings).where(RUN.c.entity == entity, RUN.c.kind.in_(("", "update")))
    for run, settings in connection.execute(runs).all():
        if settings.get("field") != field:
            continue
        after = {**settings, "value": renamed_value(settings.get("value"), names)}
        if after != settings:
            connection.execute(update(RUN).where(RUN.c.id == run).values(settings=after))
        parts = select(PART.c.number, PART.c.results).where(PART.c.run_id == run)
        for number, results in connection.execute(parts).all():
            kept = [[*item[:3], _before(item[3], field, names)] for item in results]
            if kept != results:
                part = update(PART).where(PART.c.run_id == run, PART.c.number == number)
                connection.execute(part.values(results=kept))


def renamed_value(value: Any, names: Mapping[str, str]) -> Any:
    """Return an option, or several, by their new names; what is no option stays."""
    if isinstance(value, list):
        return [names.get(option, option) for option in value]
    return names.get(value, value) if isinstance(value, str) else value


def _before(before: Mapping[str, Any], field: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: renamed_value(value, names) if name == field else value for name, value in before.items()}
