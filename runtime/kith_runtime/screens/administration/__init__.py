"""Administration: people, roles, tokens, sessions, publishes and the audit trail, each behind its permission."""

from __future__ import annotations

from kith_runtime.screens.administration import access, audit, overview, people, publishes, roles, sessions, tokens

BLUEPRINTS = (
    overview.blueprint,
    people.blueprint,
    roles.blueprint,
    access.blueprint,
    tokens.blueprint,
    sessions.blueprint,
    publishes.blueprint,
    audit.blueprint,
)
