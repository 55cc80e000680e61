"""Named members, one per file, found in a folder and frozen before the first request.

A registry is the only way by which a word of the language gets a meaning. Its own members use the same door as a
plugin would, so the door is proven by the product.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")


class RegistryError(Exception):
    """A member was registered wrongly; the message names the files and the mend."""


class UnknownName(KeyError):
    """A name that no member of the registry has.

    ``suggestion`` is the nearest registered name, or None when none is near.
    """

    def __init__(self, noun: str, name: str, known: tuple[str, ...]) -> None:
        self.noun, self.name, self.known = noun, name, known
        self.suggestion = nearest(name, known)
        super().__init__(name)

    def __str__(self) -> str:
        hint = f" Did you mean '{self.suggestion}'?" if self.suggestion else f" Known: {', '.join(self.known)}."
        return f"'{self.name}' is not a {self.noun}.{hint}"


def nearest(name: str, known: tuple[str, ...] | list[str]) -> str | None:
    """Return the known name that is most like ``name``, for "did you mean"; None when nothing is near."""
    lowered = {item.lower(): item for item in known}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


class Registry(Generic[T]):
    """Members by name, in the order of their names.

    ``register`` names the member; the module that registers it must bear the same name, so that a person finds the
    file by the word. After ``freeze`` nothing can be added: a member that arrives after the first request would be
    seen by some requests and not by others.

    >>> shapes: Registry[str] = Registry("shape")
    >>> shapes.register("circle")("round")
    'round'
    >>> shapes["circle"]
    'round'
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._members: dict[str, T] = {}
        self._origins: dict[str, str] = {}
        self._frozen = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that adds its object under ``name``."""

        def add(member: T) -> T:
            origin = str(getattr(member, "__module__", "?"))
            if self._frozen:
                raise RegistryError(
                    f"The {self.noun} '{name}' of {origin} came too late: the registry was frozen when the first "
                    "workspace opened. Put its module into the folder that the registry discovers."
                )
            if name in self._members:
                raise RegistryError(
                    f"The {self.noun} '{name}' is registered twice: by {self._origins[name]} and by {origin}. "
                    "Rename one of them."
                )
            self._members[name] = member
            self._origins[name] = origin
            return member

        return add

    def discover(self, package: ModuleType) -> None:
        """Import every module of the package in name order, so that each registers its member."""
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            if not module.name.startswith("_"):
                importlib.import_module(f"{package.__name__}.{module.name}")

    def freeze(self) -> None:
        """Close the registry and put its members in the order of their names."""
        self._members = dict(sorted(self._members.items()))
        self._frozen = True

    def __getitem__(self, name: str) -> T:
        try:
            return self._members[name]
        except KeyError:
            raise UnknownName(self.noun, name, self.names()) from None

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def names(self) -> tuple[str, ...]:
        """Return the registered names."""
        return tuple(self._members)

    def items(self) -> tuple[tuple[str, T], ...]:
        """Return the members with their names."""
        return tuple(self._members.items())

    def origin(self, name: str) -> str:
        """Return the module that registered ``name``."""
        return self._origins[name]
