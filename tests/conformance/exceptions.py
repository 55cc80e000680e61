"""Where we answer otherwise than the case file on purpose: each with the cases it covers and the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exemption:
    """Rows of one test that may differ: all of them, or those with one of the `inputs`."""

    test: str
    reason: str
    inputs: frozenset[str] = frozenset()

    def covers(self, test: str, text: str | None) -> bool:
        """Tell whether a row is meant."""
        return test == self.test and (not self.inputs or (text or "") in self.inputs)


_TOO_LARGE = "Numbers of 10^100 and more are error values here."
_REMAINDER = "The oracle computes in binary floating point; the remainder of so large a number shows its error."
_ITS_OWN_FAULT = "The oracle fails with a fault of its own on a blank; here a blank gives a blank."

EXEMPTIONS: tuple[Exemption, ...] = (
    Exemption("testExpUsesSqrt", _TOO_LARGE, frozenset({"65536.00", "65536.16", "65536.64", "65536.4816"})),
    Exemption("testModUsesExpCeil", _REMAINDER, frozenset({"30,5", "30,12"})),
    Exemption("testModUsesSqrt", _REMAINDER, frozenset({"123456789.123456789,2"})),
    Exemption("testArcTan2", _ITS_OWN_FAULT, frozenset({",24", ",", "1,", ",12.123456789"})),
)
