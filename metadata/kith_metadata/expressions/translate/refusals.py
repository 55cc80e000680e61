"""What cannot be carried from a foreign formula into ours: a reason with its place, all of them at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """One thing that cannot be carried, with its line and column in the foreign text (both from 1).

    `code` is a stable word such as `unknown_field`, by which refusals are counted; `message` is for people.
    """

    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


class TranslationError(ValueError):
    """A foreign formula that cannot be translated; `refusals` holds every reason, in the order of their places."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = tuple(sorted(set(refusals)))
        super().__init__("\n".join(str(refusal) for refusal in self.refusals))


def syntax_error(place: tuple[int, int], message: str) -> TranslationError:
    """Return the error for a text that cannot even be read."""
    return TranslationError((Refusal(*place, "syntax", message),))
