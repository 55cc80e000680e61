"""Fixtures of the tests of publish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.publishing import Site


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """A workspace in an empty database."""
    opened = Site(database_url)
    yield opened
    opened.close()
