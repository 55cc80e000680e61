"""Turning foreign names into names of our own: small letters, words joined by underscores, no suffixes."""

from __future__ import annotations

import re

from kith_metadata.expressions.parse import RESERVED

_NAMESPACE = re.compile(r"%%%\w+%%%")
_SUFFIX = re.compile(r"__(c|r|pc|pr|mdt|e|x|kav)$", re.IGNORECASE)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")


def our_name(foreign: str) -> str:
    """Return our name for a foreign field, object or role.

    >>> our_name("Annual_Revenue__c"), our_name("NumberOfEmployees"), our_name("%%%NAMESPACE%%%In__c")
    ('annual_revenue', 'number_of_employees', 'in_')
    """
    bare = _SUFFIX.sub("", _NAMESPACE.sub("", foreign))
    words = _WORDS.sub("_", bare)
    name = re.sub(r"\W+|_+", "_", words, flags=re.ASCII).strip("_").lower() or "field"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if name in RESERVED else name


def lookup_name(foreign: str) -> str:
    """Return our name for a lookup: AccountId, Account and Account__r are all `account`."""
    bare = foreign.partition(":")[0]
    return our_name(bare[:-2] if bare.endswith("Id") and len(bare) > 2 and not bare.endswith("__Id") else bare)
