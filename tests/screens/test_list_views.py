"""Views that people keep of a list, and how they arrange its columns and tabs."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import update

from kith_runtime.saved_views.store import VIEW
from support.site import Site, Visitor

pytestmark = pytest.mark.screen

ALL = "/e/sales.deal?view=sales.all_deals"
TITLE = re.compile(r'<td class="p-title">.*?<bdi>(.*?)</bdi>')


def titles(html: str) -> list[str]:
    return [unescape(found) for found in TITLE.findall(html)]


def heads(html: str) -> list[str]:
    """Return the names of the columns in order."""
    return re.findall(r'<th[^>]* data-column="(\w+)"', html)


def tabs(html: str) -> list[str]:
    """Return the words of the tabs in order."""
    inside = html.partition('id="views"')[2].partition("</nav>")[0]
    return [unescape(found) for found in re.findall(r"<bdi>(.*?)</bdi>", inside)]


def save(visitor: Visitor, label: str, entity: str = "sales.deal", **state: str) -> str:
    """Keep a view and return its id."""
    answer = visitor.post(f"/e/{entity}/views", {"label": label, **state})
    found = re.fullmatch(rf"/e/{entity}\?view=(\w{{20}})", answer.headers["Location"])
    assert found is not None, answer.headers["Location"]
    return found[1]


@pytest.fixture
def manager(site: Site) -> str:
    """Somebody who sees all of sales and may share views."""
    return site.with_roles("Mara Manager", "sales.manager", "base.member")


def test_what_is_seen_is_kept_under_a_name(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    plain, narrowed = visitor.html(ALL), visitor.html(ALL + "&f=stage&o=is&v=won&sort=-amount")
    assert "Save as view" not in plain
    assert "Save as view" in narrowed
    kept = save(visitor, "My wins", view="sales.all_deals", f="stage", o="is", v="won", sort="-amount")
    html = visitor.html(f"/e/sales.deal?view={kept}")
    assert titles(html) == titles(narrowed)
    assert "My wins" in tabs(html)
    assert "Save as view" not in html
    assert "Stage</span> is" in html
    assert "My wins" not in tabs(site.visitor(site.with_roles("No Views", "sales.rep")).html(ALL))


def test_own_view_is_updated_renamed_and_deleted(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    kept = save(visitor, "To change", view="sales.all_deals", f="stage", o="is", v="won")
    changed = f"/e/sales.deal?view=sales.all_deals&saved={kept}&f=stage&o=is&v=lost"
    assert "Update “<bdi>To change</bdi>”" in visitor.html(changed)
    values = {"view": "sales.all_deals", "saved": kept, "f": "stage", "o": "is", "v": "lost", "action": "update"}
    visitor.post("/e/sales.deal/views", values)
    assert titles(visitor.html(f"/e/sales.deal?view={kept}")) == titles(visitor.html(ALL + "&f=stage&o=is&v=lost"))
    address = f"/e/sales.deal/views/{kept}"
    assert visitor.post(address, {"action": "rename", "label": " "}).status_code == 422
    visitor.post(address, {"action": "rename", "label": "Renamed one"})
    assert "Renamed one" in tabs(visitor.html(ALL))
    visitor.post(address, {"action": "delete"})
    assert "Renamed one" not in tabs(visitor.html(ALL))
    gone = visitor.get(f"/e/sales.deal?view={kept}")
    assert gone.status_code == 404
    assert "This list cannot be shown" in gone.get_data(as_text=True)


def test_sharing_needs_the_permission_and_never_shows_more(site: Site, sarah: str, manager: str) -> None:
    own, boss = site.visitor(sarah), site.visitor(manager)
    mine = save(own, "Just mine", view="sales.all_deals", q="a")
    assert own.post(f"/e/sales.deal/views/{mine}", {"action": "share", "share": "everybody:"}).status_code == 403
    account = site.create("sales.account", name="Shared Valley", owner=manager)
    site.create("sales.deal", name="Shared Valley deal", account=account, owner=manager, margin="40")
    kept = save(boss, "Team margins", view="sales.all_deals", q="Shared Valley", f="margin", o="more", v="3")
    assert "Team margins" not in tabs(own.html(ALL))
    answer = boss.post(f"/e/sales.deal/views/{kept}", {"action": "share", "share": ["role:sales.rep"]})
    assert answer.status_code == 303
    assert titles(boss.html(f"/e/sales.deal?view={kept}")) == ["Shared Valley deal"]
    html = own.html(f"/e/sales.deal?view={kept}")
    assert "Team margins" in tabs(html)
    assert titles(html) == []
    assert "uses a field that is not here for you" in html
    assert "argin</span>" not in html
    assert own.get(f"/e/sales.deal/views/{kept}").status_code == 404
    assert own.post(f"/e/sales.deal/views/{kept}", {"action": "delete"}).status_code == 404
    boss.post(f"/e/sales.deal/views/{kept}", {"action": "share"})
    assert own.get(f"/e/sales.deal?view={kept}").status_code == 404


@pytest.mark.parametrize(
    "kept",
    [
        {},
        [],
        {"base": "sales.gone", "columns": 3, "looks": {"columns": ["nope", 4], "widths": {"name": "wide", "stage": 9}}},
        {"conditions": [["nope", "is", "x"], ["stage"], 5, ["stage", "is", "no_such_stage"]], "sort": ["nope", "-"]},
        {"where": "amount ==", "group": "nope", "text": 5},
        {"where": "nope > 3", "sort": "name"},
    ],
)
def test_old_view_opens_with_a_sentence(site: Site, sarah: str, kept: object) -> None:
    visitor = site.visitor(sarah)
    view = save(visitor, f"Old {abs(hash(str(kept)))}", view="sales.all_deals")
    with site.workspace.database.write() as connection:
        connection.execute(update(VIEW).where(VIEW.c.id == view).values(kept=kept))
    html = visitor.html(f"/e/sales.deal?view={view}")
    assert titles(html)
    assert ("was left out" in html or "is not here for you" in html) == bool(kept)


def test_tabs_are_arranged_and_one_opens_first(site: Site) -> None:
    visitor = site.visitor(site.with_roles("Tidy Person", "sales.rep"))
    kept = save(visitor, "Opens first", view="sales.all_deals", sort="name")
    before = tabs(visitor.html("/e/sales.deal"))
    names = re.findall(r'name="order" value="([\w.]+)"', visitor.html("/e/sales.deal/views"))
    assert len(names) == len(before)
    shown = [name for name in names if name != "sales.lost_deals"]
    visitor.post("/e/sales.deal/views/arrange", {"order": [kept, *names], "shown": shown, "first": kept})
    html = visitor.html("/e/sales.deal")
    assert tabs(html)[0] == "Opens first"
    assert "Lost" not in tabs(html)
    assert 'aria-current="page"><bdi>Opens first</bdi>' in html
    moved = {"order": [kept, *names], "shown": shown, "first": "", "_move": f"{kept}:down"}
    visitor.post("/e/sales.deal/views/arrange", moved)
    html = visitor.html("/e/sales.deal")
    assert tabs(html)[1] == "Opens first"
    assert 'aria-current="page"><bdi>All open</bdi>' in html
    assert tabs(site.visitor(site.with_roles("Other Person", "sales.rep")).html("/e/sales.deal")) == before[:-1]


def seller(site: Site, name: str) -> Visitor:
    """Return a sales person with a deal, whose arrangements are nobody else's."""
    person = site.with_roles(name, "sales.rep")
    account = site.create("sales.account", name=f"Account of {name}", owner=person)
    site.create("sales.deal", name=f"Deal of {name}", account=account, owner=person)
    return site.visitor(person)


