"""Computed values are compared by their own kind, whatever stands inside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import queries, records
from kith_runtime.queries import Query
from support.yaml_workspace import YamlWorkspace, yaml_workspace

FILES = {
    "crm/app.yaml": "app: crm\nlabel: CRM\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "crm/visit.yaml": """
        entity: visit
        label: Visit
        fields:
          name: {type: text, required: true}
          day: {type: date}
        """,
}


@pytest.fixture
def visits(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, FILES, clock) as opened:
        with opened.writing() as ctx:
            records.create(ctx, "crm.visit", {"name": "9", "day": "2026-11-01"})
        yield opened


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("day > add_months(today(), 0 if month(today()) in [1, 4] else -2)", 1),
        ("add_months(today(), 0 if month(day) in [1, 4] else -2) < day", 1),
        ('("10" if month(today()) in [11, 12] else "9") < name', 1),
        ('name < ("10" if month(today()) in [11, 12] else "9")', 0),
    ],
)
def test_a_number_inside_does_not_decide_how_dates_and_texts_compare(
    visits: YamlWorkspace, where: str, found: int
) -> None:
    with visits.reading() as ctx:
        assert len(queries.select(ctx, Query("crm.visit", ("name",), where=where)).rows) == found
