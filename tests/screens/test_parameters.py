"""Whatever an address asks for and cannot be is told, with the same page without it as the way back."""

from __future__ import annotations

import html
import re

from support.site import Site

DEAL, TASK, CAMPAIGN = "/e/sales.deal", "/e/base.task", "/e/sales.campaign"
UNFIT = {
    f"{DEAL}?columns=name,nope": "columns",
    f"{DEAL}?month=2026-12&view=all": "month",
    f"{DEAL}?on=2026-12-01": "on=2026-12-01",
    f"{DEAL}?as=pile": "pile",
    f"{DEAL}?f.0-0-0-0=stage": "f.0-0-0-0",
    f"{DEAL}?as=board&open=nope": "nope",
    f"{DEAL}?as=board&after=abc": "without pages",
    f"{TASK}?as=calendar&on=2026-02-30": "2026-02-30",
    f"{TASK}?as=calendar&scale=year": "year",
    f"{TASK}?as=calendar&sort=nope": "nope",
    f"{DEAL}?as=timeline": "timeline",
    f"{CAMPAIGN}?as=timeline&on=soon&scale=week": "soon",
    f"{CAMPAIGN}?as=timeline&scale=year": "year",
    f"{DEAL}/new?nope=1": "nope",
    f"{DEAL}/views?order=1": "order",
    f"{DEAL}/bin?page=2": "page",
    f"{DEAL}/bin?after=abc": "place in the list",
    "/search?q=kelda&entity=x": "entity",
    "/?tab=2": "tab",
}
RECORD = {"show=nope": "nope", "alone=2": "2", "after=abc": "place in the timeline", "add=nope": "nope",
          "sort.nope=name": "nope", "tab=2": "tab"}  # fmt: skip
ADMIN = {
    "people?state=lost": "lost", "people?after=x&name=y": "x", "audit?before=abc": "abc", "audit?action=nope": "nope",
    "audit?actor=nope": "nope", "publishes?before=x": "x", "sessions?seen=now&before=x": "place", "tokens?after=x": "x",
    "access?entity=nope": "nope", "roles?page=2": "page", "settings?page=2": "page",
}  # fmt: skip


def test_what_fits_nothing_is_told_with_a_way_back(site: Site, sarah: str, administrator: str) -> None:
    account = f"/e/sales.account/{site.create('sales.account', name='Asked for oddly')}"
    asked = {**UNFIT, **{f"{account}?{query}": words for query, words in RECORD.items()}}
    visitors = {path: site.visitor(sarah) for path in asked}
    visitors |= {f"/admin/{path}": site.visitor(administrator) for path in ADMIN}
    for path, words in {**asked, **{f"/admin/{path}": words for path, words in ADMIN.items()}}.items():
        answer = visitors[path].get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 400, path
        said = re.findall(r"data-problem>.*?<p>(.*?)</p>", page, re.S)
        assert said, path
        assert words in html.unescape(said[0]), (path, said)
        assert "data-card-link" not in page
        # The way back is the same page without what does not fit; more than one thing may be wrong.
        for _ in range(2):
            way = html.unescape(re.findall(r'<a class="btn btn-primary" href="([^"]+)">Show it without that', page)[0])
            answer = visitors[path].get(way)
            page = answer.get_data(as_text=True)
            if answer.status_code == 200:
                break
        assert answer.status_code == 200, way


def test_what_is_usual_in_addresses_is_no_fault(site: Site, sarah: str) -> None:
    visitor = site.visitor(sarah)
    for path in (
        f"{DEAL}?utm_source=letter&fbclid=1",
        f"{DEAL}?as=calendar&scale=week&on=2026-12-01&sort=name",
        f"{DEAL}?as=board&open=lost,won",
        f"{DEAL}?as=list&view=all&count=all&from=1",
        f"{DEAL}?f=name&o=is&v=a&q=&where=",
        f"{DEAL}/new?stage=qualify",
    ):
        assert visitor.get(path).status_code == 200, path
