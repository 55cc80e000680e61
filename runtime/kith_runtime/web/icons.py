"""The built front end as the server uses it: hashed file names and the icons that metadata may name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from kith_platform.errors import Misconfigured

STATIC_FOLDER = Path(__file__).parent.parent / "static"
_FALLBACK = "square"

MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="7" fill="#3d4fd6"/>'
    '<g fill="none" stroke="#fff" stroke-width="1.8"><circle cx="9.6" cy="12" r="4.6"/>'
    '<circle cx="14.4" cy="12" r="4.6" stroke-opacity=".72"/></g></svg>'
)
"""The product's mark as a picture of its own, for the browser's tab."""


@dataclass(frozen=True)
class Assets:
    """Files of the built front end by their plain names.

    ``icons.svg`` holds the icons of the interface itself; any other icon that metadata names is written into the page.
    """

    folder: Path
    manifest: Mapping[str, str]
    _drawn: dict[tuple[str, str], Markup] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """Return the address of a file, which changes with its content."""
        return f"/static/{self.manifest[name]}"

    @cached_property
    def _sprite(self) -> frozenset[str]:
        text = (self.folder / self.manifest["icons.svg"]).read_text("utf-8")
        return frozenset(part.split('"', 1)[0] for part in text.split('id="')[1:])

    @cached_property
    def _all(self) -> Mapping[str, str]:
        found: Mapping[str, str] = json.loads((self.folder / "icons.json").read_text("utf-8"))
        return found

    def icon(self, name: str, size: str = "") -> Markup:
        """Return the markup of an icon by its Tabler name; an unknown name draws a plain square.

        ``size`` is ``k-i-14``, ``k-i-20`` or ``k-i-24``. Icons are decoration: the words beside them say the meaning.
        """
        key = (name, size)
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = self._draw(name, size)
        return found

    def _draw(self, name: str, size: str) -> Markup:
        classes = f"k-i {size}".strip()
        if name in self._sprite:
            use = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>')
            return use.format(classes, self.url("icons.svg"), name)
        # The inner markup is our own build's, never a person's: names only choose among it.
        inner = Markup(self._all.get(name) or self._all.get(_FALLBACK, ""))  # noqa: S704
        return Markup('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(classes, inner)


def load_assets(folder: Path = STATIC_FOLDER) -> Assets:
    """Return the built front end; raises :class:`Misconfigured` when it was never built."""
    path = folder / "manifest.json"
    if not path.exists():
        raise Misconfigured(
            "front_end_missing",
            f"The front end is not built: {path} is missing.",
            "Run `make web`, or install a wheel.",
        )
    return Assets(folder, json.loads(path.read_text("utf-8")))
