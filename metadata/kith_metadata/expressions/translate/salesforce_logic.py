"""Salesforce's functions that need more than one rule for each argument: choices, blanks, and the former record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import pieces
from kith_metadata.expressions.translate.foreign_tree import Call, Name
from kith_metadata.expressions.translate.pieces import Piece, call
from kith_metadata.expressions.translate.salesforce_operators import compare, condition
from kith_metadata.expressions.translate.salesforce_values import alike
from kith_metadata.expressions.translate.translated import Writing

Handler = Callable[[Writing, Call, Sequence[Piece]], Piece | None]


def _wrong_count(writing: Writing, node: Call) -> Piece | None:
    return writing.refuse(node.place, "arguments", f"{node.name}() does not take {len(node.arguments)} arguments.")


def _logic(sign: str) -> Handler:
    def write(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
        found = [condition(writing, part, piece) for part, piece in zip(node.arguments, arguments, strict=True)]
        parts = [piece for piece in found if piece is not None]
        if not arguments:
            _wrong_count(writing, node)
        return pieces.joined(sign, parts) if parts and len(parts) == len(arguments) else None

    return write


def _not(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) != 1:
        return _wrong_count(writing, node)
    found = condition(writing, node.arguments[0], arguments[0])
    return pieces.negated(found) if found else None


def _if(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) not in (2, 3):
        return _wrong_count(writing, node)
    test = condition(writing, node.arguments[0], arguments[0])
    results = alike(arguments[1], arguments[2] if len(arguments) == 3 else pieces.BLANK)
    if results is None:
        kinds = f"{arguments[1].type} and {arguments[2].type}"
        writing.refuse(node.place, "types", f"The results of IF() need one type; found {kinds}.")
    return pieces.choose(test, *results) if test and results else None


def _ifs(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) < 3 or len(arguments) % 2 == 0:
        return _wrong_count(writing, node)
    results = _one_type(writing, node, [*arguments[1::2], arguments[-1]])
    tests = [condition(writing, *pair) for pair in zip(node.arguments[:-1:2], arguments[:-1:2], strict=True)]
    if results is None or None in tests:
        return None
    found = results[-1]
    for test, result in zip(reversed(tests), reversed(results[:-1]), strict=True):
        if test is not None:
            found = pieces.choose(test, result, found, found.type)
    return found


def _case(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) < 3:
        return _wrong_count(writing, node)
    value, *rest = arguments
    value = value.source or value
    otherwise = rest.pop() if len(rest) % 2 else pieces.BLANK
    results = _one_type(writing, node, [*rest[1::2], otherwise])
    if not results:
        return None
    written = [value]
    for tested, result in zip(rest[0::2], results, strict=False):
        written += [pieces.option(value, tested) if value.type.kind == "choice" else tested, result]
    return call("case", results[-1].type, *written, results[-1])


def _one_type(writing: Writing, node: Call, results: list[Piece]) -> list[Piece] | None:
    """Bring the results of a CASE to one type."""
    wanted = results[0]
    for result in results[1:]:
        both = alike(wanted, result)
        if both is None:
            message = f"The results of {node.name}() need one type; found {wanted.type} and {result.type}."
            writing.refuse(node.place, "types", message)
            return None
        wanted = both[0].typed(both[2])
    found: list[Piece] = []
    for result in results:
        both = alike(result, wanted)
        found.append(both[0].typed(wanted.type) if both else result)
    return found


def _is_blank(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) != 1:
        return _wrong_count(writing, node)
    return pieces.FALSE if arguments[0].type.kind == "boolean" else call("is_blank", t.BOOLEAN, *arguments)


def _is_null(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) == 1 and arguments[0].type.kind == "text":
        # A blank text is not null in Salesforce.
        return pieces.FALSE
    return _is_blank(writing, node, arguments)


def _blank_value(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) != 2:
        return _wrong_count(writing, node)
    both = alike(arguments[0], arguments[1])
    if both is None:
        message = f"{node.name}() needs two values of one type; found {arguments[0].type} and {arguments[1].type}."
        return writing.refuse(node.place, "types", message)
    if node.name == "NULLVALUE" and both[2].kind == "text":
        return both[0]
    return call("blank_value", both[2], *both[:2])


def _if_error(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) != 2:
        return _wrong_count(writing, node)
    both = alike(arguments[0], arguments[1])
    if both is None:
        return writing.refuse(node.place, "types", "IFERROR() needs two values of one type.")
    return call("if_error", both[2], *both[:2])


def _is_picked(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) != 2:
        return _wrong_count(writing, node)
    return compare(writing, node, "==", (arguments[0].source or arguments[0], arguments[1]))


def _includes(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) != 2:
        return _wrong_count(writing, node)
    several, member = arguments
    if several.type.kind == "choice":
        return compare(writing, node, "==", (several, member))
    if several.type.kind not in ("choices", "text"):
        message = f"INCLUDES() needs a field with several choices, found {several.type}."
        return writing.refuse(node.place, "types", message)
    return pieces.infix(pieces.option(several, member), "in", several, pieces.COMPARE, t.BOOLEAN)


def _in(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    if len(arguments) < 2:
        return _wrong_count(writing, node)
    found = [compare(writing, node, "==", (arguments[0], member)) for member in arguments[1:]]
    parts = [piece for piece in found if piece is not None]
    if len(parts) < len(found):
        return None
    return pieces.joined("and", [pieces.compared(arguments[0], "!=", pieces.BLANK), pieces.joined("or", parts)])


def _is_new(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    return call("is_new", t.BOOLEAN)


def _is_changed(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    name = _plain_field(writing, node)
    return Piece(f"is_changed({name.text})", t.BOOLEAN) if name else None


def _prior_value(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    """The former value of a field; of a new record it is the present one."""
    name = _plain_field(writing, node)
    if name is None:
        return None
    former = Piece(f"old.{name.text}", name.type)
    return replace(pieces.choose(call("is_new", t.BOOLEAN), name, former, name.type), options=name.options)


def _plain_field(writing: Writing, node: Call) -> Piece | None:
    """Return the field that ISCHANGED or PRIORVALUE asks about, without any wrapping for blanks."""
    if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
        return writing.refuse(node.place, "arguments", f"{node.name}() needs one field.")
    return writing.named(node.arguments[0])


def _same(writing: Writing, node: Call, arguments: Sequence[Piece]) -> Piece | None:
    return arguments[0] if arguments else _wrong_count(writing, node)


HANDLERS: Mapping[str, Handler] = {
    "IF": _if,
    "IFS": _ifs,
    "AND": _logic("and"),
    "OR": _logic("or"),
    "NOT": _not,
    "CASE": _case,
    "ISBLANK": _is_blank,
    "ISNULL": _is_null,
    "BLANKVALUE": _blank_value,
    "NULLVALUE": _blank_value,
    "IFERROR": _if_error,
    "ISPICKVAL": _is_picked,
    "INCLUDES": _includes,
    "IN": _in,
    "ISNEW": _is_new,
    "ISCHANGED": _is_changed,
    "PRIORVALUE": _prior_value,
    "CASESAFEID": _same,
}
