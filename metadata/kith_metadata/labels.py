"""Labels inside sentences: "New lead" where nouns are small, "New Auftrag" where they have capitals."""

from __future__ import annotations


def lowers(language: str) -> bool:
    """Tell whether nouns lose their capital inside a sentence in the language of a label, such as ``en-GB``.

    Only English is known to. German keeps its capitals, Turkish has letters of its own for small ones, and a capital
    where none is usual still reads well, so every other language keeps its labels as they are written.
    """
    return language.partition("-")[0] == "en"


def inside(label: str) -> str:
    """Return an English label as it stands inside a sentence: ``Sales order`` is ``sales order``.

    Only the one capital that begins a label is lost. A label with any other one is a name, an abbreviation, or written
    with capitals on purpose, and stays as it is: ``SLA case``, ``iPhone order``, ``E-Mail``, ``Sales Order``.
    """
    small = label[:1].lower() + label[1:]
    return small if small == label.lower() and label[1:2].strip() else label
