"""Where nothing stands, the page says why and what to do next, in each way to show records."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.records import Operation
from support.axe import findings
from support.site import Site, Visitor, signed_in

pytestmark = pytest.mark.screen

TASKS = "/e/base.task?view=base.task_calendar"


def words_of(html: str) -> str:
    """Return the text of the main region as one line."""
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    assert main is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main[0])).split())


def hiding(visitor: Visitor, html: str) -> str:
    """Return the line that is fetched once the page stands."""
    found = re.search(r'class="hiding" hx-get="([^"]+)"', html)
    assert found is not None
    return visitor.html(unescape(found[1]))


@pytest.mark.parametrize("way", ["list", "board"])
def test_no_records_at_all_say_what_they_are_for_and_offer_the_first_one(site: Site, way: str) -> None:
    maker = site.visitor(site.with_roles("Petra Plain", "base.member"))
    html = maker.html(f"/e/base.task?as={way}&view=all")
    words = words_of(html)
    assert "No tasks yet Something to do, by somebody, usually by a day." in words
    assert re.search(r'class="acts"><a class="btn btn-primary" href="/e/base.task/new"', html)
    assert 'class="art"' in html


def test_what_it_starts_from_is_named_to_whoever_sees_it(site: Site) -> None:
    starter = site.with_roles("Stella Start", "sales.rep")
    visitor = site.visitor(starter)
    assert "No quotes yet" in words_of(visitor.html("/e/sales.quote?view=all"))
    assert "Start from" not in visitor.html("/e/sales.quote?view=all")
    today = site.today(starter).isoformat()
    account = site.create("sales.account", name="Stella & Co", owner=starter)
    for number in range(4):
        site.create("sales.deal", name=f"Starting <{number}>", account=account, owner=starter, close_date=today)
    html = visitor.html("/e/sales.quote?view=all")
    named = r"Start from “ Closing this month ”: (Starting <\d> , ){2}Starting <\d> and more"
    assert re.search(named, words_of(html)), words_of(html)
    assert "Start from" not in visitor.html("/e/sales.quote?view=sales.open_quotes&q=nothing+such")


def test_a_board_without_cards_says_why_instead_of_bare_lanes(site: Site) -> None:
    maker = site.visitor(site.with_roles("Empty Boards", "sales.rep"))
    html = maker.html("/e/sales.deal?view=sales.deal_board&q=nothing+such")
    assert "Nothing matches" in words_of(html)
    assert 'class="k-lane"' not in html
    owner = site.with_roles("Only Lost", "sales.rep")
    account = site.create("sales.account", name="Only Lost Ltd", owner=owner)
    site.create("sales.deal", name="Gone", account=account, owner=owner, stage="lost", lost_reason="price")
    html = site.visitor(owner).html("/e/sales.deal?view=sales.my_open_deals&as=board")
    assert "Nothing in this view There are deals, and none of them belongs here now. Show all deals" in words_of(html)
    assert 'class="k-lane"' not in html


def test_who_may_not_create_is_offered_nothing_that_they_may_not_do(site: Site) -> None:
    reader = site.visitor(site.with_roles("Olav Observer", "service.observer"))
    html = reader.html("/e/service.article?view=all&q=nothing+such")
    assert "Nothing matches" in words_of(html)
    assert 'href="/e/service.article/new"' not in html


def test_the_filter_that_hides_most_can_be_removed_alone(site: Site, administrator: str) -> None:
    for number in range(3):
        site.create("base.tag", name=f"Quiet {number}", description="hidden by one word")
    site.create("base.tag", name="Quiet other", description="something else")
    visitor = site.visitor(administrator)
    html = visitor.html("/e/base.tag?view=all&f=name&o=contains&v=Quiet&f=description&o=is&v=nothing+such")
    words = words_of(html)
    assert "Nothing matches all of these Name contains Quiet Description is nothing such Clear all filters" in words
    line = hiding(visitor, html)
    assert "“ Description is nothing such ” (4 tags match without it)." in " ".join(
        unescape(re.sub(r"<[^>]+>", " ", line)).split()
    )
    back = re.search(r'href="([^"]+)"', line)
    assert back is not None
    assert "Quiet other" in visitor.html(unescape(back[1]))


def test_parts_of_an_expression_and_the_text_count_as_filters(site: Site, administrator: str) -> None:
    site.create("base.tag", name="Zyzzyva", description="a beetle")
    visitor = site.visitor(administrator)
    where = quote('name == "Zyzzyva" and description == "a bird"')
    html = visitor.html(f"/e/base.tag?view=all&where={where}")
    assert "Name is Zyzzyva Description is a bird" in words_of(html)
    assert "1 tag matches without it" in hiding(visitor, html)
    html = visitor.html("/e/base.tag?view=all&f=name&o=is&v=Zyzzyva&q=nothing+at+all")
    assert "Name is Zyzzyva Holds nothing at all" in words_of(html)
    # Neither alone would help when both find nothing.
    html = visitor.html("/e/base.tag?view=all&f=name&o=is&v=Nobody&q=nothing+at+all")
    assert "nothing matches without it either" in hiding(visitor, html)


def test_a_single_filter_has_one_way_out(site: Site, administrator: str) -> None:
    html = site.visitor(administrator).html("/e/base.tag?view=all&q=nothing+such")
    assert "Nothing matches Holds nothing such Clear the filter" in words_of(html)
    assert 'class="hiding"' not in html


def test_a_view_that_is_empty_leads_to_all_records(site: Site) -> None:
    idle = site.with_roles("Ida Idle", "base.administrator")
    for task in range(1):
        site.create("base.task", subject=f"Of another {task}", owner=site.person("sarah.lindqvist@kelda.example"))
    html = site.visitor(idle).html("/e/base.task?view=base.my_tasks")
    assert "Nothing in this view There are tasks, and none of them belongs here now. Show all tasks" in words_of(html)
    assert 'href="/e/base.task?view=all"' in html


def test_a_time_without_records_names_the_nearest_ones(site: Site, sarah: str) -> None:
    for day in ("2041-02-03", "2041-09-05"):
        site.create("base.task", subject="Farthing", due_date=day, owner=sarah)
    visitor = site.visitor(sarah)
    html = visitor.html(f"{TASKS}&q=Farthing&on=2041-06-01")
    assert "No task in this time that matches." in words_of(html)
    before, after = (unescape(url) for url in re.findall(r'href="([^"]+)">The (?:last|next) one', html))
    assert 'data-day="2041-02-03"' in visitor.html(before)
    assert 'data-day="2041-09-05"' in visitor.html(after)
    html = visitor.html(f"{TASKS}&q=Nosuchthing&on=2041-06-01")
    assert "There is none at another time either. Clear all filters" in words_of(html)


def _task(subject: str, day: date, owner: str) -> Operation:
    return Operation("create", "base.task", values={"subject": subject, "due_date": day.isoformat(), "owner": owner})


def test_a_month_with_more_than_a_page_holds_counts_each_day(site: Site, sarah: str) -> None:
    first = date(2042, 5, 1)
    days = [first + timedelta(days=number % 10) for number in range(650)]
    operations = [_task(f"Crowd {number:03}", day, sarah) for number, day in enumerate(days)]
    with site.workspace.write(SYSTEM, "system") as ctx:
        records.bulk(ctx, operations, all_or_nothing=True)
    visitor = site.visitor(sarah)
    html = visitor.html(f"{TASKS}&q=Crowd&on=2042-05-01")
    assert html.count("+62 more") == 10
    assert "each day shows its first tasks and how many more there are" in words_of(html)
    week = visitor.html(f"{TASKS}&q=Crowd&on=2042-05-05&scale=week")
    assert "+62 more" not in week
    listed = re.search(r'href="([^"]+)">Show all as a list', html)
    assert listed is not None
    assert "Crowd" in visitor.html(unescape(listed[1]))
    # One day alone goes on from page to page and loses nothing.
    with site.workspace.write(SYSTEM, "system") as ctx:
        more = [_task(f"Crush {number:03}", date(2043, 1, 7), sarah) for number in range(610)]
        records.bulk(ctx, more, all_or_nothing=True)
    page = f"{TASKS}&q=Crush&on=2043-01-07&scale=day"
    seen: set[str] = set()
    while page:
        html = visitor.html(page)
        seen |= set(re.findall(r"<bdi>(Crush \d+)</bdi>", html))
        following = re.search(r'href="([^"]+)" rel="next">Show the next ones', html)
        page = unescape(following[1]) if following else ""
    assert len(seen) == 610
    assert "Back to the first ones" in html


def test_empty_pages_look_right_and_tell_which_filter_hides(
    page: Page, phone: Page, site: Site, administrator: str
) -> None:
    site.create("base.tag", name="Lookfor")
    address = "/e/base.tag?view=all&f=name&o=is&v=Lookfor&f=description&o=is&v=nothing"
    for screen in (page, phone):
        signed_in(screen, site, administrator).goto(address)
        expect(screen.locator(".hiding")).to_contain_text("1 tag matches without it")
        assert findings(screen) == []
    page.get_by_role("link", name="Description is nothing", exact=False).last.click()
    expect(page.locator(".k-grid").get_by_text("Lookfor")).to_be_visible()
