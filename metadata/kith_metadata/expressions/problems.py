"""What can be wrong with an expression: while it is read (problems with places) and while it runs (one message)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of an expression, with its line and column (both from 1, in characters), and how to mend it.

    `code` is a stable word such as `unknown_name`; `hint` is empty when there is nothing useful to suggest.
    """

    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}" + (f" {self.hint}" if self.hint else "")


class ExpressionError(ValueError):
    """An expression that cannot be used; `problems` holds every fault that was found, in the order of their places.

    `mended` is the whole text with renamed fields by their present names, where that is all that has to be done.
    """

    def __init__(self, problems: tuple[Problem, ...], mended: str = "") -> None:
        self.problems, self.mended = tuple(sorted(problems)), mended
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EvaluationError(ArithmeticError):
    """The error value of one evaluation, such as a division by zero; the message is for the reader of the cell.

    ``general`` says the same without the values, for who may read the cell but not what it was worked out from.
    """

    def __init__(self, message: str, general: str = "") -> None:
        self.general = general or message
        super().__init__(message)

    @classmethod
    def unreadable(cls, written: str, wanted: str) -> EvaluationError:
        """Return the error of a text that cannot be read as what it should be."""
        return cls(f"'{written[:40]}' is {wanted}", f"A text is {wanted}")
