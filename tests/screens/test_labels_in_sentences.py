"""Sentences with German nouns keep the capitals of the nouns, on every screen and in every answer that names them."""

from __future__ import annotations

import json
from pathlib import Path

from kith_platform.clock import FixedClock
from kith_runtime import records
from support.visitors import OFFICE, Office, words
from support.yaml_workspace import yaml_workspace

APP = "app: werk\nlabel: Werk\nversion: 1.0.0\nrequires: {base: '>=1.0'}\nlanguage: de\n"
WORKS = {
    **OFFICE,
    "werk/app.yaml": APP,
    "werk/auftrag.yaml": """
        entity: auftrag
        label: Wartungsauftrag
        plural: Wartungsaufträge
        ownership: none
        search: true
        fields:
          name: {type: text, label: Bezeichnung, required: true, search: true}
          nummer: {type: text, label: Nummer, unique: true}
          stufe: {type: choice, label: Stufe, options: {neu: {label: Neu}, fertig: {label: Fertig}}}
        ---
        view: tafel
        entity: auftrag
        label: Tafel
        type: board
        by: stufe
        ---
        role: technik
        label: Technik
        grants: {auftrag: {create: true, read: all, update: all, delete: all}}
        ---
        patch: role
        of: base.member
        set: {includes: [technik]}
        """,
}
LIST = "/e/werk.auftrag"


def test_german_nouns_keep_their_capitals(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with yaml_workspace(database_url, tmp_path, WORKS, clock) as held:
        office = Office(held, clock)
        anna = office.signed_in("Anna", "member")
        empty = anna.text(LIST)
        assert "No Wartungsaufträge yet" in empty
        with held.writing() as ctx:
            made, other = (records.create(ctx, "werk.auftrag", {"name": name, "nummer": name}).id for name in "AB")
        gone = f"{LIST}/{'0' * 26}"
        taken = anna.post(f"{LIST}/{other}/edit", name="B", nummer="A", version="1")
        pages = [
            *(anna.text(path) for path in (LIST, f"{LIST}?view=werk.tafel", f"{LIST}/new", f"{LIST}/{made}")),
            *(anna.text(path) for path in (f"{LIST}/{made}/delete", f"{LIST}/bin", f"{LIST}/views")),
            words(anna.get(gone)),
            words(taken),
            json.dumps(
                [anna.get(f"/palette/{path}").get_json() for path in ("entries", "search?q=A")], ensure_ascii=False
            ),
        ]
        said = " ".join(pages)
        for sentence in (
            "New Wartungsauftrag",
            "No Stufe",
            "Delete Wartungsauftrag",
            "Views of Wartungsaufträge",
            "This Wartungsauftrag does not exist",
            "Back to Wartungsaufträge",
            "Another Wartungsauftrag has this Nummer already.",
        ):
            assert sentence in said
        assert not [page for page in pages if "wartungsauf" in page.replace("werk.auftrag", "")]

        held.publish({"werk/app.yaml": APP.replace("language: de\n", "")})
        assert "New wartungsauftrag" in anna.text(LIST)
