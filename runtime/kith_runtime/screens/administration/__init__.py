"""Administration: people, roles, tokens, sessions, publishes and the audit trail, each behind its permission."""

from __future__ import annotations

from kith_runtime.screens.administration import access, audit, overview, people, publishes, roles, sessions, tokens
from kith_runtime.screens.administration.addresses import refuse_unfit_signs

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

for _blueprint in BLUEPRINTS:
    _blueprint.before_request(refuse_unfit_signs)
