"""Publishes beside readers, writers, other publishes and other processes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kith_platform.errors import Conflict
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.apply import PublishBusy, Request
from kith_runtime.publish.operations.add_field import AddField
from kith_runtime.publish.operations.base import Work
from kith_runtime.publish.service import apply
from kith_runtime.workspace import SnapshotChanged
from support.publishing import TEXT, Site, crm, entity

BASE = crm(deal=entity({"name": TEXT}))
WIDER = crm(deal=entity({"name": TEXT, "amount": {"type": "integer"}}))


def test_first_of_two_publishes_wins_and_the_second_learns_who_it_was(site: Site) -> None:
    site.publish(BASE)
    mine, theirs = site.plan(WIDER), site.plan(crm(deal=entity({"name": TEXT, "size": TEXT})))
    apply(site.workspace, theirs, Request(SYSTEM, "Sizes"))
    with pytest.raises(Conflict, match=r"Publish 2 by System .“Sizes”. went live"):
        apply(site.workspace, mine, Request(SYSTEM))
    assert sorted(site.workspace.current.storage.entity("crm.deal").fields) == ["name", "size"]


def test_other_process_sees_the_publish_at_its_next_request(site: Site) -> None:
    site.publish(BASE)
    other = Site(site.url)
    held = other.workspace.current
    site.publish(WIDER)
    assert other.workspace.current is held
    with other.workspace.read(SYSTEM, "api") as ctx:
        assert "amount" in ctx.snapshot.entity("crm.deal").fields
    assert "amount" not in held.snapshot.entity("crm.deal").fields
    other.close()


def test_unchanged_entities_are_not_built_again(site: Site) -> None:
    account = entity({"name": TEXT})
    site.publish(crm(account=account, deal=entity({"name": TEXT})))
    before = site.workspace.current.snapshot.entity("crm.account")
    site.publish(crm(account=account, deal=entity({"name": TEXT, "amount": TEXT})))
    assert site.workspace.current.snapshot.entity("crm.account") is before


def test_input_read_on_the_former_snapshot_is_not_written(site: Site) -> None:
    site.publish(BASE)
    seen = site.workspace.current
    site.publish(WIDER)
    with pytest.raises(SnapshotChanged), site.workspace.write(SYSTEM, "api", expects=seen):
        pytest.fail("the block must not run")


def test_reader_that_began_before_keeps_its_snapshot(site: Site) -> None:
    site.publish(BASE)
    site.create("deal", name="A")
    with site.workspace.read(SYSTEM, "api") as ctx:
        site.publish(crm(deal=entity({"name": TEXT}), other=entity({"name": TEXT})))
        assert ctx.snapshot.entities() == ("crm.deal",)


def test_failure_after_a_change_of_tables_leaves_the_former_state(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish(BASE)
    site.create("deal", name="A")
    before = site.checksum()

    add = AddField.run

    def fail(operation: AddField, work: Work) -> None:
        add(operation, work)
        raise OSError("the disk went away")

    monkeypatch.setattr(AddField, "run", fail)
    with pytest.raises(OSError, match="went away"):
        site.publish(WIDER)
    monkeypatch.undo()
    assert site.checksum() == before
    site.consistent()
    site.publish(WIDER)


def test_added_field_rewrites_no_record(site: Site) -> None:
    site.publish(BASE)
    with site.database.write() as connection:
        connection.exec_driver_sql(_MANY[connection.dialect.name])
    before = _records_as_written(site)
    site.publish(crm(deal=entity({"name": TEXT, "note": {"type": "long_text"}})))
    if site.database.dialect_name == "postgresql":
        assert _records_as_written(site) == before
    else:
        pages = Path(site.url.removeprefix("sqlite:///") + "-wal").stat().st_size // 4096
        assert 0 < pages < 1000, "the records alone fill thousands of pages"
    with site.database.read() as connection:
        found = connection.exec_driver_sql("SELECT count(*), count(note) FROM crm__deal").one()
    assert tuple(found) == (100_000, 0)


def _records_as_written(site: Site) -> tuple[int, ...]:
    """Return PostgreSQL's file of the records and the newest transaction in it; on SQLite begin an empty log."""
    if site.database.dialect_name == "sqlite":
        with site.database.outside_transaction() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return ()
    with site.database.read() as connection:
        query = "SELECT pg_relation_filenode('crm__deal')::bigint, max(xmin::text::bigint) FROM crm__deal"
        return tuple(connection.exec_driver_sql(query).one())


