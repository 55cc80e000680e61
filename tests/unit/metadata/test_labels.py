"""Labels inside sentences lose their first capital in English, and nothing else."""

from __future__ import annotations

import pytest

from kith_metadata.labels import inside, lowers


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Lead", "lead"),
        ("Sales order", "sales order"),
        ("E-mail", "e-mail"),
        ("SLA case", "SLA case"),
        ("iPhone order", "iPhone order"),
        ("E-Mail", "E-Mail"),
        ("Sales Order", "Sales Order"),
        ("VAT", "VAT"),
        ("X", "X"),
        ("3D print", "3D print"),
        ("Éclair", "éclair"),
        ("مهمة", "مهمة"),
        ("", ""),
    ],
)
def test_only_the_capital_that_begins_a_sentence_goes(label: str, said: str) -> None:
    assert inside(label) == said


def test_only_english_lowers() -> None:
    assert [name for name in ("en", "en-GB", "de", "de-AT", "tr", "enm", "lb") if lowers(name)] == ["en", "en-GB"]
