"""Every screen of every app, for every role: no page fails, no link leads nowhere, nothing looks broken."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from support.crawl import ASKED, VARIANTS, Screen, Variant, asked_for, eye, summed, walk, worth_seeing
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
Walk = tuple[list[Screen], list[str]]

SEEN = VARIANTS if ASKED else VARIANTS[3:]


def _person(site: Site, role: str) -> str:
    name = role.replace(".", " ").title()
    return site.with_roles(f"Crawling {name}", role)


@pytest.fixture(scope="module")
def walks() -> dict[tuple[str, str], Walk]:
    """What each role found at each site: a walk is long, and all tests of this file want the same one."""
    return {}


def _walk(walks: dict[tuple[str, str], Walk], site: Site, role: str) -> Walk:
    key = (site.address, role)
    if key not in walks:
        walks[key] = walk(site.visitor(_person(site, role)))
    return walks[key]


def test_the_roles_here_are_those_of_the_apps(site: Site) -> None:
    assert set(site.workspace.current.snapshot.names("role")) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_to_a_page_that_fails_or_is_refused(
    site: Site, role: str, walks: dict[tuple[str, str], Walk]
) -> None:
    screens, problems = _walk(walks, site, role)
    assert not problems, "\n".join(problems)
    assert len(screens) > 5


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
@pytest.mark.parametrize("variant", SEEN, ids=str)
def test_screens_are_whole(site: Site, chromium: Browser, variant: Variant, walks: dict[tuple[str, str], Walk]) -> None:
    seen: set[str] = set()
    problems: list[str] = []
    for turn, role in enumerate(ROLES, VARIANTS.index(variant)):
        person = _person(site, role)
        screens = _walk(walks, site, role)[0]
        watching = eye(chromium, site, person, variant)
        new = worth_seeing(screens, seen)
        for screen in asked_for(screens, new, turn):
            watching.look(screen.address, rings_too=screen in new or ASKED == "all")
        watching.context.close()
        problems += watching.problems
    assert not problems, f"{len(problems)} problems\n{summed(problems)}"
