"""Which roles a person has. What a role allows is described elsewhere; here are only names."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kith_platform.clock import Clock
from kith_platform.database import Connection
from kith_platform.identity import store


class RoleAssignments:
    """Grants and revokes roles.

    ``changed`` is called with the connection after each real change, inside the transaction, so that the runtime can
    move its access stamp and every process learns of the change with its next request.
    """

    def __init__(self, clock: Clock, changed: Callable[[Connection], object]) -> None:
        self._clock = clock
        self._changed = changed

    def of_person(self, connection: Connection, person_id: str) -> tuple[str, ...]:
        """Return a person's roles, sorted."""
        return store.roles_of(connection, person_id)

    def people_with(self, connection: Connection, role: str) -> tuple[str, ...]:
        """Return the ids of the people who have a role, sorted."""
        return store.people_with(connection, role)

    def grant(self, connection: Connection, person_id: str, role: str, by: str) -> bool:
        """Give a role; False when the person has it already. ``by`` is the actor's id."""
        values = {"person_id": person_id, "role": role, "granted_at": self._clock.now(), "granted_by": by}
        if not store.add_if_new(connection, store.ROLE_ASSIGNMENT, values):
            return False
        self._changed(connection)
        return True

    def revoke(self, connection: Connection, person_id: str, role: str) -> bool:
        """Take a role away; False when the person does not have it."""
        if not store.remove_role(connection, person_id, role):
            return False
        self._changed(connection)
        return True

    def replace(self, connection: Connection, person_id: str, roles: Iterable[str], by: str) -> bool:
        """Make these the person's roles; tell whether anything changed."""
        wanted, present = set(roles), set(self.of_person(connection, person_id))
        revoked = [self.revoke(connection, person_id, role) for role in sorted(present - wanted)]
        granted = [self.grant(connection, person_id, role, by) for role in sorted(wanted - present)]
        return any((*revoked, *granted))
