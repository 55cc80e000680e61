"""Why a record could not be moved on a screen where it is dragged, in words for whoever let it go."""

from __future__ import annotations

from kith_platform.errors import KithError
from kith_runtime.records import ValidationFailed, VersionConflict


def refusal_words(refused: KithError) -> str:
    """Return why a move was refused and what to do: every problem, or who moved the record meanwhile.

    Nothing was typed and there are no two values to choose from: the record stands where the other put it.
    """
    if isinstance(refused, ValidationFailed):
        return " ".join(f"{item.message} {item.hint}".strip() for item in refused.problems)
    if isinstance(refused, VersionConflict):
        who = next((item.by for item in refused.fields if item.by), "Somebody")
        what = ", ".join(item.label for item in refused.fields) or "this record"
        return f"{who} changed {what} meanwhile. It stands as they left it; move it again if need be."
    return str(refused)
