"""What is known of a field, an option, an entity or a role stays known when a publish renames it with ``was:``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_metadata.check import check
from kith_metadata.values import Reference
from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.bulk_runs import runs
from kith_runtime.marks.store import favourites_of, turn_mark
from kith_runtime.publish import service
from kith_runtime.publish.apply import Request
from kith_runtime.publish.plan import Plan
from kith_runtime.queries import history
from kith_runtime.queries.search.find import search
from kith_runtime.records import VersionConflict
from kith_runtime.saved_views import Kept, book
from kith_runtime.saved_views.kept import Looks
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


FLEET = {
    "harbour/sets.yaml": """
        option_set: state
        label: State
        options: {afloat: {label: Afloat}, docked: {label: Docked, closed: true}}
        """,
    "harbour/boat.yaml": """
        entity: boat
        label: Boat
        ownership: none
        activities: true
        fields:
          name: {type: text, required: true, search: true}
          state: {type: choice, options_from: state}
          flags: {type: choices, options: {red: {label: Red}, blue: {label: Blue}}}
          berth: {type: text}
          sister: {type: lookup, to: boat, on_delete: clear}
          shown: {type: formula, returns: text, formula: 'state', stored: true}
        """,
    "harbour/visit.yaml": """
        entity: visit
        label: Visit
        ownership: none
        fields:
          name: {type: text, required: true}
          about: {type: any_lookup, to: [boat]}
        """,
    "harbour/roles.yaml": """
        role: sailor
        label: Sailor
        grants: {boat: {read: all, update: all}}
        """,
}
RENAMED = {
    "harbour/sets.yaml": FLEET["harbour/sets.yaml"].replace("docked: {", "moored: {was: docked, "),
    "harbour/boat.yaml": FLEET["harbour/boat.yaml"]
    .replace("entity: boat\n", "entity: ship\n        was: boat\n")
    .replace("to: boat", "to: ship")
    .replace("berth: {", "pier: {was: berth, ")
    .replace("red: {", "crimson: {was: red, "),
    "harbour/visit.yaml": FLEET["harbour/visit.yaml"].replace("[boat]", "[ship]"),
    "harbour/roles.yaml": FLEET["harbour/roles.yaml"]
    .replace("role: sailor\n", "role: skipper\n        was: sailor\n")
    .replace("boat:", "ship:"),
}
KEPT = Kept(
    sort=("-berth", "name"),
    where='sister.state == "docked" and count(boats, "red" in flags) > 0 and berth != "docked"',
    conditions=(("state", "one_of", "afloat, docked,docked"), ("berth", "is", "docked"), ("flags", "has", "red")),
    group="berth",
    looks=Looks(("name", "berth"), {"berth": 100}),
)
KEPT_RENAMED = Kept(
    sort=("-pier", "name"),
    where='sister.state == "moored" and count(ships, "crimson" in flags) > 0 and pier != "docked"',
    conditions=(("state", "one_of", "afloat,moored,moored"), ("pier", "is", "docked"), ("flags", "has", "crimson")),
    group="pier",
    looks=Looks(("name", "pier"), {"pier": 100}),
)


def test_options_entities_and_roles_keep_everything_there_and_back(harbour: YamlWorkspace) -> None:
    harbour.publish(FLEET)
    sailor = harbour.person("Ada", "harbour.sailor")
    with harbour.writing() as ctx:
        values = {"name": "Ida", "state": "docked", "flags": ["blue", "red"]}
        boat = records.create(ctx, "harbour.boat", values).id
        records.update(ctx, "harbour.boat", boat, {"state": "afloat", "flags": ["red"]})
        gone = records.create(ctx, "harbour.boat", {"name": "Eva", "state": "docked"}).id
        records.delete(ctx, "harbour.boat", gone)
        visit = records.create(ctx, "harbour.visit", {"name": "V", "about": {"entity": "harbour.boat", "id": boat}}).id
        turn_mark(ctx, "favourite", ("harbour.boat", boat))
    with harbour.writing(sailor) as ctx:
        book.save(ctx, "harbour.boat", "Docked", KEPT)
        looks = Looks(("name", "berth"), {"berth": 120})
        book.put_looks(ctx, "harbour.boat", "all", looks)
    _agrees(harbour, ("harbour.boat", boat, gone, visit), ("docked", "red"))
    plan = _plan(harbour, RENAMED)
    assert plan.losses == ()
    words = [item.describe() for item in plan.operations if item.kind in ("rename_options", "rename_role")]
    assert "rename role 'harbour.sailor' to 'harbour.skipper'; 1 person holds it" in words
    assert "field 'state': rename option 'docked' to 'moored' in 1 record" in words
    harbour.publish(RENAMED)
    assert harbour.actor(sailor.id).roles == {"harbour.skipper"}
    renamed = [KEPT_RENAMED], Looks(("name", "pier"), {"pier": 120})
    assert _kept(harbour, "harbour.ship", sailor.id) == renamed
    _agrees(harbour, ("harbour.ship", boat, gone, visit), ("moored", "crimson"))
    service.rollback(harbour.workspace, Request(SYSTEM))
    assert harbour.actor(sailor.id).roles == {"harbour.sailor"}
    _agrees(harbour, ("harbour.boat", boat, gone, visit), ("docked", "red"))
    (kept,), seen = _kept(harbour, "harbour.boat", sailor.id)
    assert (kept.where, kept.sort, kept.looks, seen) == (KEPT.where, KEPT.sort, KEPT.looks, looks)
    harbour.publish(RENAMED)
    assert _kept(harbour, "harbour.ship", sailor.id) == renamed
    harbour.publish(FLEET)
    _agrees(harbour, ("harbour.boat", boat, gone, visit), ("docked", "red"))


def _kept(harbour: YamlWorkspace, entity: str, person: str) -> tuple[list[Kept], Looks]:
    with harbour.reading(harbour.actor(person)) as ctx:
        found = book.book_of(ctx, entity)
    return [view.kept for view in found.saved.values()], found.place("all").looks


def _plan(harbour: YamlWorkspace, files: dict[str, str]) -> Plan:
    harbour.write_files(files)
    snapshot = check([harbour.folder], harbour.workspace.language, root=harbour.folder).snapshot
    assert snapshot is not None
    return service.plan_publish(harbour.workspace, snapshot)


def _agrees(harbour: YamlWorkspace, named: tuple[str, str, str, str], options: tuple[str, str]) -> None:
    entity, boat, gone, visit = named
    docked, red = options
    with harbour.reading() as ctx:
        now = records.read_record(ctx, entity, boat)
        assert (now.values["state"], now.values["flags"], now.version) == ("afloat", (red,), 2)
        changes = history(ctx, entity, boat)
        assert changes[0].changes["state"] == (docked, "afloat")
        assert changes[0].changes["flags"][1] == [red]
        assert records.read_record(ctx, "harbour.visit", visit).values["about"] == Reference(entity, boat)
        assert history(ctx, "harbour.visit", visit)[0].changes["about"] == (None, {"entity": entity, "id": boat})
        assert favourites_of(ctx) == [(entity, boat)]
        assert [hit.id for group in search(ctx, "Ida") for hit in group.hits] == [boat]
    with harbour.writing() as ctx:
        records.restore(ctx, entity, gone)
        found = records.read_record(ctx, entity, gone).values
        assert (found["state"], found["shown"]) == (docked, docked)
        records.delete(ctx, entity, gone)


def test_a_role_that_takes_the_name_of_an_earlier_one_gives_nobody_rights(harbour: YamlWorkspace) -> None:
    both = (
        FLEET["harbour/roles.yaml"].rstrip()
        + "\n        ---\n        role: skipper\n        label: Skipper\n        grants: {}\n"
    )
    harbour.publish({**FLEET, "harbour/roles.yaml": both})
    former = harbour.person("Bob", "harbour.skipper")
    harbour.publish(FLEET)
    harbour.publish(RENAMED)
    assert harbour.actor(former.id).roles == frozenset()


def test_what_stood_aside_while_an_option_was_renamed_comes_back_with_names_that_fit(harbour: YamlWorkspace) -> None:
    harbour.publish(FLEET)
    with harbour.writing() as ctx:
        boat = records.create(ctx, "harbour.boat", {"name": "Ida", "state": "docked", "flags": ["red"]}).id
        eva = records.create(ctx, "harbour.boat", {"name": "Eva", "state": "afloat"}).id
    without = FLEET["harbour/boat.yaml"].replace("state: {type: choice, options_from: state}\n", "\n")
    without = without.replace("          shown: {type: formula, returns: text, formula: 'state', stored: true}\n", "")

    def state(name: str | None) -> None:
        with harbour.reading() as ctx:
            found = records.read_record(ctx, "harbour.boat", boat).values
            assert found.get("state") == name
            assert history(ctx, "harbour.boat", boat)[0].changes.get("state") == (
                None if name is None else (None, name)
            )

    # Taken away and the set renamed in one step; undone, the values are those of then.
    moored = FLEET["harbour/sets.yaml"].replace("docked: {", "moored: {was: docked, ")
    harbour.publish({**FLEET, "harbour/boat.yaml": without, "harbour/sets.yaml": moored}, accept_loss=True)
    state(None)
    service.rollback(harbour.workspace, Request(SYSTEM))
    state("docked")
    # Taken away, renamed twice and declared anew; each step is undone in turn.
    harbour.publish({**FLEET, "harbour/boat.yaml": without}, accept_loss=True)
    harbour.publish({**FLEET, "harbour/boat.yaml": without, "harbour/sets.yaml": moored})
    # One option takes the name that another one had when the field went.
    taken = moored.replace("afloat: {", "docked: {was: afloat, ").replace("was: docked, ", "")
    harbour.publish({**FLEET, "harbour/boat.yaml": without, "harbour/sets.yaml": taken})
    harbour.publish({**FLEET, "harbour/sets.yaml": taken})
    state("moored")
    with harbour.reading() as ctx:
        assert records.read_record(ctx, "harbour.boat", eva).values["state"] == "docked"
    for _ in range(4):
        service.rollback(harbour.workspace, Request(SYSTEM))
    state("docked")


def test_a_run_over_many_records_goes_on_and_back_after_its_options_were_renamed(harbour: YamlWorkspace) -> None:
    harbour.publish(FLEET)
    with harbour.writing() as ctx:
        boats = [records.create(ctx, "harbour.boat", {"name": name, "state": "docked"}).id for name in ("Ida", "Eva")]
        first = runs.draft(ctx, "harbour.boat", boats, "").id
        runs.begin(ctx, "harbour.boat", first, "update", {"field": "state", "value": "afloat"})
        runs.advance(ctx, "harbour.boat", first)
        second = runs.draft(ctx, "harbour.boat", boats, "").id
        runs.begin(ctx, "harbour.boat", second, "update", {"field": "flags", "value": ["red"]})
    moored = FLEET["harbour/sets.yaml"].replace("docked: {", "moored: {was: docked, ")
    crimson = FLEET["harbour/boat.yaml"].replace("red: {", "crimson: {was: red, ")
    harbour.publish({**FLEET, "harbour/sets.yaml": moored, "harbour/boat.yaml": crimson})
    with harbour.writing() as ctx:
        gone_on = runs.advance(ctx, "harbour.boat", second)
        assert (gone_on.done, gone_on.failed) == (2, 0)
        runs.advance(ctx, "harbour.boat", runs.take_back(ctx, "harbour.boat", second).id)
        back = runs.advance(ctx, "harbour.boat", runs.take_back(ctx, "harbour.boat", first).id)
        assert (back.done, back.failed) == (2, 0)
        assert [records.read_record(ctx, "harbour.boat", boat).values["state"] for boat in boats] == ["moored"] * 2
