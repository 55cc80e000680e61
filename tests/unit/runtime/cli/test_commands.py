"""The command line as a person uses it, on both databases."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kith_runtime.cli.environment import Environment
from kith_runtime.cli.main import main
from kith_runtime.cli.serve import opening_path

APPS = Path(__file__).parents[4] / "apps"


class Terminal:
    """Runs commands and remembers what the last one printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        """Run ``kith`` and return its exit code."""
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = int(stop.code or 0)
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        return code


@pytest.fixture
def apps(tmp_path: Path) -> Path:
    """A copy of the app base that a test may change."""
    folder = tmp_path / "apps"
    shutil.copytree(APPS / "base", folder / "base")
    return folder


@pytest.fixture
def kith(
    database_url: str, apps: Path, tmp_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """The command with an empty database and the app base."""
    monkeypatch.setenv("KITH_DATABASE_URL", database_url)
    monkeypatch.setenv("KITH_APPS", str(apps))
    monkeypatch.setenv("KITH_VAR", str(tmp_var))
    return Terminal(capsys)


def test_command_before_init_says_what_to_do(kith: Terminal) -> None:
    assert kith.run("plan") == 1
    assert "Run: kith init" in kith.err


def test_init_installs_apps_data_and_one_administrator(kith: Terminal) -> None:
    assert kith.run("init", "--demo") == 0
    assert "Installed base (publish 1)" in kith.out
    assert "`kith serve`" in kith.out
    assert kith.run("init", "--demo") == 0
    assert "with 0 records" in kith.out
    assert kith.run("init", "--if-missing") == 0
    assert kith.out == ""


def test_changed_file_is_planned_published_listed_and_undone(kith: Terminal, apps: Path) -> None:
    kith.run("init")
    assert kith.run("plan") == 0
    assert kith.out == "Nothing to publish: this is live already.\n"
    path = apps / "base" / "entities" / "team.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("fields:\n", "fields:\n  motto: {type: text}\n", 1), "utf-8")
    assert kith.run("plan") == 0
    assert kith.out == (
        "base.team\n  + new field 'motto' (text)\n"
        "1 change. Reversible: kith rollback takes all of it back, with the data.\n"
    )
    assert kith.run("publish", "--yes", "--note", "Mottos") == 0
    assert "Publish 2 is live." in kith.out
    assert kith.run("history") == 0
    assert "Mottos" in kith.out.splitlines()[1]
    assert kith.run("rollback", "--yes") == 0
    assert "Publish 3 undoes publish 2." in kith.out
    assert kith.run("audit", "verify") == 0
    assert "3 entries, unbroken." in kith.out


def test_publish_without_anybody_to_ask_needs_yes(kith: Terminal, apps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kith.run("init")
    path = apps / "base" / "entities" / "team.yaml"
    path.write_text(path.read_text("utf-8").replace("fields:\n", "fields:\n  motto: {type: text}\n", 1), "utf-8")
    assert kith.run("publish") == 2
    assert "--yes" in kith.err


def test_check_tells_problems_with_their_place(kith: Terminal, apps: Path) -> None:
    assert kith.run("check") == 0
    (apps / "base" / "entities" / "wrong.yaml").write_text("entity: wrong\nlabell: Wrong\n", "utf-8")
    assert kith.run("check") == 1
    assert "wrong.yaml:2:1: KM" in kith.out
    assert kith.run("check", "--format", "json") == 1
    assert json.loads(kith.out)[0]["line"]
    assert kith.run("check", "--format", "github") == 1
    assert kith.out.startswith("::error file=")


def test_counts_are_said_rightly_and_repeats_are_folded(kith: Terminal, apps: Path) -> None:
    path = apps / "base" / "entities" / "team.yaml"
    path.write_text(path.read_text("utf-8") + "nonsense: 1\n", "utf-8")
    assert kith.run("check") == 1
    assert kith.out.endswith("\n1 error, 0 warnings.\n")
    path.write_text(path.read_text("utf-8").replace("nonsense: 1\n", "").replace("  name:", "  called:"), "utf-8")
    assert kith.run("check") == 1
    lines = kith.out.splitlines()
    told = [line for line in lines if "'name' is not a field of base.team." in line]
    assert len(told) == 1
    assert any(line.startswith("    also: ") for line in lines)
    kith.run("check", "--format", "json")
    assert len([item for item in json.loads(kith.out) if "'name' is not a field of base.team." in item["message"]]) > 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////etc", "/etc cannot be opened as a database."),
        ("sqlite:////etc/passwd", "/etc/passwd is not a database."),
        ("mysql://x", "Kith cannot use"),
        ("postgresql://nobody@127.0.0.1:1/none", "whether the database server runs"),
    ],
)
def test_database_that_cannot_be_used_is_told_in_words(
    tmp_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, words: str
) -> None:
    monkeypatch.setenv("KITH_DATABASE_URL", url)
    monkeypatch.setenv("KITH_VAR", str(tmp_var))
    kith = Terminal(capsys)
    assert kith.run("plan") == 1
    assert words in kith.err


