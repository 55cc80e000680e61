"""All functions of the language, found in their folder when this module is first imported."""

from __future__ import annotations

from kith_metadata.expressions import functions
from kith_metadata.expressions.family import FAMILIES, Function

FAMILIES.discover(functions)

FUNCTIONS: dict[str, Function] = {
    function.name: function for _, family in FAMILIES.items() for function in family.functions
}
