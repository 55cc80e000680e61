"""How much of a corpus is carried: counted from its files, with the reason of each refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.rates import DEFAULT, main, rates_table, read_rates, written_table
from conformance.translation import frappe_rates, salesforce_rates

FIELD = """<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
  <fullName>{name}</fullName><type>{kind}</type>
</CustomField>"""
FLOW = """<?xml version="1.0" encoding="UTF-8"?>
<Flow xmlns="http://soap.sforce.com/2006/04/metadata">
  <variables><name>Deal</name><dataType>SObject</dataType><objectType>Deal__c</objectType></variables>
  <variables><name>Limit</name><dataType>Number</dataType></variables>
</Flow>"""


def formula(text: str, path: str = "x", kind: str = "formulaField", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "object": "Deal__c", "text": text, "returns_or_msg": "", "repo": "one", "path": path, **more}


def condition(text: str, kind: str = "depends_on") -> dict[str, Any]:
    return {"kind": kind, "where": ["Deal", "x"], "text": text, "repo": "app"}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """A project of Salesforce with one object and one flow, and an app of Frappe with one DocType."""
    fields = tmp_path / "salesforce/one/objects/Deal__c/fields"
    fields.mkdir(parents=True)
    for name, kind in (("Size__c", "Number"), ("Kind__c", "Picklist"), ("Open__c", "Checkbox"), ("Due__c", "Date")):
        (fields / f"{name}.field-meta.xml").write_text(FIELD.format(name=name, kind=kind))
    (tmp_path / "salesforce/one/deal.flow").write_text(FLOW)
    doctype = {"doctype": "DocType", "name": "Deal", "fields": [{"fieldname": "open", "fieldtype": "Check"}]}
    (tmp_path / "frappe/app").mkdir(parents=True)
    (tmp_path / "frappe/app/deal.json").write_text(json.dumps(doctype))
    return tmp_path


def write(path: Path, items: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(map(json.dumps, items)))


def test_types_come_from_the_files_of_a_project_else_from_use(corpora: Path) -> None:
    texts = ["Size__c * 2", "Due__c + Size__c", "Open__c && Other__c", 'ISPICKVAL(Kind__c, "A")', "Else__c / 2"]
    write(corpora / "formulas.jsonl", [formula(text) for text in texts])
    found = salesforce_rates(corpora)
    assert [outcome.ours for outcome in found.outcomes] == [
        "blank_value(size, 0) * 2",
        "due + days(blank_value(size, 0))",
        "open and other",
        'kind == "A"',
        "blank_value(else_, 0) / 2",
    ]
    assert found.carried == 5


def test_names_of_a_flow_are_known(corpora: Path) -> None:
    flow = formula("{!Deal.Due__c} + {!Limit}", "deal.flow", "flowFormula")
    write(corpora / "formulas.jsonl", [flow])
    assert [outcome.ours for outcome in salesforce_rates(corpora).outcomes] == ["deal.due + days(limit)"]


def test_what_is_refused_is_counted_by_its_reason(corpora: Path) -> None:
    write(
        corpora / "formulas.jsonl",
        [formula("Size__c"), formula("ISCLONE()"), formula("Open__c * 2"), formula("$Api.X")],
    )
    write(corpora / "frappe_expressions.jsonl", [condition("eval:doc.open == 1"), condition("eval:doc.__unsaved")])
    found = salesforce_rates(corpora)
    assert (found.carried, dict(found.reasons)) == (1, {"function": 1, "types": 1, "global": 1})
    assert [outcome.ours for outcome in frappe_rates(corpora).outcomes] == ["open", ""]
    table = rates_table(corpora)
    assert "| Salesforce | 4 | 1 | 25.0 % |" in table
    assert "| Frappe | 2 | 1 | 50.0 % | asks about Frappe's own form or server: 1 |" in table


def test_a_corpus_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().out


# Without the corpora there is nothing to compare with, and pytest says so.
@pytest.mark.parametrize("folder", [path for path in [DEFAULT] if (path / "formulas.jsonl").is_file()])
def test_the_page_promises_no_more_than_is_carried(folder: Path) -> None:
    promised, measured = read_rates(written_table()), read_rates(rates_table(folder))
    for name, (formulas, carried) in promised.items():
        if measured[name][0] == formulas:
            assert measured[name][1] >= carried, f"{name}: run make rates"
