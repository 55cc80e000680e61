"""Rights: an entity that no role may read is a slip more often than a wish."""

from __future__ import annotations

from collections.abc import Iterator

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue


@checks.register("grants")
def check_grants(context: CheckContext) -> Iterator[Issue]:
    """Yield a warning for each entity that only roles with all rights can read."""
    roles = [role for _, role in context.of_kind("role")]
    if not roles or any(key.startswith("role:") for key in context.broken):
        return
    readable = {name for role in roles for name, grant in role.grants.items() if grant.read != "none"}
    for layered, entity in context.of_kind("entity"):
        if entity.name not in readable:
            place = layered.document.places.value(("entity",))
            message = f"No role may read {entity.name}, so nobody but administrators sees its records."
            hint = f"Give a role a grant: grants: {{{layered.document.name}: {{read: all}}}}"
            yield Issue("KM090", place, message, hint, "entity", severity="warning")
