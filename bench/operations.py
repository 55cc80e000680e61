"""The operations that are compared: for each, the request to Kith and the request to the hand-written app."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import data
from bench.client import Request, Session

_KITH = "/api/v1/sales.lead"
_FIELDS = "fields=id,version,name,number,company,status,source,estimated_value,owner,created_at"
_WORDS = (
    "novak",
    "alpine+dairy",
    "fischer",
    "polar+cargo",
    "anna+keller",
    "nova",
    "sven+1",
    "tara.lund",
    "L-004",
    "delta",
)
Make = Callable[[int], Request]


@dataclass(frozen=True, slots=True)
class Side:
    """An app that is signed in to, with the ids of leads that the person sees."""

    session: Session
    leads: tuple[str, ...]
    campaign: str | int
    interest: str | int
    tag: str | int


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table; ``goal`` is the highest ratio that is wanted."""

    name: str
    goal: float
    kith: Callable[[Side], Make]
    handwritten: Callable[[Side], Make]


def _always(path: str) -> Callable[[Side], Make]:
    return lambda side: lambda number: Request("GET", path)


def _each_lead(path: str) -> Callable[[Side], Make]:
    return lambda side: lambda number: Request("GET", path.format(side.leads[number % len(side.leads)]))


def _each_word(path: str) -> Callable[[Side], Make]:
    return lambda side: lambda number: Request("GET", path.format(_WORDS[number % len(_WORDS)]))


def _creates(path: str) -> Callable[[Side], Make]:
    def using(side: Side) -> Make:
        return lambda number: Request("POST", path, json.dumps(_new_lead(side, number)).encode(), status=201)

    return using


def _patches(path: str) -> Callable[[Side], Make]:
    def using(side: Side) -> Make:
        dice = random.Random()

        def make(number: int) -> Request:
            changes = {"next_step": f"Call {number} {dice.randrange(1 << 30)}", "rating": number % 5 + 1}
            lead = side.leads[number % len(side.leads)]
            return Request("PATCH", path.format(lead), json.dumps(changes).encode())

        return make

    return using


def _new_lead(side: Side, number: int) -> dict[str, object]:
    return {
        "name": f"Nora Winter {number}",
        "company": "Harbor Water GmbH",
        "job_title": "Quality manager",
        "email": f"nora.winter{number}@harbor-water.example.com",
        "mobile": "+4915112345678",
        "website": "https://www.harbor-water.example.com",
        "status": "new",
        "rating": number % 5 + 1,
        "source": "web",
        "campaign": side.campaign,
        "interest": side.interest,
        "estimated_value": {"amount": "12500.50", "currency": "EUR"},
        "region": "dach",
        "country": "de",
        "answer_due_at": "2026-11-25T12:00:00Z",
        "next_step": "Call back",
        "next_step_on": "2026-12-01",
        "tags": [side.tag],
        "description": "Wrote through the form of the web site. They measure forty rooms.",
    }


OPERATIONS: Sequence[Operation] = (
    Operation("List of 50, JSON", 1.3, _always(f"{_KITH}?{_FIELDS}"), _always("/api/leads")),
    Operation("List of 50, JSON, every field", 1.3, _always(_KITH), _always("/api/leads?fields=all")),
    Operation(
        "List of 50 with capped count",
        1.3,
        _always(f"{_KITH}?count=capped&{_FIELDS}"),
        _always("/api/leads?count=capped"),
    ),
    Operation("Get", 1.3, _each_lead(f"{_KITH}/{{}}"), _each_lead("/api/leads/{}")),
    Operation("Create with validation", 1.3, _creates(_KITH), _creates("/api/leads")),
    Operation("Patch", 1.3, _patches(f"{_KITH}/{{}}"), _patches("/api/leads/{}")),
    Operation("Text search", 1.3, _each_word(f"{_KITH}?q={{}}&{_FIELDS}"), _each_word("/api/leads?q={}")),
    Operation("HTML list", 1.0, _always("/e/sales.lead?view=sales.all_leads"), _always("/leads")),
    Operation("HTML form", 1.3, _each_lead("/e/sales.lead/{}/edit"), _each_lead("/leads/{}/edit")),
)


def kith_side(session: Session) -> Side:
    """Look up the ids that the operations need in Kith."""
    leads = _data(session, f"{_KITH}?fields=id&limit=100")
    return Side(
        session,
        tuple(row["id"] for row in leads),
        _data(session, "/api/v1/sales.campaign?fields=id&limit=1")[0]["id"],
        _data(session, "/api/v1/sales.product?fields=id&limit=1")[0]["id"],
        _data(session, "/api/v1/base.tag?fields=id&limit=1")[0]["id"],
    )


def handwritten_side(session: Session) -> Side:
    """Look up the ids that the operations need in the hand-written app."""
    leads = _data(session, "/api/leads?limit=100")
    return Side(session, tuple(str(row["id"]) for row in leads), data.CAMPAIGNS, data.PRODUCTS, data.TAGS)


def _data(session: Session, path: str) -> list[dict[str, str]]:
    answer = session.ask(Request("GET", path))
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}: {answer.body[:400].decode(errors='replace')}")
    found: list[dict[str, str]] = json.loads(answer.body)["data"]
    return found
