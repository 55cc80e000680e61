"""From one type to another: by the value itself where it fits, else by the text that people read and write."""

from __future__ import annotations

from typing import Any

from kith_metadata.kinds.entity import Field
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import FieldType, InputScope, InvalidValue


def convert(value: Any, old: Field, new: Field, scope: InputScope) -> Any:
    """Return a value of the field ``old`` as a value of ``new``; raises :class:`InvalidValue` when it does not fit.

    Nothing is cut, rounded or guessed: a value that the new type does not take as it is stays with the person who
    publishes. ``scope`` gives the notation of texts; a neutral one makes the result the same for everybody.
    """
    if value is None:
        return None
    before, after = field_types[old.type], field_types[new.type]
    if after.computed:
        raise InvalidValue("computed", "The new type is worked out and keeps no values.", "Set the old ones aside.")
    problem: InvalidValue | None = None
    for raw, source in _ways(before, old, value, scope):
        try:
            converted = after.parse(raw, new, InputScope(scope.locale, scope.snapshot, source, scope.now))
        except InvalidValue as found:
            problem = problem or found
            continue
        if converted is not None:
            return converted
    raise problem or InvalidValue("not_convertible", "The value does not fit the new type.", "Write it anew.")


def _ways(before: FieldType, old: Field, value: Any, scope: InputScope) -> list[Any]:
    """The notations to try, the most exact first."""
    written = before.to_json(value, old)
    ways: list[Any] = [(written, "json")]
    if isinstance(written, dict) and "amount" in written:
        ways.append((written["amount"], "json"))
    if isinstance(written, (int, str)) and not isinstance(written, bool):
        ways.append((str(written), "json"))
        ways.append((int(written), "json") if _whole(written) else (str(written), "form"))
    if isinstance(written, list):
        ways.append((written[0], "json") if len(written) == 1 else (None, "json"))
    else:
        ways.append(([written], "json"))
    ways.append((before.input_text(value, old, scope), "form"))
    ways.append((before.text(value, old, scope), "form"))
    return ways


def _whole(written: int | str) -> bool:
    text = str(written)
    return len(text) < 19 and text.lstrip("-").isdecimal() and text.isascii()
