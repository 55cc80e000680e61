"""The generated pages: what is committed is what the declarations say, and the examples of the commands work."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kith_runtime.cli.command_page import EXAMPLES
from kith_runtime.cli.main import main, parser
from kith_runtime.field_types import field_types
from support.pages import PAGES, Block, Transcript, blocks, variables, wait_until_open
from support.ports import free_port

EXPECTED = [f"## kith {name}\n" for name in EXAMPLES]


def test_every_generated_page_is_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", str(tmp_path)]) == 0
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.md"))
    assert len(capsys.readouterr().out.splitlines()) == len(written)
    for path in written:
        assert (PAGES / path).read_text("utf-8") == (tmp_path / path).read_text("utf-8"), f"{path}: run make docs"
    assert sorted(path.relative_to(PAGES) for path in (PAGES / "language").iterdir()) == [
        path for path in written if path.parent.name == "language"
    ]


def test_every_command_has_a_section_with_an_example() -> None:
    page = (PAGES / "cli.md").read_text("utf-8")
    assert re.findall(r"^## kith .*\n", page, re.MULTILINE) == EXPECTED
    assert page.count("```sh") == len(EXAMPLES)
    assert set(re.findall(r"^    ([a-z-]+)", parser().format_help(), re.MULTILINE)) <= {
        name.split()[0] for name in EXAMPLES
    } | {"start-code"}


def test_every_field_type_has_an_example() -> None:
    page = (PAGES / "language" / "entity.md").read_text("utf-8")
    for name, member in field_types.items():
        if not member.internal:
            section = page.partition(f"### Field of type `{name}`: {member.label}\n")[2].partition("\n### ")[0]
            assert f'- Example: `{{"type": "{name}"' in section, name


def test_the_examples_of_the_commands_run(workspace: Path) -> None:
    transcript = Transcript(workspace, variables(workspace))
    transcript.write("  motto: {type: text}\n", "apps/sales/entities/account.yaml", "below", "fields:")
    for block in blocks(PAGES / "cli.md"):
        if "serve" not in block.text:
            transcript.step(block)
    assert (workspace / "snapshot.json").stat().st_size > 1000


def test_the_example_of_serve_serves(workspace: Path) -> None:
    line = next(block for block in blocks(PAGES / "cli.md") if "serve" in block.text)
    port = str(free_port())
    assert served(workspace, line, port) == f"Open http://127.0.0.1:{port}/start/"


def served(workspace: Path, line: Block, port: str) -> str:
    """Run the server of an example until it says where it is, and return that without the code."""
    command = [sys.executable, "-m", "kith_runtime.cli.main", *line.text.replace("8080", port).split()[1:]]
    environment = {**os.environ, **variables(workspace)}
    with subprocess.Popen(command, cwd=workspace, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        printed = next((each for each in server.stdout if each.startswith("Open ")), "")
        wait_until_open(port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=60) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    return printed.rpartition("/")[0] + "/"
