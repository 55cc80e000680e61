"""A plan says how many of the records that are there a new rule would refuse, and where to see them."""

from __future__ import annotations

from typing import Any

from kith_runtime.publish.operations.try_rule import TryRule
from support.publishing import TEXT, Documents, Site, crm, entity

FIELDS = {"name": TEXT, "amount": {"type": "integer"}, "state": TEXT}


def deals(rules: dict[str, Any], **fields: Any) -> Documents:
    """Return an app whose deals have these rules."""
    return crm(deal=entity({**FIELDS, **fields}, rules=rules))


def tried(site: Site, documents: Documents) -> list[TryRule]:
    """Return what a plan says of new rules."""
    return [item for item in site.plan(documents).operations if isinstance(item, TryRule)]


def fill(site: Site) -> None:
    """Publish without rules and make ten deals, of which three are won without an amount."""
    site.publish(deals({}))
    for number in range(10):
        state = "won" if number < 5 else "open"
        site.create("deal", name=f"Deal {number}", state=state, amount=None if number < 3 else number)


def test_a_new_rule_counts_the_records_that_it_would_refuse(site: Site) -> None:
    fill(site)
    rule = {"when": 'state == "won" and is_blank(amount)', "refuse": "A won deal needs an amount.", "at": "amount"}
    (found,) = tried(site, deals({"won_needs_amount": rule}))
    assert found.describe() == "rule 'won_needs_amount' would refuse 3 of 10 records"
    assert "/e/crm.deal?view=all&where=state%20%3D%3D%20%22won%22" in found.warnings[0]


def test_a_rule_that_stays_is_not_tried_again(site: Site) -> None:
    fill(site)
    rule = {"when": "amount > 100", "refuse": "Too much."}
    site.publish(deals({"limit": rule}))
    assert tried(site, deals({"limit": {**rule, "refuse": "Far too much."}})) == []
    (found,) = tried(site, deals({"limit": {**rule, "when": "amount > 8"}}))
    assert (found.rows, found.of) == (1, 10)


def test_a_condition_of_requirement_counts_the_records_without_a_value(site: Site) -> None:
    fill(site)
    (found,) = tried(site, deals({}, amount={"type": "integer", "required_if": 'state == "won"'}))
    assert (found.rows, found.of) == (3, 10)


def test_what_cannot_be_tried_says_why(site: Site) -> None:
    fill(site)
    rules = {
        "new": {"when": 'colour == "red"', "refuse": "Not red."},
        "once": {"when": 'is_changed(state) and old.state == "won"', "refuse": "Won stays won."},
    }
    found = {item.what: item.untried for item in tried(site, deals(rules, colour=TEXT))}
    assert found == {
        "rule 'new'": "it uses fields that come with this publish.",
        "rule 'once'": "it looks at what a save changes.",
    }
