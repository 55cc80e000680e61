"""The language as a whole: its kinds, and the options that registries elsewhere bring in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kith_metadata.expressions.scope import Scope
from kith_metadata.kinds import discover, kinds
from kith_metadata.registry import UnknownName
from kith_metadata.spec import coerce, properties_of, variant_of


@dataclass(frozen=True, slots=True)
class VariantType:
    """One member of a variant registry as the language sees it: its name, texts and options class.

    ``problems`` returns pairs of option and sentence for options that cannot be; it is called with
    ``(field, snapshot)`` for a field type, with ``(element, entity, snapshot)`` for a form element and with
    ``(view, snapshot)`` for a view type.
    ``examples`` are options for the reference page. The rest is for field types: ``stored`` is False for values that
    live elsewhere or are worked out, which can stand in no key; ``sortable`` says whether lists can be in its order;
    ``columns`` is the most columns that a field of the type takes.
    """

    name: str
    label: str
    help: str
    options: type[Any]
    stored: bool = True
    sortable: bool = True
    columns: int = 1
    problems: Callable[..., tuple[tuple[str, str], ...]] | None = None
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Language:
    """Kinds of document and, by registry name, the types whose options stand inside them.

    ``variants`` maps ``field_types``, ``form_elements`` and ``view_types`` to their members. The metadata package knows
    no member itself: the runtime hands them in, so the language can be checked without tables or screens.

    ``scope_of`` gives, for a snapshot and an entity's full name, what expressions may name there (a
    :class:`kith_metadata.expressions.Scope`); without it expressions are parsed but their types are not checked.
    """

    kinds: Mapping[str, type[Any]]
    variants: Mapping[str, Mapping[str, VariantType]] = field(default_factory=dict)
    scope_of: Callable[[Any, str], Scope] | None = None

    def options_class(self, registry: str, name: str) -> type[Any]:
        """Return the options class of a variant's member; raises :class:`UnknownName` for an unknown name."""
        members = self.variants.get(registry, {})
        if name not in members:
            raise UnknownName(registry.replace("_", " ").removesuffix("s"), name, tuple(members))
        return members[name].options

    def build(self, cls: type[Any], data: Mapping[str, Any] | None, name: str) -> Any:
        """Return the frozen object of checked plain data; a missing or null property takes its default."""
        data = data or {}
        values: dict[str, Any] = {"name": name} if _has_name(cls) else {}
        for declared in properties_of(cls):
            given = data.get(declared.name)
            if given is None and not declared.required:
                given = declared.default
            values[declared.name] = coerce(declared.annotation, given, self.build)
        variant = variant_of(cls)
        if variant is not None:
            chosen = data.get(variant.key) or variant.default or ""
            values[variant.key] = chosen
            values[variant.attribute] = self.build(self.options_class(variant.registry, chosen), data, name)
        return cls(**values)


def _has_name(cls: type[Any]) -> bool:
    return any(item.name == "name" and "title" not in item.metadata for item in dataclasses.fields(cls))


def metadata_kinds() -> Mapping[str, type[Any]]:
    """Return every kind of document, discovered and frozen."""
    discover()
    kinds.freeze()
    return MappingProxyType(dict(kinds.items()))
