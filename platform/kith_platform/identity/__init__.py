"""Identity: how people prove who they are, and which roles they have.

People themselves are records of the base app; everything here is keyed by the record's id.
"""

from __future__ import annotations

from kith_platform.identity.accounts import Account, Accounts, Verified, normal_login
from kith_platform.identity.assignments import RoleAssignments
from kith_platform.identity.attempts import Attempt, Attempts
from kith_platform.identity.codes import SET_PASSWORD, START, Codes
from kith_platform.identity.passwords import Passwords, check_policy
from kith_platform.identity.secrets import hash_secret, new_secret
from kith_platform.identity.sessions import Session, Sessions
from kith_platform.identity.tokens import Token, Tokens
from kith_platform.identity.ways_in import WaysIn

__all__ = [
    "SET_PASSWORD",
    "START",
    "Account",
    "Accounts",
    "Attempt",
    "Attempts",
    "Codes",
    "Passwords",
    "RoleAssignments",
    "Session",
    "Sessions",
    "Token",
    "Tokens",
    "Verified",
    "WaysIn",
    "check_policy",
    "hash_secret",
    "new_secret",
    "normal_login",
]
