"""What expressions know of settings: those of the person, and those that apps declare and administrators set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_platform.locale import PersonLocale
from kith_runtime.app_settings import store
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue
from kith_runtime.field_types.scope import app_settings_of


def declared_settings(ctx: Context) -> Mapping[str, Field]:
    """Return the settings of all apps by full name, as if they were fields."""
    return ctx.published.compiled("app settings", lambda: app_settings_of(ctx.snapshot))


def default_of(ctx: Context, setting: Field) -> Any:
    """Return the value of a setting that nobody has set."""
    return _read(ctx, setting, setting.default)


def set_values(ctx: Context) -> dict[str, Any]:
    """Return the values that administrators set; what no longer fits its setting is left out."""
    declared = declared_settings(ctx)
    found = {name: _read(ctx, declared[name], raw) for name, raw in store.stored(ctx).items() if name in declared}
    return {name: value for name, value in found.items() if value is not None}


class KnownSettings(Mapping[str, Any]):
    """What setting() gives: values of the person, and those of apps, which are read when one is first asked for."""

    def __init__(self, ctx: Context, personal: Mapping[str, Any]) -> None:
        self._ctx, self._personal = ctx, personal
        self._found: Mapping[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self._personal[name] if name in self._personal else self._values()[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._personal, *declared_settings(self._ctx)])

    def __len__(self) -> int:
        return len(self._personal) + len(declared_settings(self._ctx))

    def _values(self) -> Mapping[str, Any]:
        if self._found is None:
            declared = declared_settings(self._ctx)
            defaults = {name: default_of(self._ctx, field) for name, field in declared.items()}
            self._found = defaults | set_values(self._ctx) if declared else {}
        return self._found


def _read(ctx: Context, field: Field, raw: Any) -> Any:
    try:
        return field_types[field.type].parse(raw, field, InputScope(PersonLocale(), ctx.snapshot))
    except InvalidValue:
        return None
