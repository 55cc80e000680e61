"""The generated pages and schemas: what is committed is what the declarations say, and the examples work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from kith_metadata import codes
from kith_metadata.check import check
from kith_metadata.reference import pages
from kith_metadata.reference_examples import EXAMPLES
from kith_metadata.schema import document_schema
from kith_metadata.yaml_reader import read_bytes
from kith_runtime.language import kith_language
from support.small_language import LANGUAGE, write

ROOT = Path(__file__).parents[3]


def test_every_code_in_use_is_documented() -> None:
    used: set[str] = set()
    for path in (ROOT / "metadata" / "kith_metadata").rglob("*.py"):
        if path.name != "codes.py":
            used.update(re.findall(r'"(KM\d{3})"', path.read_text(encoding="utf-8")))
    assert used == {code.code for code in codes.CODES}


def test_codes_are_sorted_and_unique() -> None:
    names = [code.code for code in codes.CODES]
    assert names == sorted(set(names))


def test_the_page_of_issues_is_current() -> None:
    assert (ROOT / "docs" / "issues.md").read_text(encoding="utf-8") == codes.issues_page(), "run: kith docs"


@pytest.mark.parametrize("name", sorted(pages(kith_language())))
def test_the_reference_is_current(name: str) -> None:
    committed = (ROOT / "docs" / "language" / name).read_text(encoding="utf-8")
    assert committed == pages(kith_language())[name], "run: kith docs"


@pytest.mark.parametrize("real", [True, False])
def test_the_examples_are_sound_together(tmp_path: Path, real: bool) -> None:
    files = {f"library/{'app' if kind == 'app' else kind}.yaml": text for kind, text in EXAMPLES.items()}
    result = check([write(tmp_path, files)], kith_language() if real else LANGUAGE, root=tmp_path)
    assert result.issues == ()
    assert set(EXAMPLES) == set(LANGUAGE.kinds)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_the_full_schema_accepts_the_example(kind: str) -> None:
    schema = document_schema(LANGUAGE, kind)
    Draft202012Validator.check_schema(schema)
    example = read_bytes(EXAMPLES[kind].encode(), "example.yaml").documents[0].data
    validator = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(example)] == []
    assert not validator.is_valid({**example, "wrong": 1})
    assert not validator.is_valid({key: value for key, value in example.items() if key != kind})


def test_the_full_schema_knows_the_options_of_each_type() -> None:
    validator = Draft202012Validator(document_schema(LANGUAGE, "entity"))
    head = {"entity": "deal", "label": "Deal"}
    assert validator.is_valid({**head, "fields": {"a": {"type": "text", "max_length": 5}}})
    assert not validator.is_valid({**head, "fields": {"a": {"type": "date", "max_length": 5}}})
    assert not validator.is_valid({**head, "fields": {"a": {"type": "lookup"}}})
    assert not validator.is_valid({**head, "fields": {"a": {"type": "tekst"}}})