def test_long_reader_makes_publish_give_up_while_others_read_on(site: Site) -> None:
    if site.database.dialect_name == "sqlite":
        # SQLite's readers never hold a publish up: it goes through beside them.
        site.publish(BASE)
        with site.workspace.read(SYSTEM, "api") as ctx:
            ctx.connection.exec_driver_sql("SELECT count(*) FROM crm__deal").scalar_one()
            assert site.publish(WIDER).sequence == 2
        return
    site.publish(BASE)
    reads = [0]
    reading, stop = threading.Event(), threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            with site.database.read() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM crm__deal").scalar_one()
            reads[0] += 1
            reading.set()

    with site.database.read() as long_reader:
        long_reader.exec_driver_sql("SELECT count(*) FROM crm__deal").scalar_one()
        thread = threading.Thread(target=read_on)
        thread.start()
        reading.wait()
        before = reads[0]
        with pytest.raises(PublishBusy):
            site.publish(WIDER)
        during = reads[0] - before
        stop.set()
        thread.join()
    # Were they queued behind the publish, one read would last until it gives up.
    assert during > 3
    assert site.publish(WIDER).sequence == 2


def test_writers_go_on_while_fields_are_published(site: Site) -> None:
    site.publish(BASE)
    failures: list[BaseException] = []
    stop = threading.Event()
    made = [0]

    def write_on() -> None:
        while not stop.is_set():
            try:
                site.create("deal", name="A")
            except Exception as error:  # noqa: BLE001 - any failure at all is what the test looks for
                failures.append(error)
                return
            made[0] += 1

    threads = [threading.Thread(target=write_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(5):
        fields = {f"f{count}": TEXT for count in range(number + 1)}
        site.publish(crm(deal=entity({"name": TEXT, **fields})))
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(site.values("deal", "name")) == made[0] > 0


_MANY = {
    "sqlite": (
        "INSERT INTO crm__deal (id, version, created_at, updated_at, name) WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
        " SELECT printf('%020d', i), 1, '2026-11-24T09:00:00.000000Z', '2026-11-24T09:00:00.000000Z', 'x' FROM n"
    ),
    "postgresql": (
        "INSERT INTO crm__deal (id, version, created_at, updated_at, name)"
        " SELECT lpad(i::text, 20, '0'), 1, now(), now(), 'x' FROM generate_series(1, 100000) AS i"
    ),
}


def test_index_of_a_large_table_is_built_after_the_publish(site: Site) -> None:
    site.publish(BASE)
    with site.database.write() as connection:
        connection.exec_driver_sql(_MANY[connection.dialect.name])
    site.publish(crm(deal=entity({"name": {**TEXT, "index": True}})))
    later = site.database.dialect_name == "postgresql"
    with site.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kith_publish_journal").scalar_one() == 0
        if later:
            valid = connection.exec_driver_sql("SELECT bool_and(indisvalid), count(*) FROM pg_index").one()
            assert valid[0] is True
    assert site.plan(crm(deal=entity({"name": {**TEXT, "index": True}}))).is_empty


def test_very_many_entities_arrive_at_once(site: Site) -> None:
    many = crm(
        **{f"e{number}": entity({"name": TEXT, "peers": {"type": "lookups", "to": "crm.e0"}}) for number in range(320)}
    )
    site.publish(many)
    assert len(site.workspace.current.snapshot.entities()) == 320
    site.create("e319", name="Last")
    with site.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kith_publish_journal").scalar_one() == 0
    site.consistent()
