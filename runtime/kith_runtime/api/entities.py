"""The way in: which entities the caller may see, and who the caller is."""

from __future__ import annotations

from flask import Blueprint, Response

from kith_runtime.api.answers import answer
from kith_runtime.api.arguments import arguments
from kith_runtime.api.shape import Shape, visible_shapes
from kith_runtime.web.state import context

blueprint = Blueprint("api_entities", __name__, url_prefix="/api/v1")


@blueprint.get("/", strict_slashes=False)
def list_entities() -> Response:
    """Return the entities that the caller may see, in the form of a list."""
    arguments()
    return answer({"data": [_entity(shape) for shape in visible_shapes(context())], "next": None, "count": None})


@blueprint.get("/me")
def me() -> Response:
    """Return who the caller is and what the token may do."""
    arguments()
    actor = context().actor
    return answer(
        {
            "id": actor.id,
            "name": actor.name,
            "kind": actor.kind,
            "roles": sorted(actor.roles),
            "teams": list(actor.teams),
            "permissions": sorted(actor.permissions),
            "scopes": sorted(actor.scopes),
            "locale": actor.locale.locale,
            "time_zone": actor.locale.time_zone,
            "currency": actor.locale.currency,
        }
    )


def _entity(shape: Shape) -> dict[str, str]:
    entity = shape.entity
    return {"name": entity.name, "label": entity.label, "url": f"/api/v1/{entity.name}"}
