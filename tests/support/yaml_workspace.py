"""A workspace whose apps are written as YAML texts inside a test, published into a fresh database."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from kith_metadata.check import check
from kith_metadata.issues import format_text
from kith_platform.clock import FixedClock
from kith_platform.identity.store import ROLE_ASSIGNMENT
from kith_platform.settings import Settings
from kith_runtime import records
from kith_runtime.actors import SYSTEM, Actor
from kith_runtime.context import Context, Door
from kith_runtime.publish import service
from kith_runtime.publish.apply import Outcome, Request
from kith_runtime.publish.store import bump_access
from kith_runtime.workspace import Workspace, open_workspace

BASE = {
    "base/app.yaml": "app: base\nlabel: Base\nversion: 1.0.0\n",
    "base/user.yaml": """
        entity: user
        label: User
        ownership: none
        fields:
          name: {type: text, required: true, search: true}
          email: {type: email, unique: true}
          region: {type: text}
          teams: {type: lookups, to: team}
          locale: {type: text}
          time_zone: {type: text}
          currency: {type: text}
          number_format: {type: text}
          active: {type: boolean, default: true}
        """,
    "base/team.yaml": """
        entity: team
        label: Team
        ownership: none
        fields:
          name: {type: text, required: true}
        """,
    "base/roles.yaml": """
        role: administrator
        label: Administrator
        everything: true
        permissions: [people, roles, publish, tokens, audit, sessions, erase]
        """,
}


@dataclass
class YamlWorkspace:
    """A workspace in a test: publish texts, make people, act as them."""

    workspace: Workspace
    folder: Path
    people: dict[str, Actor] = field(default_factory=dict)

    def write_files(self, files: Mapping[str, str]) -> None:
        """Write YAML texts below the folder of apps; a blank text takes the file away."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text:
                path.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
            else:
                path.unlink(missing_ok=True)

    def publish(self, files: Mapping[str, str] | None = None, *, accept_loss: bool = False) -> Outcome:
        """Write the texts and publish what the folder holds; the test fails with all issues when there are any."""
        self.write_files(files or {})
        result = check([self.folder], self.workspace.language, root=self.folder)
        errors = [issue for issue in result.issues if issue.severity == "error"]
        assert not errors, format_text(result.issues)
        assert result.snapshot is not None
        request = Request(SYSTEM, accept_loss=accept_loss)
        return service.publish(self.workspace, result.snapshot, request)

    def person(self, name: str, *roles: str, **values: Any) -> Actor:
        """Make a person with these roles (full names) and return them as an actor."""
        with self.workspace.write(SYSTEM, "system") as ctx:
            made = records.create(ctx, "base.user", {"name": name, "email": f"{name.lower()}@example.com", **values})
            for role in roles:
                row = {"person_id": made.id, "role": role, "granted_at": ctx.now, "granted_by": ""}
                ctx.connection.execute(insert(ROLE_ASSIGNMENT).values(row))
            bump_access(ctx.connection)
        return self.actor(made.id)

    def actor(self, person_id: str) -> Actor:
        """Return a person as an actor with the rights of this moment."""
        with self.workspace.read(SYSTEM, "system") as ctx:
            stamp = len(self.workspace._actors) + self.workspace.current.sequence
            self.workspace._actors.clear()
            found = self.workspace.actor_for(ctx.connection, person_id, stamp)
        assert found is not None
        return found

    @contextmanager
    def writing(self, actor: Actor = SYSTEM, door: Door = "api") -> Iterator[Context]:
        """Yield a writing context of an actor."""
        with self.workspace.write(actor, door) as ctx:
            yield ctx

    @contextmanager
    def reading(self, actor: Actor = SYSTEM, door: Door = "api") -> Iterator[Context]:
        """Yield a reading context of an actor."""
        with self.workspace.read(actor, door) as ctx:
            yield ctx


@contextmanager
def yaml_workspace(
    database_url: str, folder: Path, files: Mapping[str, str], clock: FixedClock
) -> Iterator[YamlWorkspace]:
    """Yield a workspace with the base texts and ``files`` published into an empty database."""
    settings = Settings(database_url=database_url, var=folder / "var")
    opened = YamlWorkspace(open_workspace(settings, prepare=True, clock=clock), folder / "apps")
    try:
        opened.publish({**BASE, **files})
        yield opened
    finally:
        opened.workspace.close()
