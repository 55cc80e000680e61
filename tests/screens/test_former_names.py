"""A bookmark of an entity that was renamed leads to where it is now, and tells nothing to those who may not see it."""

from __future__ import annotations

from pathlib import Path

from kith_platform.clock import FixedClock
from kith_runtime import records
from support.visitors import office

APP = "app: harbour\nlabel: Harbour\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n"
BOAT = "entity: boat\nlabel: Boat\nplural: Boats\nownership: none\nfields:\n  name: {type: text, required: true}\n"
SAILOR = "role: sailor\nlabel: Sailor\nincludes: [base.member]\ngrants:\n  boat: {read: all, update: all}\n"


def test_a_bookmark_leads_on_after_a_rename(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    files = {"harbour/app.yaml": APP, "harbour/boat.yaml": BOAT, "harbour/sailor.yaml": SAILOR}
    with office(database_url, tmp_path, clock) as held:
        held.held.publish(files)
        with held.held.writing() as ctx:
            boat = records.create(ctx, "harbour.boat", {"name": "Ida"}).id
        sara, tom = held.signed_in("Sara", "harbour.sailor"), held.signed_in("Tom", "member")
        assert sara.get("/e/harbour.boat?q=ida").status_code == 200
        held.held.publish(
            {
                "harbour/boat.yaml": BOAT.replace("entity: boat\n", "entity: ship\nwas: boat\n"),
                "harbour/sailor.yaml": SAILOR.replace("boat:", "ship:"),
            }
        )
        for rest in ("?q=ida&sort=-name", f"/{boat}", f"/{boat}/edit"):
            answer = sara.get(f"/e/harbour.boat{rest}")
            assert answer.status_code == 302
            assert answer.headers["Location"] == f"/e/harbour.ship{rest}"
            assert sara.get(answer.headers["Location"]).status_code == 200
            assert tom.get(f"/e/harbour.boat{rest}").status_code == 404
        assert held.visitor().get("/e/harbour.boat").status_code == 401


def test_a_bookmark_that_names_a_renamed_field_leads_on(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    boat = BOAT + "  length: {type: integer}\n  price: {type: integer, sensitivity: restricted}\n"
    files = {"harbour/app.yaml": APP, "harbour/boat.yaml": boat, "harbour/sailor.yaml": SAILOR}
    with office(database_url, tmp_path, clock) as held:
        held.held.publish(files)
        sara = held.signed_in("Sara", "harbour.sailor")
        renamed = boat.replace("length: {", "metres: {was: length, ").replace("price: {", "cost: {was: price, ")
        held.held.publish({"harbour/boat.yaml": renamed})
        answer = sara.get("/e/harbour.boat?sort=name,-length&f=length&o=more&v=3&group=")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/e/harbour.boat?sort=name,-metres&f=metres&o=more&v=3&group="
        assert sara.get(answer.headers["Location"]).status_code == 200
        # A field that is closed to the reader is not named, by its new name neither.
        closed = sara.get("/e/harbour.boat?sort=price")
        assert closed.status_code == 400
        assert "cost" not in closed.get_data(as_text=True)
