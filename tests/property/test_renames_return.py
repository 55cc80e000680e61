"""Whatever the bundled apps declare can be renamed: they are as sound as before, and the way back gives every byte.

`KITH_RENAMES` sets how many of the nearly 600 fields, options, entities and roles are tried (default 4, one of each).
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_metadata.check import CheckResult, check
from kith_metadata.renames import affected_files, rename
from kith_metadata.uses import Target
from kith_runtime.fixed_names import is_fixed
from kith_runtime.language import kith_language

APPS = Path(__file__).resolve().parents[2] / "apps"
NEW = "zz_renamed"
SAMPLE = int(os.environ.get("KITH_RENAMES", "4"))


def _checked(folder: Path) -> CheckResult:
    return check([folder / "apps"], kith_language(), root=folder)


def _texts(folder: Path, result: CheckResult) -> dict[str, str]:
    return {file: (folder / file).read_bytes().decode() for file in affected_files(result)}


def _declared(result: CheckResult) -> Iterator[Target]:
    partial = result.partial
    for kind in ("entity", "role"):
        yield from ((kind, name, "") for name in partial.names(kind))
    for name in partial.names("option_set"):
        yield from (("option", name, option) for option in partial.option_set(name).options)
    for entity in partial.entities():
        for name, field in partial.entity(entity).fields.items():
            yield "field", entity, name
            yield from (("option", f"{entity}.{name}", option) for option in getattr(field.options, "options", ()))


def _sample(targets: list[Target]) -> list[Target]:
    """Return as many as wanted, in turn of every kind."""
    dice = random.Random(20261129)
    kinds = [[target for target in targets if target[0] == kind] for kind in ("entity", "role", "option", "field")]
    for group in kinds:
        dice.shuffle(group)
    in_turn = [group[place] for place in range(len(targets)) for group in kinds if place < len(group)]
    return in_turn[:SAMPLE]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bundled apps where they can be written."""
    shutil.copytree(APPS, tmp_path / "apps")
    return tmp_path


def test_everything_can_be_renamed_and_back(folder: Path) -> None:
    result = _checked(folder)
    before = _texts(folder, result)
    for target in _sample([target for target in _declared(result) if not is_fixed(target)]):
        kind, holder, name = target
        there = rename(result, target, NEW, before)
        assert there.by_hand == ()
        for file, text in there.after.items():
            (folder / file).write_bytes(text.encode())
        renamed = _checked(folder)
        assert renamed.issues == result.issues == (), target
        app, _, old = holder.rpartition(".")
        new = (kind, f"{app}.{NEW}", "") if not name else (kind, holder, NEW)
        back = rename(renamed, new, name or old, {**before, **there.after})
        assert back.after == there.before, target
        for file, text in there.before.items():
            (folder / file).write_bytes(text.encode())
