"""The engines that a case file runs through, and the door by which a further one comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.cases import ERROR
from kith_metadata.expressions import Checked, Environment, EvaluationError, compiled, evaluate
from kith_metadata.expressions.types import Type
from kith_metadata.values import Money


@dataclass(frozen=True)
class Question:
    """One checked formula on many records; `fields` are the types of what the records hold."""

    checked: Checked
    fields: Mapping[str, Type]
    records: Sequence[Mapping[str, Any]]
    environment: Environment


@dataclass(frozen=True)
class NotApplicable:
    """The answer of an engine that cannot be asked, with the reason."""

    reason: str


class Engine(Protocol):
    """An engine: its name in the report, and its answers."""

    name: str

    def answers(self, question: Question) -> Sequence[Any]:
        """Return for each record the value, `ERROR`, or `NotApplicable`."""
        ...


@dataclass(frozen=True)
class PythonEngine:
    """An engine that runs a checked formula on one record in this process."""

    name: str
    prepare: Callable[[Checked], Callable[[Mapping[str, Any], Environment], Any]]

    def answers(self, question: Question) -> list[Any]:
        """Return the answers."""
        run = self.prepare(question.checked)
        return [self._answer(run, record, question.environment) for record in question.records]

    @staticmethod
    def _answer(run: Callable[..., Any], record: Mapping[str, Any], environment: Environment) -> Any:
        try:
            value = run(record, environment)
        except EvaluationError:
            return ERROR
        return value.amount if isinstance(value, Money) else value


SERVER = PythonEngine("server", lambda checked: lambda record, around: evaluate(checked, record, around))
COMPILED = PythonEngine("compiled", compiled)
