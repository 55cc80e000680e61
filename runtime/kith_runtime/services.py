"""The platform's services as one workspace uses them."""

from __future__ import annotations

from dataclasses import dataclass

from kith_platform.audit import AuditLog
from kith_platform.files import Files
from kith_platform.identity import Accounts, Attempts, Codes, Passwords, RoleAssignments, Sessions, Tokens
from kith_runtime.publish.store import bump_access
from kith_runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Services:
    """Identity, audit and files on the clock and the folders of one workspace; stateless, so they are shared freely."""

    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    codes: Codes
    attempts: Attempts
    roles: RoleAssignments
    audit: AuditLog
    files: Files


def services_of(workspace: Workspace) -> Services:
    """Return the services of a workspace."""
    clock = workspace.clock
    return Services(
        accounts=Accounts(clock, Passwords()),
        sessions=Sessions(clock),
        tokens=Tokens(clock),
        codes=Codes(clock),
        attempts=Attempts(clock),
        roles=RoleAssignments(clock, bump_access),
        audit=AuditLog(clock),
        files=Files(workspace.settings.files, clock),
    )
