"""Refusals and reasons name no field that is closed to the person, and say nothing of what is saved in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.queries import Query, select
from kith_runtime.queries.evaluation import try_on
from kith_runtime.records import Operation, ValidationFailed
from kith_runtime.records.foresight import foresee
from support.yaml_workspace import YamlWorkspace, yaml_workspace

BANK = {
    "bank/app.yaml": "app: bank\nlabel: Bank\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "bank/all.yaml": """
        entity: loan
        label: Loan
        fields:
          name: {type: text, required: true}
          grade: {type: choice, label: Score, options: {low: {label: Poor}, high: {}}, sensitivity: restricted}
          pin: {type: text, label: Pin, sensitivity: restricted}
          proof: {type: text, label: Proof, sensitivity: restricted, required_if: stage == "paid"}
          note: {type: text, read_only_if: grade == "low"}
          reason: {type: text, required_if: grade == "low" and stage == "paid"}
          size: {type: integer}
          half: {type: decimal, default_formula: number(pin)}
          stage: {type: choice, options: {new: {}, asked: {}, paid: {}}, default: new}
          top: {type: formula, returns: decimal, formula: number(pin) * 2, full_rights: true}
          below: {type: formula, returns: decimal, formula: top + 1}
        keys:
          one: {fields: [pin, size]}
        rules:
          counted: {when: stage == "asked" and number(pin) > 5, refuse: Count it., at: pin}
          topped: {when: size == 7 and below > 5, refuse: Too much., at: size}
          halved: {when: size == 9, set: {half: number(pin) / 2}}
        ---
        role: clerk
        label: Clerk
        grants:
          loan: {create: true, read: all, update: all}
        """,
}
HIDDEN = ("Score", "Poor", "Pin", "Proof", "secret", "pin", "grade", "proof")


@pytest.fixture
def bank(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """Loans whose score, pin and proof the clerks do not see."""
    with yaml_workspace(database_url, tmp_path, BANK, clock) as opened:
        yield opened


def test_a_refusal_says_nothing_of_closed_fields(bank: YamlWorkspace) -> None:
    clerk = bank.person("Kim", "bank.clerk")
    with bank.writing() as ctx:
        values = {"name": "A", "grade": "low", "pin": "secret", "note": "x", "half": "1"}
        one = records.create(ctx, "bank.loan", {**values, "size": 1}).id
        records.create(ctx, "bank.loan", {**values, "size": 2})
    changes: list[tuple[dict[str, Any], set[str]]] = [
        ({"note": "y"}, {"Note cannot be changed."}),
        ({"stage": "paid"}, {"Something that you may not see is missing.", "Reason is missing."}),
        ({"stage": "asked"}, {"Something that you may not see does not fit."}),
        ({"size": 9}, {"The rule for Half gives no value."}),
        ({"size": 7}, {"A rule gives no answer: A text is not a number. Test it first with is_number(…)."}),
        ({"size": 2}, {"Another loan has this Size already."}),
    ]
    for change, expected in changes:
        with pytest.raises(ValidationFailed) as refused, bank.writing(clerk) as ctx:
            records.update(ctx, "bank.loan", one, change)
        assert {problem.message for problem in refused.value.problems} == expected
        assert not [word for word in HIDDEN if word in repr(refused.value.problems)], change
    with bank.writing(clerk) as ctx:
        together = records.bulk(ctx, [Operation("update", "bank.loan", one, change) for change, _ in changes])
        assert not [word for word in HIDDEN if word in repr([item.error.problems for item in together])]
        foreseen = foresee(ctx, "bank.loan", one, "stage", ["asked", "paid"])
    assert not [word for word in HIDDEN for item in foreseen.values() if word in repr(item)]
    assert (
        foreseen["paid"].words
        == "Reason is missing. Something that you may not see is missing. Ask somebody who may see it."
    )


def test_why_a_value_is_missing_shows_nothing_of_what_it_comes_from(bank: YamlWorkspace) -> None:
    clerk = bank.person("Kim", "bank.clerk")
    with bank.writing() as ctx:
        one = records.create(ctx, "bank.loan", {"name": "A", "pin": "secret", "half": "1"}).id
    with bank.reading(clerk) as ctx:
        row = select(ctx, Query("bank.loan", ("top", "below"), reasons=True)).rows[0]
        tried = [part.error for text in ("top", "below * 2") for part in try_on(ctx, "bank.loan", text, one)]
    assert [value.reason for value in row] == ["A text is not a number. Test it first with is_number(…)."] * 2
    assert "A text is not a number. Test it first with is_number(…)." in tried
    assert "secret" not in repr(tried)


def test_who_may_read_the_fields_is_told_all(bank: YamlWorkspace) -> None:
    with bank.writing() as ctx:
        one = records.create(
            ctx, "bank.loan", {"name": "A", "grade": "low", "pin": "secret", "note": "x", "half": "1"}
        ).id
    with pytest.raises(ValidationFailed) as refused, bank.writing() as ctx:
        records.update(ctx, "bank.loan", one, {"note": "y", "stage": "asked"})
    told = {problem.field: f"{problem.message} {problem.hint}" for problem in refused.value.problems}
    assert told["note"] == "Note cannot be changed. It stays as it is because Score is Poor."
    assert "'secret' is not a number" in told["pin"]
