"""The difference of two snapshots, and that each change can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith_metadata.changes import EntityChanged, FieldTypeChanged
from kith_metadata.diff import Change, diff
from kith_metadata.snapshot import Snapshot
from support.small_language import LANGUAGE, check_files

BEFORE = """\
entity: deal
label: Deal
fields:
  name:   {type: text, required: true}
  amount: {type: money, min: 0}
  note:   {type: text}
keys:
  by_name: {fields: [name]}
indexes:
  by_amount: {fields: [-amount]}
---
entity: order
label: Order
fields: {name: {type: text}}
---
view: deals
entity: deal
label: Deals
columns: {name: {}, amount: {}}
"""


OTHERWISE = "ownership: user\nx_note: n\nlabel: Deal\nfields:\n"


def snapshot_of(folder: Path, text: str) -> Snapshot:
    result = check_files(folder, {"sales/it.yaml": text})
    assert result.snapshot is not None, result.issues
    return result.snapshot


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("label: Deal\n", "label: Deal\nsearch: true\n", []),
        ("label: Deal\n", "label: Chance\n", ["~ entity sales.deal: label"]),
        ("  note:   {type: text}\n", "", ["- field sales.deal.note (text)"]),
        ("  note: ", "  extra: {type: date}\n  note: ", ["+ field sales.deal.extra (date)"]),
        ("  note:   {type: text}", "  remark: {type: text, was: note}", ["~ field sales.deal.note is now remark"]),
        (
            "  note:   {type: text}",
            "  remark: {type: text, was: note, max_length: 9}",
            ["~ field sales.deal.note is now remark", "~ field sales.deal.remark: max_length"],
        ),
        (
            "  note:   {type: text}",
            "  remark: {type: text}",
            ["- field sales.deal.note (text)", "+ field sales.deal.remark (text)"],
        ),
        ("{type: money, min: 0}", "{type: integer, min: 0}", ["! field sales.deal.amount from money to integer"]),
        ("{type: money, min: 0}", "{type: money, min: 0.10}", ["~ field sales.deal.amount: min"]),
        ("{type: text, required: true}", "{type: text}", ["~ field sales.deal.name: required"]),
        ("keys:\n  by_name: {fields: [name]}\n", "", ["- key sales.deal.by_name on name"]),
        (
            "[-amount]",
            "[amount]",
            ["- index sales.deal.by_amount on -amount", "+ index sales.deal.by_amount on amount"],
        ),
        ("entity: order\n", "entity: purchase\nwas: order\n", ["~ entity sales.order is now sales.purchase"]),
        ("entity: order\n", "entity: purchase\n", ["- entity sales.order", "+ entity sales.purchase with 1 fields"]),
        ("label: Deals\n", "label: All\n", ["~ view sales.deals: label"]),
        ("{name: {}, amount: {}}", "{amount: {}, name: {}}", ["~ view sales.deals: columns (order)"]),
        ("view: deals", "view: pipeline", ["- view sales.deals", "+ view sales.pipeline"]),
    ],
)
def test_changes(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in BEFORE
    before = snapshot_of(tmp_path / "old", BEFORE)
    after = snapshot_of(tmp_path / "new", BEFORE.replace(old, new))
    changes = diff(before, after)
    assert sorted(map(str, changes)) == sorted(expected)
    for change in changes:
        assert change.reverse().reverse() == change
    if not any("now" in line for line in expected):
        back = diff(after, before)
        assert set(map(str, back)) == {str(change.reverse()) for change in changes}


def test_order_of_fields(tmp_path: Path) -> None:
    moved = BEFORE.replace("  note:   {type: text}\n", "").replace("fields:\n", "fields:\n  note: {type: text}\n", 1)
    changes = diff(snapshot_of(tmp_path / "old", BEFORE), snapshot_of(tmp_path / "new", moved))
    assert [type(change) for change in changes] == [EntityChanged]
    assert changes[0].describe() == "entity sales.deal: fields (order)"


def test_from_nothing_and_to_itself(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, BEFORE)
    assert [change.symbol for change in diff(None, snapshot)] == ["+"] * 4
    assert diff(snapshot, snapshot) == ()


def test_a_former_name_may_stay(tmp_path: Path) -> None:
    renamed = BEFORE.replace("  note:   {type: text}", "  remark: {type: text, was: note}")
    after = snapshot_of(tmp_path / "one", renamed)
    assert diff(after, snapshot_of(tmp_path / "two", renamed.replace("label: Deal\n", "label: D\n"))) != ()
    assert diff(after, snapshot_of(tmp_path / "three", renamed)) == ()


def test_both_types_are_there_for_the_plan(tmp_path: Path) -> None:
    changed = BEFORE.replace("{type: money, min: 0}", "{type: integer, required: true}")
    changes: tuple[Change, ...] = diff(snapshot_of(tmp_path / "old", BEFORE), snapshot_of(tmp_path / "new", changed))
    change = changes[0]
    assert isinstance(change, FieldTypeChanged)
    assert (change.before["min"], change.after["required"]) == (0, True)
    assert str(changes[1]) == "~ field sales.deal.amount: required"


def test_exports_are_canonical(tmp_path: Path) -> None:
    """The same documents in other files, in another order, with defaults spelled out: the same bytes."""
    one = snapshot_of(tmp_path / "one", BEFORE)
    parts = BEFORE.split("---\n")
    parts[0] = parts[0].replace("label: Deal\n", "").replace("fields:\n", OTHERWISE)
    two = snapshot_of(tmp_path / "two", "---\n".join(reversed([part.rstrip("\n") + "\n" for part in parts])))
    assert one.export() == two.export()
    assert one.hash == two.hash
    again = Snapshot.from_export(LANGUAGE, one.export())
    assert (again.hash, again.export()) == (one.hash, one.export())
    with pytest.raises(ValueError, match="no export"):
        Snapshot.from_export(LANGUAGE, "[]")


def test_decimals_stay_exact(tmp_path: Path) -> None:
    text = BEFORE.replace("min: 0}", "min: 0.10000000000000000001}")
    options = snapshot_of(tmp_path, text).entity("sales.deal").fields["amount"].options
    assert options.min == "0.10000000000000000001"
