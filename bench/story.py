"""The follow-up story among very many contacts, one of them with a long past, in Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert, select

from bench import data
from bench.budgets import PAINTED, quartile, signed_in
from bench.bulk import copy_rows, without_indexes, write_history
from bench.kith_side import APPS, checked_folders, publish_snapshot
from bench.settling import settle
from kith_platform.database.prepared import Prepared
from kith_platform.identity import Accounts, Passwords
from kith_platform.ids import IdSequence
from kith_platform.settings import Settings
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.context import Context
from kith_runtime.install.administrator import add_person
from kith_runtime.publish.reindex import reindex_entity
from kith_runtime.queries.search.store import SEARCH
from kith_runtime.records.store import HISTORY
from kith_runtime.tables import table_of
from kith_runtime.workspace import open_workspace

NAME = "Marit Storyberg"
NOTE = "Wants the cold chain offer before the budget closes"
PLAN = "Follow up next Friday 9:00, remind me 1 day before"
KINDS = ("base.mail", "base.call", "base.note")
GOAL = 300.0
CONTACT = "sales.contact"
_ACCOUNTS = 100
MADE = 20_000

_BEFORE = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: the 75th percentile of the milliseconds until its result is painted, and the longest."""

    database: str
    contacts: int
    name: str
    usual: float
    longest: float

    def __str__(self) -> str:
        """Return it as a line for the terminal."""
        mark = "" if self.usual <= GOAL else "  over the goal"
        return f"{self.database:10} {self.name:28} p75 {self.usual:5.0f} ms, longest {self.longest:5.0f} ms{mark}"


