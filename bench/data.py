"""The same people and leads for both apps, made from a fixed seed: two runs hold the same rows, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PEOPLE = 40
TEAMS = 8
CAMPAIGNS = 12
PRODUCTS = 20
TAGS = 10
PASSWORD = "a long bench password"  # noqa: S105  # guards made-up people
REP = 0
"""The person who signs in: a sales representative in team 0, who sees the leads of five of the forty people."""

START = datetime(2025, 1, 1, 8, 0, tzinfo=UTC)

_FIRST = "Anna Ben Clara David Elena Femke Gijs Hanna Ivo Julia Karl Lena Marco Nadia Olaf Petra Quinn Rosa Sven Tara"
_LAST = "Aalto Bakker Cohen Duarte Eriksen Fischer Garcia Hansen Ivanova Jansen Keller Lund Meyer Novak Olsen Peeters"
_COMPANY = "Bright North Green Harbor Silver Alpine Coastal Prime Royal Summit Delta Union Atlas Vital Polar Amber Nova"
_TRADE = "Water Pharma Foods Logistics Dairy Flowers Seafood Freight Clinics Labs Retail Catering Wines Cargo Biotech"
_ENDING = "GmbH BV AB Ltd SA Group Oy"
_STEPS = "Call back|Send the offer|Plan a visit|Ask for the budget|Invite to the fair|"
_JOBS = "Quality manager|Head of operations|Buyer|Director|Laboratory lead|IT manager"

STATUSES = ("new", "contacted", "qualified", "nurturing", "unqualified")
SOURCES = ("trade_show", "web", "referral", "partner", "cold_call", "mailing", "tender", "customer")
CONSENTS = ("unknown", "given", "refused", "withdrawn")
COUNTRIES = {
    "benelux": ("nl", "be", "lu"),
    "dach": ("de", "at", "ch"),
    "nordics": ("se", "no", "dk", "fi", "is"),
    "baltics": ("ee", "lv", "lt", "pl", "cz"),
    "uk_ireland": ("gb", "ie"),
    "south": ("fr", "es", "pt", "it"),
    "middle_east": ("ae", "sa", "il", "jo"),
    "overseas": ("br", "us", "ca", "sg", "jp", "tw"),
}
_REGIONS = tuple(COUNTRIES)


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead. References are positions: of people, campaigns, products and tags; ``value`` is in cents."""

    index: int
    name: str
    company: str
    job_title: str
    email: str
    mobile: str
    website: str
    status: str
    rating: int | None
    source: str
    campaign: int | None
    interest: int | None
    value: int | None
    region: str
    country: str
    answer_due_at: datetime | None
    answered_at: datetime | None
    last_contact_on: date | None
    next_step: str | None
    next_step_on: date | None
    consent: str
    tags: tuple[int, ...]
    description: str
    owner: int
    created_at: datetime

    @property
    def number(self) -> str:
        """The running number as people read it."""
        return f"L-{self.index + 1:05}"


def person_name(index: int) -> str:
    """Return the name of a person; no two are alike."""
    first, last = _FIRST.split(), _LAST.split()
    return f"{first[index % len(first)]} {last[index * 7 % len(last)]} {index}"


def person_email(index: int) -> str:
    """Return the address by which a person signs in."""
    return f"person{index}@bench.example.com"


def team_of(person: int) -> int:
    """Return the one team of a person."""
    return person % TEAMS


def leads(count: int, seed: int = 7) -> Iterator[Lead]:
    """Yield the leads, oldest first, one a minute."""
    dice = random.Random(seed)
    for index in range(count):
        yield _lead(index, dice)


def _lead(index: int, dice: random.Random) -> Lead:
    pick = dice.choice
    first, last, region = pick(_FIRST.split()), pick(_LAST.split()), pick(_REGIONS)
    company = f"{pick(_COMPANY.split())} {pick(_TRADE.split())} {pick(_ENDING.split())}"
    domain = company.lower().replace(" ", "-")
    made = START + timedelta(minutes=index)
    answered = dice.random() < 0.7
    step = pick(_STEPS.split("|"))
    return Lead(
        index=index,
        name=f"{first} {last}",
        company=company,
        job_title=pick(_JOBS.split("|")),
        email=f"{first}.{last}{index}@{domain}.example.com".lower(),
        mobile=f"+316{dice.randrange(10_000_000, 99_999_999)}",
        website=f"https://www.{domain}.example.com",
        status=pick(STATUSES),
        rating=dice.randrange(1, 6) if dice.random() < 0.8 else None,
        source=pick(SOURCES),
        campaign=dice.randrange(CAMPAIGNS) if dice.random() < 0.5 else None,
        interest=dice.randrange(PRODUCTS) if dice.random() < 0.6 else None,
        value=dice.randrange(50_000, 9_000_000) if dice.random() < 0.8 else None,
        region=region,
        country=pick(COUNTRIES[region]),
        answer_due_at=made + timedelta(hours=4) if dice.random() < 0.5 else None,
        answered_at=made + timedelta(hours=dice.randrange(1, 48)) if answered else None,
        last_contact_on=(made + timedelta(days=3)).date() if answered else None,
        next_step=step or None,
        next_step_on=(made + timedelta(days=dice.randrange(1, 60))).date() if step else None,
        consent=pick(CONSENTS),
        tags=tuple(sorted(dice.sample(range(TAGS), dice.randrange(3)))),
        description=f"Met at stand {dice.randrange(400)}. They measure {dice.randrange(2, 900)} rooms.",
        owner=dice.randrange(PEOPLE),
        created_at=made,
    )
