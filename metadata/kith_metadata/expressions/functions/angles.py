"""Angles in radians. Databases know them only inexactly, so they are worked out on the server."""

from __future__ import annotations

from decimal import Decimal

from kith_metadata.expressions import exact, real_numbers
from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always

_NUMBER = Parameter("number", t.NUMBER_KINDS)
_ANGLE = Parameter("angle", t.NUMBER_KINDS)


def _pi() -> Decimal:
    return exact.rounded(real_numbers.PI)


FAMILIES.register("angles")(
    Family(
        "Angles",
        (
            Function("pi", "Return the ratio of a circle's circumference to its diameter.", (), always(t.DECIMAL), _pi,
                     ("pi() == 3.141592653589793238",)),
            Function("sin", "Return the sine of an angle in radians.", (_ANGLE,), always(t.DECIMAL), real_numbers.sine,
                     ("sin(0) == 0", "sin(1) == 0.841470984807896507", "sin(blank) == blank"),
                     fallible=True, in_sql=False),
            Function("cos", "Return the cosine of an angle in radians.", (_ANGLE,), always(t.DECIMAL),
                     real_numbers.cosine, ("cos(0) == 1", "cos(1) == 0.540302305868139717"),
                     fallible=True, in_sql=False),
            Function("tan", "Return the tangent of an angle in radians.", (_ANGLE,), always(t.DECIMAL),
                     real_numbers.tangent, ("tan(1) == 1.557407724654902231",), fallible=True, in_sql=False),
            Function("asin", "Return the angle whose sine is a number from -1 to 1.", (_NUMBER,), always(t.DECIMAL),
                     real_numbers.arc_sine, ("asin(1) == 1.570796326794896619",), fallible=True, in_sql=False),
            Function("acos", "Return the angle whose cosine is a number from -1 to 1.", (_NUMBER,), always(t.DECIMAL),
                     real_numbers.arc_cosine, ("acos(1) == 0", "acos(-1) == pi()"), fallible=True, in_sql=False),
            Function("atan", "Return the angle whose tangent is a number.", (_NUMBER,), always(t.DECIMAL),
                     real_numbers.arc_tangent, ("atan(1) == 0.785398163397448310",), in_sql=False),
            Function("atan2", "Return the angle at which the point of a height and a width lies, from -pi to pi.",
                     (Parameter("height", t.NUMBER_KINDS), Parameter("width", t.NUMBER_KINDS)), always(t.DECIMAL),
                     real_numbers.arc_tangent_of,
                     ("atan2(0, 0) == 0", "atan2(1, -1) == 2.356194490192344929", "atan2(0, -1) == pi()"),
                     in_sql=False),
        ),
    )
)  # fmt: skip
