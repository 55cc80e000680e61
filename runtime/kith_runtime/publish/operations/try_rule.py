"""A rule that is new or different, tried on the records that are there before it goes live."""

from __future__ import annotations

from dataclasses import dataclass

from kith_runtime.publish.operations.base import Operation, count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRule(Operation):
    """Says how many records a condition would refuse; they stay as they are until somebody saves them.

    ``rows`` counts those that would be refused, ``of`` all records. ``address`` is the list of them, for a browser.
    ``untried`` says why they could not be counted.
    """

    kind = "try_rule"

    what: str
    of: int = 0
    address: str = ""
    untried: str = ""

    def describe(self) -> str:
        """Say what the rule would refuse."""
        if self.untried:
            return f"{self.what} cannot be tried on the records: {self.untried}"
        return f"{self.what} would refuse {self.rows:,} of {count_of(self.of, 'record')}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Say what becomes of the records, and where they can be seen."""
        if not self.rows:
            return ()
        return (f"They stay, and are refused when a change touches what the rule looks at. See them: {self.address}",)