def fill(settings: Settings, contacts: int, entries: int, made: int = MADE) -> None:
    """Publish the apps, write so many contacts, and so many exchanges with one more.

    Up to ``made`` contacts are made one by one; of a whole multiple, the others are copies of them.
    """
    workspace = open_workspace(settings, prepare=True)
    try:
        publish_snapshot(workspace, checked_folders(APPS))
        with workspace.write(SYSTEM, "import") as ctx:
            person = {"name": data.person_name(0), "email": data.person_email(data.REP)}
            who = add_person(ctx, person, ("base.administrator",))
            Accounts(ctx.clock, Passwords()).set_password(ctx.connection, who, data.PASSWORD)
            table = table_of(ctx.published, CONTACT).name
            with without_indexes(ctx.connection, (table, HISTORY.name, SEARCH.name)):
                _contacts(ctx, contacts, min(contacts, made))
                reindex_entity(ctx, CONTACT)
            account = records.create(ctx, "sales.account", {"name": "Story Logistics", "kind": "prospect"}).id
            values = {"name": NAME, "account": account, "source": "trade_show", "source_detail": "Trade fair Oslo"}
            contact = records.create(ctx, CONTACT, values).id
            about = {"regarding": {"entity": CONTACT, "id": contact}}
            for kind in KINDS:
                first = _multiplied(ctx, kind, {"subject": "First", **about}, entries // len(KINDS), _subject)
                write_history(ctx, kind, first)
                reindex_entity(ctx, kind)
        settle(settings.database_url)
    finally:
        workspace.close()


def _contacts(ctx: Context, count: int, made: int) -> None:
    """Write so many contacts of a hundred accounts."""
    accounts = [
        records.create(ctx, "sales.account", {"name": f"Account {number}", "kind": "prospect"}).id
        for number in range(_ACCOUNTS)
    ]
    values = {"name": "Somebody", "source": "trade_show", "account": accounts[0]}
    column = ctx.published.storage.entity(CONTACT).fields["account"].columns[0].name

    def own(index: int) -> dict[str, Any]:
        name = f"{data.person_name(index % data.PEOPLE)} {index}"
        return {"name": name, column: accounts[index % _ACCOUNTS]}

    first = _multiplied(ctx, CONTACT, values, made, own)
    name = ctx.published.storage.entity(CONTACT).fields["name"].columns[0].name
    copy_rows(ctx, CONTACT, made, max(0, count // made - 1), {name: " "})
    write_history(ctx, CONTACT, first)


def _subject(index: int) -> dict[str, Any]:
    return {"subject": f"About the cold chain, talk {index}"}


def _multiplied(
    ctx: Context, entity: str, values: Mapping[str, Any], count: int, own: Callable[[int], Mapping[str, Any]]
) -> str:
    """Write a record through the door, then its row again with other ids, moments and texts; return the first id."""
    table = table_of(ctx.published, entity)
    first = records.create(ctx, entity, values).id
    made = dict(ctx.connection.execute(select(table).where(table.c.id == first)).mappings().one())
    sequence = IdSequence()
    moments = ((index, _BEFORE + timedelta(minutes=index)) for index in range(1, count))
    rows = [
        made | {"id": sequence.next(moment), "created_at": moment, "updated_at": moment} | dict(own(index))
        for index, moment in moments
    ]
    if rows:
        Prepared(insert(table).inline(), list(made)).execute_all(ctx.connection, rows)
    return first


def story(browser: Browser, address: str, database: str, contacts: int, times: int) -> Iterator[Step]:
    """Play the story several times and yield its steps with their times."""
    taken: dict[str, list[float]] = {}
    for _ in range(times + 1):
        with signed_in(browser, address, 1440) as page:
            page.wait_for_load_state("networkidle")
            _play(page, taken)
    for name, seconds in taken.items():
        # The first time warms up what compiles once in the life of a server.
        yield Step(database, contacts, name, quartile(seconds[1:]), max(seconds[1:]))


def _press(page: Page) -> None:
    page.mouse.down()
    page.mouse.up()


def _play(page: Page, taken: dict[str, list[float]]) -> None:
    def step(name: str, act: Callable[[], object], seen: Callable[[], object]) -> None:
        begun = time.perf_counter()
        act()
        seen()
        page.evaluate(PAINTED)
        taken.setdefault(name, []).append((time.perf_counter() - begun) * 1000)

    # Each wait looks at every frame: assertions of the test library look again after a tenth of a second only.
    found = page.locator("#k-search-list [role=option]", has_text=NAME).first
    timeline = page.locator("#timeline-body")
    page.locator("form.k-search input").click()
    page.keyboard.type(NAME[:-1])
    step("find", lambda: page.keyboard.type(NAME[-1]), found.wait_for)
    # The hand is there when the step begins: what the test library checks before a click is none of a person's time.
    box = found.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2)
    step("open", lambda: _press(page), page.locator("h1", has_text=NAME).wait_for)
    expect(timeline).to_contain_text("cold chain")
    text = page.locator("#composer textarea")
    note = page.locator("#composer textarea:focus")
    step("begin a note", page.locator("#composer [aria-label=Note]").click, note.wait_for)
    text.fill(NOTE)
    newest = timeline.locator(".k-ev:not(.is-pending)", has_text=NOTE).first
    step("save the note", lambda: page.keyboard.press("Control+Enter"), newest.wait_for)
    plan = page.locator("form[data-understand] textarea:focus")
    step("begin a task", page.locator("a.k-compose-line").click, plan.wait_for)
    understood = page.locator("#composer .k-pick").nth(1)
    step("understand the task", lambda: plan.fill(PLAN), understood.wait_for)
    closed = page.locator("#composer.k-comp-closed")
    step("save the task", lambda: page.keyboard.press("Control+Enter"), closed.wait_for)
    page.wait_for_load_state("networkidle")
    for label in ("Mails", "Calls"):
        link = page.locator("[aria-label='Show in timeline'] a", has_text=label)
        shown = page.locator("[aria-label='Show in timeline'] a[aria-current=true]", has_text=label)
        step(f"filter by {label.lower()}", link.click, shown.wait_for)
    older = page.locator("#timeline-body .k-older a")
    many = page.locator("#timeline-body .k-ev")
    step("show older", older.click, many.nth(many.count()).wait_for)
