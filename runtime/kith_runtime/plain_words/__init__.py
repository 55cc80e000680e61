"""Days, times, reminders and choices in a line of plain words; what is not understood stays as the title."""

from __future__ import annotations

from kith_runtime.plain_words.reading import ChoiceWord, Found, Understood, understand

__all__ = ["ChoiceWord", "Found", "Understood", "understand"]
