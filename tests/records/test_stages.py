"""Fields that a record needs from a stage on: asked for by moves and by blanking, never in hindsight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.records import ValidationFailed
from kith_runtime.workspace import Workspace
from support.yaml_workspace import yaml_workspace

APP = {
    "crm/app.yaml": "app: crm\nlabel: CRM\nversion: 1.0.0\n",
    "crm/deal.yaml": """
        entity: deal
        label: Deal
        ownership: none
        fields:
          name: {type: text, required: true}
          stage:
            type: choice
            default: new
            options: {new: {}, offer: {label: Offer made}, sign: {}, won: {closed: true}, lost: {closed: true}}
          amount: {type: integer, label: Worth, required_from: [stage.offer, stage.won]}
          reason: {type: text, required_from: [stage.lost]}
        """,
}


@pytest.fixture
def workspace(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Workspace]:
    with yaml_workspace(database_url, tmp_path, APP, clock) as crm:
        yield crm.workspace


def problems_of(workspace: Workspace, record: str = "", **values: object) -> list[str]:
    """Return what a save is refused for, field by field; nothing when it is done."""
    try:
        with workspace.write(SYSTEM, "api") as ctx:
            if record:
                records.update(ctx, "crm.deal", record, values)
            else:
                records.create(ctx, "crm.deal", {"name": "A", **values})
    except ValidationFailed as refused:
        return [f"{item.field}: {item.message} {item.hint}" for item in refused.problems]
    return []


def made(workspace: Workspace, **values: object) -> str:
    with workspace.write(SYSTEM, "api") as ctx:
        return records.create(ctx, "crm.deal", {"name": "A", **values}).id


def test_from_the_named_stage_through_the_open_ones(workspace: Workspace) -> None:
    needs = "amount: Worth is missing. Offer made needs it."
    assert problems_of(workspace, stage="new") == []
    assert problems_of(workspace, stage="offer") == [needs]
    assert problems_of(workspace, stage="sign") == ["amount: Worth is missing. Sign needs it."]
    assert problems_of(workspace, stage="sign", amount=0) == []


def test_an_end_asks_for_what_names_it_alone(workspace: Workspace) -> None:
    assert problems_of(workspace, stage="won") == ["amount: Worth is missing. Won needs it."]
    assert problems_of(workspace, stage="lost") == ["reason: Reason is missing. Lost needs it."]
    assert problems_of(workspace, stage="lost", reason="Price") == []


def test_a_move_and_a_blanking_are_refused_until_it_is_there(workspace: Workspace) -> None:
    record = made(workspace)
    assert problems_of(workspace, record, stage="offer") == ["amount: Worth is missing. Offer made needs it."]
    assert problems_of(workspace, record, stage="offer", amount=5) == []
    assert problems_of(workspace, record, amount=None) == ["amount: Worth is missing. Offer made needs it."]
    assert problems_of(workspace, record, stage="new", amount=None) == []
