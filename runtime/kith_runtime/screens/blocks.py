"""Blocks of a page that may fail alone: a fault in one shows a card in its place, the rest of the page is complete."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import KithError
from kith_platform.ids import new_id
from kith_runtime.context import Context
from kith_runtime.screens.parameters import Unfit
from kith_runtime.screens.store import DATABASE_FAULTS

logger = logging.getLogger(__name__)

T = TypeVar("T")

FAULTS = (
    KithError,
    ExpressionError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    *DATABASE_FAULTS,
)
"""What a fault in metadata or in the code of one block raises. What ends the process is not among them."""


@dataclass(frozen=True, slots=True)
class Block(Generic[T]):
    """A part of a page: its content, or why there is none. ``reference`` finds the fault in the server's log."""

    name: str
    title: str
    content: T | None = None
    message: str = ""
    reference: str = ""

    @property
    def failed(self) -> bool:
        """Tell whether a card stands in the block's place."""
        return bool(self.message)


def block(ctx: Context, name: str, title: str, work: Callable[[], T]) -> Block[T]:
    """Return the block that ``work`` makes; what it does in the database cannot spoil what follows.

    A statement that fails would end the transaction on PostgreSQL, so each block reads inside a savepoint.
    """
    savepoint = ctx.connection.begin_nested()
    try:
        content = work()
    except Unfit:
        # Not a fault of the block: what the address asks of it cannot be, as with any other part of the page.
        savepoint.rollback()
        raise
    except FAULTS as fault:
        savepoint.rollback()
        reference = new_id(ctx.clock)
        logger.exception("%s the block %s could not be shown", reference, name)
        return Block(name, title, message=_message(fault), reference=reference)
    savepoint.commit()
    return Block(name, title, content)


def _message(fault: Exception) -> str:
    if isinstance(fault, (KithError, ExpressionError)):
        return str(fault)
    return "Something in it broke on the server."
