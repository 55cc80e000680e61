"""Pages of the documentation as transcripts: their blocks are run in order, and what they print is compared.

- A ``yaml`` or ``python`` block after "In `path`:" is written to that file; after "In `path`, below `line`:" it goes
  below the first such line; after "In `path`, instead of `line`:" it takes that line's place.
- A ``sh`` block is run; the variables that it exports are there in the next one. After "This fails:" it must fail.
- A ``text`` block after it must stand in what it printed, line by line; ``…`` stands for anything.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs"
BIN = str(Path(sys.executable).parent)

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"In `([^`]+)`(?:, (below|instead of) `([^`]+)`)?:\s*\Z")
_LIMIT = 120


def variables(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a workspace in a folder, with the commands of this Python first on the path."""
    return {
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "KITH_DATABASE_URL": f"sqlite:///{folder / 'var' / 'kith.db'}",
        "KITH_APPS": str(folder / "apps"),
        "KITH_VAR": str(folder / "var"),
        "KITH_CUSTOM": "",
        **more,
    }


def wait_until_open(port: str) -> None:
    """Wait until something listens on a port of this machine."""
    for _ in range(600):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block with its language and the text before it."""

    kind: str
    text: str
    lead: str

    @property
    def place(self) -> tuple[str, str, str] | None:
        """The file that the lead names, with the way and the line, or None."""
        found = _PLACE.search(" ".join(self.lead.split()))
        return None if found is None else (found[1], found[2] or "", found[3] or "")


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    text, end = page.read_text("utf-8"), 0
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2], text[end : found.start()].rstrip().rpartition("\n\n")[2])
        end = found.end()


@dataclass
class Transcript:
    """Runs the blocks of a page in a folder, with the variables that earlier blocks exported."""

    folder: Path
    variables: dict[str, str]
    replacements: Mapping[str, str] = field(default_factory=dict)
    output: str = ""

    def run(self, page: Path) -> None:
        """Run all blocks of a page."""
        for block in blocks(page):
            self.step(block)

    def step(self, block: Block) -> None:
        """Do what one block says."""
        if block.kind == "sh":
            self.shell(block)
        elif block.kind == "text":
            self.compare(block.text)
        elif block.place is not None:
            self.write(block.text, *block.place)

    def shell(self, block: Block) -> None:
        """Run a block of commands; one that fails stops it."""
        commands = block.text
        for written, used in self.replacements.items():
            commands = commands.replace(written, used)
        kept = self.folder / ".variables"
        script = f"set -eu\n{commands}\nenv -0 > {kept}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        self.output = done.stdout + done.stderr
        fails = block.lead.endswith("This fails:")
        assert (done.returncode != 0) is fails, f"{commands}\nended with {done.returncode}:\n{self.output}"
        if not fails:
            self.variables = dict(pair.split("=", 1) for pair in kept.read_text("utf-8").split("\0") if "=" in pair)

    def compare(self, text: str) -> None:
        """Hold that each line stands in what was printed last."""
        for line in text.splitlines():
            pattern = ".*".join(re.escape(part) for part in line.rstrip().split("…"))
            assert re.search(f"^{pattern}$", self.output, re.MULTILINE), f"{line}\nis not in:\n{self.output}"

    def write(self, text: str, name: str, way: str, line: str) -> None:
        """Write a block to a file, or into one."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not way:
            path.write_text(text, "utf-8")
            return
        lines = path.read_text("utf-8").splitlines(keepends=True)
        found = [number for number, each in enumerate(lines) if " ".join(each.split()).startswith(line)]
        assert found, f"{name} has no line {line!r}"
        after = found[0] + 1
        lines[after - (way == "instead of") : after] = [text]
        path.write_text("".join(lines), "utf-8")
