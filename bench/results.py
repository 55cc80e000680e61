"""All that one run measured."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.attacks import Attacks
from bench.budgets import Budget
from bench.compare import Comparison
from bench.editor import Question
from bench.field_under_load import Seen
from bench.growth import Pages, Start
from bench.story import Step


@dataclass(slots=True)
class Results:
    """The figures by part; parts that were not asked for stay empty. ``check`` holds pairs of entities and seconds."""

    leads: int
    comparisons: dict[str, Sequence[Comparison]] = field(default_factory=dict)
    without_history: Sequence[Comparison] = ()
    pages: list[Pages] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    check: list[tuple[int, float]] = field(default_factory=list)
    added_field: dict[str, Seen] = field(default_factory=dict)
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By database: the resident bytes of Kith's worker and of the hand-written app's, after all that was compared."""
    postgresql: str = ""
    """The version of the PostgreSQL that was measured; empty when none was."""
    budgets: list[Budget] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    attacks: list[Attacks] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """What was asked for and could not be measured, with the reason."""
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    load_after: float = 0.0

    def add(self, other: Results) -> None:
        """Take in what another run measured."""
        self.comparisons.update(other.comparisons)
        self.without_history = [*self.without_history, *other.without_history]
        self.pages += other.pages
        self.starts += other.starts
        self.check += other.check
        self.added_field.update(other.added_field)
        self.memory.update(other.memory)
        self.budgets += other.budgets
        self.steps += other.steps
        self.attacks += other.attacks
        self.questions += other.questions
        self.postgresql = other.postgresql or self.postgresql
        self.missing += other.missing

    def summary(self) -> Mapping[str, object]:
        """Return what a test can look at: ratios by database, operation and clients, and the sizes of the rest."""
        return {
            "ratios": {
                (kind, item.operation, item.clients): item.ratio
                for kind, found in self.comparisons.items()
                for item in found
            },
            "pages": [(item.database, item.rows) for item in self.pages],
            "starts": [item.entities for item in self.starts],
            "check": [entities for entities, _ in self.check],
            "attacks": sum(item.count for item in self.attacks),
            "questions": [item.name for item in self.questions],
            "failures": [text for seen in self.added_field.values() for text in seen.failures],
        }
