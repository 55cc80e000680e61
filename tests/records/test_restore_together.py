"""Records that were deleted together come back with the lookups between them."""

from __future__ import annotations

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from support.publishing import TEXT, Site, crm, entity


def test_lookups_between_records_of_one_deletion_survive_their_restore(database_url: str) -> None:
    site = Site(database_url)
    account = entity({"name": TEXT, "main": {"type": "lookup", "to": "crm.contact", "on_delete": "clear"}})
    contact = entity(
        {
            "name": TEXT,
            "account": {"type": "lookup", "to": "crm.account", "on_delete": "cascade"},
            "friend": {"type": "lookup", "to": "crm.contact", "on_delete": "clear"},
        }
    )
    site.publish(crm(account=account, contact=contact))
    kelda = site.create("account", name="Kelda")
    first = site.create("contact", name="Ann", account=kelda)
    second = site.create("contact", name="Bob", account=kelda, friend=first)
    site.update("contact", first, friend=second)
    site.update("account", kelda, main=second)
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "crm.account", kelda)
        assert records.restore(ctx, "crm.account", kelda).values["main"] == second
        assert records.read_record(ctx, "crm.contact", first).values["friend"] == second
        assert records.read_record(ctx, "crm.contact", second).values["friend"] == first
    site.close()
