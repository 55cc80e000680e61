"""Blank values: testing for them and replacing them."""

from __future__ import annotations

from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.types import Type


def _is_blank(value: Any) -> bool:
    return value is None


def _blank_value(value: Any, instead: Any) -> Any:
    return instead if value is None else value


def _either(types: tuple[Type, ...]) -> Type | None:
    return t.common(types[0], types[1])


FAMILIES.register("logic")(
    Family(
        "Blank values",
        (
            Function(
                "is_blank",
                "Tell whether a value is blank. An empty text and an empty list are blank; zero and no are not.",
                (Parameter("value"),),
                always(t.BOOLEAN),
                _is_blank,
                ('is_blank("")', "is_blank(blank)", "not is_blank(0)", "not is_blank(false)", "is_blank(blank + 1)"),
                keeps_blank=True,
            ),
            Function(
                "blank_value",
                "Return the first value, or the second when the first is blank.",
                (Parameter("value"), Parameter("instead")),
                _either,
                _blank_value,
                ("blank_value(blank, 5) == 5", 'blank_value("a", "b") == "a"', "blank_value(0, 5) == 0"),
                keeps_blank=True,
            ),
        ),
    )
)
