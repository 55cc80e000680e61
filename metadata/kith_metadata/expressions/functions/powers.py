"""Powers, roots and logarithms."""

from __future__ import annotations

from kith_metadata.expressions import real_numbers
from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always

_NUMBER = Parameter("number", t.NUMBER_KINDS)

FAMILIES.register("powers")(
    Family(
        "Powers and logarithms",
        (
            Function("power", "Return a number to the power of a whole number, as `a ** b` does. "
                     "0 to the power of 0 is 1.", (_NUMBER, Parameter("exponent", t.NUMBER_KINDS)), always(t.DECIMAL),
                     real_numbers.power,
                     ("power(2, 10) == 1024", "2 ** -2 == 0.25", "power(-1, 99) == -1", "0 ** 0 == 1",
                      "power(1.05, 3) == 1.157625"), fallible=True),
            Function("sqrt", "Return the square root; a negative number gives an error value.", (_NUMBER,),
                     always(t.DECIMAL), real_numbers.square_root,
                     ("sqrt(16) == 4", "sqrt(2) == 1.414213562373095049", "sqrt(0) == 0"), fallible=True),
            Function("exp", "Return e (2.718…) to the power of a number.", (_NUMBER,), always(t.DECIMAL),
                     real_numbers.exponential, ("exp(0) == 1", "exp(1) == 2.718281828459045235", "exp(-100) == 0"),
                     fallible=True),
            Function("ln", "Return the natural logarithm of a number above zero.", (_NUMBER,), always(t.DECIMAL),
                     real_numbers.natural_logarithm, ("ln(1) == 0", "ln(2) == 0.693147180559945309"), fallible=True),
            Function("log10", "Return the logarithm to the base 10 of a number above zero.", (_NUMBER,),
                     always(t.DECIMAL), real_numbers.decimal_logarithm,
                     ("log10(1000) == 3", "log10(0.01) == -2", "log10(2) == 0.301029995663981195"), fallible=True),
        ),
    )
)  # fmt: skip
