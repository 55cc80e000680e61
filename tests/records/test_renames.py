"""What is known about a field stays known when a publish gives it another name with ``was:``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.queries import history
from kith_runtime.records import VersionConflict
from support.yaml_workspace import YamlWorkspace, yaml_workspace

ENTITY = """
    entity: boat
    label: Boat
    plural: Boats
    ownership: none
    fields:
      name: {type: text, required: true}
      length: {type: integer}
      FIELDS
    """
BEFORE = "home: {type: text}\n      sister: {type: lookup, to: boat, on_delete: clear}"
AFTER = "port: {type: text, was: home}\n      twin: {type: lookup, to: boat, on_delete: clear, was: sister}"


def with_fields(fields: str) -> dict[str, str]:
    """Return the boat with these fields beside its name."""
    return {"harbour/boat.yaml": ENTITY.replace("FIELDS", fields)}


@pytest.fixture
def harbour(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """Boats with a home, in an empty database of each kind."""
    app = "app: harbour\nlabel: Harbour\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n"
    with yaml_workspace(database_url, tmp_path, {"harbour/app.yaml": app, **with_fields(BEFORE)}, clock) as opened:
        yield opened


def test_the_history_of_a_renamed_field_goes_back_to_the_beginning(harbour: YamlWorkspace) -> None:
    with harbour.writing() as ctx:
        boat = records.create(ctx, "harbour.boat", {"name": "Ida", "home": 'Ter"schelling', "length": 9}).id
        records.update(ctx, "harbour.boat", boat, {"home": None})
    harbour.publish(with_fields(AFTER))
    with harbour.writing() as ctx:
        records.update(ctx, "harbour.boat", boat, {"port": "Delfzijl"})
    with harbour.reading() as ctx:
        changes = history(ctx, "harbour.boat", boat)
    assert [change.changes.get("port") for change in changes] == [
        (None, "Delfzijl"),
        ('Ter"schelling', None),
        (None, 'Ter"schelling'),
    ]
    assert dict(changes[2].changes) == {"name": (None, "Ida"), "port": (None, 'Ter"schelling'), "length": (None, 9)}
    assert [change.hidden for change in changes] == [0, 0, 0]


def test_a_change_under_the_old_name_is_seen_by_who_started_before_it(harbour: YamlWorkspace) -> None:
    with harbour.writing() as ctx:
        boat = records.create(ctx, "harbour.boat", {"name": "Ida", "home": "Emden"})
        records.update(ctx, "harbour.boat", boat.id, {"home": "Borkum"})
    harbour.publish(with_fields(AFTER))
    with harbour.writing() as ctx, pytest.raises(VersionConflict) as refused:
        records.update(ctx, "harbour.boat", boat.id, {"port": "Norden"}, version=boat.version)
    conflict = refused.value.fields[0]
    assert (conflict.field, conflict.before, conflict.theirs, conflict.mine) == ("port", "Emden", "Borkum", "Norden")
    with harbour.writing() as ctx:
        assert records.update(ctx, "harbour.boat", boat.id, {"length": 5}, version=boat.version).version == 3


def test_the_entries_of_an_earlier_field_are_not_taken_for_those_of_its_namesake(harbour: YamlWorkspace) -> None:
    harbour.publish(with_fields("home: {type: text}\n      port: {type: text}"))
    with harbour.writing() as ctx:
        boat = records.create(ctx, "harbour.boat", {"name": "Ida", "home": "Emden", "port": "left"}).id
    harbour.publish(with_fields("home: {type: text}"), accept_loss=True)
    harbour.publish(with_fields("port: {type: text, was: home}"))
    with harbour.reading() as ctx:
        change = history(ctx, "harbour.boat", boat)[0]
    assert dict(change.changes) == {"name": (None, "Ida"), "port": (None, "Emden")}
    assert change.hidden == 1


def test_a_restore_points_a_lookup_again_that_was_renamed_meanwhile(harbour: YamlWorkspace) -> None:
    with harbour.writing() as ctx:
        ida = records.create(ctx, "harbour.boat", {"name": "Ida"}).id
        eva = records.create(ctx, "harbour.boat", {"name": "Eva", "sister": ida}).id
        records.delete(ctx, "harbour.boat", ida)
    harbour.publish(with_fields(AFTER))
    with harbour.writing() as ctx:
        records.restore(ctx, "harbour.boat", ida)
        assert records.read_record(ctx, "harbour.boat", eva).values["twin"] == ida
