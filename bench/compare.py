"""Measures the operations on both apps in turns, so that whatever the machine does besides meets both alike."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.client import Request, run_alone, run_together
from bench.operations import Make, Operation, Side


@dataclass(slots=True)
class Figures:
    """What one app took for one operation: seconds of each request, and requests a second of each round."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The usual request, in seconds."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """What nineteen of twenty requests stay below, in seconds."""
        return statistics.quantiles(self.seconds, n=20)[-1]

    @property
    def rate(self) -> float:
        """Requests a second of the usual round."""
        return statistics.median(self.rates)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both apps at one operation; ``ratio`` is the median over rounds of Kith's time by the hand-written app's."""

    operation: str
    goal: float
    clients: int
    kith: Figures
    handwritten: Figures

    @property
    def ratio(self) -> float:
        """Kith's time by the hand-written time: with one client of the median request, with more of the whole round."""
        if self.clients == 1:
            pairs = zip(self.kith.medians, self.handwritten.medians, strict=True)
            return statistics.median(mine / theirs for mine, theirs in pairs)
        rates = zip(self.kith.rates, self.handwritten.rates, strict=True)
        return statistics.median(theirs / mine for mine, theirs in rates)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: rounds, and requests of each round and app."""

    rounds: int
    requests: int


def compare(operation: Operation, kith: Side, handwritten: Side, clients: int, effort: Effort) -> Comparison:
    """Measure one operation; who goes first changes from round to round."""
    found = Comparison(operation.name, operation.goal, clients, Figures(), Figures())
    turns: Sequence[tuple[Side, Make, Figures]] = (
        (kith, operation.kith(kith), found.kith),
        (handwritten, operation.handwritten(handwritten), found.handwritten),
    )
    for side, make, _ in turns:
        _run(side, [make(-1 - number) for number in range(max(4, effort.requests))], clients, Figures())
    for number in range(effort.rounds):
        first = number * effort.requests
        for side, make, figures in turns if number % 2 == 0 else reversed(turns):
            _run(side, [make(first + step) for step in range(effort.requests)], clients, figures)
    return found


def _run(side: Side, requests: list[Request], clients: int, figures: Figures) -> None:
    if clients == 1:
        taken = run_alone(side.session, requests)
        whole = sum(taken)
    else:
        taken, whole = run_together(side.session, requests, clients)
    figures.seconds.extend(taken)
    figures.medians.append(statistics.median(taken))
    figures.rates.append(len(taken) / whole)
