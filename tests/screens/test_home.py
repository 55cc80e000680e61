"""The first page, by its public door and in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.screens import home
from support.axe import findings
from support.site import Site, looks, signed_in

pytestmark = pytest.mark.screen


def test_greeting_tasks_and_ways_in(site: Site, sarah: str) -> None:
    html = site.visitor(sarah).html("/")
    assert re.search(r"<h1>Good (morning|afternoon|evening), Sarah</h1>", html)
    assert "<h2>My tasks</h2>" in html
    assert 'href="/e/base.task/new"' in html
    assert re.search(r'href="/e/sales.deal" class="k-trunc">Deals</a><span class="w">\d+', html)


def test_tasks_are_mine_open_and_the_late_ones_first(site: Site) -> None:
    person = site.with_roles("Busy Bee", "base.member")
    other = site.with_roles("Lazy Bone", "base.member")
    today = site.workspace.clock.now().date()
    plan = [("Later", 3, "open", person), ("Overdue", -2, "open", person), ("Finished", -1, "done", person)]
    for subject, days, status, owner in [*plan, ("Foreign", 0, "open", other)]:
        due = (today + timedelta(days=days)).isoformat()
        site.create("base.task", subject=f"{subject} thing", due_date=due, status=status, owner=owner)
    html = site.visitor(person).html("/")
    block = html.partition("My tasks")[2].partition("</section>")[0]
    assert re.findall(r"<bdi>(\w+) thing</bdi>", block) == ["Overdue", "Later"]
    assert "late" in block
    assert '<span class="k-badge">2</span>' in block


def test_a_task_is_ended_where_it_stands_and_taken_back(site: Site) -> None:
    person = site.with_roles("Quick Quinn", "base.member")
    account = site.create("sales.account", name="Quinn & Co", kind="prospect")
    about = {"entity": "sales.account", "id": account}
    task = site.create("base.task", subject="Ring them", due_date="2026-01-05", owner=person, regarding=about)
    visitor = site.visitor(person)
    (way,) = re.findall(r'action="(/duties/[^"]+)"', visitor.html("/"))
    assert way == f"/duties/base.task/{task}/done"
    assert visitor.post(way).location == "/"
    html = visitor.html("/")
    assert "Ring them is done." in html
    assert "/duties/" not in html
    (undo,) = re.findall(r'action="(/undo/[^"]+)"', html)
    assert visitor.post(undo, {"next": "/"}).location == "/"
    assert way in visitor.html("/")
    assert visitor.post(f"/duties/sales.account/{account}/done").status_code == 404


def test_own_changes_are_listed_and_deleted_ones_are_not(site: Site) -> None:
    person = site.with_roles("Change Maker", "base.administrator")
    with site.workspace.database.read() as connection:
        actor = site.workspace.actor_for(connection, person, 10**9)
    assert actor is not None
    with site.workspace.write(actor, "screen") as ctx:
        kept = records.create(ctx, "base.tag", {"name": "Kept by me"})
        gone = records.create(ctx, "base.tag", {"name": "Gone by me"})
        records.delete(ctx, "base.tag", gone.id)
    block = site.visitor(person).html("/").partition("Changed by me")[2].partition("</section>")[0]
    assert f'href="/e/base.tag/{kept.id}"' in block
    assert "added just now" in block
    assert "Gone by me" not in block


def test_nobody_elses_kinds_of_record(site: Site) -> None:
    guest = site.visitor(site.with_roles("Bare Guest"))
    html = guest.html("/")
    assert "/e/sales.deal" not in html
    assert "My tasks" not in html


def test_one_broken_block_leaves_the_rest(site: Site, sarah: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("deal.forecast_class")

    monkeypatch.setattr(home, "own_changes", broken)
    html = site.visitor(sarah).html("/")
    assert "This block could not be shown." in html
    assert "<h2>My tasks</h2>" in html
    assert 'href="/e/sales.deal" class="k-trunc">Deals' in html
    assert "forecast_class" not in html
    assert "Reference" in html


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["page", "phone"])
@looks
def test_no_finding(site: Site, request: pytest.FixtureRequest, sarah: str, theme: str, width: str) -> None:
    page: Page = signed_in(request.getfixturevalue(width), site, sarah)
    page.context.add_cookies([{"name": "kith_theme", "value": theme, "url": site.address}])
    page.goto("/")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_system_is_not_a_person(site: Site) -> None:
    with site.workspace.read(SYSTEM, "system") as ctx:
        assert home.greeting(ctx).startswith("Good ")
