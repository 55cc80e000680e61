"""Bad input in any address gets a clear message with a way back: never a fault of ours, never data of others."""

from __future__ import annotations

import os
import re

import pytest

from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from kith_runtime.web.app import create_app
from support.site import Site, Visitor
from support.sweep import NotingRequest, Sweep

STEP = 1 if os.environ.get("KITH_SWEEP") == "all" else 11
"""Every how many values of the corpus are tried for each part of an address; all of them take a quarter of an hour."""

HIDDEN = "Zanzibar shipment"
PRIVATE = "View of somebody else"


def _known(site: Site, person: str) -> dict[str, str]:
    with site.workspace.read(SYSTEM, "system") as ctx:
        record = select(ctx, Query("sales.contact", ("id",), limit=1)).ids[0]
    other = {"kind": "task", "name": "email", "view": "all", "role": "sales.rep", "side": "256", "purpose": "start"}
    return {"entity": "sales.contact", "record": record, "person": person, **other}


def _wrong(visitor: Visitor, address: str) -> str:
    """Return what is wrong with an answer; nothing for one that is as it should be."""
    answer = visitor.get(address)
    html = answer.get_data().decode(errors="replace")
    if answer.status_code >= 500:
        return f"{answer.status_code} {address[:200]}"
    if HIDDEN in html or PRIVATE in html:
        return f"data of others {address[:200]}"
    is_page = answer.status_code >= 400 and answer.mimetype == "text/html"
    told = re.search(r"data-problem|role=\"alert\"", html)
    if is_page and not (told and re.search(r"<a [^>]*href=\"/", html)):
        return f"no message or no way back: {answer.status_code} {address[:200]}"
    return ""


@pytest.mark.parametrize("role", ["base.administrator", "sales.rep"])
def test_no_address_breaks_or_gives_away_anything(site: Site, role: str) -> None:
    person = site.with_roles(f"Sweeping {role}", role)
    other = site.with_roles("Another Owner", "sales.manager")
    if role == "sales.rep":
        account = site.create("sales.account", name="Open account")
        site.create("sales.deal", name=HIDDEN, account=account, owner=other, stage="qualify", margin=3.3)
        kept = {"view": "all", "label": PRIVATE, "f": "name", "o": "is", "v": HIDDEN, "action": "create"}
        site.visitor(other).post("/e/sales.deal/views", kept)
    app = create_app(site.workspace)
    app.request_class = NotingRequest
    client = app.test_client()
    client.set_cookie("kith_session", site.cookie(person))
    visitor, sweep = Visitor(client), Sweep(app, _known(site, person))
    tried = list(sweep.good())
    problems = [_wrong(visitor, address) for address in tried]
    for entity in ("sales.deal", "base.task"):
        for way in ("board", "calendar", "timeline", "tree", "gallery"):
            visitor.get(f"/e/{entity}?as={way}")
    tried += list(sweep.bad_parts(STEP))
    tried += list(sweep.bad_parameters(STEP))
    problems += [_wrong(visitor, address) for address in tried]
    assert [problem for problem in problems if problem] == []
    assert len(tried) > 800


@pytest.mark.parametrize("way", ["board", "calendar", "timeline"])
@pytest.mark.parametrize(
    "question", ["where=margin+%3E+3", "sort=margin", "f=margin&o=more&v=3", "saved=01jd3m5zq8w9v7k2t4xa", "view=nope"]
)
def test_each_way_to_show_records_refuses_what_is_not_for_these_eyes(
    site: Site, sarah: str, way: str, question: str
) -> None:
    answer = site.visitor(sarah).get(f"/e/sales.deal?as={way}&{question}")
    html = answer.get_data(as_text=True)
    assert answer.status_code in (200, 400, 404)
    if way == "calendar" and question.startswith("sort"):
        # Days have their own order, so the sort of a list that came along says nothing.
        return
    assert re.search(r"There is no|cannot|not", html)
    assert "data-card-link" not in html
    assert "data-span=" not in html
