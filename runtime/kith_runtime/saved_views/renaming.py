"""Saved views under new names: what a publish renames is renamed in the questions that people keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kith_metadata.expressions import ExpressionError
from kith_metadata.expressions.naming import Naming, naming_of
from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.kinds.entity import Field
from kith_metadata.rename_expressions import Renames, with_new_names
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types.scope import entity_scope
from kith_runtime.field_types.system import fields_of
from kith_runtime.saved_views.kept import Kept, Looks


@dataclass(frozen=True, slots=True)
class Renamer:
    """Rewrites what is kept of lists; ``before`` is the snapshot by which it was written.

    What cannot be read, or can mean two things, stays as it is: the list says then what it left out, and why.
    """

    before: Snapshot
    renames: Renames

    def kept(self, entity: str, kept: Kept) -> Kept:
        """Return a saved view of an entity, by its former name, with the new names in it."""
        return replace(
            kept,
            sort=tuple(self._path(entity, part) for part in kept.sort),
            where=self._where(entity, kept.where),
            conditions=tuple(self._condition(entity, item) for item in kept.conditions),
            group=self._group(entity, kept.group),
            looks=self.looks(entity, kept.looks),
        )

    def looks(self, entity: str, looks: Looks) -> Looks:
        """Return columns and widths with the new names of the fields."""
        return Looks(
            tuple(self._path(entity, name) for name in looks.columns),
            {self._path(entity, name): width for name, width in looks.widths.items()},
        )

    def _path(self, entity: str, path: str) -> str:
        """Return a field, or one behind lookups, perhaps with a sign for the order."""
        sign = "-" if path.startswith("-") else ""
        steps, current = path.removeprefix("-").split("."), entity
        for index, step in enumerate(steps):
            declared = self._field(current, step)
            steps[index] = self.renames.fields.get((current, step), step)
            target = getattr(declared.options, "to", "") if declared is not None else ""
            current = target if isinstance(target, str) else ""
        return sign + ".".join(steps)

    def _group(self, entity: str, group: str) -> str:
        name, colon, unit = group.partition(":")
        return self._path(entity, name) + colon + unit

    def _condition(self, entity: str, condition: tuple[str, str, str]) -> tuple[str, str, str]:
        name, operator, value = condition
        declared = self._field(entity, name)
        if declared is not None and hasattr(declared.options, "options_from"):
            holder = _holder(entity, declared)
            parts = [(part, self.renames.options.get((holder, part.strip()))) for part in value.split(",")]
            value = ",".join(part if new is None else new for part, new in parts)
        return self._path(entity, name), operator, value

    def _where(self, entity: str, text: str) -> str:
        if not text or not self.before.has("entity", entity):
            return text
        try:
            naming = naming_of(text, entity_scope(self.before, entity), BOOLEAN)
        except ExpressionError:
            return text
        return with_new_names(naming, self.renames, lambda kind: tuple(self._holders(naming, kind))) or text

    def _holders(self, naming: Naming, type_name: str) -> Iterable[str]:
        if self.before.has("option_set", type_name):
            return [type_name]
        pairs = ((entity, self._field(entity, name)) for entity, name in naming.reads)
        own = ((entity, item) for entity, item in pairs if item is not None and hasattr(item.options, "options_from"))
        return {
            _holder(entity, item) for entity, item in own if item.name == type_name and not item.options.options_from
        }

    def _field(self, entity: str, name: str) -> Field | None:
        return fields_of(self.before, entity).get(name) if self.before.has("entity", entity) else None


def _holder(entity: str, field: Field) -> str:
    return str(field.options.options_from or f"{entity}.{field.name}")
