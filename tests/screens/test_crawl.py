"""Every screen of every app, for every role: no page fails, no link leads nowhere, nothing looks broken."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from support.crawl import ASKED, VARIANTS, Screen, eye, summed, walk, worth_seeing
from support.site import Site

ROLES = (
    "base.administrator",
    "base.member",
    "sales.manager",
    "sales.rep",
    "service.lead",
    "service.agent",
    "service.observer",
)
EVERYTHING = ASKED == "all"
SEEN = VARIANTS if ASKED in ("all", "variants") else VARIANTS[3:]


def _person(site: Site, role: str) -> str:
    name = role.replace(".", " ").title()
    return site.with_roles(f"Crawling {name}", role)


def test_the_roles_here_are_those_of_the_apps(site: Site) -> None:
    assert set(site.workspace.current.snapshot.names("role")) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_to_a_page_that_fails_or_is_refused(site: Site, role: str) -> None:
    screens, problems = walk(site.visitor(_person(site, role)))
    assert not problems, "\n".join(problems)
    assert len(screens) > 5


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
@pytest.mark.parametrize("variant", SEEN, ids=str)
def test_screens_are_whole(site: Site, chromium: Browser, variant: object) -> None:
    seen: set[str] = set()
    problems: list[str] = []
    for role in ROLES:
        person = _person(site, role)
        screens: list[Screen] = walk(site.visitor(person))[0]
        watching = eye(chromium, site, person, variant)  # type: ignore[arg-type]
        for screen in screens if EVERYTHING else worth_seeing(screens, seen):
            watching.look(screen.address)
        watching.context.close()
        problems += watching.problems
    assert not problems, f"{len(problems)} problems\n{summed(problems)}"
