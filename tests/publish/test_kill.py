"""A publish that is killed at any moment leaves the old state or the new one, on both databases."""

from __future__ import annotations

import random
import runpy
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from support.publishing import TEXT, Site, crm, entity

LOOP = Path(__file__).with_name("publish_in_a_loop.py")
KILLS = 50


@pytest.mark.slow
def test_kill_at_random_moments_never_leaves_a_mixture(site: Site) -> None:
    site.publish(crm(deal=entity({"name": TEXT, "amount": TEXT})))
    for number in range(20):
        site.create("deal", name=f"Deal {number}", amount=str(number))
    randomly = random.Random(7)
    window = _seconds_of_a_publish(site)
    waiting = [_start(site.url), _start(site.url)]
    outcomes = {"old": 0, "new": 0}
    for kill in range(KILLS):
        running = waiting.pop(0)
        assert running.stdout is not None
        running.stdin.close()  # type: ignore[union-attr]
        begun = int(running.stdout.readline().split()[1])
        with suppress(subprocess.TimeoutExpired):
            running.wait(randomly.uniform(0, 2 * window))
        running.kill()
        running.wait()
        running.stdout.close()
        if kill < KILLS - 2:
            waiting.append(_start(site.url))
        site.consistent()
        assert len(site.values("deal", "name")) == 20
        assert [int(value) for value in site.values("deal", "amount")] == list(range(20))
        current = site.workspace.current.sequence
        assert current >= begun
        # The delays follow the speed of the machine, so that they go on to cover the whole of a publish.
        outcomes["new" if current > begun else "old"] += 1
        window *= 0.9 if current > begun else 1.1
    assert min(outcomes.values()) >= KILLS // 5, outcomes
    site.publish(crm(deal=entity({"name": TEXT, "amount": TEXT})))


def _seconds_of_a_publish(site: Site) -> float:
    """Return how long a publish takes here, from the plan to the answer."""
    states = runpy.run_path(str(LOOP))["STATES"]
    started = time.monotonic()
    for state in states:
        site.publish(state)
    return (time.monotonic() - started) / len(states)


def _start(url: str) -> subprocess.Popen[bytes]:
    """Start a process that has imported everything and waits for its input to close before it publishes."""
    program = "import sys; sys.argv = sys.argv[1:]; import runpy; m = runpy.run_path(sys.argv[0]);"
    program += " sys.stdin.read(); m['run'](sys.argv[1])"
    return subprocess.Popen(
        [sys.executable, "-c", program, str(LOOP), url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
