"""The check refuses defaults that no record could have and limits between which nothing fits, for every type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kith_metadata.check import CheckResult, check
from kith_runtime.language import kith_language

WRONG: tuple[Any, ...] = ("x", 10**30, -1, True, ["x", 1], {"a": "b"}, "2026-13-45", "1e999", "\u202e", 0)


def checked(folder: Path, *fields: str) -> CheckResult:
    """Check an app with one entity of these fields."""
    app = folder / "shop"
    app.mkdir()
    (app / "app.yaml").write_text("app: shop\nlabel: Shop\nversion: 1.0.0\n")
    lines = "".join(f"  {field}\n" for field in fields)
    (app / "deal.yaml").write_text(f"entity: deal\nlabel: Deal\nfields:\n  name: {{type: text}}\n{lines}")
    return check([folder], kith_language())


@pytest.mark.parametrize(
    ("field", "column", "words"),
    [
        ("n: {type: integer, default: x}", 31, '"x" is not a number.'),
        ("n: {type: integer, min: 5, default: 3}", 39, "3 is too small."),
        ("n: {type: text, max_length: 3, default: abcd}", 43, "The text has 4 characters; 3 fit."),
        ("n: {type: boolean, default: yes}", 31, '"yes" is neither yes nor no.'),
        ("n: {type: formula, returns: text, formula: name, default: a}", 61, "This value is worked out"),
        ("n: {type: choice, options: {a: {}}, default: 5}", 48, '"5" is not a text.'),
        ("n: {type: decimal, min: 9, max: '3.5'}", 27, "No value fits: min is 9 and max is 3.5."),
        ("n: {type: text, min_length: 9, max_length: 3}", 31, "No value fits: min_length is 9 and max_length is 3."),
    ],
)
def test_a_field_that_no_record_could_have_is_refused(tmp_path: Path, field: str, column: int, words: str) -> None:
    (issue,) = [item for item in checked(tmp_path, field).issues if item.severity == "error"]
    assert (issue.code, issue.place.line, issue.place.column) == ("KM060", 5, column)
    assert words in issue.message


def test_no_default_breaks_the_check(tmp_path: Path) -> None:
    fields = [
        f"{name}_{at}: {json.dumps({**next(iter(kind.examples), {}), 'type': name, 'default': value})}"
        for name, kind in kith_language().variants["field_types"].items()
        for at, value in enumerate(WRONG)
        if name not in ("lookup", "lookups", "any_lookup", "formula", "rollup")
    ]
    codes = {issue.code for issue in checked(tmp_path, *fields).errors}
    assert codes <= {"KM057", "KM060"}, codes
    assert "KM060" in codes
