"""Options and roles with another name: what is stored under the old one follows."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.changes.base import Change


@dataclass(frozen=True)
class OptionRenamed(Change):
    """An option with another name; ``holder`` is its set, or entity and field for an option of a field's own."""

    holder: str
    option: str
    old: str

    def describe(self) -> str:
        """Say the change in one line."""
        return f"option {self.holder}.{self.old} is now {self.option}"

    def reverse(self) -> OptionRenamed:
        """Return the change that undoes this one."""
        return OptionRenamed(self.holder, self.old, self.option)


@dataclass(frozen=True)
class RoleRenamed(Change):
    """A role with another name and the same holders."""

    role: str
    old: str

    def describe(self) -> str:
        """Say the change in one line."""
        return f"role {self.old} is now {self.role}"

    def reverse(self) -> RoleRenamed:
        """Return the change that undoes this one."""
        return RoleRenamed(self.old, self.role)
