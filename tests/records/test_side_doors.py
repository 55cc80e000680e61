"""What a person may not see or change stays so, whichever way they come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_platform.errors import NotFound
from kith_runtime import records
from kith_runtime.access.policy import may
from kith_runtime.queries import Query, select
from kith_runtime.records import Blocked, ValidationFailed
from support.yaml_workspace import YamlWorkspace, yaml_workspace

HOUSE = {
    "house/app.yaml": "app: house\nlabel: House\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "house/all.yaml": """
        entity: room
        label: Room
        plural: Rooms
        fields:
          name: {type: text, required: true}
          neighbours: {type: lookups, to: room}
          wall: {type: text}
        ---
        entity: key
        label: Key
        plural: Keys
        title: code
        fields:
          code: {type: text, sensitivity: restricted}
          room: {type: lookup, to: room, on_delete: restrict}
        ---
        entity: lamp
        label: Lamp
        plural: Lamps
        fields:
          name: {type: text, required: true}
          room: {type: lookup, to: room, on_delete: cascade}
        ---
        role: tenant
        label: Tenant
        grants:
          room: {create: true, read: team, update: own, delete: own, fields: {wall: none}}
          lamp: {create: true, read: own, update: own, delete: own}
          key: {read: all}
        ---
        role: painter
        label: Painter
        grants:
          room: {create: true}
        ---
        role: caretaker
        label: Caretaker
        grants:
          room: {read: all, delete: all}
          key: {read: all}
        """,
}


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """Rooms of tenants, in an empty database of each kind."""
    with yaml_workspace(database_url, tmp_path, HOUSE, clock) as opened:
        yield opened


def test_who_may_not_read_people_creates_records_of_their_own(house: YamlWorkspace) -> None:
    ann = house.person("Ann", "house.tenant")
    with house.writing(ann) as ctx:
        assert records.create(ctx, "house.room", {"name": "Attic"}).values["owner"] == ann.id


def test_what_blocks_is_listed_without_names_that_are_hidden(house: YamlWorkspace) -> None:
    kim = house.person("Kim", "house.caretaker")
    with house.writing() as ctx:
        room = records.create(ctx, "house.room", {"name": "Attic"}).id
        records.create(ctx, "house.key", {"code": "1234", "room": room})
    with house.writing(kim) as ctx, pytest.raises(Blocked) as blocked:
        records.delete(ctx, "house.room", room)
    assert [title for _, title in blocked.value.blockers[0].records] == ["Untitled key"]
    assert blocked.value.message.endswith("still points to it.")


def test_what_went_along_with_another_record_does_not_bring_that_one_back(house: YamlWorkspace) -> None:
    ann = house.person("Ann", "house.tenant")
    with house.writing() as ctx:
        room = records.create(ctx, "house.room", {"name": "Attic", "owner": ann.id}).id
    with house.writing(ann) as ctx:
        lamp = records.create(ctx, "house.lamp", {"name": "Lamp", "room": room}).id
    with house.writing() as ctx:
        records.update(ctx, "house.room", room, {"owner": None})
        records.delete(ctx, "house.room", room)
    with house.writing(ann) as ctx, pytest.raises(ValidationFailed, match="Restore the room first") as refused:
        records.restore(ctx, "house.lamp", lamp)
    assert refused.value.problems[0].code == "parent_deleted"
    with house.reading() as ctx, pytest.raises(NotFound):
        records.read_record(ctx, "house.room", room)


def test_a_deleted_team_joins_nobody(house: YamlWorkspace) -> None:
    with house.writing() as ctx:
        team = records.create(ctx, "base.team", {"name": "Flat"}).id
    ann = house.person("Ann", "house.tenant", teams=[team])
    bob = house.person("Bob", "house.tenant", teams=[team])
    with house.writing(ann) as ctx:
        room = records.create(ctx, "house.room", {"name": "Attic"}).id
    with house.reading(bob) as ctx:
        seen = records.read_record(ctx, "house.room", room).values
        assert may(ctx, "house.room", "read", {**seen, "owner": ann.id})
    with house.writing() as ctx:
        records.delete(ctx, "base.team", team)
    with house.reading(bob) as ctx:
        assert not may(ctx, "house.room", "read", {**seen, "owner": ann.id})
        with pytest.raises(NotFound):
            records.read_record(ctx, "house.room", room)


def test_links_to_records_out_of_sight_survive_a_change_of_the_list(house: YamlWorkspace) -> None:
    ann = house.person("Ann", "house.tenant")
    with house.writing() as ctx:
        hidden = records.create(ctx, "house.room", {"name": "Vault"}).id
        room = records.create(ctx, "house.room", {"name": "Attic", "neighbours": [hidden], "owner": ann.id}).id
    with house.writing(ann) as ctx:
        other = records.create(ctx, "house.room", {"name": "Hall"}).id
        changed = records.update(ctx, "house.room", room, {"neighbours": [other]})
        assert changed.values["neighbours"] == (other,)
        for mine in (room, other):
            with pytest.raises(ValidationFailed):
                records.update(ctx, "house.room", mine, {"neighbours": [hidden]})
    with house.reading() as ctx:
        assert set(records.read_record(ctx, "house.room", room).values["neighbours"]) == {hidden, other}


def test_a_link_to_a_deleted_record_shows_on_no_door_and_is_back_with_it(house: YamlWorkspace) -> None:
    with house.writing() as ctx:
        first, gone, last, later = (
            records.create(ctx, "house.room", {"name": name}).id for name in ("First", "Gone", "Last", "Later")
        )
        room = records.create(ctx, "house.room", {"name": "Attic", "neighbours": [first, gone, last]}).id
        records.delete(ctx, "house.room", gone)
    with house.reading() as ctx:
        assert records.read_record(ctx, "house.room", room).values["neighbours"] == (first, last)
        found = select(ctx, Query("house.room", ("name", "neighbours"), where='name == "Attic"'))
        assert found.rows[0][1] == (first, last)
    with house.writing() as ctx:
        changed = records.update(ctx, "house.room", room, {"neighbours": [first, last, later]})
        assert changed.values["neighbours"] == (first, last, later)
        with pytest.raises(ValidationFailed, match="there is no such room"):
            records.update(ctx, "house.room", room, {"neighbours": [gone]})
    with house.writing() as ctx:
        records.restore(ctx, "house.room", gone)
        assert set(records.read_record(ctx, "house.room", room).values["neighbours"] or ()) == {
            first,
            gone,
            last,
            later,
        }


def test_a_deleted_team_is_no_team_of_mine(house: YamlWorkspace) -> None:
    with house.writing() as ctx:
        team = records.create(ctx, "base.team", {"name": "Flat"}).id
    ann = house.person("Ann", "house.tenant", teams=[team])
    assert ann.teams == (team,)
    with house.writing() as ctx:
        records.delete(ctx, "base.team", team)
    assert house.actor(ann.id).teams == ()
    with house.writing() as ctx:
        records.restore(ctx, "base.team", team)
    assert house.actor(ann.id).teams == (team,)


def test_a_guess_at_a_field_that_one_role_lets_write_and_none_lets_read_is_refused(house: YamlWorkspace) -> None:
    ann = house.person("Ann", "house.tenant", "house.painter")
    with house.writing(ann) as ctx:
        room = records.create(ctx, "house.room", {"name": "Attic", "wall": "red"})
        assert "wall" not in room.values
        for guess in ("red", "blue"):
            with pytest.raises(ValidationFailed, match="has no field 'wall' that you can change"):
                records.update(ctx, "house.room", room.id, {"wall": guess})


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 5000, "", "0" * 19 + "'"])
def test_what_is_no_id_is_a_record_that_is_not_there(house: YamlWorkspace, text: str) -> None:
    with house.writing() as ctx:
        for work in (
            lambda: records.read_record(ctx, "house.room", text),
            lambda: records.update(ctx, "house.room", text, {"name": "x"}),
            lambda: records.delete(ctx, "house.room", text),
            lambda: records.restore(ctx, "house.room", text),
        ):
            with pytest.raises(NotFound):
                work()
        assert records.create(ctx, "house.room", {"name": "The transaction goes on"}).version == 1


@pytest.mark.parametrize("value", ["\ud800", 2**70, "a\0b"])
def test_an_idempotency_key_that_comes_again_with_nonsense_is_refused_in_words(
    house: YamlWorkspace, value: object
) -> None:
    with house.writing() as ctx:
        records.create(ctx, "house.room", {"name": "Attic"}, idempotency_key="k")
        with pytest.raises(records.KeyReused, match="other values"):
            records.create(ctx, "house.room", {"name": value}, idempotency_key="k")
