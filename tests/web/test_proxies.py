"""Whether the server believes what proxies say about the visitor, and only as many of them as it was told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith_platform.settings import Settings
from kith_runtime.web.app import create_app
from kith_runtime.workspace import open_workspace

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "crm.example.com", "X-Forwarded-For": "203.0.113.9"}


@pytest.mark.parametrize(("proxies", "believed"), [(0, False), (1, True)])
def test_forwarded_headers_count_when_a_proxy_is_trusted(tmp_path: Path, proxies: int, believed: bool) -> None:
    settings = Settings(f"sqlite:///{tmp_path / 'kith.db'}", var=tmp_path, proxies=proxies)
    workspace = open_workspace(settings, prepare=True)
    answer = create_app(workspace).test_client().get("/sign-in", headers=FORWARDED)
    assert answer.status_code == 200
    assert ("Strict-Transport-Security" in answer.headers) is believed
    assert ("; Secure" in answer.headers["Set-Cookie"]) is believed
    workspace.close()