def test_columns_belong_to_the_person(site: Site) -> None:
    visitor = seller(site, "Column Person")
    before = heads(visitor.html(ALL))
    chooser = visitor.html("/e/sales.deal/columns?view=sales.all_deals")
    assert "Margin" not in chooser
    assert 'value="close_date" checked' in chooser
    chosen = {"place": "sales.all_deals", "view": "sales.all_deals", "column": ["owner", "amount", "margin", "nope"]}
    visitor.post("/e/sales.deal/columns", chosen)
    html = visitor.html(ALL)
    assert heads(html) == ["name", "owner", "amount"]
    assert titles(html)
    assert "Save as view" in html
    visitor.post("/e/sales.deal/columns", {**chosen, "_move": "amount:up"})
    assert heads(visitor.html(ALL)) == ["name", "amount", "owner"]
    assert heads(visitor.html("/e/sales.deal?view=sales.all_open_deals")) != ["name", "amount", "owner"]
    kept = save(visitor, "Two columns", view="sales.all_deals")
    assert heads(visitor.html(f"/e/sales.deal?view={kept}")) == ["name", "amount", "owner"]
    assert heads(visitor.html(ALL)) == before


def test_widths_and_density_are_kept(site: Site) -> None:
    visitor = seller(site, "Wide Person")
    put = {"place": "sales.all_deals", "name": "amount", "width": "333"}
    assert visitor.post("/e/sales.deal/widths", put).status_code == 204
    assert '<col class="k-wp-330">' in visitor.html(ALL)
    visitor.post("/e/sales.deal/widths", {**put, "width": "99999"})
    assert '<col class="k-wp-600">' in visitor.html(ALL)
    for wrong in ({**put, "width": "-3"}, {**put, "name": "margin"}, {**put, "width": "²"}):
        assert visitor.post("/e/sales.deal/widths", wrong).status_code == 400
    assert visitor.post("/e/sales.deal/widths", {**put, "place": "0" * 20}).status_code == 404
    assert 'data-density="compact"' in visitor.html(ALL)
    visitor.post("/e/sales.deal/density", {"density": "comfortable", "next": ALL})
    assert 'data-density="comfortable"' in visitor.html("/e/sales.account")
    assert visitor.post("/e/sales.deal/density", {"density": "huge"}).status_code in (400, 422)
    reset = {"place": "sales.all_deals", "view": "sales.all_deals", "_reset": "1"}
    visitor.post("/e/sales.deal/columns", reset)
    assert "k-wp-" not in visitor.html(ALL)


def test_two_columns_sort(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    html = visitor.html(ALL + "&sort=stage")
    also = re.search(r'data-column="amount"><a href="([^"]+)"[^>]* data-sort-also="([^"]+)"', html)
    assert also is not None
    assert unescape(also[1]).endswith("sort=amount")
    both = visitor.html(unescape(also[2]))
    assert both.count("aria-sort=") == 1
    assert list(re.findall(r"order </span>(\d)", both)) == ["1", "2"]
    assert len(titles(both)) == len(titles(html))
