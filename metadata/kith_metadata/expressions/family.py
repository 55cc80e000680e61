"""How a family of functions is declared, and the registry in which all families stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kith_metadata.expressions.types import Type
from kith_metadata.registry import Registry


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument: the kinds of value it takes (empty: any). `repeated` allows any number of it, at least one.

    `verify` gets the value of an argument that is written in the expression and says what is wrong with it, so that the
    maker hears of it at once and with its place; None when it is fine.
    """

    name: str
    kinds: frozenset[str] = frozenset()
    optional: bool = False
    repeated: bool = False
    verify: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language. `examples` are conditions that hold, in every engine.

    `returns` gives the type of the result for the types of the arguments, None when they do not go together.
    A blank argument gives blank unless `keeps_blank`; `uses` names what it takes from the environment, which is then
    its first argument. `fallible` tells that it can give an error value, `in_sql` that databases can compute it
    exactly, but for a first argument of one of the `server_kinds`. A `lazy` function gets its arguments as functions
    without arguments and calls those that it needs. `compared` gives, for a number of arguments, the indexes of those
    that are compared with the first one; `shown` is its signature where the parameters do not tell it.
    `around` names a function that may stand as the last argument, and the one that does the work of both.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    returns: Callable[[tuple[Type, ...]], Type | None]
    python: Callable[..., Any]
    examples: tuple[str, ...]
    keeps_blank: bool = False
    uses: str = ""
    fallible: bool = False
    in_sql: bool = True
    server_kinds: frozenset[str] = frozenset()
    lazy: bool = False
    compared: Callable[[int], range] | None = None
    shown: str = ""
    around: tuple[str, str] | None = None

    @property
    def signature(self) -> str:
        """The function as people write it, such as `round(number, places?)`."""
        if self.shown:
            return self.shown
        words = [p.name + ("?" if p.optional else "") + (", …" if p.repeated else "") for p in self.parameters]
        return f"{self.name}({', '.join(words)})"


@dataclass(frozen=True, slots=True)
class Family:
    """Functions that belong together; one file declares one family."""

    title: str
    functions: tuple[Function, ...]


FAMILIES: Registry[Family] = Registry("function family")


def always(result: Type) -> Callable[[tuple[Type, ...]], Type | None]:
    """Return a `returns` rule that gives the same type whatever the arguments are."""
    return lambda _: result
