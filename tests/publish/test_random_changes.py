"""Any sequence of publishes, each undone, leaves every record as it was."""

from __future__ import annotations

import random
from typing import Any

import pytest

from support.publishing import Site, crm, entity

TYPES: tuple[dict[str, Any], ...] = (
    {"type": "text"},
    {"type": "integer"},
    {"type": "decimal", "places": 2},
    {"type": "long_text"},
    {"type": "boolean"},
    {"type": "date"},
    {"type": "money"},
)
SAMPLES = {"text": "12", "integer": 3, "decimal": "4.50", "long_text": "5", "boolean": True, "date": "2026-11-24"}


def _change(fields: dict[str, dict[str, Any]], chance: random.Random) -> dict[str, dict[str, Any]]:
    """Return other fields: one or two of added, dropped, renamed, retyped, indexed."""
    found = {name: {key: value for key, value in body.items() if key != "was"} for name, body in fields.items()}
    for _ in range(chance.randint(1, 2)):
        kind = chance.choice(("add", "drop", "rename", "retype", "index"))
        name = chance.choice([*found])
        if kind == "add":
            found[f"f{chance.randint(0, 9)}"] = dict(chance.choice(TYPES))
        elif kind == "drop" and len(found) > 1:
            del found[name]
        elif kind == "rename" and name in fields and "was" not in found[name]:
            found[f"r{chance.randint(0, 99)}"] = {**found.pop(name), "was": name}
        elif kind == "retype":
            found[name] = {**chance.choice(TYPES), **{key: found[name][key] for key in ("was",) if key in found[name]}}
        else:
            found[name] = {**found[name], "index": not found[name].get("index", False)}
    return found


@pytest.mark.parametrize("seed", range(6))
def test_undone_publishes_leave_records_as_they_were(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    fields: dict[str, dict[str, Any]] = {"f0": {"type": "text"}, "f1": {"type": "integer"}}
    shown = {"name": {"type": "text"}}
    site.publish(crm(deal=entity({**shown, **fields})))
    for number in range(6):
        values = {name: SAMPLES.get(body["type"]) for name, body in fields.items() if number % 3}
        site.create("deal", name=f"Deal {number}", **values)
    for _ in range(8):
        before = site.checksum()
        changed = _change(fields, chance)
        outcome = site.publish(crm(deal=entity({**shown, **changed})), accept_loss=True)
        site.consistent()
        undo = chance.random() < 0.6 and outcome.sequence > 1
        if undo and before != site.checksum():
            site.rollback()
            site.consistent()
            assert site.checksum() == before
            continue
        fields = changed
        values = {name: SAMPLES.get(body["type"]) for name, body in fields.items()}
        site.create("deal", name="More", **values)
