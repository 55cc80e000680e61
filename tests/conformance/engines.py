"""The engines that a case file runs through, and the door by which a further one comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.cases import ERROR
from kith_metadata.expressions import Checked, Environment, EvaluationError, compiled, evaluate
from kith_metadata.expressions.types import Type
from kith_metadata.values import Money
from support.browser_engine import BrowserEngine


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


@dataclass(frozen=True)
class InBrowser:
    """The engine of the browser, in a process of Node."""

    process: BrowserEngine
    name: str = "browser"

    def answers(self, question: Question) -> list[Any]:
        """Return the answers; a tree with a function that the browser does not know cannot be asked."""
        return [self._answer(question, record) for record in question.records]

    def _answer(self, question: Question, record: Mapping[str, Any]) -> Any:
        value, reason = self.process.answer(question.checked, record, question.environment)
        if value == "unsupported" and reason:
            return NotApplicable(reason)
        if value == "error" and reason:
            return ERROR
        return value.amount if isinstance(value, Money) else value
