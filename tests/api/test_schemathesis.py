"""Schemathesis reads the OpenAPI document of two roles and tries to catch the API in a lie about any field type."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis import engine, openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from support.api_client import ApiSite
from support.serving import served

EXAMPLES = 5
# Well-formed values may still name a record that is not there, or a condition that means nothing: 422.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422"]


@pytest.mark.parametrize("person", ["root", "ray"])
def test_the_document_is_true_for_every_field_type(site: ApiSite, person: str) -> None:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {site.token(site.crm.people[person])}"},
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none", "no-shrink": True},
            "phases": {"stateful": {"enabled": False}},
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
        }
    )
    headers = {"Authorization": f"Bearer {site.token(site.crm.people[person])}"}
    with served(site.app) as address:
        schema = openapi.from_url(f"{address}/api/v1/openapi.json?entity=shop.sample", config=config, headers=headers)
        problems, tried = _run(schema)
    assert not problems, f"{len(problems)} problems:\n" + "\n\n".join(problems)
    assert tried > 100


def _run(schema: Any) -> tuple[list[str], int]:
    """Run all phases with all checks; return what is wrong and how many requests were sent."""
    problems: list[str] = []
    tried = 0
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            tried += len(event.recorder.cases)
            problems += _failures(event)
        elif isinstance(event, events.NonFatalError):
            problems.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return problems, tried


def _failures(event: events.ScenarioFinished) -> list[str]:
    found = []
    for case, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            response = event.recorder.interactions[case].response
            body = response.content[:400] if response is not None and response.content else b""
            said = f"{event.label} {check.name}: {check.failure_info.failure}"
            found.append(f"{said}\n{check.failure_info.code_sample[:600]}\n{body!r}")
    return found
