"""Expressions: every condition and formula is parsed and its types are checked, with places inside the YAML text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kith_metadata.checks import CheckContext, checks
from kith_metadata.checks.cycles import rings
from kith_metadata.expressions import (
    FORMER,
    Checked,
    ExpressionError,
    Problem,
    Scope,
    Type,
    compile_check,
    parse,
    types,
)
from kith_metadata.expressions.server_only import problems_in_lists, problems_in_sql
from kith_metadata.issues import Issue, Place
from kith_metadata.language import Language
from kith_metadata.layered import Layered, dotted
from kith_metadata.occurrences import Occurrence
from kith_metadata.references import References, Unresolved
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import Prop
from kith_metadata.yaml_reader import Mark, Path

_NO_VALUES = frozenset({"where", "default_formula", "required_if", "read_only_if"})
_WHEN_SAVED = frozenset({"rule", "assignment"})
SCOPE_WORDS = frozenset({"none", "own", "team", "all"})


@checks.register("expressions")
def check_expressions(context: CheckContext) -> Iterator[Issue]:
    """Yield what is wrong with expressions, and formulas that need themselves."""
    edges: dict[str, list[str]] = {}
    server = ServerFields(context)
    for layered in context.layered.values():
        for occurrence in context.occurrences(layered):
            if occurrence.declared.expression and isinstance(occurrence.value, str) and occurrence.value:
                yield from _check(server, layered, occurrence, edges)
        if layered.kind == "data":
            yield from _values(context, layered)
    for ring in rings(edges):
        yield _ring(context, ring)


def _ring(context: CheckContext, ring: tuple[str, ...]) -> Issue:
    entity, _, name = ring[-2].rpartition(".")
    same = all(item.rpartition(".")[0] == entity for item in ring)
    shown = [item.rpartition(".")[2] if same else item for item in ring]
    message = f"These formulas need each other in a ring: {' → '.join(shown)}."
    layered = context.layered[f"entity:{entity}"]
    return context.key_issue("KM063", layered, ("fields", name), message, "Work one of them out without the others.")


def _check(
    server: ServerFields, layered: Layered, occurrence: Occurrence, edges: dict[str, list[str]]
) -> Iterator[Issue]:
    context = server.context
    wanted = occurrence.declared.expression
    if wanted == "scope" and occurrence.value in SCOPE_WORDS:
        return
    entity, expected = expectation(context.references, layered, occurrence)
    try:
        checked = _compile(context, occurrence.value, entity, expected, occurrence)
    except ExpressionError as error:
        if not _follows(context, error):
            yield from issues_of(error, layered, occurrence.path, occurrence.value)
        return
    if checked is None:
        return
    hindrances = server.problems(checked, in_sql=_is_for_the_database(occurrence.declared))
    if hindrances:
        yield from issues_of(ExpressionError(hindrances), layered, occurrence.path, occurrence.value)
    limits_figure = occurrence.declared.name == "where" and "over" in occurrence.item
    of_value = limits_figure or occurrence.declared.name not in _NO_VALUES
    if layered.kind == "entity" and occurrence.path[0] == "fields" and len(occurrence.path) == 3 and of_value:
        reads = sorted(f"{holder}.{name}" for holder, name in checked.reads)
        edges.setdefault(f"{layered.full_name}.{occurrence.path[1]}", []).extend(reads)


def _is_for_the_database(declared: Prop) -> bool:
    """Tell whether the database chooses records by an expression: filters, and the rights of roles."""
    return declared.name == "where" or declared.expression == "scope"


def expectation(references: References, layered: Layered, occurrence: Occurrence) -> tuple[str, Type | None]:
    """Return the entity that an expression speaks of and the type that it must give.

    A declaration says a type word (``boolean``, ``any``, ``scope``, ``rule``), and ``of`` with the property that names
    another entity (``boolean of to``).
    """
    word, _, other = occurrence.declared.expression.partition(" of ")
    entity = occurrence.entity
    if other:
        named = occurrence.item.get(other)
        # A layer names it as its own app sees it, which need not be the app that has the document.
        app = layered.layer((*occurrence.path[:-1], other))
        found = references.find("entity", named, app) if isinstance(named, str) else None
        entity = "" if found is None or isinstance(found, Unresolved) else found
    if word in ("boolean", "rule", "scope", "filter"):
        return entity, types.BOOLEAN
    return entity, Type(word) if word in types.PLAIN_KINDS else None


def scope_at(language: Language, snapshot: Snapshot, entity: str, declared: Prop | None = None) -> Scope | None:
    """Return what an expression may name at the place of a declaration; None for a language without fields.

    At places of the words ``rule`` and ``assignment`` a record is saved, so that they may ask for former values.
    """
    if language.scope_of is None:
        return None
    scope = language.scope_of(snapshot, entity)
    return scope.offering(FORMER) if declared is not None and declared.expression in _WHEN_SAVED else scope


def around_at(language: Language, snapshot: Snapshot, occurrence: Occurrence) -> Scope | None:
    """Return the fields that `this` means at a place of the word ``filter``: those of the record with the lookup."""
    if occurrence.declared.expression.partition(" ")[0] != "filter" or not snapshot.has("entity", occurrence.entity):
        return None
    return scope_at(language, snapshot, occurrence.entity)


def assigned_type(scope: Scope, field: str) -> Type | None:
    """Return the type that a value for a field must have; None for one that takes no value of an expression."""
    info = scope.field(field)
    return None if info is None or info.type.kind in ("json", "records") else info.type


def _compile(
    context: CheckContext, text: str, entity: str, expected: Type | None, occurrence: Occurrence | None = None
) -> Checked | None:
    """Check an expression and return its tree; only its grammar, and None, when its entity is not sound."""
    declared = None if occurrence is None else occurrence.declared
    scope = scope_at(context.language, context.snapshot, entity, declared) if _is_sound(context, entity) else None
    if scope is None:
        parse(text)
        return None
    if occurrence is not None and occurrence.declared.expression == "assignment":
        expected = assigned_type(scope, str(occurrence.path[-1]))
    around = None if occurrence is None else around_at(context.language, context.snapshot, occurrence)
    return compile_check(text, scope, expected, around)


@dataclass(frozen=True, slots=True)
class ServerFields:
    """Knows which formulas are worked out on the server only, because of what they call or because of others."""

    context: CheckContext
    known: dict[tuple[str, str], bool] = field(default_factory=dict)

    def problems(self, checked: Checked, *, in_sql: bool) -> tuple[Problem, ...]:
        """Return what hinders an expression; figures over lists are computed by the database wherever they stand."""
        return problems_in_sql(checked, self.on_server) if in_sql else problems_in_lists(checked, self.on_server)

    def on_server(self, entity: str, name: str) -> bool:
        """Tell whether a field is a formula that the database cannot work out; a ring of formulas is told elsewhere."""
        key = (entity, name)
        if key not in self.known:
            self.known[key] = False
            self.known[key] = self._on_server(entity, name)
        return self.known[key]

    def _on_server(self, entity: str, name: str) -> bool:
        declared = self.context.entity(entity)
        options = declared.fields[name].options if declared is not None and name in declared.fields else None
        text = getattr(options, "formula", "")
        if not text or getattr(options, "stored", False):
            return False
        try:
            checked = _compile(self.context, text, entity, None)
        except ExpressionError:
            return False
        return checked is not None and bool(problems_in_sql(checked, self.on_server))


def _follows(context: CheckContext, error: ExpressionError) -> bool:
    """Tell whether all that is wrong may follow from broken documents: a list or a role that is not known for now."""
    kinds = {name.partition(":")[0] for name in context.broken}
    unclear = {"unknown_list"} if "entity" in kinds else set()
    unclear |= {"unknown_role"} if "role" in kinds else set()
    return all(problem.code in unclear for problem in error.problems)


def _is_sound(context: CheckContext, entity: str) -> bool:
    """Tell whether an entity and those that its lookups lead to, step by step, can be asked for their fields."""
    broken = {name.partition(":")[2] for name in context.broken if name.startswith(("entity:", "option_set:"))}
    pending, seen = [entity], {entity}
    while pending:
        found = context.entity(pending.pop())
        if found is None:
            return False
        if not broken:
            return True
        for declared in found.fields.values():
            target, options = getattr(declared.options, "to", ""), getattr(declared.options, "options_from", "")
            if target in broken or options in broken:
                return False
            if isinstance(target, str) and target and target not in seen:
                seen.add(target)
                pending.append(target)
    return True


def _values(context: CheckContext, layered: Layered) -> Iterator[Issue]:
    """In data, a text that starts with ``=`` is an expression."""
    entity = context.references.find("entity", str(layered.data.get("entity")), layered.app)
    if isinstance(entity, Unresolved):
        return
    for record, values in layered.data["records"].items():
        for name, value in values.items():
            if isinstance(value, str) and value.startswith("="):
                try:
                    _compile(context, value[1:].strip(), entity, None)
                except ExpressionError as error:
                    path: Path = ("records", record, name)
                    yield from issues_of(error, layered, path, value, len(value) - len(value[1:].lstrip()))


def issues_of(error: ExpressionError, layered: Layered, path: Path, text: str, skipped: int = 0) -> Iterator[Issue]:
    """Yield the problems of an expression at their places in the file; ``skipped`` characters stand before it."""
    mended = f" The whole is then: {error.mended}" if error.mended else ""
    for problem in error.problems:
        place = place_in_text(layered, path, problem, skipped)
        yield Issue("KM070", place, problem.message, problem.hint + mended, dotted(path))


def place_in_text(layered: Layered, path: Path, problem: Problem, skipped: int = 0) -> Place:
    """Return where a place inside a text stands in its file.

    Exact for plain and quoted text on one line and for blocks (``|``, and ``>`` without empty lines); text that runs
    over several lines in other ways gives the place where it starts.
    """
    file, mark = layered.mark(path)
    if mark is None:
        return layered.place(path)
    column = problem.column - 1 + skipped
    if mark.style in ("", "'", '"') and problem.line == 1:
        return Place(file, mark.line, mark.column + column + (1 if mark.style else 0))
    if mark.style == "|":
        return Place(file, mark.line + problem.line, mark.indent + problem.column)
    if mark.style == ">" and problem.line == 1:
        return _in_folded(file, mark, column)
    return Place(file, mark.line, mark.column)


def _in_folded(file: str, mark: Mark, column: int) -> Place:
    """A folded block joins its lines with one space each."""
    for index, width in enumerate(mark.widths):
        if width <= 0:
            break
        if column <= width:
            return Place(file, mark.line + 1 + index, mark.indent + column + 1)
        column -= width + 1
    return Place(file, mark.line + 1, mark.indent + 1)
