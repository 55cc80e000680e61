"""Many writers at once: numbers stay unique, a key is taken once, no change is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from kith_platform.errors import Busy, DatabaseBusy
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.queries import Query, select
from kith_runtime.records import Blocked, KeyReused, ValidationFailed, VersionConflict
from kith_runtime.records.history import since
from support.yaml_workspace import YamlWorkspace

Saved = TypeVar("Saved")
WRITERS = 8
EACH = 15


def _patiently(work: Callable[[], Saved]) -> Saved:
    """Run a write, again when the database says that it was busy: nothing was saved then."""
    for _ in range(50):
        try:
            return work()
        except Busy:
            continue
    raise AssertionError("the database stayed busy")


def test_numbers_given_at_once_are_unique_and_without_gaps(crm: YamlWorkspace) -> None:
    def create(number: int) -> str:
        with crm.writing() as ctx:
            return str(records.create(ctx, "crm.account", {"name": f"Account {number}"}).values["number"])

    with ThreadPoolExecutor(WRITERS) as pool:
        numbers = list(pool.map(lambda number: _patiently(lambda: create(number)), range(WRITERS * EACH)))
    assert sorted(numbers) == [f"A-2026-{number:04}" for number in range(1, WRITERS * EACH + 1)]


def test_of_writers_with_one_unique_name_exactly_one_succeeds(crm: YamlWorkspace) -> None:
    def create(_: int) -> str:
        try:
            with crm.writing() as ctx:
                return records.create(ctx, "crm.account", {"name": "Acme"}).id
        except ValidationFailed as error:
            return error.problems[0].code

    with ThreadPoolExecutor(WRITERS) as pool:
        made = list(pool.map(lambda number: _patiently(lambda: create(number)), range(WRITERS)))
    assert made.count("not_unique") == WRITERS - 1


def test_a_key_with_a_condition_is_taken_once_too(crm: YamlWorkspace) -> None:
    def create(number: int) -> str:
        try:
            with crm.writing() as ctx:
                values = {"name": f"A{number}", "vat": "1", "site": "x", "rating": 2}
                return records.create(ctx, "crm.account", values).id
        except ValidationFailed as error:
            return error.problems[0].code

    with ThreadPoolExecutor(WRITERS) as pool:
        made = list(pool.map(lambda number: _patiently(lambda: create(number)), range(WRITERS)))
    assert made.count("not_unique") == WRITERS - 1


def test_one_idempotency_key_from_many_sides_makes_one_record(crm: YamlWorkspace) -> None:
    def create(_: int) -> str:
        with crm.writing() as ctx:
            made = records.create(ctx, "crm.account", {"name": "Acme"}, idempotency_key="once")
            return f"{made.id} {made.values['number']}"

    with ThreadPoolExecutor(WRITERS) as pool:
        made = set(pool.map(lambda number: _patiently(lambda: create(number)), range(WRITERS)))
    assert len(made) == 1


def test_one_idempotency_key_with_two_contents_tells_the_loser_so(crm: YamlWorkspace) -> None:
    def create(number: int) -> str:
        try:
            with crm.writing() as ctx:
                return records.create(ctx, "crm.account", {"name": f"A {number % 2}"}, idempotency_key="once").id
        except KeyReused as error:
            return error.code

    with ThreadPoolExecutor(WRITERS) as pool:
        made = list(pool.map(lambda number: _patiently(lambda: create(number)), range(WRITERS)))
    assert made.count("idempotency_key_reused") == WRITERS // 2
    assert len(set(made)) == 2


@pytest.mark.parametrize(
    ("key", "values"), [("name", {"name": "Acme"}), ("by_vat", {"name": "Acme", "vat": "1", "site": "x", "rating": 2})]
)
def test_upserts_of_one_new_key_at_once_all_succeed(crm: YamlWorkspace, key: str, values: dict[str, object]) -> None:
    def send(number: int) -> tuple[str, bool]:
        with crm.writing() as ctx:
            saved = records.upsert(ctx, "crm.account", key, {**values, "secret": f"from {number}"})
            return saved.id, saved.created

    with ThreadPoolExecutor(WRITERS) as pool:
        sent = list(pool.map(lambda number: _patiently(lambda: send(number)), range(WRITERS)))
    assert len({record for record, _ in sent}) == 1
    assert [made for _, made in sent].count(True) == 1
    with crm.reading() as ctx:
        assert records.read_record(ctx, "crm.account", sent[0][0]).version == WRITERS


def test_each_change_starts_from_the_one_before(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        account = records.create(ctx, "crm.account", {"name": "Acme", "site": "start"})

    def change(number: int) -> int:
        while True:
            with crm.reading() as ctx:
                seen = records.read_record(ctx, "crm.account", account.id)
            try:
                with crm.writing() as ctx:
                    site = {"site": f"site {number}"}
                    return records.update(ctx, "crm.account", account.id, site, version=seen.version).version
            except (VersionConflict, Busy):
                continue

    with ThreadPoolExecutor(WRITERS) as pool:
        versions = set(pool.map(change, range(WRITERS * 3)))
    assert versions == set(range(2, WRITERS * 3 + 2))
    with crm.reading() as ctx:
        changes = [row["changes"]["site"] for row in since(ctx, "crm.account", account.id, 0)]
    assert [before for before, _ in changes[1:]] == [after for _, after in changes[:-1]]


def test_nothing_points_at_a_record_that_is_deleted_at_the_same_moment(crm: YamlWorkspace) -> None:
    with crm.writing() as ctx:
        accounts = [records.create(ctx, "crm.account", {"name": f"Account {number}"}).id for number in range(20)]

    def work(number: int) -> str:
        account = accounts[number // 2]
        try:
            with crm.writing() as ctx:
                if number % 2:
                    records.delete(ctx, "crm.account", account)
                else:
                    records.create(ctx, "crm.deal", {"name": "Deal", "account": account})
            return f"{account} {'gone' if number % 2 else 'used'}"
        except (ValidationFailed, Blocked):
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda number: _patiently(lambda: work(number)), range(2 * len(accounts))))
    both = {each.split()[0] for each in done if each.endswith("gone")} & {
        each.split()[0] for each in done if each.endswith("used")
    }
    assert not both
    assert done.count("refused") == len(accounts)


def test_a_program_whose_work_lost_a_race_does_it_again(crm: YamlWorkspace) -> None:
    tries: list[str] = []

    def work(ctx: Context) -> str:
        tries.append(records.create(ctx, "crm.account", {"name": f"Try {len(tries)}"}).id)
        if len(tries) < 3:
            raise DatabaseBusy("deadlock", "Two changes waited for each other.")
        return tries[-1]

    def lost(ctx: Context) -> None:
        tries.append("")
        raise DatabaseBusy("database_lost", "The connection was lost.")

    saved = crm.workspace.save(SYSTEM, "import", work)
    with crm.reading() as ctx:
        assert [row[0] for row in select(ctx, Query("crm.account", ("id",))).rows] == [saved]
    with pytest.raises(DatabaseBusy):
        crm.workspace.save(SYSTEM, "import", lost)
    assert len(tries) == 4


@pytest.mark.parametrize("code", ["deadlock", "serialization", "database_busy"])
def test_a_program_that_loses_a_race_runs_again_and_saves_once(crm: YamlWorkspace, code: str) -> None:
    tried: list[str] = []

    def work(ctx: Context) -> str:
        tried.append(records.create(ctx, "crm.account", {"name": f"Raced {code}"}).id)
        if len(tried) < 3:
            raise DatabaseBusy(code, "Another change is being saved.", "Try again.")
        return tried[-1]

    saved = crm.workspace.save(SYSTEM, "cli", work)
    with crm.reading() as ctx:
        assert select(ctx, Query("crm.account", ("id",), where=f'name == "Raced {code}"')).ids == [saved]


def test_what_is_no_lost_race_is_told_at_once(crm: YamlWorkspace) -> None:
    tried: list[int] = []

    def work(ctx: Context) -> None:
        tried.append(1)
        raise DatabaseBusy("database_away", "The database cannot be reached.", "Try again in a moment.")

    with pytest.raises(DatabaseBusy):
        crm.workspace.save(SYSTEM, "cli", work)
    assert tried == [1]
