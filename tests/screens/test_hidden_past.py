"""Histories of lookups: records that the reader may not see are words, without an id, at every door."""

from __future__ import annotations

import pytest

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from support.site import Site

pytestmark = pytest.mark.screen


@pytest.fixture
def hidden(site: Site, sarah: str) -> tuple[str, str]:
    """A lead of Sarah's, and the deal of a stranger that it pointed to once."""
    stranger = site.with_roles("Else Where", "sales.rep")
    account = site.create("sales.account", name="Openly seen", owner=stranger)
    deal = site.create("sales.deal", name="Qqxyzzy deal", account=account, owner=stranger)
    lead = site.create("sales.lead", name="Once pointed", owner=sarah)
    for value in (deal, None):
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.update(ctx, "sales.lead", lead, {"converted_deal": value})
    return lead, deal


@pytest.mark.parametrize(
    "address",
    [
        "/e/sales.lead/{}/history/converted_deal",
        "/e/sales.lead/{}?show=changes",
        "/e/sales.lead/{}",
        "/api/v1/sales.lead/{}/history",
    ],
)
def test_no_door_of_a_history_names_a_hidden_record(
    site: Site, sarah: str, administrator: str, hidden: tuple[str, str], address: str
) -> None:
    lead, deal = hidden
    said = site.visitor(sarah).get(address.format(lead)).get_data(as_text=True)
    assert "Hidden record" in said
    assert deal not in said
    assert "Qqxyzzy" not in said
    open_to = site.visitor(administrator).get(address.format(lead)).get_data(as_text=True)
    assert "Qqxyzzy" in open_to or deal in open_to


def test_the_search_does_not_name_it_either(site: Site, sarah: str, hidden: tuple[str, str]) -> None:
    for address in ("/search?q=qqxyzzy", "/api/v1/sales.lead?q=qqxyzzy"):
        said = site.visitor(sarah).get(address).get_data(as_text=True)
        assert hidden[1] not in said
        assert "Qqxyzzy deal" not in said
