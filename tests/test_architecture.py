"""The shape of the house: what lies at the top, who may import whom, and where Flask and SQLAlchemy may be used."""

from __future__ import annotations

import ast
import platform
import subprocess
from collections.abc import Collection, Iterator
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {
    "kith_platform": ROOT / "platform/kith_platform",
    "kith_metadata": ROOT / "metadata/kith_metadata",
    "kith_runtime": ROOT / "runtime/kith_runtime",
    "kith_builder": ROOT / "builder/kith_builder",
}
TOP_LEVEL = {
    *("platform", "metadata", "apps", "builder", "runtime", "tests", "bench", "docs"),
    *("pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
    *(".ci", ".editorconfig", ".gitignore", ".pre-commit-config.yaml"),
}
# Which of our packages each of them may import beside itself. Nothing stands on the builder.
MAY_IMPORT = {
    "kith_platform": set[str](),
    "kith_metadata": set[str](),
    "kith_runtime": {"kith_platform", "kith_metadata"},
    "kith_builder": {"kith_platform", "kith_metadata", "kith_runtime"},
}
FLASK = {"flask", "flask_login", "flask_wtf", "flask_limiter"}
SQLALCHEMY = {"sqlalchemy", "alembic"}
NETWORK_AND_CLOCK = {"socket", "ssl", "http", "urllib", "requests", "time"}
# Library family -> places (patterns below ROOT) where it may be imported.
LIBRARY_PLACES = [
    (FLASK, ["runtime/kith_runtime/screens/*", "runtime/kith_runtime/api/*", "runtime/kith_runtime/web/*"]),
    (
        SQLALCHEMY,
        [
            "platform/kith_platform/database/*",
            "platform/*/store.py",
            "runtime/*/store.py",
            *(f"runtime/kith_runtime/{part}/*" for part in ("tables", "queries", "records", "access", "publish")),
        ],
    ),
    (NETWORK_AND_CLOCK, ["platform/*", "runtime/*", "builder/*"]),
]
# Split, so that this file does not hold what it looks for.
REGISTRY_HOSTS = ["registry.npm" + "js.org", "registry.yarn" + "pkg.com", "py" + "pi.org", "python" + "hosted.org"]


class Import(NamedTuple):
    """One imported module and the place that imports it; ``for_types`` when only the type checker does."""

    file: Path
    line: int
    module: str
    for_types: bool

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def is_for_types(node: ast.AST) -> bool:
    """Tell whether a statement is `if TYPE_CHECKING:`, whose imports never run."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports_of(file: Path) -> Iterator[Import]:
    """Yield every import of a file, wherever in it."""
    tree = ast.parse(file.read_bytes(), str(file))
    for_types = {inner for node in ast.walk(tree) if is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, name.name, node in for_types) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Import(file, node.lineno, "." * node.level + (node.module or ""), node in for_types)


def module_name(file: Path) -> str:
    """Return the name by which a file of ours is imported."""
    source = next(folder for folder in SOURCES.values() if file.is_relative_to(folder))
    parts = file.relative_to(source.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_at_start(file: Path, known: Collection[str]) -> set[str]:
    """Return the modules of ours that a file imports when it is loaded."""
    found = set()
    for node in ast.parse(file.read_bytes(), str(file)).body:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{name.name}" for name in node.names]
            found |= {name if name in known else node.module for name in names}
    return found & set(known) - {module_name(file)}


def all_imports(folder: Path) -> list[Import]:
    """Return every import of every Python file below a folder."""
    return [found for file in sorted(folder.rglob("*.py")) for found in imports_of(file)]


def project_files() -> list[str]:
    """Return the paths of all files that are, or would be, under version control."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in output.split("\0") if path and (ROOT / path).is_file()]


def report(imports: list[Import]) -> str:
    return "\n".join(str(found) for found in imports)


@pytest.mark.parametrize("package", sorted(SOURCES))
def test_packages_import_only_downwards(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    wrong = [found for found in all_imports(SOURCES[package]) if found.top in SOURCES and found.top not in allowed]
    assert not wrong, report(wrong)


@pytest.mark.parametrize("package", sorted(SOURCES))
def test_imports_are_absolute(package: str) -> None:
    wrong = [found for found in all_imports(SOURCES[package]) if found.module.startswith(".")]
    assert not wrong, report(wrong)


def test_modules_import_each_other_in_no_circle() -> None:
    files = {module_name(file): file for folder in SOURCES.values() for file in folder.rglob("*.py")}
    below = {name: imported_at_start(file, files) for name, file in files.items()}
    try:
        tuple(TopologicalSorter(below).static_order())
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


@pytest.mark.parametrize(("family", "places"), LIBRARY_PLACES, ids=["flask", "sqlalchemy", "network and clock"])
def test_libraries_stay_in_their_places(family: set[str], places: list[str]) -> None:
    everything = [found for folder in SOURCES.values() for found in all_imports(folder) if found.top in family]
    wrong = [
        found
        for found in everything
        if not found.for_types and not any(fnmatch(found.file.relative_to(ROOT).as_posix(), place) for place in places)
    ]
    assert not wrong, report(wrong)


def test_nothing_imports_the_builder() -> None:
    folders = [folder for package, folder in SOURCES.items() if package != "kith_builder"]
    wrong = [found for folder in folders for found in all_imports(folder) if found.top == "kith_builder"]
    assert not wrong, report(wrong)


def test_top_level_holds_only_what_belongs_there() -> None:
    found = {path.partition("/")[0] for path in project_files()}
    assert found <= TOP_LEVEL, f"not part of the layout: {sorted(found - TOP_LEVEL)}"


def test_source_roots_are_not_packages() -> None:
    # `platform/__init__.py` would hide Python's own module `platform` from every library.
    wrong = [root for root in ("platform", "metadata", "runtime", "builder") if (ROOT / root / "__init__.py").exists()]
    assert not wrong, f"these folders hold packages and must not be packages themselves: {wrong}"
    assert ROOT not in Path(platform.__file__).parents


def test_packages_are_typed() -> None:
    missing = [package for package, folder in SOURCES.items() if not (folder / "py.typed").is_file()]
    assert not missing


def test_no_file_names_a_package_registry() -> None:
    wrong = [
        f"{path}: {host}"
        for path in project_files()
        for host in REGISTRY_HOSTS
        if host.encode() in (ROOT / path).read_bytes()
    ]
    assert not wrong, wrong


def test_apps_are_yaml_only() -> None:
    allowed = {".yaml", ".md", ".csv", ".svg", ".png", ".jpg", ".txt", ".pdf"}
    wrong = [path for path in project_files() if path.startswith("apps/") and Path(path).suffix not in allowed]
    assert not wrong, wrong


def test_programs_write_through_the_door_that_waits_for_others() -> None:
    commands = sorted((ROOT / "runtime/kith_runtime/cli").glob("*.py"))
    assert [file.name for file in commands if "workspace.save(" in file.read_text()]
    assert [file.name for file in commands if ".write(SYSTEM" in file.read_text()] == []
