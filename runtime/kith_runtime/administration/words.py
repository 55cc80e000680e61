"""The audit log in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACTIONS = {
    "sign_in.done": "Signed in",
    "sign_in.refused": "Sign-in refused",
    "sign_out.done": "Signed out",
    "password.set": "Set a password by a link",
    "password.change": "Changed the password",
    "person.add": "Added a person",
    "person.link": "Made a sign-in link",
    "person.roles": "Changed roles",
    "person.disable": "Disabled a person",
    "person.enable": "Enabled a person",
    "person.login": "Changed the sign-in address",
    "person.settings": "Changed own settings",
    "session.end": "Ended a session",
    "session.end_others": "Ended the other sessions",
    "session.end_all": "Signed a person out everywhere",
    "token.add": "Made an API token",
    "token.revoke": "Revoked an API token",
    "audit.verify": "Verified the audit trail",
    "settings.change": "Changed settings",
    "publish.done": "Published",
}
"""What each action means; others are shown by their own name."""

_HIDDEN = frozenset({"door"})


def action_in_words(action: str) -> str:
    """Return what an action means."""
    return ACTIONS.get(action, action)


def detail_in_words(detail: Mapping[str, Any]) -> str:
    """Return the details of an entry on one line: ``"added: sales.rep; removed: none"``."""
    return "; ".join(f"{name}: {_plain(value)}" for name, value in detail.items() if name not in _HIDDEN)


def _plain(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return "none"
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    return str(value)
