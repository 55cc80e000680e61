"""A process that publishes two states in turn until it is killed; started by test_kill.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.publishing import TEXT, Site, crm, entity

STATES = (
    crm(
        deal=entity({"name": TEXT, "amount": {"type": "text", "index": True}}),
        extra=entity({"name": TEXT, "deal": {"type": "lookup", "to": "crm.deal"}}),
    ),
    crm(
        deal=entity({"name": TEXT, "amount": {"type": "integer"}, "size": {"type": "money"}}),
        more=entity({"name": TEXT, "deals": {"type": "lookups", "to": "crm.deal"}}),
    ),
)


def run(url: str) -> None:
    """Publish for ever; one line on the output for each publish that is live."""
    site = Site(url)
    while True:
        for state in STATES:
            site.publish(state)
            print("live", site.workspace.current.sequence, flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    run(sys.argv[1])
