"""What every command works with: settings, the folders of apps, and the workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kith_metadata.check import CheckResult, check
from kith_platform.errors import Misconfigured
from kith_platform.settings import Settings
from kith_runtime.language import kith_language
from kith_runtime.workspace import Workspace, open_workspace

OK, PROBLEMS, USAGE = 0, 1, 2

_PACKAGE = Path(__file__).resolve().parents[1]
BUNDLED = _PACKAGE / "bundled_apps"
"""Where the wheel carries the apps; a source tree has them in ``apps`` at its root."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of this run, read once."""

    settings: Settings

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Environment:
        """Read the settings of the process."""
        return cls(Settings.from_environment(os.environ if environ is None else environ))

    @property
    def apps(self) -> Path:
        """The folder of app sources: ``KITH_APPS``, else those of the wheel, else those of the source tree."""
        if self.settings.apps is not None:
            return self.settings.apps
        source = _PACKAGE.parents[1] / "apps"
        for folder in (BUNDLED, source):
            if folder.is_dir():
                return folder
        raise Misconfigured("no_apps", "There is no folder of apps.", "Set KITH_APPS to the folder that holds them.")

    @contextmanager
    def workspace(self, *, prepare: bool = False) -> Iterator[Workspace]:
        """Yield the workspace of the settings and close it afterwards."""
        opened = open_workspace(self.settings, prepare=prepare)
        try:
            yield opened
        finally:
            opened.close()

    def check(self, names: Sequence[str] | None = None) -> CheckResult:
        """Check the apps of the folder with the customer's layer; all of them when none are named."""
        return check([self.apps], kith_language(), names, self.settings.custom)

    def check_installed(self, workspace: Workspace, names: Sequence[str] | None = None) -> CheckResult:
        """Check the named apps, or else those that are installed, or else all that the folder holds."""
        installed = [
            name
            for name in workspace.current.snapshot.names("app")
            if not workspace.current.snapshot.app(name).customer
        ]
        return self.check(names or installed or None)
