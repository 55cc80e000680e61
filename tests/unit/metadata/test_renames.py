"""A rename changes the declaration and every place that names the field, in place, and leaves the rest as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith_metadata.graph import uses
from kith_metadata.renames import CannotRename, Renaming, affected_files, rename_field
from support.small_language import check_files

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
    entity, _, old = field.rpartition(".")
    return rename_field(result, entity, old, new, texts)


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
