"""A customer's layer from the first publish to an upgrade of the app below it, on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.cli.environment import Environment
from kith_runtime.cli.main import main

APPS = Path(__file__).parents[2] / "apps"
LAYER = """
patch: entity
of: base.team
set: {label: Crew, plural: Crews, fields.email.help: Ask the crew., fields.lead.required: true}
saw: {label: Team, plural: Teams}
add:
  fields:
    x_site: {type: text, label: Site}
hide: [fields.description]
order: {fields: [email, name]}
"""


@pytest.fixture
def apps(tmp_path: Path, tmp_var: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the app base with a customer's layer, and a workspace in which it is installed without the layer."""
    shutil.copytree(APPS / "base", tmp_path / "apps" / "base")
    monkeypatch.setenv("KITH_APPS", str(tmp_path / "apps"))
    monkeypatch.setenv("KITH_DATABASE_URL", database_url)
    monkeypatch.setenv("KITH_VAR", str(tmp_var))
    assert main(["init"]) == 0
    custom = tmp_path / "custom"
    custom.mkdir()
    (custom / "app.yaml").write_text("app: acme\nlabel: Acme\nversion: 1.0.0\ncustomer: true\n", "utf-8")
    (custom / "team.yaml").write_text(LAYER.lstrip(), "utf-8")
    monkeypatch.setenv("KITH_CUSTOM", str(custom))
    return tmp_path / "apps"


def _edit(apps: Path, old: str, new: str) -> None:
    path = apps / "base" / "entities" / "team.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_customer_layer_stays_over_an_upgrade(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--yes", "--note", "Our own words"]) == 0
    said = capsys.readouterr().out
    assert "  + new field 'x_site' (text)\n" in said
    assert "Publish 2 is live." in said
    with Environment.read().workspace() as workspace:
        team = workspace.current.snapshot.entity("base.team")
        assert (team.label, list(team.fields)[:2]) == ("Crew", ["email", "name"])
        assert (team.fields["description"].hidden, team.fields["lead"].required) == (True, True)
        with workspace.write(SYSTEM, "api") as ctx:
            person = records.create(ctx, "base.user", {"name": "Ada", "email": "ada@kelda.example"}).id
            records.create(ctx, "base.team", {"name": "North", "lead": person, "x_site": "Oslo"})

    assert main(["explain", "base.team.label"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'base.team.label = "Crew"'
    assert "(acme, " in lines[1]
    assert 'hides "Team"  (base, ' in lines[2]

    # The app is upgraded: one property that was patched says something else, and a patched field is gone.
    _edit(apps, "label: Team\n", "label: Group\n")
    _edit(apps, "help: Where mail for the whole team arrives.", "help: One address for all.")
    assert main(["publish", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "KM086 warning: What lies below has changed: base.team.label was 'Team' and is now 'Group'." in said
    with Environment.read().workspace() as workspace, workspace.read(SYSTEM, "api") as ctx:
        team = ctx.snapshot.entity("base.team")
        assert (team.label, team.fields["email"].help) == ("Crew", "Ask the crew.")
        kept = ctx.connection.exec_driver_sql("SELECT x_site FROM base__team").scalars().all()
    assert list(kept) == ["Oslo"]


def test_patch_whose_target_is_gone_is_told_and_applied_to_nothing_else(
    apps: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", "--yes"]) == 0
    _edit(apps, "  email:       {type: email, label: E-mail, help: Where mail for the whole team arrives.}\n", "")
    capsys.readouterr()
    main(["check"])
    said = capsys.readouterr().out
    assert "KM085 warning: " in said
    assert "fields.email" in said
