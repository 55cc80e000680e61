"""How a person likes the screens: light or dark, dense or roomy, single letters as keys, what the bell tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kith_platform.errors import Invalid
from kith_runtime.context import Context
from kith_runtime.personal.store import preferences_of, save_preferences

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing to choose: its name, what may be chosen with the words for it, and how it is without a choice."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    help: str = ""

    @property
    def default(self) -> str:
        """What counts until somebody chooses."""
        return self.options[0][0]

    def of(self, chosen: Mapping[str, str]) -> str:
        """Return what a person chose, as far as it can still be chosen."""
        value = chosen.get(self.name, "")
        return value if any(value == known for known, _ in self.options) else self.default


_ON_OFF = (("on", "On"), ("off", "Off"))

PREFERENCES = (
    Preference("theme", "Colours", (("auto", "As the device"), ("light", "Light"), ("dark", "Dark"))),
    Preference("density", "Rows", (("compact", "Compact, 36 pixels"), ("comfortable", "Roomy, 44 pixels"))),
    Preference("keys", "Single letters as keys", _ON_OFF, "Such as C for new or / for search. Ctrl keys always work."),
    Preference("notice_assigned", "Tell me when somebody gives me a record", _ON_OFF),
    Preference("notice_due", "Show what is due in the bell", _ON_OFF),
)
KNOWN = {preference.name: preference for preference in PREFERENCES}


def chosen_of(ctx: Context) -> dict[str, str]:
    """Return every preference of the actor with its value."""
    saved = preferences_of(ctx)
    return {preference.name: preference.of(saved) for preference in PREFERENCES}


def choose(ctx: Context, changes: Mapping[str, str]) -> dict[str, str]:
    """Save some preferences of the actor; raises Invalid for a value that cannot be chosen."""
    for name, value in changes.items():
        known = KNOWN.get(name)
        if known is None or all(value != option for option, _ in known.options):
            label = known.label if known is not None else name[:40]
            raise Invalid("preference_choice", f"“{value[:40]}” cannot be chosen for {label}.", "Choose from the list.")
    return save_preferences(ctx, changes)
