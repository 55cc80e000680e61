"""A rename changes the declaration and every place that names the field, in place, and leaves the rest as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith_metadata.check import check
from kith_metadata.graph import uses
from kith_metadata.renames import CannotRename, Renaming, affected_files, rename, target_of
from support.small_language import LANGUAGE, check_files

DEAL = """\
# What is sold.
entity: account
label: Account
fields:
  name:   {type: text}
  credit: {type: money}   # what they may owe
  amount: {type: integer}
  lost:   {type: formula, returns: integer, formula: 'count(deals, stage == "lost" and amount > this.credit)'}
---
entity: deal
label: Deal
title: name
fields:
  name: {type: text}
  amount:      # in euros
    type: money
    label: "amount"
  account: {type: lookup, to: account}
  stage:   {type: choice, options: {open: {}, lost: {}}}
  double:
    type: formula
    returns: money
    formula: >
      amount *  2
      if account.amount > 1 else amount
    x_note: amount stays here
---
view: large
entity: deal
label: Large
columns: {name: {}, amount: {}}   # amount
sort: [-amount, account.amount]
where: |
  account.credit < amount
  and amount > 1
---
data: some
entity: deal
purpose: demo
records:
  one: {name: One, amount: "= amount"}
"""
HEAD = "app: acme\nlabel: Acme\nversion: 1.0.0\ncustomer: true\n"
PATCH = "patch: entity\nof: sales.deal\nset:\n  fields.amount.label: 'Worth, amount'\n"


def _renamed(folder: Path, text: str, field: str, new: str) -> Renaming:
    result = check_files(folder, {"sales/deal.yaml": text}, {"app.yaml": HEAD, "x.yaml": PATCH})
    assert [issue for issue in result.errors if issue.code != "KM070"] == []
    texts = {file: (folder / file).read_text() for file in affected_files(result)}
    return rename(result, target_of(result, field), new, texts)


def test_every_place_is_changed_where_it_stands_and_nothing_else(tmp_path: Path) -> None:
    found = _renamed(tmp_path, DEAL, "sales.deal.amount", "value")
    assert found.by_hand == ()
    assert found.after["custom/x.yaml"] == PATCH.replace("fields.amount.", "fields.value.")
    expected = DEAL
    for old, new in (
        ("and amount > this", "and value > this"),
        ("  amount:      # in euros\n", "  value:      # in euros\n    was: amount\n"),
        ("      amount *  2", "      value *  2"),
        ("> 1 else amount", "> 1 else value"),
        ("columns: {name: {}, amount: {}}", "columns: {name: {}, value: {}}"),
        ("[-amount,", "[-value,"),
        ("credit < amount\n  and amount > 1", "credit < value\n  and value > 1"),
        ('amount: "= amount"', 'value: "= value"'),
    ):
        assert old in expected
        expected = expected.replace(old, new)
    assert found.after["apps/sales/deal.yaml"] == expected
    assert "-  amount:      # in euros\n+  value:      # in euros\n+    was: amount\n" in found.diff
    again = check_files(tmp_path, {"sales/deal.yaml": expected}, {"x.yaml": found.after["custom/x.yaml"]})
    assert again.errors == ()


def test_a_field_of_the_same_name_elsewhere_keeps_it(tmp_path: Path) -> None:
    after = _renamed(tmp_path, DEAL, "sales.account.amount", "size").after["apps/sales/deal.yaml"]
    assert "  size: {was: amount, type: integer}\n" in after
    assert "if account.size > 1 else amount" in after
    assert "sort: [-amount, account.size]" in after


def test_users_of_a_field_are_listed_with_records_of_data(tmp_path: Path) -> None:
    found = uses(check_files(tmp_path, {"sales/deal.yaml": DEAL}))["field", "sales.deal", "amount"]
    assert (found[-1].path, found[-1].place.line) == ("records.one.amount", 41)


@pytest.mark.parametrize(
    ("field", "new", "why"),
    [
        ("sales.deal.amout", "value", "There is no field 'amout' in sales.deal."),
        ("sales.deal.amount", "stage", "sales.deal has a field 'stage' already."),
        ("sales.deal.amount", "Value", "'Value' cannot be the name of a field."),
        ("sales.deal.amount", "owner", "'owner' cannot be the name of a field."),
    ],
)
def test_what_cannot_be_renamed_says_why(tmp_path: Path, field: str, new: str, why: str) -> None:
    with pytest.raises(CannotRename) as refused:
        _renamed(tmp_path, DEAL, field, new)
    assert str(refused.value).startswith(why)


SALES = """\
option_set: stage
label: Stage
options:
  open: {label: Open}
  won:   # done
