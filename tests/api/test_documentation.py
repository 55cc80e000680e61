"""Every example of docs/api.md is sent as written, and the answer is the one that stands below it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.test import TestResponse

from support.api_client import Api

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/api.md"
PLACEHOLDER = re.compile(r"ID[0-9]|CURSOR")


def examples() -> list[tuple[str, str]]:
    """Return pairs of a command and the answer below it, in the order of the page."""
    lines = [line for block in PAGE.read_text("utf-8").split("```")[1::2] for line in block.strip().splitlines()]
    return [(sent.removeprefix("$ "), answer) for sent, answer in zip(lines[::2], lines[1::2], strict=True)]


def send(api: Api, command: str) -> TestResponse:
    """Send what a curl command says."""
    words = shlex.split(command.replace("&", "\\&").replace(">", "\\>"))[1:]
    method, address, more = "GET", "", {}
    headers: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            more["json"] = json.loads(words.pop(0))
        else:
            address = word
    path, _, query = address.partition("?")
    return api.send(method, path, headers=headers, query_string=dict(parse_qsl(query)), **more)


def compare(shown: Any, real: Any, known: dict[str, str], path: str) -> None:
    """Hold a real answer against the shown one; a placeholder stands for the same value on the whole page."""
    if isinstance(shown, str) and PLACEHOLDER.fullmatch(shown):
        assert known.setdefault(shown, real) == real, path
    elif isinstance(shown, dict):
        open_ended = shown.pop("...", None)
        assert set(shown) <= set(real), path
        assert open_ended or set(shown) == set(real), path
        for name, value in shown.items():
            compare(value, real[name], known, f"{path}.{name}")
    elif isinstance(shown, list):
        open_ended = "..." in shown
        wanted = [item for item in shown if item != "..."]
        assert open_ended or len(wanted) == len(real), path
        for number, item in enumerate(wanted):
            compare(item, real[number], known, f"{path}[{number}]")
    else:
        assert shown == real, path


def test_every_example_does_what_it_says(sam: Api) -> None:
    known: dict[str, str] = {}
    for command, answer in examples():
        status, _, text = answer.partition(" ")
        response = send(sam, PLACEHOLDER.sub(lambda found: known[found[0]], command))
        said = f"{command}\n{response.status_code} {response.get_data(as_text=True)}"
        assert response.status_code == int(status), said
        if text:
            dotted = re.sub(r", \.\.\.(?=\})", ', "...": true', text)
            compare(json.loads(re.sub(r", \.\.\.(?=\])", ', "..."', dotted)), response.json, known, command)
    assert len(examples()) > 15
