"""The calendar: months, weeks and days, moving in time by drag, menu and without script, and its private address."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kith_platform.identity import RoleAssignments
from kith_runtime import queries, records
from kith_runtime.actors import SYSTEM
from kith_runtime.publish.store import bump_access
from support.axe import findings
from support.site import Site, looks, open_page, signed_in

pytestmark = pytest.mark.screen

MEETINGS = "/e/base.meeting?view=base.meeting_calendar"
TASKS = "/e/base.task?view=base.task_calendar"


def value_of(site: Site, entity: str, record: str, name: str) -> Any:
    with site.workspace.read(SYSTEM, "system") as ctx:
        return queries.get(ctx, entity, record, (name,))[name]


def meeting(site: Site, owner: str, subject: str, starts: datetime, hours: float = 1) -> str:
    until = (starts + timedelta(hours=hours)).isoformat()
    return site.create("base.meeting", subject=subject, starts_at=starts.isoformat(), ends_at=until, owner=owner)


def task(site: Site, owner: str, subject: str, due: date) -> str:
    return site.create("base.task", subject=subject, due_date=due.isoformat(), owner=owner)


def only(address: str, name: str, **more: str) -> str:
    """Return a calendar with the records of one name."""
    rest = "".join(f"&{key}={value}" for key, value in more.items())
    return f"{address}&q={name.replace(' ', '+')}{rest}"


def days_of(html: str, title: str) -> list[str]:
    """Return the days on which a record stands."""
    cells = re.findall(r'data-day="([\d-]+)"(.*?)(?=data-day=|</main>)', html, re.DOTALL)
    return [day for day, content in cells if f"<bdi>{title}</bdi>" in content]


def test_a_date_stands_on_its_day_in_every_zone(site: Site, sarah: str) -> None:
    task(site, sarah, "Dated task", date(2031, 3, 14))
    html = site.visitor(sarah).html(only(TASKS, "Dated task", on="2031-03-01"))
    assert days_of(html, "Dated task") == ["2031-03-14"]
    far = site.with_roles("Far East", "base.administrator")
    assert days_of(site.visitor(far).html(only(TASKS, "Dated task", on="2031-03-01")), "Dated task") == ["2031-03-14"]


def test_a_moment_stands_on_the_day_of_the_person(site: Site, sarah: str) -> None:
    zone = "Europe/Amsterdam"
    assert value_of(site, "base.user", sarah, "time_zone") == zone
    meeting(site, sarah, "Late meeting", datetime(2031, 3, 13, 23, 30, tzinfo=UTC))
    html = site.visitor(sarah).html(only(MEETINGS, "Late meeting", on="2031-03-01"))
    assert days_of(html, "Late meeting") == ["2031-03-14"]
    assert '<span class="k-num">00:30</span>' in html


def test_a_night_is_one_chip_of_the_month_and_two_parts_of_the_week(site: Site, sarah: str, page: Page) -> None:
    night = meeting(site, sarah, "Night shift", datetime(2031, 9, 2, 20, tzinfo=UTC), hours=6)  # 22:00 to 04:00
    after = meeting(site, sarah, "Night shift after", datetime(2031, 9, 3, 6, tzinfo=UTC))
    week = site.visitor(sarah).html(only(MEETINGS, "Night shift", on="2031-09-02", scale="week"))
    hours = week.partition('class="hours"')[2]
    assert days_of(week.replace("</main>", "") + "</main>", "Night shift") == ["2031-09-02", "2031-09-03"]
    assert "Night shift" not in week.partition('class="hours"')[0].partition('class="heads"')[2]
    assert "k-r45 k-s4 " in hours
    assert "k-r1 k-s8 " in hours
    assert '<span class="k-num">– 04:00</span> <bdi>Night shift</bdi>' in hours
    signed_in(page, site, sarah).goto(only(MEETINGS, "Night shift", on="2031-09-01"))
    chip = page.locator(f"[data-span='{night}']")
    expect(chip).to_have_count(1)
    box, other = chip.bounding_box(), page.locator(f"[data-span='{after}']").bounding_box()
    days = [page.locator(f"td[data-day='2031-09-{day}']").bounding_box() for day in ("02", "03")]
    assert box is not None
    assert other is not None
    assert days[1] is not None
    assert box["x"] + box["width"] > days[1]["x"] + days[1]["width"] - 10
    assert other["y"] >= box["y"] + box["height"]
    # Taken by its second half it moves as far as the pointer.
    at = {"x": days[1]["x"] + days[1]["width"] / 2, "y": box["y"] + box["height"] / 2}
    page.mouse.move(at["x"], at["y"])
    page.mouse.down()
    page.mouse.move(at["x"] + 20, at["y"] + 150, steps=4)
    page.mouse.up()
    expect(page.locator("[data-toast]")).to_contain_text("Night shift is now on")
    assert value_of(site, "base.meeting", night, "starts_at") == datetime(2031, 9, 9, 20, tzinfo=UTC)


def test_something_long_stands_on_all_of_its_days(site: Site, sarah: str) -> None:
    meeting(site, sarah, "Three days", datetime(2031, 4, 1, 10, tzinfo=UTC), hours=50)
    html = site.visitor(sarah).html(only(MEETINGS, "Three days", on="2031-04-01"))
    assert days_of(html, "Three days") == ["2031-04-01", "2031-04-02", "2031-04-03"]


@pytest.mark.parametrize(("day", "hours"), [("2031-03-30", 23), ("2031-10-26", 25), ("2031-06-10", 24)])
def test_a_day_has_the_hours_that_pass(site: Site, sarah: str, day: str, hours: int) -> None:
    html = site.visitor(sarah).html(f"{MEETINGS}&scale=day&on={day}")
    assert html.count('class="slot"') == hours


def test_the_days_of_a_week_share_the_hours_of_the_wall_clock(site: Site, sarah: str) -> None:
    record = meeting(site, sarah, "Sunday at ten", datetime(2031, 3, 30, 8, tzinfo=UTC))
    visitor = site.visitor(sarah)
    html = visitor.html(only(MEETINGS, "Sunday at ten", scale="week", on="2031-03-30"))
    assert html.count('class="slot"') == 7 * 24
    assert f'k-r21 k-s2 k-n1 k-p0"><div class="k-cal-ev" data-hue="blue" data-span="{record}"' in html
    assert "starts_at=2031-03-30+01%3A00" in html
    assert "starts_at=2031-03-30+02%3A00" not in html, "the clocks skip it"
    move = MEETINGS.replace("?", "/shift?")
    for change, moved in (
        (
            {"minutes": "-480", "wall": "1"},
            datetime(2031, 3, 30, 1, tzinfo=UTC),
        ),  # into what is skipped: 02:00 is 03:00
        ({"minutes": "-30"}, datetime(2031, 3, 30, 0, 30, tzinfo=UTC)),  # half an hour before that
        ({"days": "-1"}, datetime(2031, 3, 29, 0, 30, tzinfo=UTC)),
    ):
        visitor.post(move, {"id": record, **change})
        assert value_of(site, "base.meeting", record, "starts_at") == moved
        assert value_of(site, "base.meeting", record, "ends_at") == moved + timedelta(hours=1)


def test_what_overlaps_stands_side_by_side(site: Site, sarah: str) -> None:
    for number in range(3):
        meeting(site, sarah, f"Beside {number}", datetime(2031, 5, 6, 8, 10 * number, tzinfo=UTC))
    html = site.visitor(sarah).html(only(MEETINGS, "Beside", scale="day", on="2031-05-06"))
    assert {f"k-n3 k-p{place}" for place in range(3)} <= set(re.findall(r"k-n\d k-p\d", html))


def test_a_full_day_of_the_month_opens_the_day(site: Site, sarah: str) -> None:
    for number in range(8):
        task(site, sarah, f"Full day {number}", date(2031, 6, 12))
    visitor = site.visitor(sarah)
    html = visitor.html(only(TASKS, "Full day", on="2031-06-01"))
    more = re.search(r'class="k-cal-more" href="([^"]*)">\+5 more', html)
    assert more is not None
    assert visitor.html(unescape(more[1])).count("k-cal-ev") == 8


def test_previous_next_and_a_jump_lead_to_other_months(site: Site, sarah: str, page: Page) -> None:
    signed_in(page, site, sarah).goto(f"{TASKS}&on=2031-01-15")
    expect(page.get_by_role("heading", name="January 2031")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="February 2031")).to_be_visible()
    page.get_by_role("link", name="Previous month").click()
    expect(page.get_by_role("heading", name="January 2031")).to_be_visible()
    page.wait_for_load_state()
    # The same words as in a form, read as the person writes days; the address keeps the day that they meant.
    jump = page.get_by_label("Go to a day")
    jump.fill("4 July 2032")
    jump.press("Enter")
    expect(page.get_by_role("heading", name="July 2032")).to_be_visible()
    assert "on=2032-07-04" in page.url
    expect(jump).to_have_value("Sun, 4 Jul 2032")


def test_a_record_is_dragged_to_another_day_and_back(site: Site, sarah: str, page: Page) -> None:
    record = task(site, sarah, "Dragged task", date(2031, 7, 8))
    signed_in(page, site, sarah).goto(only(TASKS, "Dragged task", on="2031-07-01"))
    page.locator(f'[data-span="{record}"]').drag_to(page.locator('[data-day="2031-07-17"]'))
    expect(page.locator('[data-day="2031-07-17"]')).to_contain_text("Dragged task")
    expect(page.locator(".k-toast[role=status]")).to_contain_text("17 Jul")
    assert value_of(site, "base.task", record, "due_date") == date(2031, 7, 17)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator('[data-day="2031-07-08"]')).to_contain_text("Dragged task")


def test_moving_by_days_keeps_the_time_of_day_over_a_clock_change(site: Site, sarah: str, page: Page) -> None:
    record = meeting(site, sarah, "Clock change", datetime(2031, 3, 29, 9, tzinfo=UTC))
    signed_in(page, site, sarah).goto(only(MEETINGS, "Clock change", on="2031-03-29", scale="week"))
    page.locator(f'[data-span="{record}"] a').first.focus()
    page.keyboard.press("m")
    page.get_by_role("menuitem", name="One day later").press("Enter")
    expect(page.locator(".k-toast[role=status]")).to_contain_text("10:00")
    expect(page.locator('.hours [data-day="2031-03-30"]')).to_contain_text("Clock change")
    assert value_of(site, "base.meeting", record, "starts_at") == datetime(2031, 3, 30, 8, tzinfo=UTC)
    assert value_of(site, "base.meeting", record, "ends_at") == datetime(2031, 3, 30, 9, tzinfo=UTC)


def test_the_lower_edge_makes_it_longer(site: Site, sarah: str, page: Page) -> None:
    record = meeting(site, sarah, "Made longer", datetime(2031, 8, 5, 7, tzinfo=UTC))
    signed_in(page, site, sarah).goto(only(MEETINGS, "Made longer", on="2031-08-05", scale="day"))
    box = page.locator(".k-cal-grip").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 48, steps=6)
    page.mouse.up()
    expect(page.locator(".k-toast[role=status]")).to_contain_text("now ends")
    expect(page.locator(".k-cal-at.k-s4")).to_be_visible()
    assert value_of(site, "base.meeting", record, "starts_at") == datetime(2031, 8, 5, 7, tzinfo=UTC)
    assert value_of(site, "base.meeting", record, "ends_at") == datetime(2031, 8, 5, 9, tzinfo=UTC)


def drawn(page: Page, what: str, x: float, y: float) -> None:
    """Drag something by mouse to a place."""
    box = page.locator(what).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, y, steps=6)
    page.mouse.up()


def test_the_edge_of_whole_days_makes_it_longer_in_the_month(site: Site, sarah: str, page: Page) -> None:
    days = {"starts_at": "2031-08-12T00:00:00+02:00", "ends_at": "2031-08-14T00:00:00+02:00", "all_day": True}
    record = site.create("base.meeting", subject="Days longer", owner=sarah, **days)
    signed_in(page, site, sarah).goto(only(MEETINGS, "Days longer", on="2031-08-01"))
    to = page.locator('[data-day="2031-08-18"]').bounding_box()
    assert to is not None
    drawn(page, '[data-day="2031-08-13"] [data-span-edge]', to["x"] + 40, to["y"] + 40)
    expect(page.locator(".k-toast[role=status]")).to_contain_text("Days longer now ends Mon 18 Aug 2031.")
    expect(page.locator(f'[data-span="{record}"]')).to_have_count(7)
    assert value_of(site, "base.meeting", record, "starts_at") == datetime(2031, 8, 11, 22, tzinfo=UTC)


def test_a_drag_in_the_week_keeps_the_place_and_what_is_let_go_beside_it(site: Site, sarah: str, page: Page) -> None:
    record = meeting(site, sarah, "Week drag", datetime(2031, 8, 20, 14, tzinfo=UTC))
    signed_in(page, site, sarah).goto(only(MEETINGS, "Week drag", on="2031-08-20", scale="week"))
    week = page.locator(".k-week")
    week.evaluate("e => e.scrollTop = 200")
    drawn(page, ".hours [data-span]", 100, 300)
    to = page.locator('.heads [data-day="2031-08-22"]').bounding_box()
    assert to is not None
    drawn(page, ".hours [data-span]", to["x"] + 60, to["y"] + 20)
    expect(page.locator('.hours [data-day="2031-08-22"] [data-span]')).to_have_count(1)
    assert value_of(site, "base.meeting", record, "starts_at") == datetime(2031, 8, 22, 14, tzinfo=UTC)
    assert week.evaluate("e => e.scrollTop") <= 200


def test_without_the_network_it_stays_and_says_so(site: Site, sarah: str, chromium: Browser) -> None:
    task(site, sarah, "Offline task", date(2031, 8, 5))
    device = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=site.address)
    page = signed_in(device.new_page(), site, sarah)
    page.goto(only(TASKS, "Offline task", on="2031-08-01"))
    device.set_offline(True)
    page.locator("[data-span]").drag_to(page.locator('[data-day="2031-08-20"]'))
    expect(page.locator(".k-toast[role=alert]")).to_contain_text("Nothing was changed.")
    expect(page.locator('[data-day="2031-08-05"] [data-span]:not(.is-saving)')).to_have_count(1)
    device.close()


def test_it_is_moved_without_script(site: Site, sarah: str) -> None:
    record = task(site, sarah, "Plain task", date(2031, 9, 2))
    visitor = site.visitor(sarah)
    link = re.search(r'href="([^"]*shift=[^"]*)"', visitor.html(only(TASKS, "Plain task", on="2031-09-01")))
    assert link is not None
    action = re.search(r'<form method="post" action="([^"]*/shift[^"]*)"', visitor.html(unescape(link[1])))
    assert action is not None
    visitor.post(unescape(action[1]), {"id": record, "days": "7", "minutes": "0", "edge": ""})
    assert value_of(site, "base.task", record, "due_date") == date(2031, 9, 9)


def test_an_empty_day_begins_a_new_record(site: Site, sarah: str, page: Page) -> None:
    signed_in(page, site, sarah).goto(f"{TASKS}&on=2031-10-01&q=nothing+at+all")
    page.locator('[data-day="2031-10-09"]').click()
    page.wait_for_url("**/e/base.task/new**")
    assert "9" in page.locator("[name=due_date]").input_value()
    page.goto(f"{MEETINGS}&on=2031-10-09&scale=day")
    page.locator(".slot").nth(14).click()
    page.wait_for_url("**/e/base.meeting/new**")
    assert "starts_at=2031-10-09+14%3A00" in page.url


def test_a_drop_that_others_came_before_goes_back_with_the_reason(site: Site, chromium: Browser) -> None:
    person = site.with_roles("Calendar Leaver", "base.administrator")
    record = meeting(site, person, "Contested", datetime(2031, 5, 6, 8, tzinfo=UTC))
    context = chromium.new_context(base_url=site.address)
    page = signed_in(context.new_page(), site, person)
    page.goto(only(MEETINGS, "Contested", on="2031-05-01"))
    chip, said = page.locator(f"[data-span='{record}']"), page.locator("[data-toast]")
    with site.workspace.write(SYSTEM, "api") as ctx:
        records.update(ctx, "base.meeting", record, {"starts_at": "2031-05-07T08:00Z", "ends_at": "2031-05-07T09:00Z"})
    chip.drag_to(page.locator("td[data-day='2031-05-14']"))
    expect(said).to_contain_text("System changed Starts, Ends meanwhile. It stands as they left it")
    now = page.locator("td[data-day='2031-05-07']", has=chip)
    expect(now).to_be_visible()
    with site.workspace.write(SYSTEM, "system") as ctx:
        RoleAssignments(ctx.clock, bump_access).replace(ctx.connection, person, [], by="")
    try:
        chip.drag_to(page.locator("td[data-day='2031-05-14']"))
        expect(said).to_contain_text("Nothing was changed.")
    finally:
        with site.workspace.write(SYSTEM, "system") as ctx:
            RoleAssignments(ctx.clock, bump_access).replace(ctx.connection, person, ["base.administrator"], by="")
    expect(now).to_be_visible()
    context.close()


def test_both_ends_are_moved_without_script(site: Site, sarah: str) -> None:
    record = meeting(site, sarah, "Plain ends", datetime(2031, 9, 5, 8, tzinfo=UTC))
    visitor = site.visitor(sarah)
    page = visitor.html(f"{MEETINGS}&on=2031-09-01&shift={record}")
    assert {"Starts 30 minutes later", "Starts one day earlier", "30 minutes longer"} <= set(
        re.findall(r'<button class="btn">([^<]+)<', page)
    )
    form = page.partition("Starts 30 minutes later")[0].rpartition("<form")[2]
    action, sent = re.search('action="([^"]+)"', form), dict(re.findall('name="([^"]+)" value="([^"]*)"', form))
    assert action is not None
    sent.pop("csrf_token")
    assert visitor.post(unescape(action[1]), sent).status_code == 303
    assert value_of(site, "base.meeting", record, "starts_at") == datetime(2031, 9, 5, 8, 30, tzinfo=UTC)
    assert value_of(site, "base.meeting", record, "ends_at") == datetime(2031, 9, 5, 9, tzinfo=UTC)


def test_who_may_only_read_moves_nothing(site: Site, sarah: str) -> None:
    record = task(site, sarah, "Foreign task", date(2031, 11, 3))
    stranger = site.with_roles("Calendar Stranger", "sales.rep")
    visitor = site.visitor(stranger)
    assert "<bdi>Foreign task</bdi>" not in visitor.html(f"{TASKS}&on=2031-11-01")
    answer = visitor.post(
        f"{TASKS.replace('?', '/shift?')}", {"id": record, "days": "1"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 404
    assert value_of(site, "base.task", record, "due_date") == date(2031, 11, 3)


# ---- the private address


@pytest.fixture
def feed(site: Site, sarah: str) -> str:
    """The path of a private address for Sarah's tasks."""
    page = site.visitor(sarah).post(f"{TASKS.replace('?', '/calendar/feed?')}")
    assert page.status_code == 201
    found = re.search(r'value="http://[^/"]+(/feeds/kith_[^"]+\.ics)"', page.get_data(as_text=True))
    assert found is not None
    return found[1]


