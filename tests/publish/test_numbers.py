"""Automatic numbers that arrive, go and come back with a publish."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from support.publishing import TEXT, Documents, Site, crm, entity

NUMBER = {"type": "auto_number", "format": "D-{number:3}"}


def _crm(**fields: object) -> Documents:
    return crm(deal=entity({"name": TEXT, **fields}))


def test_new_number_field_numbers_the_records_that_are_there(site: Site) -> None:
    site.publish(_crm())
    made = [site.create("deal", name=f"Deal {number}") for number in range(3)]
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.delete(ctx, "crm.deal", made[1])
    plan = site.plan(_crm(number=NUMBER))
    words = [item.describe() for item in plan.operations if item.kind == "number_records"]
    assert words == ["field 'number' numbers 3 records in the order of their making"]
    site.publish(_crm(number=NUMBER))
    assert site.values("deal", "number") == ["D-001", "D-002", "D-003"]
    site.create("deal", name="Next")
    assert site.values("deal", "number")[-1] == "D-004"
    site.consistent()


def test_numbers_begin_at_the_start_and_anew_in_each_year(site: Site) -> None:
    site.publish(_crm())
    site.create("deal", name="A")
    year = datetime.now(UTC).year
    site.publish(_crm(number={"type": "auto_number", "format": "{year}/{number}", "start": 100}))
    site.create("deal", name="B")
    assert site.values("deal", "number") == [f"{year}/100", f"{year}/101"]


def test_numbers_go_on_where_they_were_when_the_field_comes_back(site: Site) -> None:
    site.publish(_crm(number=NUMBER))
    site.create("deal", name="A")
    site.publish(_crm())
    site.create("deal", name="B")
    site.publish(_crm(number=NUMBER))
    site.create("deal", name="C")
    assert site.values("deal", "number") == ["D-001", "D-002", "D-003"]


def test_another_field_takes_the_name_of_a_number_that_was_dropped(site: Site) -> None:
    site.publish(_crm(number=NUMBER, other={"type": "auto_number", "format": "O-{number}"}))
    site.create("deal", name="A")
    site.publish(_crm(other={"type": "auto_number", "format": "O-{number}"}))
    site.publish(_crm(number={"type": "auto_number", "format": "O-{number}", "was": "other"}))
    site.create("deal", name="B")
    assert site.values("deal", "number") == ["O-1", "O-2"]
    site.rollback()
    site.rollback()
    site.create("deal", name="C")
    assert site.values("deal", "number") == ["D-001", "D-002", "D-003"]


def test_text_that_becomes_a_number_never_gives_one_twice(site: Site) -> None:
    site.publish(_crm(number=TEXT))
    for text in ("D-007", "own", None):
        site.create("deal", name="A", number=text)
    site.publish(_crm(number={**NUMBER, "unique": True}))
    site.create("deal", name="B")
    assert site.values("deal", "number") == ["D-007", "own", "D-008", "D-009"]


def test_numbers_stay_unique_while_records_are_made_beside_the_publish(site: Site) -> None:
    site.publish(_crm())
    failures: list[BaseException] = []
    stop = threading.Event()

    def write_on() -> None:
        while not stop.is_set():
            try:
                site.create("deal", name="A")
            except Exception as error:  # noqa: BLE001 - any failure at all is what the test looks for
                failures.append(error)
                return

    for _ in range(50):
        site.create("deal", name="Before")
    threads = [threading.Thread(target=write_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    site.publish(_crm(number=NUMBER))
    seen = len(site.values("deal", "name"))
    while len(site.values("deal", "name")) < seen + 10 and not failures:
        site.create("deal", name="Mine")
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    numbers = site.values("deal", "number")
    assert sorted(numbers, key=lambda text: int(text[2:])) == [f"D-{count:03}" for count in range(1, len(numbers) + 1)]
