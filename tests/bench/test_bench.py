"""The measurements work: tiny sizes, no limits on time."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.budgets import Budget
from bench.main import main, measure
from bench.operations import OPERATIONS
from bench.page import BEGIN, END, figures, write_page
from bench.results import Results
from bench.story import Step, fill
from bench.units import PARTS, SIZES
from sqlalchemy import text

from kith_platform.settings import Settings
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from kith_runtime.queries.changes import history
from kith_runtime.tables import indexes_of
from kith_runtime.workspace import open_workspace

TINY = SIZES["tiny"]


@pytest.mark.slow
def test_every_part_is_measured_and_the_page_is_written(tmp_path: Path) -> None:
    results = measure(TINY, ("sqlite", "postgresql"), PARTS)

    found = results.summary()
    ratios = found["ratios"]
    assert isinstance(ratios, dict)
    assert {key[:2] for key in ratios} == {
        (kind, operation.name) for kind in ("sqlite", "postgresql") for operation in OPERATIONS
    }
    assert {key[2] for key in ratios} == set(TINY.clients)
    assert all(ratio > 0 for ratio in ratios.values())
    assert found["pages"] == [(kind, rows) for rows in TINY.pages for kind in ("sqlite", "postgresql")]
    assert found["starts"] == list(TINY.entities)
    assert found["check"] == list(TINY.check)
    assert found["failures"] == []
    assert found["attacks"] > 260
    assert found["questions"] == ["complete", "check", "evaluate"]

    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n\n{BEGIN}\nof a former run\n{END}\n\n## After\n", "utf-8")
    write_page(results, page)
    text = page.read_text("utf-8")
    assert text.startswith("# Before")
    assert text.endswith("## After\n")
    assert "of a former run" not in text
    assert all(operation.name in text for operation in OPERATIONS)


def test_the_page_tells_of_the_story_and_of_the_screens() -> None:
    results = Results(300)
    results.steps.append(Step("sqlite", 60, "open", 120.4, 200.0))
    results.budgets.append(Budget("home", 390, 134_600, 512.0, 96.0, 0.004))
    text = figures(results)
    assert "### The follow-up story among 60 contacts, SQLite" in text
    assert "| open | 120 ms | 200 ms |" in text
    assert "| home | 390 | 135 kB | 512 ms | 96 ms | 0.004 |" in text


@pytest.mark.slow
def test_the_storys_contacts_are_whole_records(database_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=database_url, var=tmp_path / "var")
    fill(settings, contacts=60, entries=9, made=20)

    workspace = open_workspace(settings)
    with workspace.read(SYSTEM, "system") as ctx:
        contacts = select(ctx, Query("sales.contact", ("name",), limit=200))
        assert len(contacts.ids) == 61
        for word, count in (("storyberg", 1), ("garcia", 3)):
            found = select(ctx, Query("sales.contact", ("name",), text=word, limit=200))
            assert len(found.ids) == count, list(found.dicts())
        assert {change.action for key in contacts.ids for change in history(ctx, "sales.contact", key)} == {"create"}
        stored = ctx.published.storage.entity("sales.contact")
        wanted = {item.name for item in indexes_of(ctx.published.snapshot, stored, "sales.contact")}
        sqlite = ctx.database.dialect_name == "sqlite"
        names = "SELECT name FROM sqlite_master" if sqlite else "SELECT indexname FROM pg_indexes"
        assert wanted <= set(ctx.connection.execute(text(names)).scalars())
    workspace.close()


@pytest.mark.slow
def test_a_run_without_time_leaves_pieces_out_and_writes_the_rest(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"{BEGIN}\n{END}\n", "utf-8")
    asked = ["--tiny", "--databases", "sqlite", "--page", str(page)]

    assert main([*asked, "--parts", "check", "--minutes", "5"]) == 0
    assert "| 3 |" in page.read_text("utf-8")

    assert main([*asked, "--parts", "check,field", "--minutes", "0"]) == 1
    text = page.read_text("utf-8")
    assert "Not measured in this run: field, sqlite: no time was left; check, 3: no time was left." in text
    assert "Not measured: field, sqlite: no time was left." in capfd.readouterr().out
