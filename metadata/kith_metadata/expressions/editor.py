"""What an editor of expressions asks while somebody types: what may come next, how a function is called, what is wrong.

Everything is pure and works on unfinished text; places are line and column from 1, in characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kith_metadata.expressions.check import Part, analyse
from kith_metadata.expressions.check_lists import AGGREGATES
from kith_metadata.expressions.check_questions import QUESTIONS
from kith_metadata.expressions.editor_text import Call, Spot, spot_of
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.parse import parse
from kith_metadata.expressions.problems import ExpressionError, Problem
from kith_metadata.expressions.scope import FORMER, FieldInfo, Scope
from kith_metadata.expressions.types import Type

MOST = 200
"""The most suggestions that one question gets."""

WORDS = ("and", "or", "not", "in", "if", "else", "true", "false", "blank")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may stand at the cursor: what it is called, what people call it, of what kind and type.

    `kind` is field, list, function, word, option, role or setting; `insert` is the text to write.
    """

    name: str
    label: str
    kind: str
    type: str
    insert: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Suggestions, best first, and the text that the chosen one replaces."""

    start: tuple[int, int]
    end: tuple[int, int]
    items: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """How the function around the cursor is called, what it does, and which argument (from 0) is being written."""

    name: str
    text: str
    summary: str
    argument: int


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with an expression, what it gives (blank when something is wrong), and its typed parts."""

    problems: tuple[Problem, ...]
    mended: str = ""
    type: Type | None = None
    parts: tuple[Part, ...] = field(default=())


def report(text: str, scope: Scope, expected: Type | None = None) -> Report:
    """Return what the checker says of a text; raises nothing, whatever the text is."""
    try:
        tree = parse(text)
    except ExpressionError as error:
        return Report(error.problems)
    found = analyse(tree, scope, expected)
    return Report(found.problems, found.mended, found.checked.type if found.checked else None, found.parts)


def part_at(parts: tuple[Part, ...], place: tuple[int, int]) -> Part | None:
    """Return the smallest part around a place, for the type at the cursor."""
    around = [part for part in parts if part.start <= place <= part.end]
    return max(around, key=lambda part: (part.start, [-number for number in part.end]), default=None)


def signature(text: str, place: tuple[int, int]) -> Signature | None:
    """Return the help for the innermost function around a place; None outside of all."""
    for call in reversed(spot_of(text, place).calls):
        found = _signature(call)
        if found is not None:
            return found
    return None


def _signature(call: Call) -> Signature | None:
    if call.name in AGGREGATES and (call.name not in FUNCTIONS or "." in call.first):
        return Signature(call.name, AGGREGATES[call.name], "A figure over a list of records.", call.argument)
    if call.name in QUESTIONS:
        return Signature(call.name, QUESTIONS[call.name], "Asks the surroundings.", call.argument)
    known = FUNCTIONS.get(call.name)
    if known is None:
        return None
    last = max(0, len(known.parameters) - 1)
    return Signature(call.name, known.signature, known.summary, min(call.argument, last))


def complete(text: str, place: tuple[int, int], scope: Scope) -> Completion:
    """Return what may stand at a place: names that begin with, then names and labels that hold, what is written there.

    Inside quotes these are options, roles or settings; behind a dot the fields of the record that it leads to.
    """
    spot = spot_of(text, place)
    if spot.quoted:
        return Completion(spot.start, place, _ranked(_quoted(spot, scope), spot.written))
    here, outer = _listed(spot, scope)
    *way, written = spot.written.split(".")
    start = (spot.start[0], spot.start[1] + len(spot.written) - len(written))
    if not way:
        found = [*_fields(here), *_lists(here), *_callables(), *_words(here, here is not outer)]
        return Completion(start, place, _ranked(found, written))
    behind = _behind(here, outer, way)
    return Completion(start, place, _ranked(behind, written))


def _listed(spot: Spot, scope: Scope) -> tuple[Scope, Scope]:
    """Return the scope of bare names at a spot: inside a figure over a list, the listed record's."""
    here = scope
    for call in spot.calls:
        if call.name in AGGREGATES and call.argument > 0 and call.first:
            found = _entity_of(call.first.split("."), here, scope)
            here = here if found is None else here.related(found)
    return here, scope


