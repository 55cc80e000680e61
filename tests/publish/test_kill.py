"""A publish that is killed at any moment leaves the old state or the new one, on both databases."""

from __future__ import annotations

import random
import subprocess
import sys
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
    seen = site.workspace.current.sequence
    waiting = [_start(site.url), _start(site.url)]
    moved = 0
    for kill in range(KILLS):
        running = waiting.pop(0)
        assert running.stdout is not None
        running.stdin.close()  # type: ignore[union-attr]
        running.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            running.wait(randomly.uniform(0, 0.08))
        running.kill()
        running.wait()
        running.stdout.close()
        if kill < KILLS - 2:
            waiting.append(_start(site.url))
        site.consistent()
        assert len(site.values("deal", "name")) == 20
        assert [int(value) for value in site.values("deal", "amount")] == list(range(20))
        current = site.workspace.current.sequence
        assert current >= seen
        moved += current > seen
        seen = current
    # How many get through depends on the machine's speed; some must, or nothing was tried.
    assert moved > KILLS // 10
    site.publish(crm(deal=entity({"name": TEXT, "amount": TEXT})))


def _start(url: str) -> subprocess.Popen[bytes]:
    """Start a process that has imported everything and waits for its input to close before it publishes."""
    program = "import sys; sys.argv = sys.argv[1:]; import runpy; m = runpy.run_path(sys.argv[0]);"
    program += " sys.stdin.read(); m['run'](sys.argv[1])"
    return subprocess.Popen(
        [sys.executable, "-c", program, str(LOOP), url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