---
entity: account
label: Account
fields:
  name: {type: text}
  deals_won: {type: formula, returns: integer, formula: 'count(deals, stage == "won" and kind != "won")'}
---
entity: deal   # a sale
label: Deal
title: name
fields:
  name:    {type: text}
  account: {type: lookup, to: account}
  stage:   {type: choice, options_from: stage, default: won}
  kind:    {type: choice, options: {won: {label: Kind}, new: {}}, depends_on: stage, allowed: {won: [won]}}
  reason:
    type: text
    required_from: [stage.won]
    required_if: stage == "won" or kind in ["won",
      'new'] or name == "won"
    default_formula: '"won" if stage in ["won"] else name'
---
role: rep
label: Rep
grants:
  deal: {read: stage != "won"}   # not the won ones
---
menu: main
label: Sales
items: {deals: {entity: sales.deal}}
roles: [rep]
---
view: mine
entity: deal
label: Mine
columns: {name: {}}
where: has_role('sales.rep') and account.deals_won > 1
---
data: some
entity: deal
purpose: demo
records:
  won: {name: won, stage: won, kind: "= blank if stage == 'won' else kind"}
"""
LAYER = """\
patch: entity
of: sales.deal
set: {fields.kind.options.won.label: A kind}
---
patch: role
of: sales.rep
set: {grants: {sales.deal: {read: none}}}
saw: {grants: {deal: {read: stage != "won"}}}
"""


def _changed(folder: Path, path: str, new: str, *pairs: tuple[str, str]) -> Renaming:
    """Rename, and assert that exactly these parts of the app's file became others, and that the way back undoes it."""
    result = check_files(folder, {"sales/all.yaml": SALES}, {"app.yaml": HEAD, "x.yaml": LAYER})
    assert result.errors == ()
    texts = {file: (folder / file).read_text() for file in affected_files(result)}
    renaming = rename(result, target_of(result, path), new, texts)
    assert renaming.by_hand == ()
    expected = SALES
    for before, after in pairs:
        assert before in expected
        expected = expected.replace(before, after)
    assert renaming.after["apps/sales/all.yaml"] == expected
    written = {**texts, **renaming.after}
    for file, text in written.items():
        (folder / file).write_text(text)
    again = check([folder / "apps"], LANGUAGE, customer=folder / "custom", root=folder)
    assert [issue.code for issue in again.issues] == [issue.code for issue in result.issues]
    above, _, old = path.rpartition(".")
    back = rename(again, target_of(again, f"{above}.{new}"), old.rpartition(":")[2], written)
    assert {**written, **back.after} == texts
    return renaming


def test_an_option_of_a_set_is_renamed_where_it_is_meant(tmp_path: Path) -> None:
    renaming = _changed(
        tmp_path,
        "sales.stage.won",
        "closed",
        ("  won:   # done\n", "  closed:   # done\n    was: won\n"),
        ('stage == "won"', 'stage == "closed"'),
        ("default: won}", "default: closed}"),
        ("allowed: {won:", "allowed: {closed:"),
        ("stage.won]", "stage.closed]"),
        ('stage in ["won"]', 'stage in ["closed"]'),
        ('stage != "won"', 'stage != "closed"'),
        ("stage: won", "stage: closed"),
        ("stage == 'won'", "stage == 'closed'"),
    )
    assert renaming.after["custom/x.yaml"] == LAYER.replace('!= "won"', '!= "closed"')


