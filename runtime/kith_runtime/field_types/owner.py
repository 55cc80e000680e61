"""The person whom a record belongs to."""

from __future__ import annotations

from kith_metadata.kinds.entity import Field, FieldOptions
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import CHOICE_OPERATORS, Example
from kith_runtime.field_types.lookup import PERSON, Lookup


@field_types.register("owner")
class Owner(Lookup):
    """A lookup to a person. Entities with ownership have a field of this type without declaring it."""

    name = "owner"
    label = "Owner"
    help = "The person who looks after the record; a new record belongs to who makes it."
    icon = "user"
    Options = FieldOptions  # type: ignore[assignment]  # where it points to is fixed
    examples = (
        Example("0123456789abcdefghjk", "0123456789abcdefghjk"),
        Example("zzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzz"),
    )
    operators = ("me", *CHOICE_OPERATORS)

    def target(self, field: Field) -> str:
        """Return the entity of people."""
        return PERSON
