"""Lists are drawn once for people with the same rights; what belongs to one person still reaches nobody else."""

from __future__ import annotations

import re

import pytest

from kith_runtime.screens.kept import hole, kept_page
from support.site import Site

LIST = "/e/sales.account?view=sales.all_accounts"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_ROW = re.compile(r'<td class="p-title">')


def test_people_with_the_same_rights_see_their_own_name_and_send_their_own_token(site: Site) -> None:
    ina, ulf = (site.with_roles(name, "sales.rep") for name in ("Ina Alike", "Ulf Alike"))
    first, second = site.visitor(ina), site.visitor(ulf)
    for visitor, own, other in ((first, ina, ulf), (second, ulf, ina), (first, ina, ulf)):
        html = visitor.html(LIST)
        assert _ROW.search(html)
        assert f'data-person="{own}"' in html
        assert other not in re.sub(r"<tbody>.*</tbody>", "", html, flags=re.DOTALL)
    assert "Ina Alike" in first.html(LIST)
    assert "Ulf Alike" not in re.sub(r"<tbody>.*</tbody>", "", first.html(LIST), flags=re.DOTALL)

    tokens = [set(_TOKEN.findall(visitor.html(LIST))) for visitor in (first, second)]
    assert [len(found) for found in tokens] == [1, 1]
    assert not tokens[0] & tokens[1]
    for visitor, (token,), status in ((first, tokens[0], 303), (second, tokens[1], 303), (first, tokens[1], 403)):
        sent = {"csrf_token": token, "next": LIST, "density": "compact"}
        assert visitor.client.post("/e/sales.account/density", data=sent).status_code == status


def test_what_a_person_arranges_shows_at_once_and_only_to_them(site: Site) -> None:
    kim, lea = (site.visitor(site.with_roles(name, "sales.rep")) for name in ("Kim Alike", "Lea Alike"))
    before = lea.html(LIST)
    assert "Kim's own" not in kim.html(LIST)
    kim.post("/e/sales.account/views", {"label": "Kim's own", "view": "sales.all_accounts", "sort": "name"})
    kim.post("/e/sales.account/density", {"density": "comfortable", "next": LIST})
    mine, theirs = kim.html(LIST), lea.html(LIST)
    assert "Kim&#39;s own" in mine
    assert 'class="k-grid-wrap" data-density="comfortable"' in mine
    assert "Kim&#39;s own" not in theirs
    assert 'class="k-grid-wrap" data-density="comfortable"' not in theirs
    assert len(theirs) == len(before)


def test_pages_of_a_list_differ_in_rows_and_in_their_ways_on(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    address = "/e/sales.contact?view=all"
    first = visitor.html(address)
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    assert onward is not None
    assert 'rel="prev"' not in first
    second = visitor.html(onward[1].replace("&amp;", "&"))
    assert 'rel="prev"' in second
    shown = [re.search(r"<span[^>]*>([\d,]+–[\d,]+)", html) for html in (first, second, visitor.html(address))]
    assert [found and found[1] for found in shown] == ["1–50", "51–100", "1–50"]
    ids = [set(re.findall(r'name="id" value="(\w+)"', html)) for html in (first, second)]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]
    assert visitor.html(onward[1].replace("&amp;", "&")) == second


def test_page_is_filled_where_its_holes_are_and_nowhere_else() -> None:
    page = kept_page(f"<b>{hole('name')}</b>{hole('rows')}<i>{hole('name')}</i>")
    assert page.filled({"name": "\x02forged:rows\x03", "rows": "<p>"}) == (
        "<b>\x02forged:rows\x03</b><p><i>\x02forged:rows\x03</i>"
    )


@pytest.mark.parametrize("path", ["/e/sales.account/figures", "/e/sales.account?view=sales.all_accounts&count=all"])
def test_the_foot_says_what_is_seen_and_how_many(site: Site, administrator: str, path: str) -> None:
    html = site.visitor(administrator).html(path)
    assert "–" in html
    assert re.search(r"of [\d,]+", html)
