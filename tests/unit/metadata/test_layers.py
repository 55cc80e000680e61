"""Layers: patches by stable name, what became of each, what may not be changed, and who said what."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith_metadata.check import CheckResult
from kith_metadata.explain import UnknownPath, explain
from kith_runtime.language import kith_language
from support.small_language import check_files

BASE = {
    "sales/deal.yaml": """\
entity: deal
label: Deal
fields:
  name:   {type: text, required: true}
  amount: {type: money, label: Amount}
  stage:  {type: choice, options: {open: {label: Open}, won: {label: Won}}}
---
view: deals
entity: deal
label: Deals
columns: {name: {}, amount: {}, stage: {}}
sort: [-amount]
---
form: deal
entity: deal
highlights: [amount]
sections:
  main: {elements: {name: {}, amount: {}, stage: {}}}
---
role: rep
label: Rep
grants:
  deal: {create: true, read: all, update: own, fields: {amount: read}}
""",
}
HEAD = "app: acme\nlabel: Acme\nversion: 1.0.0\ncustomer: true\n"


def customized(folder: Path, patch: str, base: dict[str, str] | None = None) -> CheckResult:
    return check_files(folder, base or BASE, {"app.yaml": HEAD, "patches/it.yaml": patch})


def codes(result: CheckResult) -> list[str]:
    return [issue.code for issue in result.issues]


def test_relabel_add_hide_and_order(tmp_path: Path) -> None:
    patch = """\
patch: entity
of: sales.deal
set:
  fields.amount.label: Value
  fields: {stage: {required: true}}
add:
  fields:
    x_region: {type: choice, options: {north: {}, south: {}}}
