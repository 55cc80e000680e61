"""Calls of functions: the right name, the right number of arguments, the right types."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from kith_metadata.expressions import literals
from kith_metadata.expressions import types as t
from kith_metadata.expressions.check_hints import conversion_hint
from kith_metadata.expressions.check_lists import AGGREGATES
from kith_metadata.expressions.check_names import Names
from kith_metadata.expressions.check_questions import QUESTIONS
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.family import Function, Parameter
from kith_metadata.expressions.nodes import Call, Literal, Node
from kith_metadata.expressions.types import Type
from kith_metadata.registry import nearest

Report = Callable[..., None]


def typed_call(
    node: ast.Call, place: tuple[int, int], arguments: Sequence[Node | None], names: Names, report: Report
) -> Node | None:
    """Return the typed call, or None after reporting why it is not possible."""
    function = _function(node, place, names, report)
    if function is not None and function.around is not None and arguments:
        inner, last = function.around[0], arguments[-1]
        if isinstance(last, Call) and last.name == inner and len(arguments) == len(function.parameters):
            function, arguments = FUNCTIONS[function.around[1]], (*arguments[:-1], *last.arguments)
    if function is None or not _count_fits(function, len(arguments), place, report):
        return None
    typed: list[Node] = []
    if function.compared is not None and arguments[0] is not None:
        arguments = _compared(function, arguments, arguments[0].type, names, report)
    for index, argument in enumerate(arguments):
        parameter = function.parameters[min(index, len(function.parameters) - 1)]
        if argument is not None and _fits(argument, parameter, function, report):
            typed.append(_adapted(argument, parameter, names, report))
    if len(typed) < len(arguments) or not _verified(function, typed, report):
        return None
    result = function.returns(tuple(argument.type for argument in typed)) if typed else function.returns(())
    if result is None and any(argument.type.kind == "markup" for argument in typed):
        kept = {0, *function.compared(len(typed))} if function.compared else set()
        typed = [argument if index in kept else as_markup(argument) for index, argument in enumerate(typed)]
        result = function.returns(tuple(argument.type for argument in typed))
    if result is None:
        kinds = " and ".join(str(argument.type) for argument in typed)
        report(place, "wrong_type", f"{function.name}() cannot combine {kinds}.")
        return None
    if function.uses:
        names.uses.add(function.uses)
    return Call(result, place, function.name, tuple(typed))


def _function(node: ast.Call, place: tuple[int, int], names: Names, report: Report) -> Function | None:
    if not isinstance(node.func, ast.Name):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        hint = (
            f"Write {FUNCTIONS[method].signature}." if method in FUNCTIONS else "Use a function, such as lower(name)."
        )
        report(place, "not_allowed", "Only functions can be called; values have no methods.", hint)
        return None
    name = node.func.id
    if name not in FUNCTIONS:
        near = nearest(name, (*FUNCTIONS, *AGGREGATES, *QUESTIONS))
        hint = f"Did you mean '{near}'?" if near else f"Functions: {', '.join(sorted(FUNCTIONS))}."
        report(place, "unknown_function", f"There is no function '{name[:40]}'.", hint)
        return None
    return FUNCTIONS[name]


def _count_fits(function: Function, count: int, place: tuple[int, int], report: Report) -> bool:
    least = sum(not parameter.optional for parameter in function.parameters)
    most = len(function.parameters)
    if count >= least and (count <= most or (function.parameters and function.parameters[-1].repeated)):
        return True
    message = f"{function.name}() takes {least if least == most else f'{least} to {most}'} arguments; found {count}."
    report(place, "wrong_count", message, f"Write {function.signature}.")
    return False


def _fits(argument: Node, parameter: Parameter, function: Function, report: Report) -> bool:
    kind = argument.type.kind
    if kind == "list" or (parameter.kinds and kind not in parameter.kinds and kind != "blank"):
        if kind == "text" and _reads_text(parameter):
            return True
        expected = " or ".join(sorted(parameter.kinds)) or "a single value"
        message = f"{function.name}() needs {expected} as '{parameter.name}', found {argument.type}."
        report(
            argument.place,
            "wrong_type",
            message,
            conversion_hint(parameter.kinds, kind) or f"Write {function.signature}.",
        )
        return False
    return True


def as_markup(node: Node) -> Node:
    """Return a text as it stands in markup, with its special signs escaped; what is markup already stays as it is."""
    if node.type.kind not in t.TEXT_KINDS:
        return node
    if isinstance(node, Literal) and node.value is None:
        return Literal(t.BLANK, node.place, None)
    return Call(t.MARKUP, node.place, "html_encode", (node,))


def _compared(
    function: Function, arguments: Sequence[Node | None], kind: Type, names: Names, report: Report
) -> list[Node | None]:
    """Read the texts that are compared with the first argument as its type: options, dates and moments."""
    places = function.compared(len(arguments)) if function.compared else ()
    return [
        literals.adapt(argument, kind, names.options, report) if argument is not None and index in places else argument
        for index, argument in enumerate(arguments)
    ]


def _verified(function: Function, arguments: list[Node], report: Report) -> bool:
    """Report what is wrong with an argument that is written in the expression."""
    fine = True
    for parameter, argument in zip(function.parameters, arguments, strict=False):
        if parameter.verify is None or not isinstance(argument, Literal) or argument.value is None:
            continue
        message = parameter.verify(argument.value)
        if message is not None:
            report(argument.place, "wrong_value", message, f"Look at '{parameter.name}' of {function.signature}.")
            fine = False
    return fine


def _reads_text(parameter: Parameter) -> bool:
    return parameter.kinds in (frozenset({"date"}), frozenset({"datetime"}), frozenset({"time"}))


def _adapted(argument: Node, parameter: Parameter, names: Names, report: Report) -> Node:
    if not _reads_text(parameter):
        return argument
    adapted = literals.adapt(argument, Type(next(iter(parameter.kinds))), names.options, report)
    if adapted.type.kind == "text":
        report(argument.place, "wrong_type", f"Expected {parameter.name}, found {adapted.type}.")
    return adapted
