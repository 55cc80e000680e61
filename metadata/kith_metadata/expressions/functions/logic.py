"""Blank values, error values, and choosing by value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always
from kith_metadata.expressions.literals import comparable
from kith_metadata.expressions.problems import EvaluationError
from kith_metadata.expressions.types import Type
from kith_metadata.expressions.values import equal

Run = Callable[[], Any]


def _is_blank(value: Any) -> bool:
    return value is None


def _blank_value(value: Any, instead: Any) -> Any:
    return instead if value is None else value


def _either(types: tuple[Type, ...]) -> Type | None:
    return t.common(types[0], types[1])


def _case(value: Run, *branches: Run) -> Any:
    found = value()
    pairs = zip(branches[::2], branches[1::2], strict=False)
    for wanted, result in pairs:
        other = wanted()
        if found is not None and other is not None and equal(found, other):
            return result()
    return branches[-1]() if len(branches) % 2 else None


def _case_type(types: tuple[Type, ...]) -> Type | None:
    values = [types[0], *(types[index] for index in compared_with_first(len(types)))]
    if not all(comparable(types[0], other, "==") for other in values):
        return None
    results = [*types[2::2], *(types[-1:] if len(types) % 2 == 0 else ())]
    found: Type | None = results[0]
    for other in results[1:]:
        found = t.common(found, other) if found else None
    return found


def compared_with_first(count: int) -> range:
    """Return which arguments of a `case` of so many are compared with its first one."""
    return range(1, count - 1, 2)


def _if_error(value: Run, instead: Run) -> Any:
    try:
        return value()
    except EvaluationError:
        return instead()


FAMILIES.register("logic")(
    Family(
        "Choosing and blank values",
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
            Function(
                "case",
                "Compare a value with others in turn and return what stands behind the first that is equal, else the "
                "last argument, or blank when there is none. A blank is equal to nothing.",
                (
                    Parameter("value"),
                    Parameter("when"),
                    Parameter("then"),
                    Parameter("more", optional=True, repeated=True),
                ),
                _case_type,
                _case,
                (
                    'case(2, 1, "one", 2, "two", "many") == "two"',
                    'case(5, 1, "one", "many") == "many"',
                    'case(blank, blank, "a", "b") == "b"',
                    'case(5, 1, "one") == blank',
                    "case(1, 1, 2, 1 / 0) == 2",
                ),
                keeps_blank=True,
                lazy=True,
                compared=compared_with_first,
                shown="case(value, when, then, …, otherwise?)",
            ),
            Function(
                "if_error",
                "Return the first value, or the second when the first is an error value such as a division by zero.",
                (Parameter("value"), Parameter("instead")),
                _either,
                _if_error,
                ("if_error(1 / 0, -1) == -1", "if_error(5, 1) == 5", 'if_error(number("x"), blank) == blank'),
                keeps_blank=True,
                lazy=True,
            ),
        ),
    )
)