def test_an_option_of_a_field_is_renamed_with_the_patches_above(tmp_path: Path) -> None:
    renaming = _changed(
        tmp_path,
        "sales.deal.kind.won",
        "big",
        ('kind != "won"', 'kind != "big"'),
        ("options: {won: {label", "options: {big: {was: won, label"),
        ("allowed: {won: [won]}", "allowed: {won: [big]}"),
        ('kind in ["won"', 'kind in ["big"'),
    )
    assert renaming.after["custom/x.yaml"] == LAYER.replace("options.won", "options.big")


def test_an_entity_is_renamed_with_its_lists_rights_and_patches(tmp_path: Path) -> None:
    renaming = _changed(
        tmp_path,
        "sales.deal",
        "offer",
        ("entity: deal   # a sale\n", "entity: offer   # a sale\nwas: deal\n"),
        ("count(deals,", "count(offers,"),
        ("  deal: {read", "  offer: {read"),
        ("entity: sales.deal", "entity: sales.offer"),
        ("entity: deal\n", "entity: offer\n"),
    )
    assert renaming.after["custom/x.yaml"] == LAYER.replace("sales.deal", "sales.offer").replace("{deal:", "{offer:")


def test_a_role_is_renamed_in_questions_menus_and_patches(tmp_path: Path) -> None:
    renaming = _changed(
        tmp_path,
        "sales.rep",
        "seller",
        ("role: rep\n", "role: seller\nwas: rep\n"),
        ("roles: [rep]", "roles: [seller]"),
        ("'sales.rep'", "'sales.seller'"),
    )
    assert renaming.after["custom/x.yaml"] == LAYER.replace("sales.rep", "sales.seller")


def test_a_title_that_goes_without_saying_is_said(tmp_path: Path) -> None:
    _changed(
        tmp_path,
        "sales.account.name",
        "called",
        ("entity: account\nlabel", "entity: account\ntitle: called\nlabel"),
        ("  name: {type: text}\n  deals", "  called: {was: name, type: text}\n  deals"),
    )


@pytest.mark.parametrize(
    ("path", "new", "why"),
    [
        ("sales.deal.stage.won", "big", "The options of 'stage' are those of sales.stage. Rename sales.stage.won."),
        ("sales.deal.kind.won", "new", "sales.deal.kind has an option 'new' already."),
        ("sales.deal", "account", "There is an entity sales.account already;"),
        ("sales.nothing", "thing", "There is no entity, role, field or option 'sales.nothing'."),
        ("sales.stage.lost", "gone", "There is no option 'lost' in sales.stage."),
    ],
)
def test_what_else_cannot_be_renamed_says_why(tmp_path: Path, path: str, new: str, why: str) -> None:
    result = check_files(tmp_path, {"sales/all.yaml": SALES})
    with pytest.raises(CannotRename) as refused:
        rename(result, target_of(result, path), new, {})
    assert str(refused.value).startswith(why)


def test_users_of_options_and_roles_are_listed_to_the_character(tmp_path: Path) -> None:
    found = uses(check_files(tmp_path, {"sales/all.yaml": SALES}))
    places = [(use.place.line, use.place.column, use.path) for use in found["option", "sales.stage", "won"]]
    assert (
        places
        == [
            (11, 86, "fields.deals_won.formula"),
            (19, 56, "fields.stage.default"),
            (20, 96, "fields.kind.allowed.won"),
            (23, 21, "fields.reason.required_from.0"),
            (24, 18, "fields.reason.required_if"),
            (26, 43, "fields.reason.default_formula"),
            (31, 26, "grants.deal.read"),
            (49, 28, "records.won.stage"),
        ]
        or places
    )
    assert [use.path for use in found["role", "sales.rep", ""]] == ["roles.0", "where"]
