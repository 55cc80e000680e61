"""Administration: people, roles, tokens, sessions, settings, publishes and the audit trail, by permission."""

from __future__ import annotations

from kith_runtime.screens.administration import (
    access,
    audit,
    overview,
    people,
    publishes,
    roles,
    sessions,
    settings,
    tokens,
)
from kith_runtime.screens.administration.addresses import refuse_unfit_signs

BLUEPRINTS = (
    overview.blueprint,
    people.blueprint,
    roles.blueprint,
    access.blueprint,
    tokens.blueprint,
    sessions.blueprint,
    settings.blueprint,
    publishes.blueprint,
    audit.blueprint,
)

for _blueprint in BLUEPRINTS:
    _blueprint.before_request(refuse_unfit_signs)
