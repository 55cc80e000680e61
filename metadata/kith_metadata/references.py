"""Which documents there are, and what a reference in one app means: short names look in the app, then below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kith_metadata.registry import nearest


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a reference leads nowhere."""

    code: str
    message: str
    hint: str


class References:
    """Finds documents by full or short name.

    ``visible`` gives for each app itself and the apps that it may refer to, nearest first. ``documents`` are all that
    were written, broken ones too: that a document is broken is told once, at its own place.
    """

    def __init__(self, documents: Iterable[tuple[str, str]], visible: Mapping[str, tuple[str, ...]]) -> None:
        self._names: dict[str, dict[str, None]] = {}
        for kind, name in documents:
            self._names.setdefault(kind, {})[name] = None
        self._visible = visible

    def has(self, kind: str, full_name: str) -> bool:
        """Tell whether such a document was written."""
        return full_name in self._names.get(kind, {})

    def find(self, kind: str, reference: str, app: str) -> str | Unresolved:
        """Return the full name that a reference in an app means, or why it means none.

        >>> names = References([("entity", "sales.deal")], {"sales": ("sales",)})
        >>> names.find("entity", "deal", "sales")
        'sales.deal'
        """
        known = self._names.get(kind, {})
        visible = self._visible.get(app, (app,))
        if kind == "app":
            return reference if reference in known else self._unknown(kind, reference, app)
        if "." not in reference:
            for other in visible:
                if f"{other}.{reference}" in known:
                    return f"{other}.{reference}"
            return self._unknown(kind, reference, app)
        if reference not in known:
            return self._unknown(kind, reference, app)
        owner = reference.partition(".")[0]
        if owner not in visible:
            message = f"'{reference}' belongs to the app '{owner}', which '{app}' does not require."
            return Unresolved("KM051", message, f'Write in app.yaml: requires: {{{owner}: ">=1.0"}}')
        return reference

    def _unknown(self, kind: str, reference: str, app: str) -> Unresolved:
        noun = kind.replace("_", " ")
        known = self._names.get(kind, {})
        visible = self._visible.get(app, (app,))
        reachable = [name for name in known if name.partition(".")[0] in visible]
        if "." in reference:
            guess = nearest(reference, reachable)
        else:
            guess = nearest(reference, [name.rpartition(".")[2] for name in reachable])
        elsewhere = next((name for name in known if name.rpartition(".")[2] == reference), None)
        if elsewhere and not guess:
            owner = elsewhere.partition(".")[0]
            hint = f"There is '{elsewhere}', but '{app}' does not require the app '{owner}'."
        elif guess:
            hint = f"Did you mean '{guess}'?"
        else:
            hint = f"Write the name of {_article(noun)} of this app or of an app that it requires."
        return Unresolved("KM050", f"There is no {noun} '{reference}'.", hint)


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
