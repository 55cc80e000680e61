"""A newer program brings the indexes that it derives to tables that no publish touches."""

from __future__ import annotations

from sqlalchemy import text, update

from kith_runtime.publish.facts import gather
from kith_runtime.publish.store import JOURNAL
from kith_runtime.publish.upgrade import bring_indexes
from support.publishing import TEXT, Site, crm, entity


def _indexes(site: Site) -> set[str]:
    with site.database.read() as connection:
        return set(gather(connection, ["crm__deal"]).indexes["crm__deal"])


def _run(site: Site, statement: str) -> None:
    with site.database.write() as connection:
        connection.execute(text(statement))


def test_missing_indexes_come_once_for_each_set_of_rules_and_old_ones_go(site: Site) -> None:
    site.publish(crm(deal=entity({"name": {**TEXT, "index": True}, "code": {**TEXT, "unique": True}})))
    wanted = _indexes(site)
    lost = next(name for name in sorted(wanted) if name.startswith("ix_") and "name" in name)
    _run(site, f"DROP INDEX {lost}")
    _run(site, "CREATE INDEX ix_crm__deal_of_earlier_rules ON crm__deal (code)")
    assert bring_indexes(site.workspace) == 2
    assert _indexes(site) == wanted
    _run(site, f"DROP INDEX {lost}")
    assert bring_indexes(site.workspace) == 0
    with site.database.write() as connection:
        connection.execute(update(JOURNAL).where(JOURNAL.c.kind == "rules").values(detail={"mark": "earlier"}))
    assert bring_indexes(site.workspace) == 1
    assert _indexes(site) == wanted


def test_a_workspace_without_apps_has_nothing_to_bring(site: Site) -> None:
    assert bring_indexes(site.workspace) == 0
