"""Who may read a record and not write it is told whose it is, as far as they may see that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_platform.errors import Forbidden
from kith_runtime import records
from kith_runtime.actors import Actor
from support.yaml_workspace import YamlWorkspace, yaml_workspace

APPS = {
    "base/note.yaml": "entity: note\nlabel: Note\nfields:\n  name: {type: text}\n",
    "base/place.yaml": "entity: place\nlabel: Place\nownership: none\nfields:\n  name: {type: text}\n",
    "base/reader.yaml": """
        role: reader
        label: Reader
        grants:
          user: {read: all}
          note: {read: all, update: own}
          place: {read: all}
        ---
        role: blind
        label: Blind
        grants:
          note: {read: all, update: own}
        ---
        role: unowned
        label: Unowned
        grants:
          user: {read: all}
          note: {read: all, update: own, fields: {owner: none}}
        """,
}


@pytest.fixture
def held(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    with yaml_workspace(database_url, tmp_path, APPS, clock) as opened:
        yield opened


def refusal(held: YamlWorkspace, actor: Actor, entity: str, record: str) -> str:
    with pytest.raises(Forbidden) as refused, held.writing(actor) as ctx:
        records.update(ctx, entity, record, {"name": "Other"})
    with held.reading(actor) as ctx:
        assert str(records.may_not(ctx, entity, "update", record)) == str(refused.value)
    return str(refused.value)


def test_the_owner_is_named_to_who_may_see_it(held: YamlWorkspace) -> None:
    owner = held.person("Tomas", "base.administrator")
    with held.writing() as ctx:
        note = records.create(ctx, "base.note", {"name": "Note", "owner": owner.id}).id
        place = records.create(ctx, "base.place", {"name": "Place"}).id
    may_read = "You may read this note but not change it."
    assert refusal(held, held.person("Rita", "base.reader"), "base.note", note) == f"{may_read} Its owner is Tomas."
    assert refusal(held, held.person("Bo", "base.blind"), "base.note", note) == f"{may_read} Ask its owner."
    assert refusal(held, held.person("Uma", "base.unowned"), "base.note", note) == f"{may_read} Ask its owner."
    assert refusal(held, held.person("Rolf", "base.reader"), "base.place", place) == (
        "You may read this place but not change it. Ask an administrator for a role that allows it."
    )
