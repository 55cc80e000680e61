"""The language that this runtime speaks: the kinds of document with every type that stands inside them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from kith_metadata.language import Language, VariantType, metadata_kinds
from kith_metadata.registry import Registry
from kith_runtime import field_types, form_elements, view_types
from kith_runtime.field_types._sound import field_problems
from kith_runtime.field_types.base import FieldType
from kith_runtime.field_types.scope import entity_scope


class _Member(Protocol):
    """What members of all registries say of themselves."""

    name: Any
    label: Any
    help: Any
    Options: Any
    problems: Any


@functools.cache
def kith_language() -> Language:
    """Return the language, with every registry discovered and frozen.

    It is the same object for the whole process: what is registered never changes afterwards.
    """
    for package in (field_types, form_elements, view_types):
        package.discover()
    registries: Mapping[str, Registry[Any]] = {
        "field_types": field_types.field_types,
        "form_elements": form_elements.form_elements,
        "view_types": view_types.view_types,
    }
    for registry in registries.values():
        registry.freeze()
    return Language(
        kinds=metadata_kinds(),
        variants=MappingProxyType({name: _variants(registry) for name, registry in registries.items()}),
        scope_of=entity_scope,
    )


def _variants(registry: Registry[Any]) -> Mapping[str, VariantType]:
    return MappingProxyType(
        {name: _variant(name, member) for name, member in registry.items() if not getattr(member, "internal", False)}
    )


def _variant(name: str, member: _Member) -> VariantType:
    if not isinstance(member, FieldType):
        return VariantType(
            name=name, label=member.label, help=member.help, options=member.Options, problems=member.problems
        )
    return VariantType(
        name=name,
        label=member.label,
        help=member.help,
        options=member.Options,
        stored=member.stored,
        sortable=member.sortable,
        columns=member.most_columns,
        problems=functools.partial(field_problems, member),
        examples=tuple(example.options for example in member.examples if example.options),
    )