def test_the_feed_is_read_without_signing_in_and_says_what_changed(site: Site, sarah: str, feed: str) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=20)
    record = task(
        site, sarah, "Fed; with, signs\\ and ünïcode 10\u00a0€ 👩\u200d🔬 می\u200cخواهم " + "long " * 20, soon
    )
    stranger = site.with_roles("Calendar Stranger", "sales.rep")
    task(site, stranger, "Not for Sarah", soon)
    client = site.app.test_client()
    answer = client.get(feed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.get_data().split(b"\r\n")) <= 75
    unfolded = text.replace("\r\n ", "")
    assert f"UID:{record}@kith" in unfolded
    assert "SUMMARY:Fed\\; with\\, signs\\\\ and ünïcode 10\u00a0€ 👩\u200d🔬 می\u200cخواهم long" in unfolded
    assert f"DTSTART;VALUE=DATE:{soon:%Y%m%d}\r\nDTEND;VALUE=DATE:{soon + timedelta(days=1):%Y%m%d}" in unfolded
    assert "Not for Sarah" not in text
    etag = answer.headers["ETag"]
    assert client.get(feed, headers={"If-None-Match": etag}).status_code == 304
    task(site, sarah, "One more", soon)
    assert client.get(feed, headers={"If-None-Match": etag}).status_code == 200


def test_the_secret_of_a_feed_opens_nothing_else_and_ends_in_my_settings(site: Site, sarah: str, feed: str) -> None:
    secret = feed.removeprefix("/feeds/").removesuffix(".ics")
    client = site.app.test_client()
    for path in ("/api/v1/base.task", "/api/v1/me", "/api/v1/"):
        assert client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert client.get("/feeds/kith_nothing.ics").status_code == 404
    visitor = site.visitor(sarah)
    settings = visitor.html("/me")
    assert "read one calendar" in settings
    assert secret not in settings
    for link in re.findall(r'href="(/me/tokens/\w+/revoke)" aria-label="Revoke Tasks: Task calendar"', settings):
        visitor.post(link)
    assert client.get(feed).status_code == 404


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@looks
def test_the_calendar_has_no_accessibility_findings(
    site: Site, sarah: str, chromium: Browser, width: int, theme: str
) -> None:
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, color_scheme=theme, base_url=site.address)  # type: ignore[arg-type]
    for page in open_page(context):
        for address in (TASKS, f"{MEETINGS}&scale=week", f"{MEETINGS}&scale=day"):
            signed_in(page, site, sarah).goto(address)
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