def test_var_that_is_no_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KITH_VAR", str(tmp_path / "file" / "var"))
    kith = Terminal(capsys)
    assert kith.run("init") == 1
    assert kith.err.startswith("kith: Not a directory (")


def test_explain_prints_the_place_and_refuses_an_unknown_path(kith: Terminal) -> None:
    assert kith.run("explain", "base.team.label") == 0
    assert "team.yaml:2" in kith.out
    assert kith.run("explain", "base.teem.label") == 1
    assert kith.err.startswith("kith: ")


def test_rename_shows_the_changes_and_leaves_files_of_installed_apps_alone(kith: Terminal) -> None:
    assert kith.run("rename", "base.team.name", "called", "--dry-run") == 0
    assert "was: name" in kith.out
    assert kith.run("rename", "base.team.name", "called") == 1
    assert "lies outside this folder" in kith.err
    assert kith.run("rename", "base.team.nam", "called") == 1
    assert kith.err == "kith: There is no field 'nam' in base.team.\n"


def test_tokens_are_made_listed_and_revoked(kith: Terminal) -> None:
    kith.run("init")
    assert kith.run("token", "add", "robot", "--scope", "write") == 0
    assert kith.out.startswith("kith_")
    kith.run("token", "list")
    line = kith.out.splitlines()[1]
    assert "read, write" in line
    assert kith.run("token", "revoke", line.split()[0]) == 0
    kith.run("token", "list")
    assert kith.out == "No tokens.\n"


def test_person_is_added_with_a_role_and_a_link(kith: Terminal) -> None:
    kith.run("init")
    assert kith.run("person", "add", "--name", "Zoë", "--email", "zoe@kelda.example", "--role", "base.nobody") == 1
    assert "There is no role 'base.nobody'" in kith.err
    assert kith.run("person", "add", "--name", "Zoë", "--email", "zoe@kelda.example") == 0
    assert "/start/" in kith.out
    assert kith.run("start-code", "--email", "zoe@kelda.example") == 0
    assert kith.run("start-code", "--email", "nobody@kelda.example") == 1


def test_server_opens_with_a_code_until_an_administrator_has_a_password(kith: Terminal) -> None:
    kith.run("init")
    with Environment.read().workspace() as workspace:
        assert opening_path(workspace).startswith("/start/")


def test_export_is_the_same_bytes_each_time(kith: Terminal) -> None:
    kith.run("init")
    kith.run("export")
    first = kith.out
    kith.run("export")
    assert kith.out == first
    assert "entity:base.team" in json.loads(first)["documents"]


def test_search_rebuild_and_docs(kith: Terminal, tmp_path: Path) -> None:
    kith.run("init", "--demo")
    assert kith.run("search", "rebuild") == 0
    assert "records indexed." in kith.out
    assert kith.run("docs", str(tmp_path / "reference")) == 0
    assert (tmp_path / "reference" / "language" / "entity.md").is_file()


def test_misspelt_command_exits_with_two(kith: Terminal) -> None:
    assert kith.run("pubish") == 2
