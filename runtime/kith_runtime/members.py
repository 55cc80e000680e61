"""Registries whose members are classes with one stateless instance each."""

from __future__ import annotations

from typing import Any, TypeVar

from kith_metadata.registry import Registry

T = TypeVar("T")
C = TypeVar("C", bound=type[Any])


class Members(Registry[T]):
    """A registry whose decorator stands over a class and registers an instance of it.

    >>> shapes: Members[object] = Members("shape")
    >>> @shapes.register("circle")
    ... class Circle: ...
    >>> isinstance(shapes["circle"], Circle)
    True
    """

    def register(self, name: str) -> Any:
        """Return a decorator that makes an instance of its class, adds it under ``name`` and gives the class back."""
        add = super().register(name)

        def add_class(cls: C) -> C:
            add(cls())
            return cls

        return add_class
