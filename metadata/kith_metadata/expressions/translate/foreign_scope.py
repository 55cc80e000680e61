"""What a translator asks about the names of a foreign formula, and an answer from plain mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from kith_metadata.expressions.types import Type


@dataclass(frozen=True, slots=True)
class ForeignField:
    """What a foreign name stands for: our text for it, such as `account.owner`, and its type in our language.

    `options` maps the values of a picklist to the names of our options; a value that is not in it keeps its name.
    `title` is our text for the name of the record that a lookup points to, for products that compare lookups by it.
    """

    text: str
    type: Type
    options: Mapping[str, str] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that cannot be carried, and why; `code` is the word by which refusals are counted."""

    code: str
    message: str


class ForeignScope(Protocol):
    """The names that may stand in a foreign formula."""

    def find(self, parts: tuple[str, ...]) -> ForeignField | Missing:
        """Return what a reference stands for; `parts` are its names as written, such as ("Account", "Name")."""
        ...


@dataclass(frozen=True, slots=True)
class MappedScope:
    """A scope over a mapping from written references, in small letters, to what they stand for."""

    fields: Mapping[str, ForeignField]

    def find(self, parts: tuple[str, ...]) -> ForeignField | Missing:
        """Return the field, found without regard to upper and lower case."""
        written = ".".join(parts)
        found = self.fields.get(written.lower())
        return found or Missing("unknown_field", f"There is no field '{written[:80]}'.")
