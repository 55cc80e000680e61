"""The HTTP API, version 1: the same door as the screens, with tokens or the browser's session."""

from __future__ import annotations

from flask import Flask

from kith_runtime.api import bulk, entities, expressions, openapi, records
from kith_runtime.api.arguments import EntityName, RecordId

BLUEPRINTS = (openapi.blueprint, entities.blueprint, expressions.blueprint, bulk.blueprint, records.blueprint)


def install(app: Flask) -> None:
    """Add the API to an app."""
    app.url_map.converters.update(entity=EntityName, record=RecordId)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
