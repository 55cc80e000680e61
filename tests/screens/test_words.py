"""What screens say of what one may not do: why a value stands as it is, and whose a record is."""

from __future__ import annotations

from html import unescape

import pytest

from support.site import Site

pytestmark = pytest.mark.screen


def test_a_field_that_is_only_shown_says_what_its_help_says(site: Site, administrator: str) -> None:
    account = site.create("sales.account", name="Words & Co", kind="prospect")
    deal = site.create("sales.deal", name="Deal of words", account=account)
    html = site.visitor(administrator).html(f"/e/sales.deal/{deal}/edit")
    shown = html.partition("Weighted</span>")[2].partition("</div>")[0]
    assert '<p class="k-help">The amount times the probability of the stage.</p>' in shown


def test_the_form_of_a_record_that_one_may_only_read_names_its_owner(site: Site, sarah: str) -> None:
    owner = site.with_roles("Otto Owner", "sales.rep")
    account = site.create("sales.account", name="Words Elsewhere", kind="prospect", owner=owner)
    answer = site.visitor(sarah).get(f"/e/sales.account/{account}/edit")
    assert answer.status_code == 403
    words = unescape(answer.get_data(as_text=True))
    assert "You may read this account but not change it. Its owner is Otto Owner." in words
