"""Who uses a field, an option or a role, with places; what a rename asks of the layers above; rings over entities."""

from __future__ import annotations

from pathlib import Path

from kith_metadata.explain import explain
from kith_metadata.graph import uses
from support.small_language import check_files

SALES = {
    "sales/deal.yaml": """\
entity: account
label: Account
fields:
  name:   {type: text}
  credit: {type: money}
  lost:   {type: formula, returns: integer, formula: 'count(deals, stage == "lost" and amount > this.credit)'}
---
entity: deal
label: Deal
fields:
  name:    {type: text}
  amount:  {type: money}
  account: {type: lookup, to: account}
  stage:   {type: choice, options: {open: {}, lost: {}}}
  double:  {type: formula, returns: money, formula: amount * 2}
---
view: large
entity: deal
label: Large
columns: {name: {}, amount: {}}
sort: [-amount]
where: account.credit < amount and has_role("sales.rep")
---
role: rep
label: Rep
grants: {deal: {read: 'amount > 1'}}
""",
}
HEAD = "app: acme\nlabel: Acme\nversion: 1.0.0\ncustomer: true\n"


def test_every_user_of_a_field_is_found_with_its_place(tmp_path: Path) -> None:
    result = check_files(tmp_path, SALES)
    assert result.errors == ()
    found = [(use.place.line, use.document, use.path) for use in uses(result)["field", "sales.deal", "amount"]]
    assert found == [
        (6, "entity:sales.account", "fields.lost.formula"),
        (15, "entity:sales.deal", "fields.double.formula"),
        (20, "view:sales.large", "columns.amount"),
        (21, "view:sales.large", "sort.0"),
        (22, "view:sales.large", "where"),
        (26, "role:sales.rep", "grants.deal.read"),
    ]


def test_options_roles_and_entities_have_users_too(tmp_path: Path) -> None:
    found = uses(check_files(tmp_path, SALES))
    assert [use.path for use in found["option", "sales.deal.stage", "lost"]] == ["fields.lost.formula"]
    assert [use.path for use in found["role", "sales.rep", ""]] == ["where"]
    assert "fields.lost.formula" in [use.path for use in found["entity", "sales.deal", ""]]


def test_the_place_of_a_use_is_where_the_name_stands(tmp_path: Path) -> None:
    result = check_files(tmp_path, SALES)
    (use,) = [use for use in uses(result)["field", "sales.account", "credit"] if use.path == "where"]
    assert (use.place.line, use.place.column) == (22, 16)


def test_explain_lists_the_users(tmp_path: Path) -> None:
    text = explain(check_files(tmp_path, SALES), "sales.deal.fields.amount").text()
    assert "  used by:\n    apps/sales/deal.yaml:6:" in text
    assert "deal.yaml:15:53: entity:sales.deal fields.double.formula: amount * 2" in text


def test_a_renamed_field_says_what_to_write_in_the_layers_above(tmp_path: Path) -> None:
    base = {"sales/deal.yaml": SALES["sales/deal.yaml"].split("view: large")[0].rstrip().removesuffix("---")}
    renamed = base["sales/deal.yaml"].replace("  amount:  {type: money}", "  value:  {type: money, was: amount}")
    renamed = renamed.replace("amount > this", "value > this").replace("amount * 2", "value * 2")
    custom = {
        "app.yaml": HEAD,
        "x.yaml": "view: x_mine\nentity: sales.deal\nlabel: Mine\ncolumns: {name: {}}\n"
        "where: amount > 5 and account.credit < amount\n",
        "y.yaml": "view: x_lost\nentity: sales.account\nlabel: Lost\ncolumns: {name: {}}\n"
        "where: sum(deals.amount, amount > this.credit) > 5\n",
    }
    issues = check_files(tmp_path, {"sales/deal.yaml": renamed}, custom).errors
    assert [(issue.place.file, issue.place.line, issue.place.column, issue.message) for issue in issues] == [
        ("custom/x.yaml", 5, 8, "'amount' is called 'value' now."),
        ("custom/x.yaml", 5, 40, "'amount' is called 'value' now."),
        ("custom/y.yaml", 5, 18, "'amount' is called 'value' now."),
        ("custom/y.yaml", 5, 26, "'amount' is called 'value' now."),
    ]
    assert issues[0].hint == "Write value. The whole is then: value > 5 and account.credit < value"
    assert issues[2].hint.endswith("The whole is then: sum(deals.value, value > this.credit) > 5")


def test_a_removed_field_is_told_at_every_user(tmp_path: Path) -> None:
    text = SALES["sales/deal.yaml"].replace("  amount:  {type: money}\n", "")
    issues = check_files(tmp_path, {"sales/deal.yaml": text}).errors
    assert {(issue.place.line, issue.path) for issue in issues} >= {
        (6, "fields.lost.formula"),
        (14, "fields.double.formula"),
        (19, "columns.amount"),
        (20, "sort.0"),
        (21, "where"),
        (25, "grants.deal.read"),
    }


def test_formulas_of_several_entities_that_need_each_other_are_a_ring(tmp_path: Path) -> None:
    text = SALES["sales/deal.yaml"].replace("formula: amount * 2", "formula: amount * account.lost").replace(
        "amount > this.credit", "double > this.credit"
    )  # fmt: skip
    (issue,) = [issue for issue in check_files(tmp_path, {"sales/deal.yaml": text}).errors if issue.code == "KM063"]
    assert "sales.account.lost → sales.deal.double → sales.account.lost" in issue.message


def test_a_removed_option_is_told_at_every_user_with_records_of_data(tmp_path: Path) -> None:
    data = "---\ndata: some\nentity: deal\npurpose: demo\nrecords:\n  one: {name: One, stage: lost}\n"
    text = SALES["sales/deal.yaml"] + data
    assert check_files(tmp_path, {"sales/deal.yaml": text}).errors == ()
    issues = check_files(tmp_path, {"sales/deal.yaml": text.replace("open: {}, lost: {}", "open: {}, won: {}")}).errors
    assert [(issue.place.line, issue.path) for issue in issues] == [
        (6, "fields.lost.formula"),
        (32, "records.one.stage"),
    ]