def _entity_of(path: list[str], here: Scope, outer: Scope) -> str | None:
    scope = outer if path[0] == "this" else here
    for step in path[1:] if path[0] == "this" else path:
        info = scope.field(step)
        if info is None:
            lists = scope.lists(step)
            return lists[0].entity if len(lists) == 1 else None
        if info.type.kind == "records":
            return info.type.name
        if info.type.kind != "record" or info.type.name is None:
            return None
        scope = scope.related(info.type.name)
    return None


def _behind(here: Scope, outer: Scope, way: list[str]) -> list[Suggestion]:
    if way[0] == "me":
        scope: Scope | None = here.person_scope()
    elif way[0] in ("this", "old"):
        scope = outer
    else:
        scope, way = here, ["", *way]
    for step in way[1:]:
        info = None if scope is None else scope.field(step)
        if info is not None and info.attributes:
            return [Suggestion(name, name, "attribute", str(a.type), name) for name, a in info.attributes.items()]
        lists = scope.lists(step) if scope is not None and info is None else ()
        entity = info.type.name if info is not None and info.type.kind in ("record", "records") else None
        entity = lists[0].entity if len(lists) == 1 else entity
        scope = None if scope is None or entity is None else scope.related(entity)
    return [] if scope is None else [*_fields(scope), *_lists(scope)]


def _fields(scope: Scope) -> list[Suggestion]:
    pairs = [(name, scope.field(name)) for name in scope.names()]
    return [
        Suggestion(name, info.label or name, "list" if info.type.kind == "records" else "field", str(info.type), name)
        for name, info in pairs
        if info is not None
    ]


def _lists(scope: Scope) -> list[Suggestion]:
    known = [(name, scope.lists(name)[0]) for name in scope.list_names()]
    return [Suggestion(name, info.label or name, "list", f"records of {info.entity}", name) for name, info in known]


def _callables() -> list[Suggestion]:
    plain = [Suggestion(f.name, f.signature, "function", "", f"{f.name}(") for f in FUNCTIONS.values()]
    more = {name: text for name, text in {**AGGREGATES, **QUESTIONS}.items() if name not in FUNCTIONS}
    return [*plain, *(Suggestion(name, text, "function", "", f"{name}(") for name, text in more.items())]


def _words(scope: Scope, inside: bool) -> list[Suggestion]:
    words = (*WORDS, "me", *(("this",) if inside else ()), *(("old",) if scope.offers(FORMER) else ()))
    return [Suggestion(word, word, "word", "", word) for word in words]


def _quoted(spot: Spot, scope: Scope) -> list[Suggestion]:
    call = spot.calls[-1] if spot.calls else None
    if call is not None and call.name == "has_role":
        return [Suggestion(name, name, "role", "", name) for name in scope.roles()]
    if call is not None and call.name == "setting":
        known = [(name, scope.setting(name)) for name in scope.settings()]
        return [Suggestion(name, info.label if info else name, "setting", "", name) for name, info in known]
    info = _compared(spot, scope)
    return [] if info is None else [Suggestion(name, name, "option", "choice", name) for name in info.options]


def _compared(spot: Spot, scope: Scope) -> FieldInfo | None:
    """Return the field beside which the text in quotes stands."""
    here, outer = _listed(spot, scope)
    path = spot.beside.split(".") if spot.beside else []
    if path and path[0] in ("this", "old"):
        here, path = outer, path[1:]
    info: FieldInfo | None = None
    for step in path:
        info = here.field(step)
        if info is None:
            return None
        here = here.related(info.type.name) if info.type.kind == "record" and info.type.name else here
    return info


def _ranked(found: list[Suggestion], written: str) -> tuple[Suggestion, ...]:
    wanted = written.lower()
    best: list[tuple[int, int, Suggestion]] = []
    for place, item in enumerate(found):
        name, label = item.name.lower(), item.label.lower()
        rank = 0 if name.startswith(wanted) else 1 if label.startswith(wanted) else 2
        if rank < 2 or wanted in name or wanted in label:
            best.append((rank, place, item))
    return tuple(item for _, _, item in sorted(best, key=lambda entry: entry[:2])[:MOST])
