"""Apps from folders: their order, what they require, and what a short name means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kith_metadata.check import check
from kith_metadata.load import load_apps, version_fits
from support.small_language import LANGUAGE, check_files, write

ENTITY = "entity: {0}\nlabel: L\nfields: {{name: {{type: text}}}}\n"


def head(name: str, requires: str = "") -> str:
    return f"app: {name}\nlabel: L\nversion: 1.2.3\n" + (f"requires: {{{requires}}}\n" if requires else "")


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        ({"a/e.yaml": ENTITY.format("x"), "a/app.yaml": "label: L\n"}, "KM022", "apps/a/app.yaml:1:1"),
        ({"a/app.yaml": head("b")}, "KM027", "apps/a/app.yaml:1:6"),
        ({"a/app.yaml": head("a", "b: '>=1'")}, "KM028", "apps/a/app.yaml:4:15"),
        ({"a/app.yaml": head("a", "b: '>=2'"), "b/app.yaml": head("b")}, "KM029", "apps/a/app.yaml:4:15"),
        ({"a/app.yaml": head("a", "b: new"), "b/app.yaml": head("b")}, "KM029", "apps/a/app.yaml:4:15"),
        ({"a/app.yaml": head("a", "b: '*'"), "b/app.yaml": head("b", "a: '*'")}, "KM030", "apps/b/app.yaml:4:12"),
        ({"a/app.yaml": head("a"), "a/second.yaml": head("a")}, "KM025", "apps/a/second.yaml:1:1"),
        ({"a/app.yaml": head("a").replace("1.2.3", "1.2")}, "KM015", "apps/a/app.yaml:3:10"),
        ({"a/app.yaml": head("a").replace("1.2.3", "one")}, "KM019", "apps/a/app.yaml:3:10"),
        (
            {"a/app.yaml": head("a") + "customer: true\n", "b/app.yaml": head("b") + "customer: true\n"},
            "KM031",
            "apps/b/app.yaml:1:1",
        ),
    ],
)
def test_wrong_apps(tmp_path: Path, files: Mapping[str, str], code: str, place: str) -> None:
    result = check_files(tmp_path, files)
    assert (code, place) in [(issue.code, str(issue.place)) for issue in result.issues]
    assert result.snapshot is None


def test_an_app_without_its_document(tmp_path: Path) -> None:
    folder = write(tmp_path / "apps", {"a/e.yaml": ENTITY.format("x")})
    (folder / "a" / "app.yaml").unlink()
    result = check([folder], LANGUAGE, root=tmp_path)
    assert [(issue.code, str(issue.place)) for issue in result.issues] == [("KM026", "apps/a/app.yaml:1:1")]


def test_missing_folders_and_names(tmp_path: Path) -> None:
    assert [issue.code for issue in check([tmp_path / "nowhere"], LANGUAGE, root=tmp_path).issues] == ["KM001"]
    folder = write(tmp_path / "apps", {"sales/e.yaml": ENTITY.format("x")})
    result = check([folder], LANGUAGE, ["salse"], root=tmp_path)
    assert [(issue.code, issue.hint) for issue in result.issues] == [("KM028", "Did you mean 'sales'?")]


def test_order_follows_what_is_required(tmp_path: Path) -> None:
    files = {
        "a/app.yaml": head("a", "z: '>=1.0'"),
        "z/app.yaml": head("z", "base: '>=1.0, <2'"),
        "base/app.yaml": head("base"),
        "m/app.yaml": head("m"),
    }
    loaded = load_apps([write(tmp_path, files)], LANGUAGE)
    assert [app.name for app in loaded.apps] == ["base", "z", "a", "m"]
    assert loaded.visible["a"] == ("a", "z", "base")
    assert [app.name for app in load_apps([tmp_path], LANGUAGE, ["z"]).apps] == ["base", "z"]


def test_short_names_look_in_the_app_then_below(tmp_path: Path) -> None:
    files = {
        "base/e.yaml": ENTITY.format("account") + "---\n" + ENTITY.format("team"),
        "sales/app.yaml": head("sales", "base: '>=1.0'"),
        "sales/e.yaml": ENTITY.format("account")
        + "---\nentity: deal\nlabel: L\nfields:\n  name: {type: text}\n  account: {type: lookup, to: account}\n"
        "  team: {type: lookup, to: team}\n  former: {type: lookup, to: base.account}\n",
        "other/e.yaml": ENTITY.format("thing"),
    }
    result = check_files(tmp_path, files)
    assert result.issues == ()
    snapshot = result.partial
    fields = snapshot.entity("sales.deal").fields
    assert [fields[name].options.to for name in ("account", "team", "former")] == [
        "sales.account", "base.team", "base.account",
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["thing", "other.thing"])
def test_an_app_that_is_not_required(tmp_path: Path, target: str) -> None:
    text = ENTITY.format("deal").replace("}}", f"}}, to: {{type: lookup, to: {target}}}}}")
    result = check_files(tmp_path, {"sales/e.yaml": text, "other/e.yaml": ENTITY.format("thing")})
    assert [issue.code for issue in result.issues] in (["KM050"], ["KM051"])
    assert "other" in result.issues[0].message + result.issues[0].hint


@pytest.mark.parametrize(
    ("version", "ranges", "fits"),
    [
        ("1.4.0", ">=1.2, <2", True),
        ("2.0.0", ">=1.2, <2", False),
        ("1.0.0", "1.0", True),
        ("1.0.0", "!=1.0.0", False),
        ("1.0.0", "", True),
        ("1.0.0", "*, >=1", True),
        ("1.0.0", "~1", None),
    ],
)
def test_versions(version: str, ranges: str, fits: bool | None) -> None:
    assert version_fits(version, ranges) is fits
