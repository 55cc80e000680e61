"""The navigation leads to what a person has to do, and says how much needs them; tables show people by short names."""

from __future__ import annotations

import re
from datetime import timedelta

from kith_runtime.field_types.base import Linked
from kith_runtime.screens.short_names import ShortNames
from support.site import Site, Visitor

PART = {"HX-Request": "true"}


def counts(visitor: Visitor) -> dict[str, str]:
    """Return what the navigation says of each of its own entries; empty where nothing needs the person."""
    text = visitor.get("/favourites", headers=PART).get_data(as_text=True)
    return dict(re.findall(r'<span class="k-count" id="side-([a-z0-9-]+)" hx-swap-oob="true">([^<]*)<', text))


def test_what_is_due_or_late_is_counted_and_nothing_else(site: Site) -> None:
    nora = site.with_roles("Nora Navigation", "sales.rep")
    visitor = site.visitor(nora)
    assert counts(visitor) == {"inbox": "", "mine-1": ""}
    today = site.today(nora)
    for days, status in ((-1, "open"), (0, "waiting"), (1, "open"), (-3, "done")):
        day = (today + timedelta(days=days)).isoformat()
        site.create("base.task", subject=f"Navigate {days}", due_date=day, status=status, owner=nora)
    assert counts(visitor)["mine-1"] == "2"


def test_the_entry_opens_the_own_open_tasks(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    (way,) = re.findall(r'<a href="([^"]+)" title="My tasks"', visitor.html("/"))
    assert way == "/e/base.task?view=base.my_tasks"
    html = visitor.html(way)
    assert re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', html.partition("</aside>")[0]) == [way]
    assert re.search(r'aria-current="page"[^>]*>(?:<[^>]*>)*My tasks', html.partition("</aside>")[2])


def test_one_entry_alone_stands_for_a_page(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    case = site.create(
        "service.case", subject="Which entry am I", account=site.create("sales.account", name="Entry & Co")
    )
    entries = {
        "/": "/",
        "/notices": "/notices",
        "/admin/people": "/admin",
        "/e/service.case?view=service.unanswered_cases": "/e/service.case?view=service.unanswered_cases",
        "/e/service.case?view=all": "/e/service.case",
        f"/e/service.case/{case}": "/e/service.case",
    }
    for address, entry in entries.items():
        side = visitor.html(address).partition("</aside>")[0]
        assert re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', side) == [entry], address


def test_a_list_of_people_knows_who_else_is_called_so() -> None:
    names = ShortNames(["Sarah Lindqvist", "Jonas Weber", "Jonas Wolf"])

    def drawn(number: int, name: str | None) -> str:
        return str(names.draw(Linked(f"{number:020}", name, "base.user")))

    assert 'title="Sarah Lindqvist"><bdi>Sarah L.</bdi>' in drawn(1, "Sarah Lindqvist")
    assert "<bdi>Jonas Weber</bdi>" in drawn(2, "Jonas Weber")
    assert "<bdi>Sarah Lund</bdi>" in drawn(4, "Sarah Lund")
    assert "<bdi>Sarah Lindqvist</bdi>" in drawn(1, "Sarah Lindqvist")
    assert "Hidden record" in drawn(5, None)
    assert "&lt;b&gt;" in drawn(6, "Eve <b>Nilsson")


def test_lists_show_short_names(site: Site, sarah: str) -> None:
    page = site.visitor(sarah).html("/e/sales.deal?view=sales.all_open_deals")
    assert 'title="Mei Tanaka"><bdi>Mei T.</bdi>' in page
    assert "<bdi>Mei Tanaka</bdi>" not in page