order: {fields: [x_region, gone, name]}
---
patch: view
of: deals
add: {columns.x_region: {width: 80}}
---
patch: form
of: deal
hide: [sections.main.elements.stage]
"""
    result = customized(tmp_path, patch)
    assert result.issues == ()
    assert result.snapshot is not None
    entity = result.snapshot.entity("sales.deal")
    assert list(entity.fields) == ["x_region", "name", "amount", "stage"]
    assert entity.fields["amount"].label == "Value"
    assert entity.fields["stage"].required
    assert list(result.snapshot.view("sales.deals").columns) == ["name", "amount", "stage", "x_region"]
    assert list(result.snapshot.form("sales.deal").sections["main"].elements) == ["name", "amount"]
    assert {item.status for item in result.patches} == {"kept"}
    assert list(result.provenance["form:sales.deal"].hidden) == [("sections", "main", "elements", "stage")]


def test_a_hidden_field_keeps_its_data_and_leaves_forms_and_views(tmp_path: Path) -> None:
    result = customized(tmp_path, "patch: entity\nof: sales.deal\nhide: [fields.amount]\n")
    assert result.snapshot is not None
    assert result.snapshot.entity("sales.deal").fields["amount"].hidden
    view = result.snapshot.view("sales.deals")
    assert list(view.columns) == ["name", "stage"]
    assert view.sort == ()
    form = result.snapshot.form("sales.deal")
    assert list(form.sections["main"].elements) == ["name", "stage"]
    assert form.highlights == ()


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ("set: {fields.amount.type: text}", "KM082"),
        ("set: {fields.amount.was: x}", "KM082"),
        ("set: {ownership: none}", "KM082"),
        ("hide: [fields.stage.options.won]", "KM083"),
        ("set: {fields.amount.lable: x}", "KM081"),
        ("hide: [label]", "KM081"),
        ("add: {label: x}", "KM081"),
        ("add: {fields.name: {type: text}}", "KM081"),
        ("add: {fields.region: {type: text}}", "KM040"),
        ("set: {fields.name.required: false}", "KM087"),
        ("set: {fields.amount.min: [1]}", "KM015"),
        ("add: {fields.x_a: {type: tekst}}", "KM012"),
        ("sett: {label: x}", "KM013"),
        ("set: [label]", "KM015"),
        ("hide: fields.amount", "KM015"),
        ("order: {fields: name}", "KM015"),
    ],
)
def test_refused(tmp_path: Path, patch: str, code: str) -> None:
    result = customized(tmp_path, f"patch: entity\nof: sales.deal\n{patch}\n")
    assert codes(result) == [code]
    assert result.issues[0].place.file == "custom/patches/it.yaml"
    assert result.issues[0].place.line == 3
    assert result.issues[0].hint


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("read: own", False),
        ("read: team", False),
        ("update: all", True),
        ("update: none", False),
        ("create: false", False),
        ("delete: own", True),
        ("fields: {amount: edit}", True),
        ("fields: {amount: none}", False),
    ],
)
def test_a_customer_lowers_grants_and_never_raises_them(tmp_path: Path, value: str, refused: bool) -> None:
    patch = f"patch: role\nof: sales.rep\nset: {{grants: {{sales.deal: {{{value}}}}}}}\n"
    result = customized(tmp_path, patch)
    assert codes(result) == (["KM087"] if refused else [])
    assert len(result.patches) == (0 if refused else 1)


def test_orphans_are_set_aside_and_told(tmp_path: Path) -> None:
    gone_field = "patch: entity\nof: sales.deal\nset: {fields.amont.label: X}\n"
    patch = f"{gone_field}---\npatch: view\nof: sales.old\nset: {{label: X}}\n"
    result = customized(tmp_path, patch)
    assert [(issue.code, issue.severity) for issue in result.issues] == [("KM085", "warning"), ("KM085", "warning")]
    assert "amount" in result.issues[0].hint
    assert [(item.target, item.path, item.status) for item in result.patches] == [
        ("entity:sales.deal", "fields.amont.label", "orphaned"),
        ("view:sales.old", "label", "orphaned"),
    ]
    assert result.snapshot is not None


def test_diverged_when_below_has_changed(tmp_path: Path) -> None:
    patch = "patch: entity\nof: sales.deal\nset: {{fields.amount.label: Value}}\nsaw: {{fields.amount.label: {}}}\n"
    kept = customized(tmp_path / "kept", patch.format("Amount"))
    assert [item.status for item in kept.patches] == ["kept"]
    diverged = customized(tmp_path / "diverged", patch.format("Sum"))
    assert [item.status for item in diverged.patches] == ["diverged"]
    assert codes(diverged) == ["KM086"]
    assert diverged.snapshot is not None
    assert diverged.snapshot.entity("sales.deal").fields["amount"].label == "Value"


def test_two_apps_without_an_order_between_them(tmp_path: Path) -> None:
    patch = "patch: entity\nof: sales.deal\nset: {label: %s}\n"
    files = dict(BASE)
    for name in ("one", "two"):
        files[f"{name}/app.yaml"] = f"app: {name}\nlabel: L\nversion: 1.0.0\nrequires: {{sales: '>=1.0'}}\n"
        files[f"{name}/patch.yaml"] = patch % name.title()
    result = check_files(tmp_path / "unordered", files)
    assert codes(result) == ["KM084"]
    assert result.issues[0].place.file == "apps/two/patch.yaml"
    assert result.issues[0].related[0][0].file == "apps/one/patch.yaml"
    files["two/app.yaml"] = files["two/app.yaml"].replace("'>=1.0'}", "'>=1.0', one: '>=1.0'}")
    ordered = check_files(tmp_path / "ordered", files)
    assert ordered.snapshot is not None
    assert ordered.snapshot.entity("sales.deal").label == "Two"


def test_documents_of_the_customer_start_with_x(tmp_path: Path) -> None:
    project = "entity: {}\nlabel: Project\nfields: {{name: {{type: text}}, deal: {{type: lookup, to: deal}}}}\n"
    good = customized(tmp_path / "good", project.format("x_project"))
    assert good.snapshot is not None
    assert good.snapshot.entity("acme.x_project").fields["deal"].options.to == "sales.deal"
    assert "KM040" in codes(customized(tmp_path / "bad", project.format("project")))


def test_explain(tmp_path: Path) -> None:
    result = customized(tmp_path, "patch: entity\nof: sales.deal\nset:\n  fields.amount.label: Value\n")
    found = explain(result, "sales.deal.fields.amount.label")
    assert (found.value, found.layer, str(found.place)) == ("Value", "acme", "custom/patches/it.yaml:4:3")
    assert [(layer, str(place), value) for layer, place, value in found.hidden] == [
        ("sales", "apps/sales/deal.yaml:5:25", "Amount")
    ]
    assert found.text() == (
        'sales.deal.fields.amount.label = "Value"\n'
        "  (acme, custom/patches/it.yaml:4:3)\n"
        '  hides "Amount"  (sales, apps/sales/deal.yaml:5:25)'
    )
    default = explain(result, "sales.deal.fields.amount.required")
    assert (default.value, default.layer, default.place) == (False, "default", None)
    assert explain(result, "view:sales.deals.columns.name.width").value == 0
    assert explain(result, "app:sales.label").value == "Sales"
    assert explain(result, "sales.deal").layer == "sales"


def test_explain_label_that_nobody_wrote(tmp_path: Path) -> None:
    files = {"sales/it.yaml": "entity: deal\nlabel: Deal\nfields:\n  close_date: {type: date}\n"}
    result = check_files(tmp_path, files)
    found = explain(result, "sales.deal.fields.close_date.label")
    assert (found.value, found.layer) == ("Close date", "derived")
    assert found.text() == (
        'sales.deal.fields.close_date.label = "Close date"\n'
        "  (derived from the name 'close_date', which stands at apps/sales/it.yaml:4:3; no layer writes one)"
    )
    plural = explain(result, "sales.deal.plural")
    assert (plural.value, plural.derived) == ("Deal", "the label")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("sales.deel.label", "sales.deal"),
        ("sales.deal.lable", "label"),
        ("sales.deal.fields.amont.label", "amount"),
        ("sales.deal.fields.amount.lable", "label"),
        ("sales.deal.fields.stage.options.opne.label", "open"),
        ("nothing", ""),
        ("", ""),
        ("sales.deal.label.x.y", ""),
    ],
)
def test_explain_unknown(tmp_path: Path, path: str, hint: str) -> None:
    result = check_files(tmp_path, BASE)
    with pytest.raises(UnknownPath) as caught:
        explain(result, path)
    assert hint in str(caught.value)


def test_explain_what_was_hidden(tmp_path: Path) -> None:
    result = customized(tmp_path, "patch: view\nof: sales.deals\nhide: [columns.stage]\n")
    found = explain(result, "view:sales.deals.columns.stage")
    assert (found.value, found.layer) == (None, "acme")
    assert found.hidden[0][0] == "sales"


@pytest.mark.parametrize(
    ("field", "told"),
    [("mast", []), ("mats", [("custom/patches/it.yaml", "acme.boat has no field 'mats'.", "Did you mean 'mast'?")])],
)
def test_a_condition_of_a_patch_speaks_of_the_entity_that_the_patch_names(
    tmp_path: Path, field: str, told: list[tuple[str, ...]]
) -> None:
    """``to: boat`` is the layer's own boat, also where the app that is patched has another one."""
    boats = "entity: boat\nlabel: Boat\nfields:\n  name: {type: text}\n"
    layer = f"{boats}  mast: {{type: text}}\n"
    added = f"fields.x_boat: {{type: lookup, to: boat, where: '{field} != blank'}}"
    patch = f"patch: entity\nof: sales.deal\nadd:\n  {added}\n"
    result = check_files(
        tmp_path,
        {**BASE, "sales/boat.yaml": boats},
        {"app.yaml": HEAD, "entities/boat.yaml": layer, "patches/it.yaml": patch},
        kith_language(),
    )
    found = [issue for issue in result.issues if issue.path == "fields.x_boat.where"]
    assert [(issue.place.file, issue.message, issue.hint) for issue in found] == told
