"""The compound values of records: money, references, addresses and files.

Every other field value is a plain Python value (text, int, Decimal, date …). These four are frozen so that a record's
values can be shared, compared and hashed safely; none of them knows how it is stored or shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217 code); amounts of different currencies are never added silently.

    >>> Money(Decimal("84000.00"), "EUR").currency
    'EUR'
    """

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A record of a named entity: the value of a lookup that may point to one of several entities."""

    entity: str
    id: str


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """What stands in the place of a value that could not be worked out for one record, with the reason in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; blank parts are None and `country` is an ISO 3166 alpha-2 code."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class FileValue:
    """A stored file: the server-made key of its content, its name as uploaded, its size in bytes and its media type."""

    key: str
    name: str
    size: int
    media_type: str
