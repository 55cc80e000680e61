"""The house rules that a machine can hold: sizes, signatures, docstrings, and what is never written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE_FOLDERS = ["platform", "metadata", "runtime/kith_runtime", "builder"]
MODULE_LINES = 600
FUNCTION_LINES = 70
PARAMETERS = 5
# `prop` declares one property of the language: its keywords are that language's own words, and all have defaults.
DECLARATIONS = {"metadata/kith_metadata/spec.py": {"prop"}}
# Split, so that this file does not hold what it looks for.
UNFINISHED = re.compile("|".join([r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b", r"\bHA" + r"CK\b"]))
BROAD = {"Exception", "BaseException"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "breakpoint"}
WAITING_OR_SKIPPING = re.compile(
    r"\btime\.sl" + r"eep\(|\bpytest\.(skip|xfail|importorskip)\(|@pytest\.mark\.(skip|xfail)|unittest\.mo" + r"ck"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> list[Path]:
    """Return all Python files below folders of the project."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


SOURCES = [*python_files(*SOURCE_FOLDERS), ROOT / "runtime/web/hatch_build.py"]
TESTS = python_files("tests", "bench")


@cache
def tree_of(file: Path) -> ast.Module:
    """Return a file's parsed text, kept because every rule reads it."""
    return ast.parse(file.read_bytes(), str(file))


def place(file: Path, node: ast.AST | None = None) -> str:
    return f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def functions(file: Path) -> Iterator[Function]:
    """Yield every function and method of a file, nested ones too."""
    return (node for node in ast.walk(tree_of(file)) if isinstance(node, Function))


def check(problems: Iterable[str]) -> None:
    """Fail with one line for each problem."""
    found = sorted(problems)
    assert not found, "\n" + "\n".join(found)


def test_modules_are_short() -> None:
    lengths = ((file, len(file.read_text(encoding="utf-8").splitlines())) for file in SOURCES + TESTS)
    check(f"{place(file)}: {length} lines, at most {MODULE_LINES}" for file, length in lengths if length > MODULE_LINES)


def test_functions_are_short() -> None:
    check(
        f"{place(file, node)}: {node.name} has {length} lines, at most {FUNCTION_LINES}"
        for file in SOURCES
        for node in functions(file)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    )


def parameter_count(node: Function) -> int:
    """Count named parameters, leaving out the instance or class that a method is bound to."""
    positional = [*node.args.posonlyargs, *node.args.args]
    if positional and positional[0].arg in {"self", "cls"}:
        positional = positional[1:]
    return len(positional) + len(node.args.kwonlyargs)


def test_functions_take_few_parameters() -> None:
    check(
        f"{place(file, node)}: {node.name} takes {count} parameters, at most {PARAMETERS}"
        for file in SOURCES
        for node in functions(file)
        if (count := parameter_count(node)) > PARAMETERS
        and node.name not in DECLARATIONS.get(file.relative_to(ROOT).as_posix(), set())
    )


def caught_names(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"everything"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {kind.id for kind in kinds if isinstance(kind, ast.Name)} & BROAD


def test_no_exception_is_caught_broadly() -> None:
    check(
        f"{place(file, node)}: catches {', '.join(sorted(names))}; name the errors that are expected"
        for file in SOURCES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ExceptHandler) and (names := caught_names(node))
    )


def test_imports_stand_at_the_top() -> None:
    check(
        f"{place(file, node)}: {function.name} imports inside; a cycle is solved by moving code, not by waiting"
        for file in SOURCES
        for function in functions(file)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def test_nothing_runs_text_as_code() -> None:
    check(
        f"{place(file, node)}: calls {node.func.id}"
        for file in SOURCES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS
    )


def test_modules_begin_with_future_annotations() -> None:
    check(
        f"{place(file)}: begins without `from __future__ import annotations`"
        for file in SOURCES
        if any(isinstance(node, Function | ast.ClassDef | ast.AnnAssign) for node in tree_of(file).body)
        and not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree_of(file).body)
    )


def test_nothing_is_left_unfinished() -> None:
    lines = ((file, number, line) for file in SOURCES + TESTS for number, line in numbered_lines(file))
    check(
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}" for file, number, line in lines if UNFINISHED.search(line)
    )


def numbered_lines(file: Path) -> Iterable[tuple[int, str]]:
    return enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)


def test_tests_neither_wait_nor_skip_nor_pretend() -> None:
    # What lies in tests/support may poll for a process that it starts; a test may not.
    files = [file for file in python_files("tests") if "support" not in file.parts and file != Path(__file__)]
    lines = ((file, number, line) for file in files for number, line in numbered_lines(file))
    check(
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file, number, line in lines
        if WAITING_OR_SKIPPING.search(line)
    )


# ---- docstrings ------------------------------------------------------------------------------------------------------


# Bases that promise no methods of their own.
PLAIN_BASES = {"Protocol", "Generic", "Enum", "StrEnum", "IntEnum", "NamedTuple", "TypedDict", "ABC", "object"}


def is_public(name: str) -> bool:
    return not name.startswith("_")


def plain_name(node: ast.expr) -> str:
    """Return the last word of a name: `Registry[T]` and `registry.Registry` are both `Registry`."""
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@cache
def classes_by_name() -> dict[str, ast.ClassDef]:
    """Return all classes of the source by their plain names."""
    return {node.name: node for file in SOURCES for node in ast.walk(tree_of(file)) if isinstance(node, ast.ClassDef)}


def has_method(node: ast.ClassDef, name: str) -> bool:
    return any(isinstance(member, Function) and member.name == name for member in node.body)


def is_inherited(name: str, node: ast.ClassDef) -> bool:
    """Tell whether a method fulfils what a base class promises, where it is described; foreign bases count as such."""
    for base in map(plain_name, node.bases):
        known = classes_by_name().get(base)
        if known is None and base not in PLAIN_BASES:
            return True
        if known is not None and (has_method(known, name) or is_inherited(name, known)):
            return True
    return False


def is_variant(node: Function) -> bool:
    """Tell whether a function only restates another: an overload, or the setter of a property."""
    names = set(map(plain_name, node.decorator_list))
    return bool(names & {"overload", "setter", "deleter", "override"})


def public_members(file: Path) -> Iterator[ast.ClassDef | Function]:
    """Yield the classes, functions and methods of a file that others are meant to use."""
    for node in tree_of(file).body:
        if isinstance(node, Function) and is_public(node.name) and not is_variant(node):
            yield node
        elif isinstance(node, ast.ClassDef) and is_public(node.name):
            yield node
            yield from (
                member
                for member in node.body
                if isinstance(member, Function)
                and is_public(member.name)
                and not is_variant(member)
                and not is_inherited(member.name, node)
            )


@pytest.mark.parametrize("folder", [*SOURCE_FOLDERS, "runtime/web"])
def test_public_names_are_described(folder: str) -> None:
    files = [file for file in SOURCES if (ROOT / folder) in file.parents]
    modules = (place(file) + ": the module" for file in files if ast.get_docstring(tree_of(file)) is None)
    members = (
        f"{place(file, node)}: {node.name}"
        for file in files
        for node in public_members(file)
        if ast.get_docstring(node) is None
    )
    check([*modules, *members])
